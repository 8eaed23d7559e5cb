-- grain: one Kafka record that could not be read and was not healed
-- reads: bronze.postings, bronze.readings
-- why: a faulty record stays in Bronze byte for byte; this shows why it is faulty and what it looks like
-- key_text: Kafka key as text; bytes that are not UTF-8 show as U+FFFD
-- body_bytes: Size of the value in bytes; null where Kafka delivered none
-- is_utf8: The whole value is UTF-8
-- text_preview: First 500 characters; bytes that are not UTF-8 show as U+FFFD
-- hex_preview: First 250 bytes in hexadecimal, only where the value is not UTF-8
create or replace view lake.bronze.quarantine as
select
    postings.fault,
    postings.source,
    postings.kafka_at,
    postings.topic_id,
    postings."partition",
    postings."offset",
    postings.epoch,
    postings.event_id,
    from_utf8(postings.key) as key_text,
    length(postings.body) as body_bytes,
    to_utf8(from_utf8(postings.body)) = postings.body as is_utf8,
    -- a character has at most four bytes
    substr(from_utf8(substr(postings.body, 1, 2000)), 1, 500) as text_preview,
    case
        when to_utf8(from_utf8(postings.body)) != postings.body then to_hex(substr(postings.body, 1, 250))
    end as hex_preview,
    postings.reader_version
from lake.bronze.postings as postings
left join lake.bronze.readings as readings
    on
        postings.topic_id = readings.topic_id
        and postings."partition" = readings."partition"
        and postings."offset" = readings."offset"
        and readings.epoch is not null
where
    postings.fault is not null
    and readings.epoch is null
