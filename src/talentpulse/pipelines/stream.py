"""One run of the stream: every micro-batch becomes an epoch that begins where the last committed one ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from talentpulse.lakehouse.ledger import Offsets
from talentpulse.lakehouse.log_source import planned_range
from talentpulse.pipelines.ingest import Target, process_batch

log = logging.getLogger(__name__)


class EpochRunner:
    """Spark's `foreachBatch`: turns a planned micro-batch into an epoch. Any exception is meant to end the process."""

    def __init__(
        self, target: Target, topic: str, topic_id: str, checkpoint: Path, committed: Offsets | None,
        between: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        """`between` is called where no batch runs: before each one, and by `rest`."""
        self._target = target
        self._topic = topic
        self._topic_id = topic_id
        self._checkpoint = checkpoint
        self._committed = committed
        self._between = between
        self._now = now
        self._busy = threading.Lock()
        self._is_stopping = False

    def __call__(self, records: DataFrame, batch_id: int) -> None:
        """Process one micro-batch."""
        with self._busy:
            if self._is_stopping:
                return  # the ledger was not moved: the next start reads these records
            self._between()
            start, end = planned_range(self._checkpoint, batch_id, self._topic)
            if start == end:
                return  # Spark plans an empty first batch on an empty log
            self._check_contiguous(start)
            if self._committed is not None:
                tell_new_partitions(start.keys() - self._committed.keys())
            epoch = self._target.ledger.start(self._topic_id, batch_id, start, end)
            self._target.failpoint("after_start")
            done = process_batch(records, epoch, self._target)
            self._committed = end
            log.info("%s", describe(epoch.number, done, self._now()))

    def rest(self) -> None:
        """Do what is to be done between two batches, unless one runs: it is asked for again then."""
        if self._busy.acquire(blocking=False):
            try:
                self._between()
            finally:
                self._busy.release()

    def stop(self, patience: float) -> bool:
        """Take no further batch; True if the running one ended within `patience` seconds."""
        self._is_stopping = True
        if finished := self._busy.acquire(timeout=patience):
            self._busy.release()
        return finished

    def _check_contiguous(self, start: Offsets) -> None:
        committed = self._committed or {}
        wrong = {p: (offset, start.get(p)) for p, offset in committed.items() if start.get(p) != offset}
        if wrong:
            raise RuntimeError(
                f"planned offsets do not begin at the ledger's end, partition: (ledger, planned) {wrong}"
            )


def tell_new_partitions(partitions: Iterable[int]) -> None:
    """Explain what it means that the topic has gained partitions."""
    for partition in sorted(partitions):
        log.warning(
            "partition %d is new: reading it from its oldest offset. Keys move when the number of partitions changes: for 24"
            " hours, a delivery that repeats one of another partition counts again", partition,
        )  # fmt: skip


def describe(epoch: int, done: dict[str, Any], now: datetime) -> str:
    """What an epoch did, in one line: rows in and out, faults, duplicates, seconds by phase, freshness."""
    phases = " ".join(f"{name} {seconds:.2f}" for name, seconds in done["phases"].items())
    age = (now - done["oldest_kafka_at"]).total_seconds()
    return (
        f"epoch {epoch}: read {done['records_read']}, counted {done['records_counted']}, faulty {done['records_faulty']}, "
        f"duplicate {done['records_duplicate']}, late {done['records_late']}, cells {done['cells_merged']}; "
        f"seconds: {phases}; oldest record visible after {age:.1f} s; duplicate index {done['index_bytes'] / 1e6:.1f} MB"
    )
