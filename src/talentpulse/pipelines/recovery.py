"""The start of the stream, which is also its only recovery: check, remember, finish what is open, say where to go on."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from talentpulse.domain.duplicates import HOURS_KEPT
from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import NOTHING_READ, Epoch, Offsets
from talentpulse.lakehouse.log_source import read_range
from talentpulse.lakehouse.requests import Lost, Request, describe, execute, lost_of, waiting
from talentpulse.lakehouse.topics import LogEnds
from talentpulse.pipelines.ingest import MICROSECONDS_AN_HOUR, Target, finish_from_bronze, instant, process_batch
from talentpulse.settings import Settings
from talentpulse.transforms.postings import CANARY, event_key, is_readable

log = logging.getLogger(__name__)


def resume(spark: SparkSession, settings: Settings, target: Target, broker: LogEnds) -> Offsets | None:
    """Bring ledger, tables and duplicate index to one state; returns where the stream goes on (None: from the oldest).

    Raises:
        PulseError: topic, ledger and tables do not belong together, or Kafka no longer holds what was not read yet, and
            nobody has accepted that.
    """
    last = target.ledger.last()
    bronze = spark.table(target.bronze)
    with target.ledger.transaction() as connection:
        requests = waiting(connection)
    greatest = bronze.agg(F.max("epoch")).first()
    in_bronze = (greatest[0] or 0) if greatest is not None else 0
    if in_bronze > (last.number if last is not None else 0):
        last = _reconciled(bronze, target, last, in_bronze, requests)
    if last is None:
        return None
    _check_tables_are_not_behind(last, in_bronze)
    if last.topic_id != broker.topic_id:
        adoption = _adoption(settings, last, broker, requests)
        if not last.is_committed:
            _finish_of_former_log(bronze, target, last)
        return _begin_log(target, last, broker, adoption).end
    open_epoch = None if last.is_committed else last
    _remember(bronze.where(F.col("topic_id") == last.topic_id), target, last, open_epoch)
    if open_epoch is not None:
        _finish(spark, settings, bronze, target, open_epoch, broker, requests)
    return _positions(target, last, broker, requests)


def _check_tables_are_not_behind(last: Epoch, in_bronze: int) -> None:
    if last.is_committed and last.records_read and in_bronze < last.number:
        raise PulseError(
            f"the ledger has committed epoch {last.number}, bronze.postings ends at epoch {in_bronze}: an older table",
            "restore ledger and catalog from the same backup",
        )


def _reconciled(
    bronze: DataFrame, target: Target, last: Epoch | None, in_bronze: int, requests: list[Request]
) -> Epoch:
    """Write down again the epochs that only Bronze knows. The newest stays open: the start finishes it like any other."""
    in_ledger = last.number if last is not None else 0
    request = next((request for request in requests if request.reconciles(in_ledger, in_bronze)), None)
    if request is None:
        raise PulseError(
            f"bronze.postings holds epoch {in_bronze}, the ledger ends at {in_ledger}: the ledger is older than the table",
            "restore a newer backup, or let the ledger be written anew from Bronze: pulse stream reconcile",
        )
    if last is not None and not last.is_committed:
        finish_from_bronze(bronze.where(F.col("epoch") == last.number), last, target)
    with target.ledger.transaction() as connection:
        for epoch, counts in _epochs_of_bronze(bronze, last):
            target.ledger.restore(epoch)
            if epoch.number < in_bronze:
                target.ledger.commit(epoch, counts | {"is_recovered": True})
        execute(connection, request, epoch, epoch.topic_id, {})
    log.warning("epochs %d to %d are in the ledger again, from Bronze", in_ledger + 1, in_bronze)
    return epoch


def _epochs_of_bronze(bronze: DataFrame, last: Epoch | None) -> Iterator[tuple[Epoch, dict[str, object]]]:
    """Epochs after `last` with what their rows say of them; each must follow the one before without a hole."""
    faulty, canary, duplicate = F.col("fault").isNotNull(), F.col("source").eqNullSafe(CANARY), F.col("is_duplicate")
    rows = (
        bronze.where(F.col("epoch") > (last.number if last is not None else 0))
        .groupBy("epoch", "topic_id", "partition")
        .agg(
            F.min("offset").alias("first"),
            (F.max("offset") + 1).alias("end"),
            F.count(F.lit(1)).alias("records_read"),
            F.count_if(faulty).alias("records_faulty"),
            F.count_if(canary & ~faulty).alias("records_canary"),
            F.count_if(duplicate).alias("records_duplicate"),
            F.unix_micros(F.min("kafka_at")).alias("oldest_us"),
            F.unix_micros(F.max("kafka_at")).alias("newest_us"),
        )
        .orderBy("epoch", "partition")
        .collect()
    )
    end = last.end if last is not None else {}
    for number, group in groupby(rows, key=lambda row: int(row["epoch"])):
        parts = list(group)
        start = {**{row["partition"]: row["first"] for row in parts}, **end}
        end = start | {row["partition"]: row["end"] for row in parts}
        topics = {row["topic_id"] for row in parts} | ({last.topic_id} if last is not None else set())
        counts = {name: sum(row[name] for row in parts) for name in parts[0].asDict() if name.startswith("records_")}
        counts["records_counted"] = 2 * counts["records_read"] - sum(counts.values())
        epoch = Epoch(number, topics.pop(), start, end, is_committed=False)
        if topics or epoch.records != counts["records_read"]:
            raise PulseError(
                f"epoch {number} of bronze.postings does not follow the ledger's end: {counts['records_read']} records of"
                f" {epoch.records} offsets, of one log expected",
                "the ledger cannot be written anew from Bronze alone: restore ledger and catalog from the same backup",
            )
        times = {
            "oldest_kafka_at": instant(min(row["oldest_us"] for row in parts)),
            "newest_kafka_at": instant(max(row["newest_us"] for row in parts)),
        }
        yield epoch, counts | times


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
    oldest_to_come = min(filter(None, (newest, target.ledger.oldest_kafka_at(last.topic_id))))
    first = oldest_to_come.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS_KEPT)
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


def _finish(
    spark: SparkSession, settings: Settings, bronze: DataFrame, target: Target, epoch: Epoch, broker: LogEnds,
    requests: list[Request],
) -> None:  # fmt: skip
    rows = bronze.where(F.col("epoch") == epoch.number)
    if not rows.isEmpty():
        log.warning("epoch %d is open and in Bronze: finishing it from there", epoch.number)
        finish_from_bronze(rows, epoch, target)
        return
    log.warning("epoch %d is open and not in Bronze: reading its %d records again", epoch.number, epoch.records)
    lost = lost_of(epoch.start, epoch.end, broker.starts)
    if not lost:
        process_batch(read_range(spark, settings, epoch.start, epoch.end), epoch, target, is_recovered=True)
        return
    acceptance = _acceptance(epoch.topic_id, lost, requests)
    held = epoch.start | {p: end for p, (_, end) in lost.items()}
    missing = sum(end - first for first, end in lost.values())
    with target.ledger.transaction() as connection:
        if missing < epoch.records:
            records = read_range(spark, settings, held, epoch.end)
            process_batch(records, epoch, target, lost=missing, is_recovered=True)
        else:
            target.ledger.commit(epoch, NOTHING_READ | {"is_recovered": True})
        execute(connection, acceptance, epoch, epoch.topic_id, lost)


def _acceptance(topic_id: str, lost: Lost, requests: list[Request]) -> Request:
    acceptance = next((request for request in requests if request.accepts(topic_id, lost)), None)
    if acceptance is None:
        raise PulseError(
            f"Kafka has deleted records that were never read ({describe(lost)}): retention passed the stream",
            "bring the log back if you can; to go on without them: pulse stream accept-gap",
        )
    return acceptance


def _positions(target: Target, last: Epoch, broker: LogEnds, requests: list[Request]) -> Offsets:
    committed = last.end
    lost = lost_of(committed, broker.ends, broker.starts)
    if lost:
        acceptance = _acceptance(last.topic_id, lost, requests)
        behind = committed | {p: end for p, (_, end) in lost.items()}
        with target.ledger.transaction() as connection:
            gap = target.ledger.start(last.topic_id, None, committed, behind, kind="gap")
            target.ledger.commit(gap, NOTHING_READ)
            execute(connection, acceptance, gap, last.topic_id, lost)
        log.warning("epoch %d steps over an accepted gap: %s", gap.number, describe(lost))
        committed = gap.end
    for partition in sorted(broker.starts.keys() - committed.keys()):
        log.warning("partition %d is new: reading it from its oldest offset", partition)
    return {**broker.starts, **committed}


def _adoption(settings: Settings, last: Epoch, broker: LogEnds, requests: list[Request]) -> Request:
    adoption = next((request for request in requests if request.adopts(broker.topic_id)), None)
    if adoption is None:
        raise PulseError(
            f"the ledger knows topic {settings.topic} with id {last.topic_id}, the broker has {broker.topic_id}: another log",
            "bring the former topic back, or begin the new one beside what is in the tables: pulse stream adopt-topic",
        )
    return adoption


def _finish_of_former_log(bronze: DataFrame, target: Target, epoch: Epoch) -> None:
    rows = bronze.where(F.col("epoch") == epoch.number)
    if rows.isEmpty():  # its records are among those that the adoption gives up
        target.ledger.commit(epoch, NOTHING_READ | {"is_recovered": True})
    else:
        finish_from_bronze(rows, epoch, target)
        target.duplicates.forget_before(sys.maxsize)  # offsets of two logs cannot be compared


def _begin_log(target: Target, last: Epoch, broker: LogEnds, adoption: Request) -> Epoch:
    with target.ledger.transaction() as connection:
        epoch = target.ledger.start(broker.topic_id, None, broker.starts, broker.starts, kind="adopt")
        target.ledger.commit(epoch, NOTHING_READ)
        execute(connection, adoption, epoch, last.topic_id, adoption.lost)
    log.warning("epoch %d adopts topic id %s instead of %s", epoch.number, broker.topic_id, last.topic_id)
    return epoch
