"""Reading the log with Spark: as an endless stream, as one exact range, and which range a micro-batch covers."""

from __future__ import annotations

import json
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from talentpulse.lakehouse.ledger import Offsets
from talentpulse.settings import Settings


def _options(settings: Settings) -> dict[str, str]:
    return {
        "kafka.bootstrap.servers": settings.kafka_bootstrap,
        "subscribe": settings.topic,
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        # fetched ahead and kept on the heap, a partition; a larger record still comes, alone (KIP-74)
        "kafka.max.partition.fetch.bytes": "4194304",
        # the broker answers a connection's requests in their order: after a read up to the log's end, Spark's next
        # question would wait behind a fetch that waits for records that nobody has sent yet, half a second by default
        "kafka.fetch.max.wait.ms": "10",
    }


def _offsets_json(settings: Settings, offsets: Offsets) -> str:
    return json.dumps({settings.topic: {str(partition): offset for partition, offset in sorted(offsets.items())}})


def stream_records(spark: SparkSession, settings: Settings, start: Offsets | None) -> DataFrame:
    """An unbounded frame of Kafka records from `start`, or from the oldest that the broker holds."""
    starting = "earliest" if start is None else _offsets_json(settings, start)
    reader = spark.readStream.format("kafka").options(**_options(settings)).option("startingOffsets", starting)
    return reader.option("maxOffsetsPerTrigger", str(settings.max_offsets_per_trigger)).load()


def read_range(spark: SparkSession, settings: Settings, start: Offsets, end: Offsets) -> DataFrame:
    """Exactly the records from `start` (inclusive) to `end` (exclusive)."""
    reader = spark.read.format("kafka").options(**_options(settings))
    reader = reader.option("startingOffsets", _offsets_json(settings, start))
    return reader.option("endingOffsets", _offsets_json(settings, end)).load()


def planned_range(checkpoint: Path, batch_id: int, topic: str) -> tuple[Offsets, Offsets]:
    """The offsets that Spark planned for a micro-batch, from its checkpoint's own files: `(start, end)`.

    The files are private to Spark (format v1: the last line holds the offsets as JSON); a test pins that format. Offsets
    of the rows would not do: a plan is known before any row is read, and a range may be empty in some partitions.
    """
    end = _offsets_line(checkpoint / "offsets" / str(batch_id), topic)
    if batch_id == 0:
        return _offsets_line(checkpoint / "sources" / "0" / "0", topic), end
    start = _offsets_line(checkpoint / "offsets" / str(batch_id - 1), topic)
    # a partition that is new since the last batch begins at its first offset
    return {partition: start.get(partition, 0) for partition in end}, end


def _offsets_line(file: Path, topic: str) -> Offsets:
    text = file.read_bytes().decode("utf-8", "replace").strip()
    stored = json.loads(text[text.rindex("\n") + 1 :] if "\n" in text else text[text.index("{") :])
    return {int(partition): offset for partition, offset in stored[topic].items()}
