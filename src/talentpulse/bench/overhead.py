"""What the guards cost: the pipeline with and without them, and a bare append, interleaved batch by batch; and restarts.

Guards are the ledger, the lease with its fence, duplicates and the bookkeeping of faults. Without them it is what one would
write in an afternoon: read, append to Bronze, MERGE into Gold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from talentpulse.bench.batches import (
    BRONZE,
    CHAOS,
    GOLD,
    NOT_RAW,
    READINGS,
    Range,
    cut,
    declared_table,
    empty_table,
    fill_topic,
    raw,
    schema,
    timed,
)
from talentpulse.bench.figures import Spread, spread
from talentpulse.domain.duplicates import DuplicateIndex
from talentpulse.domain.reader import READER_VERSION
from talentpulse.lakehouse.ledger import Epoch, Ledger, take_lease
from talentpulse.lakehouse.log_source import read_range
from talentpulse.lakehouse.spark import open_session
from talentpulse.lakehouse.topics import LogObserver
from talentpulse.lakehouse.writers import append_bronze, merge_gold
from talentpulse.pipelines.ingest import Target, instant, process_batch
from talentpulse.pipelines.remembering import remember
from talentpulse.pipelines.warm_up import warm_up
from talentpulse.settings import Settings
from talentpulse.transforms.postings import mark_duplicates, read_records, window_start
from talentpulse.transforms.skill_trends import counted, skill_trends

RATE = 500  # postings/s
BATCH_SECONDS = 5  # a batch is what comes in the stream's default trigger
HISTORY_SECONDS = 7_200
UNCOUNTED = 5  # rounds at the start whose figures are thrown away


@dataclass
class Rounds:
    """What was measured, one element a round; seconds."""

    guarded: list[float] = field(default_factory=list)
    unguarded: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Ratios as (median, least, greatest) and how the ratio to the bare append moves with each 100 commits."""
        to_bare = [whole / bare for whole, bare in zip(self.guarded, self.bare, strict=True)]
        unguarded_to_bare = [whole / bare for whole, bare in zip(self.unguarded, self.bare, strict=True)]
        return {
            "rounds": len(self.guarded),
            "overhead": spread([a / b for a, b in zip(self.guarded, self.unguarded, strict=True)]),
            "guarded_seconds": spread(self.guarded),
            "unguarded_seconds": spread(self.unguarded),
            "to_bare": spread(to_bare),
            "slope": slope(to_bare),
            "unguarded_slope": slope(unguarded_to_bare),
            "bare_slope": slope(self.bare),
        }


def slope(ratios: Sequence[float], step: int = 100) -> float:
    """How much the ratio grows with each `step` rounds, as a share of its median (Theil and Sen: the median of slopes).

    The median of the slopes between all pairs is not moved by single slow batches (Sen 1968).
    """
    values = np.asarray(ratios)
    first, second = np.triu_indices(len(values), k=1)
    if not len(first):
        return 0.0
    return float(np.median((values[second] - values[first]) / (second - first)) * step / np.median(values))


