-- question: does is_duplicate say what the rule says of the deliveries of a sample of events?
-- reads: bronze.postings
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
        date_diff('hour', timestamp '1970-01-01 00:00:00 UTC', kafka_at) as kafka_hour,
        fault is null and source is distinct from 'pulse_canary' as is_readable
    from lake.bronze.postings /* as of the audit */
    where
        kafka_at >= :kafka_from
        and kafka_at < :end_hour
        and epoch <= :epoch
        -- a faulty record has no event_id, and is never a duplicate
        and (mod(crc32(to_utf8(event_id)), :shares) = :share or (is_duplicate and fault is not null))
),

judged as (
    select
        sampled.topic_id,
        sampled."partition",
        sampled."offset",
        bool_or(sampled.is_duplicate) as is_duplicate,
        bool_or(sampled.is_readable) and count(earlier.event_id) > 0 as is_repeated
    from sampled
    left join sampled as earlier
        on
            sampled.topic_id = earlier.topic_id
            and sampled."partition" = earlier."partition"
            and sampled.event_id = earlier.event_id
            and earlier.is_readable
            and sampled."offset" > earlier."offset"
            and earlier.kafka_hour between sampled.kafka_hour - 24 and sampled.kafka_hour
    where sampled.kafka_at >= :first_hour
    group by sampled.topic_id, sampled."partition", sampled."offset"
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
