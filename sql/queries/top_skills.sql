-- question: which ten skills were asked for most in the last 24 hours?
-- reads: gold.v_pulse_24h
select
    rank_24h,
    skill,
    events_24h,
    share_24h,
    max(last_counted_at) as last_counted_at
from lake.gold.v_pulse_24h
group by rank_24h, skill, events_24h, share_24h
order by rank_24h, skill
limit 10
