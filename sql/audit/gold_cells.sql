-- question: is each cell of some event hours what a GROUP BY of what Bronze counted says, in every counting column?
-- reads: gold.skill_trends, bronze.counted
-- parameters: epoch: the cut; hours: event hours, all from first_hour to before end_hour; kafka_from: no event of them
--   is older on the broker
with event_cells as (
    select
        counted.window_start,
        regions.region,
        skills.skill,
        counted.event_at,
        counted.kafka_at,
        counted.is_late,
        counted.is_backfill,
        counted.reader_version
    from lake.bronze.counted as counted
    cross join unnest(array_union(counted.regions, array['*'])) as regions (region)
    cross join unnest(array_union(counted.skills, array['*'])) as skills (skill)
    where
        counted.epoch <= :epoch
        -- bounds that leave whole files unread; the hours themselves do not
        and counted.kafka_at >= :kafka_from
        and counted.event_at >= :first_hour
        and counted.event_at < :end_hour
        and contains(:hours, counted.window_start)
),

expected as (
    select
        window_start,
        region,
        skill,
        count(*) as events,
        count_if(is_late) as late_events,
        count_if(is_backfill) as backfill_events,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        max(kafka_at) as last_counted_at,
        min(reader_version) as least_reader_version,
        max(reader_version) as greatest_reader_version
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
        backfill_events,
        first_event_at,
        last_event_at,
        last_counted_at,
        least_reader_version,
        greatest_reader_version
    from lake.gold.skill_trends /* as of the audit */
    where window_start >= :first_hour and window_start < :end_hour and contains(:hours, window_start)
),

compared as (
    select
        format(
            '%s, region %s, skill %s: ',
            date_format(coalesce(expected.window_start, found.window_start), '%Y-%m-%d %H:%i'),
            coalesce(expected.region, found.region),
            coalesce(expected.skill, found.skill)
        ) as cell,
        case
            when found.events is null then format('not in Gold, %d events in Bronze', expected.events)
            when expected.events is null then format('%d events in Gold, none in Bronze', found.events)
            else concat_ws(
                ', ',
                if(
                    expected.events != found.events,
                    format('events %d in Gold, %d in Bronze', found.events, expected.events)
                ),
                if(
                    expected.late_events != found.late_events,
                    format('late_events %d in Gold, %d in Bronze', found.late_events, expected.late_events)
                ),
                if(
                    expected.backfill_events != found.backfill_events,
                    format('backfill_events %d in Gold, %d in Bronze', found.backfill_events, expected.backfill_events)
                ),
                if(expected.first_event_at != found.first_event_at, 'first_event_at differs'),
                if(expected.last_event_at != found.last_event_at, 'last_event_at differs'),
                if(expected.last_counted_at != found.last_counted_at, 'last_counted_at differs'),
                if(expected.least_reader_version != found.least_reader_version, 'least_reader_version differs'),
                if(
                    expected.greatest_reader_version != found.greatest_reader_version,
                    'greatest_reader_version differs'
                )
            )
        end as difference
    from expected
    full outer join found
        on
            expected.window_start = found.window_start
            and expected.region = found.region
            and expected.skill = found.skill
)

select
    count(*) as checked,
    count_if(difference != '') as findings,
    min(cell || difference, 10) filter (where difference != '') as examples
from compared
