"""bronze.readings: later readings of faulty records, and which of them count. Rows carry headers, no bodies."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from talentpulse.contracts import tables
from talentpulse.domain.duplicates import HOURS_BEFORE
from talentpulse.transforms.postings import is_readable, kafka_hour

READINGS = tables()["bronze.readings"]
PLACE = ("topic_id", "partition", "offset")


def is_counted() -> Column:
    """An epoch has taken the reading; until then it is prepared and means nothing."""
    return F.col("epoch").isNotNull()


def delivered(bronze: DataFrame, readings: DataFrame) -> DataFrame:
    """Every record that could be read, at once or later, one row each: what a repeated delivery is decided by.

    Columns: topic_id, partition, offset, kafka_at, event_id, epoch.
    """
    columns = (*PLACE, "kafka_at", "event_id", "epoch")
    later = readings.where(is_counted() & is_readable()).select(*columns)
    return bronze.where(is_readable()).select(*columns).unionByName(later)


def mark_healed(prepared: DataFrame, others: DataFrame, epoch: int) -> DataFrame:
    """The prepared readings as `epoch` counts them: with `is_duplicate`, in the order of the contract's columns.

    A record that is healed late is the duplicate wherever its event was delivered readable (`others`, see `delivered`) in
    the same partition at most 24 Kafka hours before or after: that delivery has been counted. Among the prepared the
    lowest offset counts.
    """
    hour = kafka_hour().alias("hour")
    columns = (*PLACE, "event_id", hour)
    mine = prepared.where(is_readable()).select(*columns)
    all_others = others.select(*columns, F.lit(True).alias("was_counted")).unionByName(
        mine.withColumn("was_counted", F.lit(False))
    )
    age = F.col("r.hour") - F.col("o.hour")
    is_same = [F.col(f"r.{name}") == F.col(f"o.{name}") for name in ("topic_id", "partition", "event_id")]
    is_before = (F.col("o.offset") < F.col("r.offset")) & age.between(0, HOURS_BEFORE)
    is_repeated = F.when(F.col("o.was_counted"), F.abs(age) <= HOURS_BEFORE).otherwise(is_before)
    repeated = (
        F.broadcast(mine.alias("r"))
        .join(all_others.alias("o"), [*is_same, is_repeated])
        .select(*(F.col(f"r.{name}") for name in PLACE), F.lit(True).alias("repeats"))
        .distinct()
    )
    marked = prepared.drop("is_duplicate", "epoch").join(F.broadcast(repeated), list(PLACE), "left")
    decided = {"is_duplicate": F.coalesce(F.col("repeats"), F.lit(False)), "epoch": F.lit(epoch).cast("long")}
    return marked.withColumns(decided).select(READINGS.column_names)
