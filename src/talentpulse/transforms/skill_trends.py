"""gold.skill_trends from Bronze headers: one row per event hour x region x skill, `*` rows included."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from talentpulse.transforms.postings import is_backfill, is_late, is_readable, window_start

ANY = "*"
# Versions (`001.001`, three digits twice) are compared as numbers: the least of texts cannot be kept in Spark's hash
# aggregation, which would sort all exploded rows instead (20,000 records: 0.60 s against 0.40 s).
VERSION_NUMBER = "decimal(6,3)"
VERSION_LENGTH = 7


def _version_text(number: Column) -> Column:
    return F.lpad(number.cast("string"), VERSION_LENGTH, "0")


def counted(bronze: DataFrame) -> DataFrame:
    """The rows that count: readable, first delivery, no latency probe (the view bronze.counted says the same in SQL)."""
    return bronze.where(is_readable() & ~F.col("is_duplicate"))


def skill_trends(bronze: DataFrame) -> DataFrame:
    """Group counted Bronze rows into Gold's cells.

    An event counts once in each of its regions and skills, and once in the rows for anywhere and for all events.
    `applied_epoch` is the greatest epoch of the rows.
    """
    any_value = F.array(F.lit(ANY))
    events = counted(bronze).select(
        window_start().alias("window_start"),
        F.array_union("regions", any_value).alias("regions"),
        F.array_union("skills", any_value).alias("skills"),
        "event_at",
        "kafka_at",
        F.col("reader_version").cast(VERSION_NUMBER).alias("reader_version"),
        "epoch",
        is_late().cast("long").alias("late"),
        is_backfill().cast("long").alias("backfill"),
    )
    cells = events.withColumn("region", F.explode("regions")).withColumn("skill", F.explode("skills"))
    return cells.groupBy("window_start", "region", "skill").agg(
        F.count(F.lit(1)).alias("events"),
        F.sum("late").alias("late_events"),
        F.sum("backfill").alias("backfill_events"),
        F.min("event_at").alias("first_event_at"),
        F.max("event_at").alias("last_event_at"),
        F.max("kafka_at").alias("last_counted_at"),
        _version_text(F.min("reader_version")).alias("least_reader_version"),
        _version_text(F.max("reader_version")).alias("greatest_reader_version"),
        F.max("epoch").alias("applied_epoch"),
    )
