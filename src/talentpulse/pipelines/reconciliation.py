"""A ledger that is older than the tables (restored from a backup alone) is written anew from what their rows say."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import groupby

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import Epoch
from talentpulse.lakehouse.requests import Request, execute
from talentpulse.pipelines.ingest import Target, finish_from_table, instant
from talentpulse.transforms.postings import CANARY

log = logging.getLogger(__name__)


def reconciled(
    bronze: DataFrame, readings: DataFrame, target: Target, last: Epoch | None, in_tables: int, requests: list[Request]
) -> Epoch:
    """Write down again the epochs that only the tables know. The newest stays open: the start finishes it like any other.

    Raises:
        PulseError: nobody has asked for it, or the rows do not follow the ledger's end.
    """
    in_ledger = last.number if last is not None else 0
    request = next((request for request in requests if request.reconciles(in_ledger, in_tables)), None)
    if request is None:
        raise PulseError(
            f"bronze.postings holds epoch {in_tables}, the ledger ends at {in_ledger}: the ledger is older than the table",
            "restore a newer backup, or let the ledger be written anew from Bronze: pulse stream reconcile",
        )
    if last is not None and not last.is_committed:
        rows = readings if last.kind == "heal" else bronze
        finish_from_table(rows.where(F.col("epoch") == last.number), last, target)
    with target.ledger.transaction() as connection:
        for epoch, counts in _epochs_of(bronze, readings, last):
            target.ledger.restore(epoch)
            if epoch.number < in_tables:
                target.ledger.commit(epoch, counts | {"is_recovered": True})
        execute(connection, request, epoch, epoch.topic_id, {})
    log.warning("epochs %d to %d are in the ledger again, from Bronze", in_ledger + 1, in_tables)
    return epoch


def _epochs_of(bronze: DataFrame, readings: DataFrame, last: Epoch | None) -> Iterator[tuple[Epoch, dict[str, object]]]:
    """Epochs after `last` with what their rows say of them; each must follow the one before without a hole."""
    after = F.col("epoch") > (last.number if last is not None else 0)
    rows = _parts(bronze.where(after), "stream").unionByName(_parts(readings.where(after), "heal"))
    end = last.end if last is not None else {}
    topic_id = last.topic_id if last is not None else None
    for number, group in groupby(rows.orderBy("epoch", "partition").collect(), key=lambda row: int(row["epoch"])):
        parts = list(group)
        kind = parts[0]["kind"]
        counts = {name: sum(row[name] for row in parts) for name in parts[0].asDict() if name.startswith("records_")}
        counts["records_counted"] = 2 * counts["records_read"] - sum(counts.values())
        topic_id = topic_id or parts[0]["topic_id"]
        start = end if kind == "heal" else {**{row["partition"]: row["first"] for row in parts}, **end}
        end = start if kind == "heal" else start | {row["partition"]: row["end"] for row in parts}
        epoch = Epoch(number, topic_id, start, end, is_committed=False, kind=kind)
        is_other_log = any(row["topic_id"] != topic_id for row in parts)
        if kind == "stream" and (is_other_log or epoch.records != counts["records_read"]):
            raise PulseError(
                f"epoch {number} of bronze.postings does not follow the ledger's end: {counts['records_read']} records of"
                f" {epoch.records} offsets, of one log expected",
                "the ledger cannot be written anew from Bronze alone: restore ledger and catalog from the same backup",
            )
        times = {
            "oldest_kafka_at": instant(min(row["oldest_us"] for row in parts)),
            "newest_kafka_at": instant(max(row["newest_us"] for row in parts)),
        }
        yield epoch, counts | times


def _parts(rows: DataFrame, kind: str) -> DataFrame:
    """One row an epoch, log and partition: its offsets, counts and times."""
    faulty, canary = F.col("fault").isNotNull(), F.col("source").eqNullSafe(CANARY)
    counted: dict[str, Column] = {
        "records_read": F.count(F.lit(1)),
        "records_faulty": F.count_if(faulty),
        "records_canary": F.count_if(canary & ~faulty),
        "records_duplicate": F.count_if(F.col("is_duplicate")),
        "first": F.min("offset"),
        "end": F.max("offset") + 1,
        "oldest_us": F.unix_micros(F.min("kafka_at")),
        "newest_us": F.unix_micros(F.max("kafka_at")),
    }
    by_part = rows.groupBy("epoch", "topic_id", "partition")
    return by_part.agg(F.lit(kind).alias("kind"), *(column.alias(name) for name, column in counted.items()))
