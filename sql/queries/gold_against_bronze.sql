-- question: is Gold what a GROUP BY of Bronze says? No row means yes (while the stream rests).
-- reads: gold.skill_trends, bronze.counted
with event_cells as (
    select
        counted.window_start,
        regions.region,
        skills.skill,
        counted.is_late,
        counted.is_backfill
    from lake.bronze.counted as counted
    cross join unnest(array['*'] || counted.regions) as regions (region)
    cross join unnest(array['*'] || counted.skills) as skills (skill)
),

expected as (
    select
        window_start,
        region,
        skill,
        count(*) as events,
        count_if(is_late) as late_events,
        count_if(is_backfill) as backfill_events
    from event_cells
    group by window_start, region, skill
),

found as (
    select
        window_start,
        region,
        skill,
        events,
        late_events,
        backfill_events
    from lake.gold.skill_trends
)

select
    coalesce(expected.window_start, found.window_start) as window_start,
    coalesce(expected.region, found.region) as region,
    coalesce(expected.skill, found.skill) as skill,
    expected.events as bronze_events,
    found.events as gold_events,
    expected.late_events as bronze_late_events,
    found.late_events as gold_late_events,
    expected.backfill_events as bronze_backfill_events,
    found.backfill_events as gold_backfill_events
from expected
full outer join found
    on
        expected.window_start = found.window_start
        and expected.region = found.region
        and expected.skill = found.skill
where
    expected.events is distinct from found.events
    or expected.late_events is distinct from found.late_events
    or expected.backfill_events is distinct from found.backfill_events
order by coalesce(expected.window_start, found.window_start), coalesce(expected.region, found.region)
