-- grain: one Kafka record that counts, its header without the body
-- reads: bronze.postings, bronze.readings
-- why: Gold is a GROUP BY of this view, so any engine can check a number and plain SQL can explain it
-- window_start: Start of the event hour (UTC)
-- is_backfill: Delivered as history: any header with the key backfill
-- is_late: Kafka received it more than 2 h after its event hour ended; never true for backfill
create or replace view lake.bronze.counted as
with readable as (
    select
        topic_id,
        topic,
        "partition",
        "offset",
        kafka_at,
        key,
        headers,
        event_id,
        event_at,
        event_at_source,
        source,
        schema_version,
        regions,
        skills,
        reader_version,
        epoch,
        date_trunc('hour', event_at) as window_start,
        coalesce(any_match(headers, header -> header.key = 'backfill'), false) as is_backfill
    from lake.bronze.postings
    where
        fault is null
        and not is_duplicate
        and source is distinct from 'pulse_canary'
    union all
    -- faulty records that a later reader could read
    select
        topic_id,
        topic,
        "partition",
        "offset",
        kafka_at,
        key,
        headers,
        event_id,
        event_at,
        event_at_source,
        source,
        schema_version,
        regions,
        skills,
        reader_version,
        epoch,
        date_trunc('hour', event_at) as window_start,
        coalesce(any_match(headers, header -> header.key = 'backfill'), false) as is_backfill
    from lake.bronze.readings
    where
        epoch is not null
        and not is_duplicate
        and source is distinct from 'pulse_canary'
)

select
    topic_id,
    topic,
    "partition",
    "offset",
    kafka_at,
    key,
    headers,
    event_id,
    event_at,
    event_at_source,
    source,
    schema_version,
    regions,
    skills,
    reader_version,
    epoch,
    window_start,
    is_backfill,
    -- an hour for the event hour itself, two of grace
    not is_backfill and kafka_at > window_start + interval '3' hour as is_late
from readable
