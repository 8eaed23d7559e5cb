-- question: is what the broker still holds below the ledger's end in Bronze?
-- reads: bronze.postings
-- parameters: partitions, first_offsets, end_offsets: lists of one length; topic_id; epoch: the cut
with held as (
    select
        bounds."partition",
        bounds.first_offset,
        bounds.end_offset
    from unnest(:partitions, :first_offsets, :end_offsets) as bounds ("partition", first_offset, end_offset)
),

in_bronze as (
    select
        "partition",
        "offset"
    from lake.bronze.postings /* as of the audit */
    where topic_id = :topic_id and epoch <= :epoch
)

select
    held."partition",
    held.first_offset,
    held.end_offset,
    count(in_bronze."offset") as records
from held
left join in_bronze
    on
        held."partition" = in_bronze."partition"
        and held.first_offset <= in_bronze."offset"
        and held.end_offset > in_bronze."offset"
group by held."partition", held.first_offset, held.end_offset
order by held."partition"
