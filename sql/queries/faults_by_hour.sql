-- question: what arrives that cannot be read, and since when?
-- reads: bronze.quarantine
select
    date_trunc('hour', kafka_at) as kafka_hour,
    fault,
    count(*) as records,
    sum(body_bytes) as body_bytes,
    min_by(text_preview, kafka_at) as first_text
from lake.bronze.quarantine
group by date_trunc('hour', kafka_at), fault
order by kafka_hour desc, records desc
