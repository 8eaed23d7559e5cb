-- question: are the ledger's sums what the rows of Bronze and of its readings say, epoch by epoch?
-- reads: bronze.postings, bronze.readings, ops.epochs
-- parameters: since and epoch: epochs after the one, up to the other
with kept as (
    select
        epoch,
        fault,
        source,
        is_duplicate
    from lake.bronze.postings /* as of the audit */
    where epoch > :since and epoch <= :epoch
    union all
    select
        epoch,
        fault,
        source,
        is_duplicate
    from lake.bronze.readings
    where epoch > :since and epoch <= :epoch
),

in_bronze as (
    select
        epoch,
        count(*) as records_read,
        count_if(fault is not null) as records_faulty,
        count_if(is_duplicate) as records_duplicate,
        count_if(fault is null and source = 'pulse_canary') as records_canary
    from kept
    group by epoch
),

compared as (
    select
        epochs.epoch,
        concat_ws(
            ', ',
            if(
                epochs.records_read is distinct from coalesce(in_bronze.records_read, 0),
                format('read %s in the ledger, %s in Bronze', epochs.records_read, coalesce(in_bronze.records_read, 0))
            ),
            if(
                epochs.records_faulty is distinct from coalesce(in_bronze.records_faulty, 0),
                format(
                    'faulty %s in the ledger, %s in Bronze',
                    epochs.records_faulty,
                    coalesce(in_bronze.records_faulty, 0)
                )
            ),
            if(
                epochs.records_duplicate is distinct from coalesce(in_bronze.records_duplicate, 0),
                format(
                    'duplicate %s in the ledger, %s in Bronze',
                    epochs.records_duplicate,
                    coalesce(in_bronze.records_duplicate, 0)
                )
            ),
            if(
                epochs.records_canary is distinct from coalesce(in_bronze.records_canary, 0),
                format(
                    'canary %s in the ledger, %s in Bronze',
                    epochs.records_canary,
                    coalesce(in_bronze.records_canary, 0)
                )
            )
        ) as difference
    from ops.ops.epochs as epochs
    left join in_bronze on epochs.epoch = in_bronze.epoch
    where
        epochs.stream = 'ingest_postings'
        and epochs.state = 'committed'
        and epochs.kind in ('stream', 'heal')
        and epochs.epoch > :since
        and epochs.epoch <= :epoch
)

select
    count(*) as checked,
    count_if(difference != '') as findings,
    min_by(format('epoch %d: %s', epoch, difference), epoch, 10) filter (where difference != '') as examples
from compared
