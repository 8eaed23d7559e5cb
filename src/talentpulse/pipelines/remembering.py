"""The duplicate index of a new process, filled from Bronze: what the one before it remembered."""

from __future__ import annotations

import logging
import time
from datetime import datetime

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from talentpulse.domain.duplicates import HOURS_KEPT
from talentpulse.lakehouse.ledger import Epoch
from talentpulse.pipelines.ingest import Target, instant
from talentpulse.transforms.postings import MICROSECONDS_AN_HOUR, event_key, kafka_hour
from talentpulse.transforms.readings import delivered

log = logging.getLogger(__name__)


def remember(bronze: DataFrame, readings: DataFrame, target: Target, last: Epoch) -> None:
    """Fill the index hour by hour with all that a record still to be read could repeat: the rows below an open epoch."""
    begin = time.perf_counter()
    below = delivered(bronze, readings).where(F.col("topic_id") == last.topic_id)
    if not last.is_committed:
        below = below.where(F.col("epoch") < last.number)
    held = _held_hours(bronze.sparkSession, target.bronze) | _hours_of(readings)
    newest = _newest_hour(below, held)
    if newest is None:
        return
    # the newest committed epoch tells how far back in Kafka's time the records still to be read can lie
    oldest_kafka_at = target.ledger.oldest_kafka_at(last.topic_id)
    oldest_to_come = newest if oldest_kafka_at is None else min(newest, _hour(oldest_kafka_at))
    for hour in sorted(hour for hour in held if oldest_to_come - HOURS_KEPT <= hour <= newest):
        keys = _of_hour(below, hour).select("partition", event_key().alias("key")).toArrow()
        partition, key = (np.asarray(column.to_numpy()) for column in keys.columns)
        for number in np.unique(partition):
            target.duplicates.add_hour(int(number), hour, key[partition == number])
    size, seconds = len(target.duplicates), time.perf_counter() - begin
    log.info("duplicate index: %d keys, %.1f MB, in %.1f s", size, target.duplicates.memory_bytes / 1e6, seconds)


def _held_hours(spark: SparkSession, bronze: str) -> set[int]:
    """Kafka hours that Bronze has rows of, as its manifests say: no row is read, however long the history is."""
    partitions = spark.table(f"{bronze}.partitions").select("partition.kafka_at_hour")
    return {row[0] for row in partitions.distinct().collect()}


def _hours_of(rows: DataFrame) -> set[int]:
    return {row["hour"] for row in rows.select(kafka_hour().alias("hour")).distinct().collect()}


def _newest_hour(below: DataFrame, held: set[int]) -> int | None:
    """The newest hour of the rows: nearly always the newest held; else (an open epoch's, another log's) all are looked at."""
    if not held:
        return None
    for rows in (_of_hour(below, max(held)), below):
        newest = rows.agg(F.max(kafka_hour())).first()
        if newest is not None and newest[0] is not None:
            return int(newest[0])
    return None


def _of_hour(rows: DataFrame, hour: int) -> DataFrame:
    begin, end = (instant(at * MICROSECONDS_AN_HOUR) for at in (hour, hour + 1))
    return rows.where((F.col("kafka_at") >= begin) & (F.col("kafka_at") < end))


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // 3600
