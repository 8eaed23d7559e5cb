-- question: does Bronze hold every offset of each committed epoch's range, and none besides?
-- reads: bronze.postings, ops.epochs, ops.gaps
-- why: count, first, last and sum of the offsets are compared instead of the offsets: one pass that needs no memory. A
--   hole is hidden only by repeated offsets of the same number and sum in the same epoch
-- parameters: since and epoch: epochs after the one, up to the other; greatest_epoch: the ledger's last, open or not
with in_bronze as (
    select
        epoch,
        topic_id,
        "partition",
        count(*) as records,
        min("offset") as first_offset,
        max("offset") as last_offset,
        sum("offset") as offset_sum
    from lake.bronze.postings /* as of the audit */
    -- what the ledger has begun meanwhile is left out, what it does not know at all is not
    where epoch > :since and (epoch <= :epoch or epoch > :greatest_epoch)
    group by epoch, topic_id, "partition"
),

lost as (
    select
        epoch,
        topic_id,
        "partition",
        sum(end_offset - first_offset) as records,
        sum((end_offset - first_offset) * (first_offset + end_offset - 1) / 2) as offset_sum
    from ops.ops.gaps
    group by epoch, topic_id, "partition"
),

ranges as (
    select
        epochs.epoch,
        epochs.topic_id,
        cast(ends.partition_name as integer) as "partition",
        cast(json_extract_scalar(epochs.start_offsets, '$["' || ends.partition_name || '"]') as bigint) as start_offset,
        ends.end_offset
    from ops.ops.epochs as epochs
    cross join unnest(cast(epochs.end_offsets as map (varchar, bigint))) as ends (partition_name, end_offset)
    where
        epochs.stream = 'ingest_postings'
        and epochs.state = 'committed'
        and epochs.kind = 'stream'
        and epochs.epoch > :since
        and epochs.epoch <= :epoch
),

expected as (
    select
        ranges.epoch,
        ranges.topic_id,
        ranges."partition",
        ranges.start_offset,
        ranges.end_offset,
        ranges.end_offset - ranges.start_offset - coalesce(lost.records, 0) as records,
        (ranges.end_offset - ranges.start_offset) * (ranges.start_offset + ranges.end_offset - 1) / 2
        - coalesce(lost.offset_sum, 0) as offset_sum
    from ranges
    left join lost
        on
            ranges.epoch = lost.epoch
            and ranges.topic_id = lost.topic_id
            and ranges."partition" = lost."partition"
)

select
    coalesce(expected.epoch, in_bronze.epoch) as epoch,
    coalesce(expected.topic_id, in_bronze.topic_id) as topic_id,
    coalesce(expected."partition", in_bronze."partition") as "partition",
    expected.start_offset,
    expected.end_offset,
    coalesce(in_bronze.records, 0) as records,
    count(*) over () as findings
from expected
full outer join in_bronze
    on
        expected.epoch = in_bronze.epoch
        and expected.topic_id = in_bronze.topic_id
        and expected."partition" = in_bronze."partition"
where
    coalesce(expected.records, 0) != coalesce(in_bronze.records, 0)
    or expected.offset_sum != in_bronze.offset_sum
    or in_bronze.first_offset < expected.start_offset
    or in_bronze.last_offset >= expected.end_offset
order by
    coalesce(expected.epoch, in_bronze.epoch),
    coalesce(expected."partition", in_bronze."partition")
limit 10
