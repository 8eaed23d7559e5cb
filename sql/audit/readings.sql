-- question: which rows of some epochs are read again?
-- reads: bronze.postings
-- why: a draw of whole epochs leaves all other files unread, whatever the table's size; a hash with the run's seed
--   decides which of their rows
-- parameters: epoch_1 to epoch_8, reader_version, seed, sample: number of rows
select
    "partition",
    "offset",
    epoch,
    kafka_at,
    body,
    fault,
    event_id,
    event_at,
    event_at_source,
    source,
    schema_version,
    regions,
    skills
from lake.bronze.postings /* as of the audit */
where
    epoch in (:epoch_1, :epoch_2, :epoch_3, :epoch_4, :epoch_5, :epoch_6, :epoch_7, :epoch_8)
    and reader_version = :reader_version
order by crc32(to_utf8(format('%d/%d/%d', :seed, "partition", "offset"))), "partition", "offset"
limit :sample
