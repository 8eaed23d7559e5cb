-- grain: event hour (UTC) x region x skill; region * = anywhere, skill * = all events
-- reads: gold.skill_trends, ops.epochs, ops.skills
-- why: the plain face of the table, with what may still change: an event hour is final 48 h after its end, on
--   committed Kafka time
-- kind: What the skill is; null for skill * and where no taxonomy has it
-- category: The field of work it belongs to; null as kind
-- is_complete: The Kafka hour of the same name is closed: the ledger is past it in every partition
-- is_final: Committed Kafka time is 48 h past the end of the event hour
-- is_revised_after_final: An event was counted in the cell after its hour was final
create or replace view lake.gold.v_skill_trends as
with ledger as (
    -- an epoch begins where the one before ended in every partition: older than its oldest record nothing is unread
    select max(oldest_kafka_at) as committed_kafka_at
    from ops.ops.epochs
    where state = 'committed'
),

cells as (
    select
        window_start,
        region,
        skill,
        events,
        late_events,
        backfill_events,
        first_event_at,
        last_event_at,
        last_counted_at,
        least_reader_version,
        greatest_reader_version,
        applied_epoch,
        window_start + interval '49' hour as final_at
    from lake.gold.skill_trends
)

select
    cells.window_start,
    cells.region,
    cells.skill,
    skills.kind,
    skills.category,
    cells.events,
    cells.late_events,
    cells.backfill_events,
    cells.first_event_at,
    cells.last_event_at,
    cells.last_counted_at,
    cells.least_reader_version,
    cells.greatest_reader_version,
    cells.applied_epoch,
    coalesce(ledger.committed_kafka_at >= cells.window_start + interval '1' hour, false) as is_complete,
    coalesce(ledger.committed_kafka_at >= cells.final_at, false) as is_final,
    cells.last_counted_at > cells.final_at as is_revised_after_final
from cells
cross join ledger
left join ops.ops.skills as skills on cells.skill = skills.skill