def measure(settings: Settings, rounds: int, keys: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the bench on running services (no stream beside it) and return its figures."""
    size = RATE * BATCH_SECONDS
    mean_bytes = fill_topic(settings, size * (rounds + UNCOUNTED), say)
    observer = LogObserver(settings)
    log = observer.ends()
    observer.close()
    ranges = cut(log.starts, log.ends, [size] * (rounds + UNCOUNTED))
    lease = take_lease(settings, f"bench {time.time_ns()}", ["bench.postings", "bench.skill_trends"])
    spark = open_session(settings, "bench", fence=lease.fence)
    ledger = Ledger(lease.connection, f"bench {time.time_ns()}", READER_VERSION)
    bench = _Bench.of(spark, settings, ledger, log.topic_id)
    rebuilt = _rebuild(bench, keys, hours=25, say=say)
    history = _rebuild(bench, RATE * HISTORY_SECONDS, hours=2, say=say, into=bench.target.duplicates)
    bench.fill_gold(Range(log.starts, log.ends), say)
    warm_up(spark, bench.target)
    found = Rounds()
    for n, batch in enumerate(ranges):
        sides = [bench.guarded, bench.unguarded, bench.bare]
        for side in sides[n % 3 :] + sides[: n % 3]:
            side(batch, n + 1, found)
        if n + 1 == UNCOUNTED:
            found = Rounds()
        elif (n + 1 - UNCOUNTED) % 25 == 0:
            ratio = spread([a / b for a, b in zip(found.guarded, found.unguarded, strict=True)])
            say(f"round {n + 1 - UNCOUNTED} of {rounds}: {Spread(*ratio).median:.2f} times the unguarded")
    spark.stop()
    lease.connection.close()
    return {
        "chaos": CHAOS, "mean_bytes": mean_bytes, "size": size, "rebuilt": rebuilt, "history": history, **found.summary()
    }  # fmt: skip


def _rebuild(
    bench: _Bench, keys: int, hours: int, say: Callable[[str], None], into: DuplicateIndex | None = None
) -> dict[str, float]:
    """Put `keys` headers of the last hours into a table like Bronze and time how a start remembers them."""
    say(f"{keys:,} deliveries in {hours} hours of history")
    table = declared_table(bench.spark, bench.settings, BRONZE, f"history_{hours}")
    _headers(bench.spark, keys, hours, bench.topic_id).writeTo(table).option("check-nullability", "false").append()
    index = DuplicateIndex() if into is None else into
    target = Target(table, bench.target.readings, bench.target.gold, bench.target.ledger, index)
    begin = time.perf_counter()
    committed = Epoch(1, bench.topic_id, {}, {}, is_committed=True)
    remember(bench.spark.table(table), bench.spark.table(target.readings), target, committed)
    seconds = time.perf_counter() - begin
    say(f"remembered in {seconds:.1f} s, {index.memory_bytes / 1e6:.0f} MB")
    return {"keys": len(index), "seconds": seconds, "bytes": index.memory_bytes}


def _headers(spark: SparkSession, keys: int, hours: int, topic_id: str) -> DataFrame:
    """Bronze rows without bodies, spread evenly over the last hours and four partitions."""
    numbers = spark.range(0, keys, 1, 8)
    before = F.col("id") * (hours * 3600.0 / keys)
    at = F.timestamp_seconds(F.unix_timestamp(F.date_trunc("hour", F.current_timestamp())) - before)
    known = {
        "topic_id": F.lit(topic_id),
        "topic": F.lit("history"),
        "partition": (F.col("id") % 4).cast("int"),
        "offset": F.lit(keys) - F.col("id"),
        "kafka_at": at,
        "event_at": at,
        "event_at_source": F.lit("event"),
        "event_id": F.concat(F.lit("00000000-0000-5000-8000-"), F.lpad(F.hex("id"), 12, "0")),
        "source": F.lit("history"),
        "regions": F.array(F.lit("GB")),
        "skills": F.array(F.lit("Python")),
        "is_duplicate": F.lit(False),
        "reader_version": F.lit(READER_VERSION),
        "epoch": F.lit(0).cast("long"),
    }
    types = {field.name: field.dataType for field in schema(BRONZE).fields}
    return numbers.select(*(known.get(name, F.lit(None)).cast(types[name]).alias(name) for name in BRONZE.column_names))


@dataclass(frozen=True)
class _Bench:
    """The three sides, ready to take one batch each."""

    spark: SparkSession
    settings: Settings
    target: Target
    unguarded_bronze: str
    unguarded_gold: str
    bare_table: str
    topic_id: str

    @classmethod
    def of(cls, spark: SparkSession, settings: Settings, ledger: Ledger, topic_id: str) -> _Bench:
        bronze, readings, gold = (declared_table(spark, settings, table) for table in (BRONZE, READINGS, GOLD))
        return cls(
            spark,
            settings,
            Target(bronze, readings, gold, ledger, DuplicateIndex()),
            declared_table(spark, settings, BRONZE, "unguarded_postings"),
            declared_table(spark, settings, GOLD, "unguarded_skill_trends"),
            empty_table(spark, settings, "bare", schema(BRONZE, leave_out=NOT_RAW), BRONZE),
            topic_id,
        )

    def fill_gold(self, whole: Range, say: Callable[[str], None]) -> None:
        """Give both Golds the cells of all records to come, as hours of history would: what a MERGE rewrites stays as large."""
        records = read_range(self.spark, self.settings, whole.start, whole.end)
        cells = skill_trends(mark_duplicates(read_records(records, self.topic_id, 0), [])).persist()
        say(f"{cells.count():,} cells of Gold from {whole.records:,} records")
        for gold in (self.target.gold, self.unguarded_gold):
            cells.writeTo(gold).option("check-nullability", "false").append()
        cells.unpersist()

    def guarded(self, batch: Range, _: int, into: Rounds) -> None:
        with timed(into.guarded, []):
            epoch = self.target.ledger.start(self.topic_id, None, batch.start, batch.end)
            process_batch(read_range(self.spark, self.settings, batch.start, batch.end), epoch, self.target)

    def unguarded(self, batch: Range, number: int, into: Rounds) -> None:
        with timed(into.unguarded, []):
            records = read_range(self.spark, self.settings, batch.start, batch.end)
            cores = self.spark.sparkContext.defaultParallelism
            rows = mark_duplicates(read_records(records.coalesce(cores), self.topic_id, number), []).persist()
            append_bronze(rows, self.unguarded_bronze, number, batch.records)
            # as numbers: PySpark would hand instants over as local times without a zone
            hours = counted(rows).select(F.unix_micros(window_start()).alias("hour")).distinct().collect()
            merge_gold(skill_trends(rows), self.unguarded_gold, number, [instant(row["hour"]) for row in hours])
            rows.unpersist()

    def bare(self, batch: Range, _: int, into: Rounds) -> None:
        with timed(into.bare, []):
            records = read_range(self.spark, self.settings, batch.start, batch.end)
            append_bronze(raw(records), self.bare_table, epoch=0, count=batch.records)
