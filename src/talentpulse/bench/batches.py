"""What the benches share that run batches in their own process: a filled topic, cut into batches; empty tables; a watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import NamedTuple, cast

import psutil
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from talentpulse.contracts import Table, compiled, tables
from talentpulse.lakehouse.catalog import TABLE_PROPERTIES
from talentpulse.lakehouse.ledger import Offsets
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


def fill_topic(settings: Settings, count: int, say: Callable[[str], None]) -> float:
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


def empty_table(spark: SparkSession, settings: Settings, name: str, columns: StructType, like: Table) -> str:
    """An empty table with the partitions and properties of a declared one; its full name."""
    full = f"{settings.catalog_name}.{SPACE}.{name}"
    ((transform, column),) = like.partition_fields
    writer = spark.createDataFrame([], columns).writeTo(full).using("iceberg")
    writer = writer.partitionedBy(F.partitioning.hours(column) if transform == "hour" else F.col(column))
    for key, value in {**TABLE_PROPERTIES, **like.properties}.items():
        writer = writer.tableProperty(key, value)
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {settings.catalog_name}.{SPACE}")
    writer.createOrReplace()
    return full


def declared_table(spark: SparkSession, settings: Settings, table: Table, name: str | None = None) -> str:
    """An empty table like a declared one, under its own name or another; its full name."""
    return empty_table(spark, settings, name or table.table_name, schema(table), table)


def raw(records: DataFrame) -> DataFrame:
    """Kafka's own columns under Bronze's names."""
    renamed = records.withColumnsRenamed({"timestamp": "kafka_at", "value": "body"})
    return renamed.select(*RAW)


def schema(table: Table, leave_out: tuple[str, ...] = ()) -> StructType:
    """The declared columns, less some, as Spark's type."""
    return cast(StructType, StructType.fromDDL(compiled.spark_schema(table, leave_out)))


@contextmanager
def timed(seconds: list[float], cpu_seconds: list[float]) -> Iterator[None]:
    """Keep how long the block took, by the clock and of the processors (driver, JVM, Python workers)."""
    cpu, begin = _processor_seconds(), time.perf_counter()
    yield
    seconds.append(time.perf_counter() - begin)
    cpu_seconds.append(_processor_seconds() - cpu)


def _processor_seconds() -> float:
    """Processor time of this process and its descendants, of those that live as long as Spark does."""
    me = psutil.Process()
    seconds = 0.0
    for process in [me, *me.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # a worker that Spark let go
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds
