-- grain: one Kafka record (a delivery) of a committed epoch
-- reads: bronze.postings, ops.epochs
-- why: Bronze is committed before Gold; this view hides the rows of an epoch that Gold has not yet, so the two agree
create or replace view lake.bronze.v_cut as
with last_commit as (
    select max(epoch) as epoch
    from ops.ops.epochs
    where state = 'committed'
)

select
    postings.topic_id,
    postings.topic,
    postings."partition",
    postings."offset",
    postings.kafka_at,
    postings.key,
    postings.headers,
    postings.event_id,
    postings.event_at,
    postings.event_at_source,
    postings.source,
    postings.schema_version,
    postings.fault,
    postings.regions,
    postings.skills,
    postings.is_duplicate,
    postings.reader_version,
    postings.epoch,
    postings.body
from lake.bronze.postings as postings
inner join last_commit on postings.epoch <= last_commit.epoch
