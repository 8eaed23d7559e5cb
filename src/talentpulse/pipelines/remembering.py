"""The duplicate index of a new process, filled from Bronze: what the one before it remembered."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from talentpulse.domain.duplicates import HOURS_KEPT
from talentpulse.lakehouse.ledger import Epoch
from talentpulse.pipelines.ingest import Target, instant
from talentpulse.transforms.postings import MICROSECONDS_AN_HOUR, event_key, kafka_hour
from talentpulse.transforms.readings import delivered

log = logging.getLogger(__name__)


def remember(bronze: DataFrame, readings: DataFrame, target: Target, last: Epoch) -> None:
    """Fill the index hour by hour with all that a record still to be read could repeat: the rows below an open epoch."""
    begin = time.perf_counter()
    below = delivered(bronze, readings).where(F.col("topic_id") == last.topic_id)
    if not last.is_committed:
        below = below.where(F.col("epoch") < last.number)
    # the newest committed epoch tells how far back in Kafka's time the records still to be read can lie
    # (as a number: PySpark would hand an instant over as a local time without a zone)
    known = below.agg(F.unix_micros(F.max("kafka_at"))).first()
    if known is None or known[0] is None:
        return
    newest = instant(known[0])
    oldest_to_come = min(filter(None, (newest, target.ledger.oldest_kafka_at(last.topic_id))))
    first = oldest_to_come.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS_KEPT)
    within = below.where((F.col("kafka_at") >= first) & (F.col("kafka_at") <= newest))
    held = within.select(kafka_hour().alias("hour")).distinct()
    for hour in sorted(instant(row["hour"] * MICROSECONDS_AN_HOUR) for row in held.collect()):
        rows = below.where((F.col("kafka_at") >= hour) & (F.col("kafka_at") < hour + timedelta(hours=1)))
        keys = rows.select("partition", "offset", "kafka_at", event_key().alias("key")).toArrow()
        partition, offset, kafka_at, key = (np.asarray(c.cast("int64").to_numpy()) for c in keys.columns)
        readable = np.ones(len(key), dtype=np.bool_)
        target.duplicates.add(partition, offset, kafka_at // MICROSECONDS_AN_HOUR, key, readable)
    size, seconds = len(target.duplicates), time.perf_counter() - begin
    log.info("duplicate index: %d keys, %.1f MB, in %.1f s", size, target.duplicates.memory_bytes / 1e6, seconds)
