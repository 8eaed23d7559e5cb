"""What happens to one epoch of postings: read, mark duplicates, append to Bronze, MERGE into Gold, commit to the ledger.

The stream, the recovery at its start and later every replay call the same `process_batch`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from talentpulse.domain.duplicates import HOURS_KEPT, DuplicateIndex
from talentpulse.lakehouse.ledger import Epoch, Ledger
from talentpulse.lakehouse.writers import append_bronze, current_snapshot, merge_gold
from talentpulse.transforms.postings import (
    CANARY,
    MICROSECONDS_AN_HOUR,
    event_key,
    is_late,
    mark_duplicates,
    position,
    read_records,
    window_start,
)
from talentpulse.transforms.skill_trends import skill_trends

log = logging.getLogger(__name__)

EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


def instant(microseconds: int) -> datetime:
    """Microseconds since 1970 as an instant in UTC."""
    return EPOCH_START + timedelta(microseconds=int(microseconds))


@dataclass(frozen=True)
class Target:
    """Where an epoch goes: full table names, the ledger, and the index that remembers deliveries."""

    bronze: str
    readings: str
    gold: str
    ledger: Ledger
    duplicates: DuplicateIndex
    failpoint: Callable[[str], None] = lambda _: None


@dataclass
class Phases:
    """Seconds spent per phase of one epoch."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time of the block to `name`."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begin, 4)


class Headers:
    """The few numbers of each record that the driver decides with, one array element a record."""

    def __init__(self, collected: pa.Table) -> None:
        def longs(name: str) -> npt.NDArray[np.int64]:
            return np.asarray(collected.column(name).cast(pa.int64()).to_numpy())

        def flags(name: str) -> npt.NDArray[np.bool_]:
            return np.asarray(collected.column(name).to_numpy())

        self.partition, self.offset, self.position = longs("partition"), longs("offset"), longs("position")
        self.kafka_at, self.event_at, self.window_start = longs("kafka_at"), longs("event_at"), longs("window_start")
        self.key = longs("event_key")
        self.is_faulty, self.is_canary, self.is_late = flags("is_faulty"), flags("is_canary"), flags("is_late")
        self.is_marked, self.is_of_log = flags("is_marked"), flags("is_of_log")

    @classmethod
    def collect(cls, rows: DataFrame, topic_id: str) -> Headers:
        """Bring them to the driver; the pass over the rows also fills their cache."""
        return cls(
            rows.select(
                "partition",
                "offset",
                position().alias("position"),
                "kafka_at",
                "event_at",
                window_start().alias("window_start"),
                event_key().alias("event_key"),
                F.col("fault").isNotNull().alias("is_faulty"),
                F.col("source").eqNullSafe(CANARY).alias("is_canary"),
                is_late().alias("is_late"),
                # decided before, where a table has the rows
                (F.col("is_duplicate") if "is_duplicate" in rows.columns else F.lit(False)).alias("is_marked"),
                (F.col("topic_id") == topic_id).alias("is_of_log"),
            ).toArrow()
        )

    def __len__(self) -> int:
        return len(self.offset)

    @property
    def kafka_hour(self) -> npt.NDArray[np.int64]:
        """Hours since 1970 of the broker's time."""
        return self.kafka_at // MICROSECONDS_AN_HOUR

    @property
    def is_readable(self) -> npt.NDArray[np.bool_]:
        """No fault and no latency probe."""
        return ~self.is_faulty & ~self.is_canary

    def duplicates(self, index: DuplicateIndex) -> npt.NDArray[np.bool_]:
        """Which records repeat an earlier delivery."""
        return index.mark(self.partition, self.offset, self.kafka_hour, self.key, self.is_readable)

    def remember(self, index: DuplicateIndex) -> None:
        """Add the records to the index and forget what is too old to matter for the next ones."""
        index.add(self.partition, self.offset, self.kafka_hour, self.key, self.is_readable & self.is_of_log)
        index.forget_before(int(self.kafka_hour.min()) - HOURS_KEPT)


