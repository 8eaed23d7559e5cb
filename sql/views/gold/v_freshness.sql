-- grain: one row, now
-- reads: gold.v_lag, ops.log_ends, ops.epochs
-- why: says how old the numbers are, also when the stream is dead; exact to one interval of the observer
-- freshness_seconds: Age of the oldest record on the topic that is not yet visible; 0 if there is none, null if
--   the broker was never observed
-- lag_records: Records on the broker that are not yet visible, all partitions
-- visible_until: Everything that Kafka received until then is visible
-- newest_kafka_at: Broker time of the newest record that is visible
-- committed_at: When the newest epoch was committed
-- observed_at: When the broker was last asked
-- observer_age_seconds: Age of that observation; large if the observer is dead, and then freshness is a guess
create or replace view lake.gold.v_freshness as
with ledger as (
    select
        max(committed_at) as committed_at,
        max(newest_kafka_at) as newest_kafka_at,
        -- older than an epoch's oldest record nothing is unread
        max(oldest_kafka_at) as visible_until
    from ops.ops.epochs
    where state = 'committed'
),

observer as (
    select
        max(observed_at) as observed_at,
        sum(lag_records) as lag_records
    from lake.gold.v_lag
),

observations as (
    select
        log_ends.topic_id,
        log_ends."partition",
        log_ends.observed_at,
        log_ends.end_offset > lag.committed_offset as is_ahead
    from ops.ops.log_ends as log_ends
    inner join lake.gold.v_lag as lag
        on
            log_ends.topic_id = lag.topic_id
            and log_ends."partition" = lag."partition"
    -- a join, because Trino hands its bound down to PostgreSQL's index; a week is the topic's retention
    inner join ledger
        on log_ends.observed_at >= coalesce(ledger.visible_until, current_timestamp - interval '7' day)
),

partitions as (
    select
        topic_id,
        "partition",
        min(observed_at) filter (where is_ahead) as waiting_since,
        max(observed_at) filter (where not is_ahead) as visible_until
    from observations
    group by topic_id, "partition"
),

waiting as (
    select
        min(waiting_since) as waiting_since,
        -- a partition that was never caught up has no such moment of its own
        if(count(*) = count(visible_until), min(visible_until)) as visible_until
    from partitions
)

select
    case
        when observer.observed_at is null then null
        when waiting.waiting_since is null then 0
        -- the observer may look while this statement, whose clock stands, is being planned
        else greatest(date_diff('millisecond', waiting.waiting_since, current_timestamp) / 1e3, 0)
    end as freshness_seconds,
    observer.lag_records,
    coalesce(
        greatest(waiting.visible_until, ledger.visible_until), waiting.visible_until, ledger.visible_until
    ) as visible_until,
    ledger.newest_kafka_at,
    ledger.committed_at,
    observer.observed_at,
    greatest(date_diff('millisecond', observer.observed_at, current_timestamp) / 1e3, 0) as observer_age_seconds
from ledger
cross join observer
cross join waiting
