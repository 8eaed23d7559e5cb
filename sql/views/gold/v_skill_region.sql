-- grain: region x skill over the last 168 event hours, the present one included; without region * and skill *
-- reads: gold.skill_trends
-- why: the heatmap of who asks for what where; regions must not be added up, an event with several places
--   counts in each
-- events: Distinct events of the 168 hours that ask for the skill in the region
-- region_events: All events of the region in the 168 hours: the denominator
-- share: Part of the region's events that ask for the skill, 0 to 1
-- events_24h: The same over the last 24 event hours, the present one included
-- region_events_24h: All events of the region in the last 24 event hours
-- share_24h: Share in the last 24 event hours; null where the region had no event
create or replace view lake.gold.v_skill_region as
with recent as (
    select
        region,
        skill,
        events,
        window_start >= date_trunc('hour', current_timestamp) - interval '23' hour as is_last_day
    from lake.gold.skill_trends
    where
        window_start >= date_trunc('hour', current_timestamp) - interval '167' hour
        and region != '*'
),

cells as (
    select
        region,
        skill,
        sum(events) as events,
        coalesce(sum(events) filter (where is_last_day), 0) as events_24h
    from recent
    group by region, skill
),

totals as (
    select
        region,
        events as region_events,
        events_24h as region_events_24h
    from cells
    where skill = '*'
)

select
    cells.region,
    cells.skill,
    cells.events,
    totals.region_events,
    cast(cells.events as double) / totals.region_events as share,
    cells.events_24h,
    totals.region_events_24h,
    cast(cells.events_24h as double) / nullif(totals.region_events_24h, 0) as share_24h
from cells
inner join totals on cells.region = totals.region
where cells.skill != '*'
