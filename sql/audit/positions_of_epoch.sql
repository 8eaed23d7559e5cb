-- question: which offsets does Bronze hold for one epoch in one partition?
-- reads: bronze.postings
-- parameters: epoch, topic_id, partition
select "offset"
from lake.bronze.postings /* as of the audit */
where epoch = :epoch and topic_id = :topic_id and "partition" = :partition
order by "offset"
limit 100000
