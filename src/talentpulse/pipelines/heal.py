"""Heal: faulty records that a later reader can read are counted once, by the driver, between two epochs of the log.

Who asks has put the readings into bronze.readings (`lakehouse/readings.py`); the driver decides which of them repeat an
event that was counted meanwhile, states that in the table in one commit, and MERGEs them into Gold. Crash and recovery go
as with any epoch: if the table has readings of the epoch, they are taken from there.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from talentpulse.domain.duplicates import HOURS_KEPT
from talentpulse.lakehouse.ledger import NOTHING_READ, Epoch
from talentpulse.lakehouse.requests import begin, finish, of_epoch, waiting
from talentpulse.lakehouse.writers import replace_readings
from talentpulse.pipelines.ingest import Target, finish_from_table, instant
from talentpulse.transforms.readings import PLACE, delivered, is_counted, mark_healed

log = logging.getLogger(__name__)


def heal_waiting(spark: SparkSession, target: Target) -> None:
    """Execute the requests of kind heal that wait, oldest first, an epoch each. No batch may run meanwhile."""
    with target.ledger.transaction() as connection:
        requests = [request for request in waiting(connection) if request.kind == "heal"]
    for request in requests:
        last = target.ledger.last()
        assert last is not None  # somebody has read Bronze
        with target.ledger.transaction() as connection:
            epoch = target.ledger.start(last.topic_id, None, last.end, last.end, kind="heal")
            begin(connection, request, epoch)
        target.failpoint("after_start")
        finish_heal(spark, target, epoch, is_recovered=False)


def finish_heal(spark: SparkSession, target: Target, epoch: Epoch, *, is_recovered: bool) -> None:
    """Bring an open epoch of kind heal to its end, whatever of it was done before."""
    if spark.table(target.readings).where(F.col("epoch") == epoch.number).isEmpty():
        _state(spark, target, epoch)
        target.failpoint("after_bronze")
    readings = spark.table(target.readings).where(F.col("epoch") == epoch.number)
    done = NOTHING_READ | {"is_recovered": is_recovered}
    with target.ledger.transaction() as connection:
        if readings.isEmpty():  # another request had healed all of it
            target.ledger.commit(epoch, done)
        else:
            done = finish_from_table(readings, epoch, target, is_recovered=is_recovered)
        finish(connection, epoch)
    log.info(
        "epoch %d: healed %d records, counted %d, duplicate %d, cells %d",
        epoch.number, done["records_read"], done["records_counted"], done["records_duplicate"], done["cells_merged"],
    )  # fmt: skip


def _state(spark: SparkSession, target: Target, epoch: Epoch) -> None:
    """Decide which prepared readings count, and let the table say so."""
    with target.ledger.transaction() as connection:
        replay_id = of_epoch(connection, epoch)
    readings = spark.table(target.readings)
    healed = readings.where(is_counted()).select(*PLACE)
    prepared = readings.where((F.col("replay_id") == replay_id) & ~is_counted()).join(healed, list(PLACE), "left_anti")
    # as numbers: PySpark would hand instants over as local times without a zone
    bounds = prepared.agg(F.unix_micros(F.min("kafka_at")), F.unix_micros(F.max("kafka_at"))).first()
    if bounds is None or bounds[0] is None:
        return
    # as literals they keep all other hours of Bronze unread
    reach = timedelta(hours=HOURS_KEPT)
    first, last = instant(bounds[0]) - reach, instant(bounds[1]) + reach
    near = spark.table(target.bronze).where((F.col("kafka_at") >= first) & (F.col("kafka_at") <= last))
    replace_readings(
        mark_healed(prepared, delivered(near, readings), epoch.number), target.readings, replay_id, epoch.number
    )
