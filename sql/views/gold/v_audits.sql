-- grain: one check of the auditor, its latest result over the whole lake and over what was new
-- reads: ops.audits
-- why: can the numbers be trusted now? A row with is_ok = false says what is wrong; examples names the places
-- is_whole: The check looked at the whole lake; false where it looked at what was new since an earlier run
create or replace view lake.gold.v_audits as
with numbered as (
    select
        audit,
        check_name,
        since_epoch = 0 as is_whole,
        epoch,
        since_epoch,
        started_at,
        finished_at,
        checked,
        unit,
        findings,
        examples,
        remark,
        is_ok,
        row_number() over (partition by check_name, since_epoch = 0 order by audit desc) as age
    from ops.ops.audits
)

select
    check_name,
    is_whole,
    is_ok,
    checked,
    unit,
    findings,
    json_format(examples) as examples,
    remark,
    audit,
    epoch,
    since_epoch,
    started_at,
    finished_at
from numbered
where age = 1
