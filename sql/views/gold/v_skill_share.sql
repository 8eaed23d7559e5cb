-- grain: event hour (UTC) x region x skill, without skill *; region * = anywhere
-- reads: gold.v_skill_trends
-- why: a share can be compared between regions and hours, a count cannot
-- region_events: All events of the hour and region: the denominator
-- share: Part of the region's events that ask for the skill, 0 to 1
create or replace view lake.gold.v_skill_share as
with totals as (
    select
        window_start,
        region,
        events as region_events
    from lake.gold.v_skill_trends
    where skill = '*'
),

mentions as (
    select
        window_start,
        region,
        skill,
        events,
        is_complete,
        is_final
    from lake.gold.v_skill_trends
    where skill != '*'
)

select
    mentions.window_start,
    mentions.region,
    mentions.skill,
    mentions.events,
    totals.region_events,
    cast(mentions.events as double) / totals.region_events as share,
    mentions.is_complete,
    mentions.is_final
from mentions
inner join totals
    on
        mentions.window_start = totals.window_start
        and mentions.region = totals.region
