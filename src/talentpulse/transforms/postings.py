"""bronze.postings from Kafka records: header + body, one row a record, in one Arrow pass."""

from __future__ import annotations

import functools
import gc
import sys
import zipimport
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from talentpulse.contracts import compiled, tables
from talentpulse.domain.places import regions
from talentpulse.domain.reader import READER_VERSION, read_batch
from talentpulse.domain.skills import skill_matcher

BRONZE = tables()["bronze.postings"]
NOT_READ = ("is_duplicate",)  # decided by the driver, which sees all records of an epoch
CANARY = "pulse_canary"
BACKFILL_HEADER = "backfill"
NO_POSITIONS = (-1, -2)
MICROSECONDS_AN_HOUR = 3_600_000_000
OFFSET_BITS = 48  # a partition and an offset fit in one long: 32,767 partitions, 2.8e14 records each


@functools.cache
def _load_word_lists() -> None:
    """Once a worker: build what lives as long as it does, and keep it out of the garbage collector's walks.

    Spark collects garbage after every task; walking word lists and place tables takes a tenth of a second.
    """
    skill_matcher()
    regions("London", None)
    gc.collect()
    gc.freeze()


def _forget_zip_importers() -> None:
    """Spark lets every task invalidate the import caches, and each importer of pyspark.zip and of Spark's jar then reads
    its archive's directory again: 0.10 s a task for 13 of them. One that is needed after all is made anew from memory.
    """
    for path in [p for p, importer in sys.path_importer_cache.items() if isinstance(importer, zipimport.zipimporter)]:
        del sys.path_importer_cache[path]


def read_bodies(records: pa.RecordBatch) -> dict[str, pa.Array]:
    """What the reader says of each record (columns `body` and `kafka_at`): header columns by name, as long as the batch."""
    kafka_us = pc.cast(records.column("kafka_at"), pa.int64())
    read = read_batch(records.column("body").to_pylist(), kafka_us.to_pylist())
    return {
        "event_id": pa.array(read["event_id"], pa.string()),
        "event_at": pa.array(read["event_at_us"], pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        "event_at_source": pa.array(read["event_at_source"], pa.string()),
        "source": pa.array(read["source"], pa.string()),
        "schema_version": pa.array(read["schema_version"], pa.int32()),
        "fault": pa.array(read["fault"], pa.string()),
        "regions": pa.array(read["regions"], pa.list_(pa.string())),
        "skills": pa.array(read["skills"], pa.list_(pa.string())),
        "reader_version": pa.repeat(pa.scalar(READER_VERSION, pa.string()), len(records)),
    }


def _read_arrow(batches: Iterable[pa.RecordBatch], topic_id: str, epoch: int) -> Iterator[pa.RecordBatch]:
    _load_word_lists()
    _forget_zip_importers()
    for batch in batches:
        columns = {name: batch.column(name) for name in batch.schema.names}
        columns |= read_bodies(batch) | {
            "topic_id": pa.repeat(pa.scalar(topic_id, pa.string()), len(batch)),
            # not a literal in Spark's plan: Spark writes numbers into the code it generates, so that every epoch would
            # generate, interpret and compile the aggregation anew (20,000 records: 0.15 s of Gold)
            "epoch": pa.repeat(pa.scalar(epoch, pa.int64()), len(batch)),
        }
        names = [name for name in BRONZE.column_names if name not in NOT_READ]
        yield pa.RecordBatch.from_arrays([columns[name] for name in names], names=names)


def read_records(records: DataFrame, topic_id: str, epoch: int) -> DataFrame:
    """Kafka's columns (key, value, topic, partition, offset, timestamp, headers) to Bronze's, without `NOT_READ`.

    The only reader of JSON in the project runs here, in the Python worker; the body passes through untouched.
    """
    renamed = records.select(
        "topic",
        "partition",
        "offset",
        F.col("timestamp").alias("kafka_at"),
        "key",
        "headers",
        F.col("value").alias("body"),
    )
    read = functools.partial(_read_arrow, topic_id=topic_id, epoch=epoch)
    return renamed.mapInArrow(read, compiled.spark_schema(BRONZE, leave_out=NOT_READ))


def position() -> Column:
    """Partition and offset of a record as one long."""
    return F.shiftleft(F.col("partition").cast("long"), OFFSET_BITS) + F.col("offset")


def kafka_hour() -> Column:
    """Hours since 1970 of the broker's time."""
    return (F.unix_micros("kafka_at") / MICROSECONDS_AN_HOUR).cast("long")


def is_readable() -> Column:
    """The record has no fault and is no latency probe: it counts, unless it is a duplicate."""
    return F.col("fault").isNull() & ~F.col("source").eqNullSafe(CANARY)


def is_backfill() -> Column:
    """The record was delivered as history."""
    named = F.exists(F.col("headers"), lambda header: header["key"] == BACKFILL_HEADER)
    return F.coalesce(named, F.lit(False))


def window_start() -> Column:
    """Start of the event hour."""
    return F.date_trunc("hour", F.col("event_at"))


def is_late() -> Column:
    """Kafka had the record more than 2 h after the event hour's end, and it is no backfill."""
    return (F.col("kafka_at") > window_start() + F.expr("INTERVAL 3 HOURS")) & ~is_backfill()


def event_key() -> Column:
    """64 bits of the event_id: what the duplicate index keeps."""
    return F.xxhash64("event_id")


def mark_duplicates(read: DataFrame, duplicates: list[int]) -> DataFrame:
    """Add `is_duplicate`, in Bronze's column order.

    `duplicates` are positions (see `position`) of records that repeat an earlier delivery.
    """
    # Never fewer than two, so that Spark keeps them in a set beside the code that it generates and not as numbers in it.
    # One string through the parser: a list of literals would cross to the JVM one by one.
    listed = ",".join(map(str, [*NO_POSITIONS, *duplicates]))
    is_duplicate = F.expr(f"shiftleft(CAST(`partition` AS BIGINT), {OFFSET_BITS}) + `offset` IN ({listed})")
    return read.withColumn("is_duplicate", is_duplicate).select(BRONZE.column_names)
