"""The start of the stream, which is also its only recovery: check, remember, finish what is open, say where to go on."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from talentpulse.domain.duplicates import HOURS_BEFORE
from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import Epoch, Offsets
from talentpulse.lakehouse.log_source import read_range
from talentpulse.lakehouse.topics import LogEnds
from talentpulse.pipelines.ingest import MICROSECONDS_AN_HOUR, Target, finish_from_bronze, instant, process_batch
from talentpulse.settings import Settings
from talentpulse.transforms.postings import event_key, is_readable

log = logging.getLogger(__name__)


def resume(spark: SparkSession, settings: Settings, target: Target, broker: LogEnds) -> Offsets | None:
    """Bring ledger, tables and duplicate index to one state; returns where the stream goes on (None: from the oldest).

    Raises:
        PulseError: topic, ledger and tables do not belong together, or Kafka no longer holds what was not read yet.
    """
    last = target.ledger.last()
    bronze = spark.table(target.bronze)
    _check_tables_are_not_ahead(bronze, last)
    if last is None:
        return None
    if last.topic_id != broker.topic_id:
        raise PulseError(
            f"the ledger knows topic {settings.topic} with id {last.topic_id}, the broker has {broker.topic_id}: another log",
            "bring the former topic back, or begin anew with empty tables: pulse down && pulse clean",
        )
    open_epoch = None if last.is_committed else last
    _remember(bronze, target, last, open_epoch)
    if open_epoch is not None:
        _finish(spark, settings, bronze, target, open_epoch)
    return _positions(last.end, broker)


def _check_tables_are_not_ahead(bronze: DataFrame, last: Epoch | None) -> None:
    greatest = bronze.agg(F.max("epoch")).first()
    in_table = greatest[0] if greatest is not None else None
    in_ledger = last.number if last is not None else 0
    if in_table is not None and in_table > in_ledger:
        raise PulseError(
            f"bronze.postings holds epoch {in_table}, the ledger ends at {in_ledger}: the ledger is older than the table",
            "restore ledger and catalog from the same backup, or begin anew: pulse down && pulse clean",
        )


def _remember(bronze: DataFrame, target: Target, last: Epoch, open_epoch: Epoch | None) -> None:
    """Fill the duplicate index from Bronze, hour by hour, with all that a record still to be read could repeat."""
    begin = time.perf_counter()
    below = bronze.where(is_readable())
    if open_epoch is not None:
        below = below.where(F.col("epoch") < open_epoch.number)
    # the newest committed epoch tells how far back in Kafka's time the records still to be read can lie
    # (as a number: PySpark would hand an instant over as a local time without a zone)
    known = below.agg(F.unix_micros(F.max("kafka_at"))).first()
    if known is None or known[0] is None:
        return
    newest = instant(known[0])
    oldest_to_come = min(filter(None, (newest, last.oldest_kafka_at)))
    first = oldest_to_come.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS_BEFORE)
    within = below.where((F.col("kafka_at") >= first) & (F.col("kafka_at") <= newest))
    held = within.select((F.unix_micros("kafka_at") / MICROSECONDS_AN_HOUR).cast("long").alias("hour")).distinct()
    for hour in sorted(instant(row["hour"] * MICROSECONDS_AN_HOUR) for row in held.collect()):
        rows = below.where((F.col("kafka_at") >= hour) & (F.col("kafka_at") < hour + timedelta(hours=1)))
        keys = rows.select("partition", "offset", "kafka_at", event_key().alias("key")).toArrow()
        partition, offset, kafka_at, key = (np.asarray(c.cast("int64").to_numpy()) for c in keys.columns)
        readable = np.ones(len(key), dtype=np.bool_)
        target.duplicates.add(partition, offset, kafka_at // MICROSECONDS_AN_HOUR, key, readable)
    size, seconds = len(target.duplicates), time.perf_counter() - begin
    log.info("duplicate index: %d keys, %.1f MB, in %.1f s", size, target.duplicates.memory_bytes / 1e6, seconds)


def _finish(spark: SparkSession, settings: Settings, bronze: DataFrame, target: Target, epoch: Epoch) -> None:
    rows = bronze.where(F.col("epoch") == epoch.number)
    if rows.isEmpty():
        log.warning("epoch %d is open and not in Bronze: reading its %d records again", epoch.number, epoch.records)
        process_batch(read_range(spark, settings, epoch.start, epoch.end), epoch, target, is_recovered=True)
    else:
        log.warning("epoch %d is open and in Bronze: finishing it from there", epoch.number)
        finish_from_bronze(rows, epoch, target)


def _positions(committed: Offsets, broker: LogEnds) -> Offsets:
    lost = {p: (offset, broker.starts[p]) for p, offset in committed.items() if offset < broker.starts.get(p, 0)}
    if lost:
        ranges = ", ".join(f"partition {p}: {begin} to {end - 1}" for p, (begin, end) in sorted(lost.items()))
        raise PulseError(
            f"Kafka has deleted records that were never read ({ranges}): retention passed the stream",
            "bring the log back if you can; beginning anew loses them: pulse down && pulse clean",
        )
    for partition in sorted(broker.starts.keys() - committed.keys()):
        log.warning("partition %d is new: reading it from its oldest offset", partition)
    return {**broker.starts, **committed}
