-- grain: one partition of the topic as it is now (a recreated topic is another log)
-- reads: ops.log_ends, ops.epochs
-- why: lag is the broker's end minus the ledger's; Spark commits to no consumer group, so no Kafka tool can
--   show it
-- committed_offset: Offset after the last record that Bronze and Gold have; start_offset before the first epoch
-- lag_records: Records on the broker that are not yet visible
-- headroom_records: Records between retention and the ledger; below 0 the broker has deleted what was never
--   read
create or replace view lake.gold.v_lag as
with newest as (
    select max(observed_at) as observed_at
    from ops.ops.log_ends
),

log_ends as (
    -- one round of the observer, with room for its slowness; Trino hands the join's bound down to PostgreSQL's index
    select
        log_ends.topic,
        log_ends.topic_id,
        log_ends."partition",
        max(log_ends.observed_at) as observed_at,
        max(log_ends.start_offset) as start_offset,
        max(log_ends.end_offset) as end_offset
    from ops.ops.log_ends as log_ends
    inner join newest on log_ends.observed_at >= newest.observed_at - interval '1' minute
    group by log_ends.topic, log_ends.topic_id, log_ends."partition"
),

present_topics as (
    select
        topic,
        max_by(topic_id, observed_at) as topic_id
    from log_ends
    group by topic
),

last_commit as (
    select max(epoch) as epoch
    from ops.ops.epochs
    where state = 'committed'
),

positions as (
    select
        epochs.topic_id,
        epochs.end_offsets
    from ops.ops.epochs as epochs
    inner join last_commit on epochs.epoch = last_commit.epoch
),

commits as (
    select
        positions.topic_id,
        cast(ends.partition_name as integer) as "partition",
        ends.committed_offset
    from positions
    cross join unnest(cast(positions.end_offsets as map (varchar, bigint))) as ends (partition_name, committed_offset)
),

partitions as (
    select
        log_ends.topic,
        log_ends.topic_id,
        log_ends."partition",
        log_ends.observed_at,
        log_ends.start_offset,
        log_ends.end_offset,
        coalesce(commits.committed_offset, log_ends.start_offset) as committed_offset
    from log_ends
    inner join present_topics on log_ends.topic_id = present_topics.topic_id
    left join commits
        on
            log_ends.topic_id = commits.topic_id
            and log_ends."partition" = commits."partition"
)

select
    topic,
    topic_id,
    "partition",
    observed_at,
    start_offset,
    end_offset,
    committed_offset,
    greatest(end_offset - committed_offset, 0) as lag_records,
    committed_offset - start_offset as headroom_records
from partitions
