"""The whole pipeline against a bare Kafka-to-Iceberg append of the same records, interleaved round by round."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, cast

import psutil
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from talentpulse.bench.figures import phase_medians, spread
from talentpulse.contracts import Table, compiled, tables
from talentpulse.domain.duplicates import DuplicateIndex
from talentpulse.domain.reader import READER_VERSION
from talentpulse.lakehouse.catalog import TABLE_PROPERTIES
from talentpulse.lakehouse.ledger import Ledger, Offsets
from talentpulse.lakehouse.log_source import read_range
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.spark import open_session
from talentpulse.lakehouse.topics import LogObserver
from talentpulse.lakehouse.writers import append_bronze
from talentpulse.pipelines.ingest import Target, process_batch
from talentpulse.pipelines.warm_up import warm_up
from talentpulse.settings import Settings
from talentpulse.sources.chaos import LEVELS, Chaos
from talentpulse.sources.postings import PostingGenerator
from talentpulse.sources.producer import PostingProducer
from talentpulse.sources.sending import send_all

BRONZE, READINGS, GOLD = (tables()[name] for name in ("bronze.postings", "bronze.readings", "gold.skill_trends"))
RAW = ("topic", "partition", "offset", "kafka_at", "key", "headers", "body")  # what a bare append writes
NOT_RAW = tuple(name for name in BRONZE.column_names if name not in RAW)
SEED = 11
CHAOS = "light"
SMALLER = 4  # the smaller size of batch is a quarter of the larger
UNCOUNTED = 2  # rounds at the start whose figures are thrown away: both sides still warm up
SPACE = "bench"


class Range(NamedTuple):
    """One batch: from `start` (inclusive) to `end` (exclusive) in each partition."""

    start: Offsets
    end: Offsets

    @property
    def records(self) -> int:
        """How many records it has."""
        return sum(self.end[p] - self.start[p] for p in self.end)


def cut(starts: Offsets, ends: Offsets, sizes: Sequence[int]) -> list[Range]:
    """Split what a topic holds into consecutive ranges in proportion to `sizes`; together they are the whole.

    A range has a size's records to within one a partition, if the sizes sum to what is there.
    """
    total, done, at, ranges = sum(sizes), 0, starts, []
    for size in sizes:
        done += size
        to = {p: starts[p] + (ends[p] - starts[p]) * done // total for p in ends}
        ranges.append(Range(at, to))
        at = to
    return ranges


@dataclass
class Rounds:
    """What was measured with one size of batch, one element a round; seconds."""

    size: int
    records: list[int] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    pipeline: list[float] = field(default_factory=list)
    bare_cpu: list[float] = field(default_factory=list)
    pipeline_cpu: list[float] = field(default_factory=list)
    phases: list[dict[str, float]] = field(default_factory=list)

    def last(self) -> str:
        """The newest round in a line."""
        bare, whole = self.bare[-1], self.pipeline[-1]
        phases = " ".join(f"{name} {seconds:.2f}" for name, seconds in self.phases[-1].items())
        times = f"bare {bare:.2f} s, pipeline {whole:.2f} s ({phases})"
        return f"{self.records[-1]:,} records, {times}, ratio {bare / whole:.2f}"

    def summary(self) -> dict[str, Any]:
        """Ratio and records a second as (median, least, greatest), seconds by phase as medians."""
        return {
            "size": self.size,
            "rounds": len(self.bare),
            "ratio": spread([bare / whole for bare, whole in zip(self.bare, self.pipeline, strict=True)]),
            "pipeline_per_second": spread([n / s for n, s in zip(self.records, self.pipeline, strict=True)]),
            "bare_per_second": spread([n / s for n, s in zip(self.records, self.bare, strict=True)]),
            "pipeline_seconds": spread(self.pipeline),
            "bare_seconds": spread(self.bare),
            "cpu_ratio": spread([a / b for a, b in zip(self.bare_cpu, self.pipeline_cpu, strict=True)]),
            "pipeline_cpu_seconds": spread(self.pipeline_cpu),
            "bare_cpu_seconds": spread(self.bare_cpu),
            "phases": phase_medians(self.phases),
        }


def measure(settings: Settings, records: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the bench on running services (no stream beside it) and return its figures.

    Every round takes records of its own, the same ones on both sides; which side is first changes with every round.
    """
    sizes = [records // SMALLER, records]
    wanted = sizes * (rounds + UNCOUNTED)
    mean_bytes = _fill(settings, sum(wanted), say)
    observer = LogObserver(settings)
    log = observer.ends()
    observer.close()
    ranges = cut(log.starts, log.ends, wanted)

    spark = open_session(settings, "bench")
    with connect(settings, "bench") as connection:
        ledger = Ledger(connection, f"bench {time.time_ns()}", READER_VERSION)
        bronze, readings, gold = (_declared(spark, settings, table) for table in (BRONZE, READINGS, GOLD))
        target = Target(bronze, readings, gold, ledger, DuplicateIndex())
        bare = _table(spark, settings, "bare", _schema(BRONZE, leave_out=NOT_RAW), BRONZE)
        warm_up(spark, target)
        bench = _Bench(spark, settings, target, bare, log.topic_id)
        found = {size: Rounds(size) for size in sizes}
        for n, batch in enumerate(ranges):
            number, of = n // len(sizes) - UNCOUNTED + 1, found[wanted[n]]
            _round(bench, batch, of, is_bare_first=number % 2 == 0)
            say(f"round {number} of {rounds}: {of.last()}")
            if number <= 0:
                found[of.size] = Rounds(of.size)
    spark.stop()
    return {
        "chaos": CHAOS,
        "mean_bytes": mean_bytes,
        "warm_up_rounds": UNCOUNTED,
        "sizes": [of.summary() for of in found.values()],
    }


def _fill(settings: Settings, count: int, say: Callable[[str], None]) -> float:
    """Put `count` postings on the topic; returns their mean size in bytes."""
    say(f"sending {count:,} postings")
    stop = threading.Event()
    chaos = Chaos(LEVELS[CHAOS], SEED, count // 3)
    deliveries = chaos.deliveries(PostingGenerator(SEED, str(time.time_ns())), lambda _: time.time_ns() // 1000)
    producer = PostingProducer(settings.kafka_bootstrap, settings.topic, stop)
    sent = send_all(
        islice(deliveries, count), producer, rate=0, is_backfill=False, stop=stop, on_progress=lambda _: None
    )
    if not sent.is_complete:
        raise RuntimeError(f"sent {sent.sent}, acknowledged {sent.acknowledged}: {sent.first_failure}")
    return sent.bytes / sent.sent


def _table(spark: SparkSession, settings: Settings, name: str, schema: StructType, like: Table) -> str:
    """An empty table with the partitions and properties of a declared one; its full name."""
    full = f"{settings.catalog_name}.{SPACE}.{name}"
    ((_, hour_of),) = like.partition_fields
    writer = spark.createDataFrame([], schema).writeTo(full).using("iceberg")
    writer = writer.partitionedBy(F.partitioning.hours(hour_of))
    for key, value in {**TABLE_PROPERTIES, **like.properties}.items():
        writer = writer.tableProperty(key, value)
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {settings.catalog_name}.{SPACE}")
    writer.createOrReplace()
    return full


def _declared(spark: SparkSession, settings: Settings, table: Table) -> str:
    return _table(spark, settings, table.table_name, _schema(table), table)


def _raw(records: DataFrame) -> DataFrame:
    """Kafka's own columns under Bronze's names."""
    renamed = records.withColumnsRenamed({"timestamp": "kafka_at", "value": "body"})
    return renamed.select(*RAW)


def _schema(table: Table, leave_out: tuple[str, ...] = ()) -> StructType:
    return cast(StructType, StructType.fromDDL(compiled.spark_schema(table, leave_out)))


def _round(bench: _Bench, batch: Range, into: Rounds, *, is_bare_first: bool) -> None:
    sides = (bench.append_bare, bench.process)
    for side in sides if is_bare_first else reversed(sides):
        side(batch, into)
    into.records.append(batch.records)


@dataclass(frozen=True)
class _Bench:
    """The two sides, ready to take one batch each."""

    spark: SparkSession
    settings: Settings
    target: Target
    bare_table: str
    topic_id: str

    def append_bare(self, batch: Range, into: Rounds) -> None:
        with _timed(into.bare, into.bare_cpu):
            records = read_range(self.spark, self.settings, batch.start, batch.end)
            append_bronze(_raw(records), self.bare_table, epoch=0, count=batch.records)

    def process(self, batch: Range, into: Rounds) -> None:
        with _timed(into.pipeline, into.pipeline_cpu):
            epoch = self.target.ledger.start(self.topic_id, None, batch.start, batch.end)
            records = read_range(self.spark, self.settings, batch.start, batch.end)
            done = process_batch(records, epoch, self.target)
        phases = dict(done["phases"])
        phases["ledger"] = into.pipeline[-1] - phases.pop("total")
        into.phases.append(phases)


@contextmanager
def _timed(seconds: list[float], cpu_seconds: list[float]) -> Iterator[None]:
    """Keep how long the block took, by the clock and of the processors (driver, JVM, Python workers)."""
    cpu, begin = _cpu_seconds(), time.perf_counter()
    yield
    seconds.append(time.perf_counter() - begin)
    cpu_seconds.append(_cpu_seconds() - cpu)


def _cpu_seconds() -> float:
    """Processor time of this process and its descendants; those that live as long as Spark does."""
    me = psutil.Process()
    times = [process.cpu_times() for process in [me, *me.children(recursive=True)]]
    return sum(t.user + t.system for t in times)
