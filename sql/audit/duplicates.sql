-- question: does is_duplicate say what the rule says of the deliveries of a sample of events?
-- reads: bronze.postings, bronze.readings
-- why: a sample of events, not of records, so that all deliveries of an event are there; by a hash of the event_id
-- parameters: first_hour, end_hour: the judged Kafka hours; kafka_from: 24 h earlier; epoch: the cut; shares, share:
--   one of so many is judged
with sampled as (
    select
        topic_id,
        "partition",
        "offset",
        kafka_at,
        event_id,
        is_duplicate,
        epoch,
        false as is_healed,
        date_diff('hour', timestamp '1970-01-01 00:00:00 UTC', kafka_at) as kafka_hour,
        fault is null and source is distinct from 'pulse_canary' as is_readable
    from lake.bronze.postings /* as of the audit */
    where
        kafka_at >= :kafka_from
        and epoch <= :epoch
        -- a faulty record is never a duplicate, whether an event_id was read of it or not
        and (mod(crc32(to_utf8(event_id)), :shares) = :share or (is_duplicate and fault is not null))
    union all
    select
        topic_id,
        "partition",
        "offset",
        kafka_at,
        event_id,
        is_duplicate,
        epoch,
        true as is_healed,
        date_diff('hour', timestamp '1970-01-01 00:00:00 UTC', kafka_at) as kafka_hour,
        source is distinct from 'pulse_canary' as is_readable
    from lake.bronze.readings
    where
        kafka_at >= :kafka_from
        and epoch <= :epoch
        and mod(crc32(to_utf8(event_id)), :shares) = :share
),

judged as (
    select
        sampled.topic_id,
        sampled."partition",
        sampled."offset",
        sampled.is_healed,
        bool_or(sampled.is_duplicate) as is_duplicate,
        bool_or(sampled.is_readable) and count(other.event_id) > 0 as is_repeated
    from sampled
    left join sampled as other
        on
            sampled.topic_id = other.topic_id
            and sampled."partition" = other."partition"
            and sampled.event_id = other.event_id
            and sampled."offset" != other."offset"
            and other.is_readable
            and if(
                -- what had been counted before a heal comes first, wherever it lies
                sampled.is_healed and sampled.epoch > other.epoch,
                abs(sampled.kafka_hour - other.kafka_hour) <= 24,
                sampled."offset" > other."offset"
                and sampled.kafka_hour - other.kafka_hour between 0 and 24
                and (sampled.epoch > other.epoch or sampled.is_healed = other.is_healed)
            )
    where sampled.kafka_at >= :first_hour and sampled.kafka_at < :end_hour
    group by sampled.topic_id, sampled."partition", sampled."offset", sampled.is_healed
)

select
    count(*) as checked,
    count_if(is_duplicate != is_repeated) as findings,
    min(
        format(
            'partition %d, offset %d: %s',
            "partition",
            "offset",
            if(is_duplicate, 'marked as a duplicate, but it repeats nothing', 'repeats an event, but is not marked')
        ),
        10
    ) filter (where is_duplicate != is_repeated) as examples
from judged
