-- grain: one epoch of the stream (an offset range)
-- reads: ops.epochs
-- why: what each unit of work read, counted and took, phase by phase
-- ledger_span_seconds: From writing the range down to the commit; null while it is open
-- total_seconds: Seconds of the whole epoch
-- read_seconds: Seconds to read Kafka, parse and match
-- bronze_seconds: Seconds of the append to Bronze
-- gold_seconds: Seconds of the MERGE into Gold
-- ledger_seconds: Seconds between the range written down and the commit that no other phase took
-- is_accounted_for: Every record of the range is counted, faulty, duplicate or canary
create or replace view lake.gold.v_epochs as
select
    epoch,
    stream,
    kind,
    state,
    is_recovered,
    started_at,
    committed_at,
    date_diff('millisecond', started_at, committed_at) / 1e3 as ledger_span_seconds,
    cast(json_extract_scalar(phases, '$.total') as double) as total_seconds,
    cast(json_extract_scalar(phases, '$.read') as double) as read_seconds,
    cast(json_extract_scalar(phases, '$.bronze') as double) as bronze_seconds,
    cast(json_extract_scalar(phases, '$.gold') as double) as gold_seconds,
    date_diff('millisecond', started_at, committed_at) / 1e3
    - cast(json_extract_scalar(phases, '$.total') as double) as ledger_seconds,
    records_read,
    records_counted,
    records_faulty,
    records_duplicate,
    records_canary,
    records_late,
    -- promise I3: everything is accounted for
    records_read = records_counted + records_faulty + records_duplicate + records_canary as is_accounted_for,
    cells_merged,
    oldest_event_at,
    newest_event_at,
    oldest_kafka_at,
    newest_kafka_at,
    bronze_snapshot,
    gold_snapshot,
    code_version,
    reader_version
from ops.ops.epochs
