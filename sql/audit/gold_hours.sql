-- question: does each event hour of Gold add up to what Bronze counted?
-- reads: gold.skill_trends, bronze.counted
-- why: an event stands in (regions + 1) x (skills + 1) cells, so the sums over all cells of an hour are known without
--   making the cells: exact for any single error, at the price of one pass over the headers
-- parameters: epoch: the cut; kafka_from and first_hour: Kafka time and event hour from which on is looked
with events as (
    select
        window_start,
        event_at,
        kafka_at,
        is_late,
        is_backfill,
        reader_version,
        cardinality(array_union(regions, array['*'])) * cardinality(array_union(skills, array['*'])) as cells
    from lake.bronze.counted
    where epoch <= :epoch and kafka_at >= :kafka_from and event_at >= :first_hour
),

expected as (
    select
        window_start,
        sum(cells) as events,
        sum(if(is_late, cells, 0)) as late_events,
        sum(if(is_backfill, cells, 0)) as backfill_events,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        max(kafka_at) as last_counted_at,
        min(reader_version) as least_reader_version,
        max(reader_version) as greatest_reader_version
    from events
    group by window_start
),

found as (
    select
        window_start,
        sum(events) as events,
        sum(late_events) as late_events,
        sum(backfill_events) as backfill_events,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        max(last_counted_at) as last_counted_at,
        min(least_reader_version) as least_reader_version,
        max(greatest_reader_version) as greatest_reader_version,
        max(applied_epoch) as applied_epoch
    from lake.gold.skill_trends /* as of the audit */
    where window_start >= :first_hour
    group by window_start
)

select
    coalesce(expected.window_start, found.window_start) as window_start,
    coalesce(found.applied_epoch, 0) as applied_epoch,
    coalesce(expected.events, 0) as bronze_events,
    coalesce(found.events, 0) as gold_events,
    expected.events is distinct from found.events
    or expected.late_events is distinct from found.late_events
    or expected.backfill_events is distinct from found.backfill_events
    or expected.first_event_at is distinct from found.first_event_at
    or expected.last_event_at is distinct from found.last_event_at
    or expected.last_counted_at is distinct from found.last_counted_at
    or expected.least_reader_version is distinct from found.least_reader_version
    or expected.greatest_reader_version is distinct from found.greatest_reader_version as is_different
from expected
full outer join found on expected.window_start = found.window_start
order by coalesce(expected.window_start, found.window_start)
