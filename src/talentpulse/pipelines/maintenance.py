"""Upkeep of the stream's tables: fewer files, fewer snapshots, the same rows. Runs beside the stream, under its own role."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from talentpulse.contracts import tables

log = logging.getLogger(__name__)

# smaller groups of files commit one by one: a group that loses a race with the stream costs little
COMPACTION = {"min-input-files": "5", "partial-progress.enabled": "true", "partial-progress.max-commits": "20"}


def compact(spark: SparkSession, table: str, before: datetime) -> int:
    """Join the small files of the partitions before an hour; returns how many files were replaced.

    The hour is that of the table's partitioning: Kafka's for Bronze, the event's for Gold.
    """
    fields = tables()[table].partition_fields
    hours = [column for transform, column in fields if transform == "hour"]
    where = f"{hours[0]} < TIMESTAMP '{before.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00:00'" if hours else "true"
    options = ", ".join(f"'{name}', '{value}'" for name, value in COMPACTION.items())
    row = spark.sql(
        f"CALL system.rewrite_data_files(table => '{table}', where => \"{where}\", options => map({options}))"
    ).first()
    assert row is not None
    log.info("%s: %d files became %d", table, row["rewritten_data_files_count"], row["added_data_files_count"])
    return int(row["rewritten_data_files_count"])


def expire(spark: SparkSession, table: str, older_than: datetime) -> int:
    """Forget snapshots that are older, and delete the data files that only they have; returns how many.

    The newest snapshot stays, and so does whatever a tag holds (`pulse backup`).
    """
    row = spark.sql(
        f"CALL system.expire_snapshots(table => '{table}', retain_last => 1,"
        f" older_than => TIMESTAMP '{older_than.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00:00')"
    ).first()
    assert row is not None
    log.info("%s: %d data files deleted with their snapshots", table, row["deleted_data_files_count"])
    return int(row["deleted_data_files_count"])
