"""The first epoch should not pay for a cold machine: run the whole path once on no rows."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import SparkSession

from talentpulse.lakehouse.writers import merge_gold
from talentpulse.pipelines.ingest import Headers, Target
from talentpulse.transforms.postings import mark_duplicates, read_records
from talentpulse.transforms.skill_trends import skill_trends

KAFKA_COLUMNS = (
    "key BINARY, value BINARY, topic STRING, partition INT, offset BIGINT, timestamp TIMESTAMP,"
    " headers ARRAY<STRUCT<key: STRING, value: BINARY>>"
)
SAMPLE = (b"k", b'{"event_id":"warm-up","payload":{"title":"Python","location":"London, UK"}}', "warm-up", 0, 0)


def warm_up(spark: SparkSession, target: Target) -> None:
    """Start Python workers with their word lists, compile the plans, MERGE nothing. Leaves no trace in any table."""
    now = datetime.now(UTC)
    records = spark.createDataFrame([(*SAMPLE, now, None)], KAFKA_COLUMNS).repartition(2)
    rows = read_records(records, "warm-up", 0).persist()
    Headers.collect(rows, "warm-up")
    # no constant: the optimizer would see through it and skip the very plans that are to be compiled
    nothing = mark_duplicates(rows, []).where("offset < 0")
    merge_gold(skill_trends(nothing), target.gold, 0, [now.replace(minute=0, second=0, microsecond=0)])
    rows.unpersist()
