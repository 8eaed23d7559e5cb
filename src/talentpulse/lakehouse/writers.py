"""Commits to Bronze and Gold, marked with their epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from talentpulse.contracts import tables

GOLD = tables()["gold.skill_trends"]
EPOCH_MARK = "talentpulse.epoch"  # in the snapshot's summary; decides nothing, tells people
# readers pay for every small file, so one a commit while a task is quick to write it
ROWS_A_FILE = 10_000


def append_bronze(rows: DataFrame, table: str, epoch: int, count: int) -> None:
    """Append the `count` rows in one atomic commit."""
    rows = rows.coalesce(math.ceil(count / ROWS_A_FILE))
    rows.writeTo(table).option(f"snapshot-property.{EPOCH_MARK}", str(epoch)).option(
        "check-nullability", "false"
    ).append()


def replace_readings(rows: DataFrame, table: str, replay_id: int, epoch: int) -> None:
    """Put the rows in the place of all readings of one request, in one atomic commit."""
    writer = rows.coalesce(1).writeTo(table).option(f"snapshot-property.{EPOCH_MARK}", str(epoch))
    writer.option("check-nullability", "false").overwrite(F.col("replay_id") == replay_id)


# What becomes of a cell that is there: `{t}` is the table, `s` the new cells.
MERGED = {
    "events": "{t}.events + s.events",
    "late_events": "{t}.late_events + s.late_events",
    "backfill_events": "{t}.backfill_events + s.backfill_events",
    "first_event_at": "least({t}.first_event_at, s.first_event_at)",
    "last_event_at": "greatest({t}.last_event_at, s.last_event_at)",
    "last_counted_at": "greatest({t}.last_counted_at, s.last_counted_at)",
    "least_reader_version": "least({t}.least_reader_version, s.least_reader_version)",
    "greatest_reader_version": "greatest({t}.greatest_reader_version, s.greatest_reader_version)",
    "applied_epoch": "s.applied_epoch",
}


def merge_gold(cells: DataFrame, table: str, epoch: int, windows: Sequence[datetime]) -> int:
    """Add the cells to Gold in one atomic commit; a cell that has the epoch already stays as it is. Returns their number.

    `windows` are all event hours that the cells may have: stated as literals they keep every other hour unread.
    """
    session = cells.sparkSession
    hours = ", ".join(f"TIMESTAMP '{window:%Y-%m-%d %H:%M:%S}+00:00'" for window in sorted(windows))
    same_cell = " AND ".join(f"{table}.{name} = s.{name}" for name in GOLD.key)
    session.conf.set(f"spark.sql.iceberg.snapshot-property.{EPOCH_MARK}", str(epoch))
    merged = Observation()
    (
        cells.observe(merged, F.count(F.lit(1)).alias("cells"))
        .alias("s")
        .mergeInto(table, F.expr(f"{table}.window_start IN ({hours}) AND {same_cell}"))
        .whenMatched(F.expr(f"{table}.applied_epoch < s.applied_epoch"))
        .update({name: F.expr(value.format(t=table)) for name, value in MERGED.items()})
        .whenNotMatched()
        .insert({name: F.col(f"s.{name}") for name in GOLD.column_names})
        .merge()
    )
    return int(merged.get["cells"])


def current_snapshot(spark: SparkSession, table: str) -> int | None:
    """Id of the table's newest snapshot; None while it has none."""
    jvm = spark._jvm
    assert jvm is not None
    snapshot = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table).currentSnapshot()
    return None if snapshot is None else int(snapshot.snapshotId())
