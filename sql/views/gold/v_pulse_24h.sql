-- grain: event hour x skill over the last 24 event hours, the present one included; all regions, without skill
--   *
-- reads: gold.v_skill_trends
-- why: the pulse: which skills are asked for most, hour by hour
-- hour_events: All events of the hour: the denominator
-- share: Part of the hour's events that ask for the skill, 0 to 1
-- events_24h: Events of the 24 hours that ask for the skill
-- share_24h: Part of all events of the 24 hours that ask for the skill, 0 to 1
-- rank_24h: Rank of the skill over the 24 hours, 1 = most wanted; equal counts share a rank
-- is_final: False within 24 h by its meaning: late events may still come
create or replace view lake.gold.v_pulse_24h as
with recent as (
    select
        window_start,
        skill,
        events,
        last_counted_at,
        is_complete,
        is_final
    from lake.gold.v_skill_trends
    where
        window_start >= date_trunc('hour', current_timestamp) - interval '23' hour
        and region = '*'
),

hours as (
    select
        window_start,
        events as hour_events
    from recent
    where skill = '*'
),

skills as (
    select
        skill,
        sum(events) as events_24h,
        cast(sum(events) as double) / (select sum(hours.hour_events) from hours) as share_24h,
        rank() over (order by sum(events) desc) as rank_24h
    from recent
    where skill != '*'
    group by skill
)

select
    recent.window_start,
    recent.skill,
    recent.events,
    hours.hour_events,
    cast(recent.events as double) / hours.hour_events as share,
    skills.events_24h,
    skills.share_24h,
    skills.rank_24h,
    recent.last_counted_at,
    recent.is_complete,
    recent.is_final
from recent
inner join hours on recent.window_start = hours.window_start
inner join skills on recent.skill = skills.skill
