-- grain: one Kafka record that could not be read
-- reads: bronze.postings
-- why: a faulty record stays in Bronze byte for byte; this shows why it is faulty and what it looks like
-- key_text: Kafka key as text; bytes that are not UTF-8 show as U+FFFD
-- body_bytes: Size of the value in bytes; null where Kafka delivered none
-- is_utf8: The whole value is UTF-8
-- text_preview: First 500 characters; bytes that are not UTF-8 show as U+FFFD
-- hex_preview: First 250 bytes in hexadecimal, only where the value is not UTF-8
create or replace view lake.bronze.quarantine as
select
    fault,
    source,
    kafka_at,
    topic_id,
    "partition",
    "offset",
    epoch,
    event_id,
    from_utf8(key) as key_text,
    length(body) as body_bytes,
    to_utf8(from_utf8(body)) = body as is_utf8,
    -- a character has at most four bytes
    substr(from_utf8(substr(body, 1, 2000)), 1, 500) as text_preview,
    case
        when to_utf8(from_utf8(body)) != body then to_hex(substr(body, 1, 250))
    end as hex_preview,
    reader_version
from lake.bronze.postings
where fault is not null