def process_batch(
    records: DataFrame, epoch: Epoch, target: Target, *, lost: int = 0, is_recovered: bool = False
) -> dict[str, Any]:
    """Take one epoch's Kafka records through Bronze and Gold and commit it; returns what the ledger wrote, and
    `index_bytes`, the memory of the duplicate index.

    `records` must be exactly the range of `epoch`, less the `lost` ones of an accepted gap. Nothing is retried here:
    whoever calls ends the process on an exception, and the next start finishes the epoch.
    """
    phases = Phases()
    begin = time.perf_counter()
    # one Python task a core, not one a partition: each costs a fifth of a second whatever it reads
    cores = records.sparkSession.sparkContext.defaultParallelism
    rows = read_records(records.coalesce(cores), epoch.topic_id, epoch.number).persist()
    try:
        with phases.measure("read"):
            headers = Headers.collect(rows, epoch.topic_id)
            if len(headers) != epoch.records - lost:
                raise RuntimeError(
                    f"epoch {epoch.number} covers {epoch.records} offsets, Kafka gave {len(headers)} records"
                )
            is_duplicate = headers.duplicates(target.duplicates)
        target.failpoint("before_bronze")
        repeated = headers.position[is_duplicate].tolist()
        complete = mark_duplicates(rows, repeated)
        with phases.measure("bronze"):
            append_bronze(complete, target.bronze, epoch.number, len(headers))
        target.failpoint("after_bronze")
        return _finish(complete, headers, is_duplicate, epoch, target, phases, begin, is_recovered=is_recovered)
    finally:
        rows.unpersist()


def finish_from_table(rows: DataFrame, epoch: Epoch, target: Target, *, is_recovered: bool = True) -> dict[str, Any]:
    """Take an epoch that Bronze or its readings already have to Gold and commit it; `rows` are all rows of the epoch."""
    begin = time.perf_counter()
    phases = Phases()
    cached = rows.persist()
    try:
        with phases.measure("read"):
            headers = Headers.collect(cached, epoch.topic_id)
        return _finish(cached, headers, headers.is_marked, epoch, target, phases, begin, is_recovered=is_recovered)
    finally:
        cached.unpersist()


def _finish(
    bronze_rows: DataFrame,
    headers: Headers,
    is_duplicate: npt.NDArray[np.bool_],
    epoch: Epoch,
    target: Target,
    phases: Phases,
    begin: float,
    *,
    is_recovered: bool,
) -> dict[str, Any]:
    is_counted = headers.is_readable & ~is_duplicate
    cells = 0
    with phases.measure("gold"):
        if is_counted.any():
            windows = [instant(at) for at in np.unique(headers.window_start[is_counted])]
            cells = merge_gold(skill_trends(bronze_rows), target.gold, epoch.number, windows)
    target.failpoint("after_gold")
    spark = bronze_rows.sparkSession
    with phases.measure("snapshots"):
        snapshots = current_snapshot(spark, target.bronze), current_snapshot(spark, target.gold)
    events = headers.event_at[is_counted]
    phases.seconds["total"] = round(time.perf_counter() - begin, 4)
    done: dict[str, Any] = {
        "bronze_snapshot": snapshots[0],
        "gold_snapshot": snapshots[1],
        "records_read": len(headers),
        "records_counted": int(is_counted.sum()),
        "records_faulty": int(headers.is_faulty.sum()),
        "records_duplicate": int(is_duplicate.sum()),
        "records_canary": int((headers.is_canary & ~headers.is_faulty).sum()),
        "records_late": int((headers.is_late & is_counted).sum()),
        "cells_merged": cells,
        "oldest_event_at": instant(events.min()) if len(events) else None,
        "newest_event_at": instant(events.max()) if len(events) else None,
        "oldest_kafka_at": instant(headers.kafka_at.min()),
        "newest_kafka_at": instant(headers.kafka_at.max()),
        "phases": phases.seconds,
        "is_recovered": is_recovered,
    }
    target.ledger.commit(epoch, done)
    target.failpoint("after_ledger")
    headers.remember(target.duplicates)
    return done | {"index_bytes": target.duplicates.memory_bytes}
