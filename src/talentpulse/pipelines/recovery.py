"""The start of the stream, which is also its only recovery: check, remember, finish what is open, say where to go on."""

from __future__ import annotations

import logging
import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import NOTHING_READ, Epoch, Offsets
from talentpulse.lakehouse.log_source import read_range
from talentpulse.lakehouse.requests import Lost, Request, describe, execute, lost_of, waiting
from talentpulse.lakehouse.topics import LogEnds
from talentpulse.pipelines.heal import finish_heal
from talentpulse.pipelines.ingest import Target, finish_from_table, process_batch
from talentpulse.pipelines.reconciliation import reconciled
from talentpulse.pipelines.remembering import remember
from talentpulse.pipelines.stream import tell_new_partitions
from talentpulse.settings import Settings

log = logging.getLogger(__name__)


def resume(spark: SparkSession, settings: Settings, target: Target, broker: LogEnds) -> Offsets | None:
    """Bring ledger, tables and duplicate index to one state; returns where the stream goes on (None: from the oldest).

    Raises:
        PulseError: topic, ledger and tables do not belong together, or Kafka no longer holds what was not read yet, and
            nobody has accepted that.
    """
    last = target.ledger.last()
    bronze, readings = spark.table(target.bronze), spark.table(target.readings)
    with target.ledger.transaction() as connection:
        requests = waiting(connection)
    in_tables = max(_greatest_epoch(bronze), _greatest_epoch(readings))
    if in_tables > (last.number if last is not None else 0):
        last = reconciled(bronze, readings, target, last, in_tables, requests)
    if last is None:
        return None
    _check_tables_are_not_behind(last, in_tables)
    if last.topic_id != broker.topic_id:
        adoption = _adoption(settings, last, broker, requests)
        if not last.is_committed:
            _finish_of_former_log(spark, bronze, target, last)
        return _begin_log(target, last, broker, adoption).end
    remember(bronze, readings, target, last)
    if not last.is_committed:
        _finish(spark, settings, bronze, target, last, broker, requests)
    return _positions(target, last, broker, requests)


def _greatest_epoch(table: DataFrame) -> int:
    greatest = table.agg(F.max("epoch")).first()
    return (greatest[0] or 0) if greatest is not None else 0


def _check_tables_are_not_behind(last: Epoch, in_tables: int) -> None:
    if last.is_committed and last.records_read and in_tables < last.number:
        raise PulseError(
            f"the ledger has committed epoch {last.number}, bronze.postings ends at epoch {in_tables}: an older table",
            "restore ledger and catalog from the same backup",
        )


def _finish(
    spark: SparkSession, settings: Settings, bronze: DataFrame, target: Target, epoch: Epoch, broker: LogEnds,
    requests: list[Request],
) -> None:  # fmt: skip
    if epoch.kind == "heal":
        log.warning("epoch %d, a heal, is open: finishing it", epoch.number)
        finish_heal(spark, target, epoch, is_recovered=True)
        return
    rows = bronze.where(F.col("epoch") == epoch.number)
    if not rows.isEmpty():
        log.warning("epoch %d is open and in Bronze: finishing it from there", epoch.number)
        finish_from_table(rows, epoch, target)
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
        before = {p: first for p, (first, _) in lost.items()} | committed  # a new partition may have lost its beginning
        behind = before | {p: end for p, (_, end) in lost.items()}
        with target.ledger.transaction() as connection:
            gap = target.ledger.start(last.topic_id, None, before, behind, kind="gap")
            target.ledger.commit(gap, NOTHING_READ)
            execute(connection, acceptance, gap, last.topic_id, lost)
        log.warning("epoch %d steps over an accepted gap: %s", gap.number, describe(lost))
        committed = gap.end
    tell_new_partitions(broker.starts.keys() - committed.keys())
    return {**broker.starts, **committed}


def _adoption(settings: Settings, last: Epoch, broker: LogEnds, requests: list[Request]) -> Request:
    adoption = next((request for request in requests if request.adopts(broker.topic_id)), None)
    if adoption is None:
        raise PulseError(
            f"the ledger knows topic {settings.topic} with id {last.topic_id}, the broker has {broker.topic_id}: another log",
            "bring the former topic back, or begin the new one beside what is in the tables: pulse stream adopt-topic",
        )
    return adoption


def _finish_of_former_log(spark: SparkSession, bronze: DataFrame, target: Target, epoch: Epoch) -> None:
    rows = bronze.where(F.col("epoch") == epoch.number)
    if epoch.kind == "heal":
        finish_heal(spark, target, epoch, is_recovered=True)
    elif rows.isEmpty():  # its records are among those that the adoption gives up
        target.ledger.commit(epoch, NOTHING_READ | {"is_recovered": True})
    else:
        finish_from_table(rows, epoch, target)
    target.duplicates.forget_before(sys.maxsize)  # offsets of two logs cannot be compared


def _begin_log(target: Target, last: Epoch, broker: LogEnds, adoption: Request) -> Epoch:
    with target.ledger.transaction() as connection:
        epoch = target.ledger.start(broker.topic_id, None, broker.starts, broker.starts, kind="adopt")
        target.ledger.commit(epoch, NOTHING_READ)
        execute(connection, adoption, epoch, last.topic_id, adoption.lost)
    log.warning("epoch %d adopts topic id %s instead of %s", epoch.number, broker.topic_id, last.topic_id)
    return epoch
