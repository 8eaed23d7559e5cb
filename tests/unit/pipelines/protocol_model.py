"""The exactly-once protocol in memory: a world that keeps what a crash leaves, and a driver that can die between two steps.

The world has the log, Bronze, Gold, the ledger and the lease, and refuses what the real database refuses. The driver
follows `pipelines/recovery.py`, `pipelines/ingest.py` and `pipelines/stream.py` step by step, with the real duplicate
index. Each `yield` of it is a place where the process may end. Methods are small so that a test can break one of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np

from talentpulse.domain.duplicates import HOURS_BEFORE, DuplicateIndex

CLOCK_MAY_GO_BACK = 1  # hours: brokers' clocks differ, so the Kafka hours of a log may
ANY = "*"

Offsets = dict[int, int]
Cell = tuple[int, str]
Steps = Iterator[str]


class ProcessEnds(Exception):  # noqa: N818 - not always an error: it is how a process of the protocol ends
    """The driver stops here; the supervisor will start another."""


class StoppedLoudly(ProcessEnds):
    """Starting again will not help: somebody has to look."""


class Body(NamedTuple):
    """What the producer sent."""

    event_id: int | None  # None: nobody can read the record
    event_hour: int
    skill: str


class Record(NamedTuple):
    """One delivery, as the broker holds it."""

    partition: int
    offset: int
    kafka_hour: int
    body: Body


class Row(NamedTuple):
    """One Bronze row."""

    record: Record
    epoch: int
    is_duplicate: bool

    @property
    def is_counted(self) -> bool:
        return self.record.body.event_id is not None and not self.is_duplicate


class Account(NamedTuple):
    """What the ledger says came of an epoch."""

    read: int
    counted: int
    faulty: int
    duplicate: int

    @classmethod
    def of(cls, rows: list[Row]) -> Account:
        """Count the rows of one epoch."""
        faulty = sum(row.record.body.event_id is None for row in rows)
        return cls(len(rows), sum(row.is_counted for row in rows), faulty, sum(row.is_duplicate for row in rows))


@dataclass
class Epoch:
    """A line of ops.epochs; open until it has an account."""

    number: int
    start: Offsets
    end: Offsets
    account: Account | None = None
    oldest_kafka_hour: int | None = None

    @property
    def is_committed(self) -> bool:
        return self.account is not None


def group_by(rows: Iterable[Row]) -> Counter[Cell]:
    """Gold's cells from Bronze rows: event hour x skill, and all skills."""
    counted = [row.record.body for row in rows if row.is_counted]
    return Counter((body.event_hour, skill) for body in counted for skill in (body.skill, ANY))


def planned_end(begin: Offsets, available: Offsets, limit: int) -> Offsets:
    """Where Spark lets a micro-batch end: `limit` records shared in proportion, at least one of each waiting partition.

    The duplicate index leans on that one: no partition with waiting records is left out, so the oldest Kafka hour of
    an epoch bounds all that is still to be read.
    """
    waiting = {p: end - begin.get(p, 0) for p, end in available.items()}
    total = sum(waiting.values())
    if total <= limit:
        return available
    shares = {p: limit * size / total for p, size in waiting.items()}
    return {
        p: min(begin.get(p, 0) + (math.ceil(share) if share < 1 else math.floor(share)), available[p])
        for p, share in shares.items()
    }


def arrays(records: list[Record]) -> tuple[np.ndarray, ...]:
    """The arguments of the duplicate index, which never sees more of a record than this."""
    keys = [-1 if record.body.event_id is None else record.body.event_id for record in records]
    return (
        np.array([record.partition for record in records], dtype=np.int32),
        np.array([record.offset for record in records], dtype=np.int64),
        np.array([record.kafka_hour for record in records], dtype=np.int64),
        np.array(keys, dtype=np.int64),
        np.array(keys, dtype=np.int64) >= 0,
    )


def remember(index: DuplicateIndex, records: list[Record]) -> None:
    """As `Headers.remember`."""
    index.add(*arrays(records))
    index.forget_before(min(record.kafka_hour for record in records) - HOURS_BEFORE - CLOCK_MAY_GO_BACK)


@dataclass
class World:
    """What outlives every process. Methods that a driver calls are atomic, as the systems behind them are."""

    history: dict[int, list[Record]] = field(default_factory=dict)  # all that was ever produced: the judge's copy
    truly_duplicate: dict[tuple[int, int], bool] = field(default_factory=dict)  # by the rule, position by position
    log_start: Offsets = field(default_factory=dict)  # what is below it, retention has deleted
    clock: int = 490_000
    bronze: list[Row] = field(default_factory=list)
    bronze_marks: list[int | None] = field(default_factory=list)  # the epoch that each living snapshot's summary names
    gold: dict[Cell, tuple[int, int]] = field(default_factory=dict)  # events, applied_epoch
    ledger: list[Epoch] = field(default_factory=list)
    epoch_sequence: int = 0  # as a bigserial: refused inserts use up numbers
    lease: int = 0
    checkpoint: Offsets | None = None  # on a disk that may be lost or put back
    index_on_disk: DuplicateIndex = field(default_factory=DuplicateIndex)  # the protocol has none: for a broken variant
    next_reply: str | None = None  # "lost" or "never applied": what becomes of the next write

    # --- the log

    def add_partition(self) -> None:
        """A new, empty partition."""
        self.log_start[len(self.history)] = 0
        self.history[len(self.history)] = []

    def produce(self, partition: int, body: Body, clock_back: int) -> None:
        """Append one delivery and judge it by the rule as written."""
        log = self.history[partition]
        record = Record(partition, len(log), self.clock - clock_back, body)
        self.truly_duplicate[partition, record.offset] = body.event_id is not None and any(
            other.body.event_id == body.event_id and 0 <= record.kafka_hour - other.kafka_hour <= HOURS_BEFORE
            for other in log
        )
        log.append(record)

    @property
    def log_end(self) -> Offsets:
        return {partition: len(log) for partition, log in self.history.items()}

    def delete_log(self, below: Offsets) -> None:
        """Retention."""
        self.log_start = {p: max(start, below.get(p, 0)) for p, start in self.log_start.items()}

    def read(self, start: Offsets, end: Offsets) -> list[Record]:
        """Exactly a range, or an error (`failOnDataLoss`)."""
        if any(start[p] < end[p] and start[p] < self.log_start[p] for p in end):
            raise StoppedLoudly(f"the log begins at {self.log_start}, asked for {start}")
        return [record for p in sorted(end) for record in self.history[p][start[p] : end[p]]]

    # --- the lake

    def _write(self, change: Callable[[], object]) -> None:
        fate, self.next_reply = self.next_reply, None
        if fate != "never applied":
            change()
        if fate is not None:
            raise ProcessEnds(f"no reply; the write was {'lost too' if fate == 'never applied' else 'applied'}")

    def _refuse_fenced(self, fence: int | None) -> None:
        if fence is not None and fence != self.lease:
            raise ProcessEnds(f"fenced: writer {fence}, lease {self.lease}")

    def append_bronze(self, rows: list[Row], fence: int | None) -> None:
        """One atomic commit."""
        self._refuse_fenced(fence)
        self._write(lambda: (self.bronze.extend(rows), self.bronze_marks.append(rows[0].epoch)))

    def replace_gold(self, cells: dict[Cell, tuple[int, int]], fence: int | None) -> None:
        """One atomic commit of a MERGE."""
        self._refuse_fenced(fence)
        self._write(lambda: self.gold.update(cells))

    def expire_snapshots(self) -> None:
        """Maintenance: compaction, whose snapshot names no epoch, then expiry of all the others. No row changes."""
        self.bronze_marks = [None]

    def take_lease(self) -> int:
        """A new fencing number."""
        self.lease += 1
        return self.lease

    # --- the ledger

    @property
    def open_epoch(self) -> Epoch | None:
        return self.ledger[-1] if self.ledger and not self.ledger[-1].is_committed else None

    @property
    def committed_end(self) -> Offsets:
        committed = [epoch.end for epoch in self.ledger if epoch.is_committed]
        return committed[-1] if committed else {}

    def start_epoch(self, start: Offsets, end: Offsets, *, is_guarded: bool = True) -> Epoch:
        """The INSERT with its trigger (sql/guards/epochs_are_contiguous.sql)."""
        self.epoch_sequence += 1
        previous = self.ledger[-1] if self.ledger else None
        if previous is not None and is_guarded:
            if not previous.is_committed:
                raise ProcessEnds(f"epoch {previous.number} is still open")
            if any(start.get(p) != offset for p, offset in previous.end.items()):
                raise ProcessEnds(f"epoch gap: {previous.end}, then {start}")
        epoch = Epoch(self.epoch_sequence, start, end)
        self._write(lambda: self.ledger.append(epoch))
        return epoch

    def commit_epoch(self, epoch: Epoch, account: Account, oldest_kafka_hour: int) -> None:
        """The UPDATE, which finds nothing if somebody else has closed the epoch."""
        if epoch.is_committed:
            raise ProcessEnds(f"epoch {epoch.number} is closed already")

        def commit() -> None:
            epoch.account, epoch.oldest_kafka_hour = account, oldest_kafka_hour

        self._write(commit)


class Driver:
    """One process of the stream, from its start to its end: iterate over `run()`, one step at a time."""

    fence_is_stated = True
    ledger_is_guarded = True
    hours_remembered = HOURS_BEFORE + CLOCK_MAY_GO_BACK

    def __init__(self, world: World, batch_size: int, checkpoint: Offsets | None) -> None:
        self.world = world
        self.batch_size = batch_size
        self.checkpoint = checkpoint  # None: a fresh one
        self.index = DuplicateIndex()
        self.committed: Offsets = {}
        self.has_ledger = True  # its PostgreSQL session lives
        self.fence: int | None = None

    def run(self) -> Steps:
        """Recover, then stream until something ends the process."""
        self._require_ledger()
        fence = self.world.take_lease()
        self.fence = fence if self.fence_is_stated else None
        yield "leased"
        yield from self.resume()
        position = self.first_position()
        while True:
            end = planned_end(position, self.world.log_end, self.batch_size)
            start = {p: position.get(p, 0) for p in end}
            if start == end:
                yield "idle"
                continue
            self.world.checkpoint = end
            yield "planned"
            yield from self.batch(start, end)
            position = end

    # --- recovery.py

    def resume(self) -> Steps:
        """Finish what is open; `committed` says where to go on."""
        self._require_ledger()
        last = self.world.ledger[-1] if self.world.ledger else None
        if max((row.epoch for row in self.world.bronze), default=0) > (last.number if last else 0):
            raise StoppedLoudly("the ledger is older than the table")
        if last is None:
            self.committed = dict(self.world.log_start)
            return
        self.rebuild_index()
        yield "remembered"
        if not last.is_committed:
            yield from self.finish_open(last)
        self.check_nothing_is_lost(last.end)
        self.committed = {**self.world.log_start, **last.end}

    def rebuild_index(self) -> None:
        """From Bronze below the open epoch, with all that a record still to be read could repeat."""
        oldest = self.oldest_to_come()
        if oldest is None:
            return
        first = oldest - self.hours_remembered
        known = [row.record for row in self.known_rows() if row.record.kafka_hour >= first]
        # hour by hour, as the real one: it holds no more than one hour's rows at a time
        for _, records in groupby(sorted(known, key=lambda r: (r.kafka_hour, r)), key=lambda r: r.kafka_hour):
            self.index.add(*arrays(list(records)))

    def known_rows(self) -> list[Row]:
        """Bronze below the open epoch."""
        open_epoch = self.world.open_epoch
        return [row for row in self.world.bronze if open_epoch is None or row.epoch < open_epoch.number]

    def oldest_to_come(self) -> int | None:
        """The oldest Kafka hour of the last committed epoch: every partition that waited then had a record in it."""
        committed = [epoch for epoch in self.world.ledger if epoch.is_committed]
        return committed[-1].oldest_kafka_hour if committed else None

    def finish_open(self, epoch: Epoch) -> Steps:
        """The open epoch from Bronze if it is there, else from the log's exact range."""
        if self.bronze_has(epoch):
            rows = [row for row in self.world.bronze if row.epoch == epoch.number]
            yield "read again from Bronze"
            yield from self.count_and_commit(rows, epoch)
        else:
            yield from self.process(self.read_again(epoch), epoch)

    def bronze_has(self, epoch: Epoch) -> bool:
        """The append is atomic: one row says all."""
        return any(row.epoch == epoch.number for row in self.world.bronze)

    def read_again(self, epoch: Epoch) -> list[Record]:
        """Exactly the stored range."""
        return self.world.read(epoch.start, epoch.end)

    def check_nothing_is_lost(self, committed: Offsets) -> None:
        """Nothing lies between the ledger's end and the log's start, in partitions that the ledger does not know neither."""
        starts = self.world.log_start
        if any(start > committed.get(p, 0) for p, start in starts.items()):
            raise StoppedLoudly(f"retention passed the stream: read up to {committed}, the log begins at {starts}")

    # --- stream.py

    def first_position(self) -> Offsets:
        """A fresh checkpoint begins at the ledger's end; an old one goes on where it was."""
        return self.committed if self.checkpoint is None else self.checkpoint

    def batch(self, start: Offsets, end: Offsets) -> Steps:
        """One micro-batch becomes one epoch."""
        self.check_contiguous(start)
        self._require_ledger()
        epoch = self.world.start_epoch(start, end, is_guarded=self.ledger_is_guarded)
        yield "started"
        yield from self.process(self.world.read(start, end), epoch)
        self.committed = end

    def check_contiguous(self, start: Offsets) -> None:
        """The plan begins where the ledger ends."""
        if any(start.get(p) != offset for p, offset in self.committed.items()):
            raise ProcessEnds(f"planned {start}, the ledger ends at {self.committed}")

    # --- ingest.py

    def process(self, records: list[Record], epoch: Epoch) -> Steps:
        """Records to Bronze, then what follows."""
        if not records:
            raise ProcessEnds(f"epoch {epoch.number} has no records")
        rows = self.mark(records, epoch)
        yield "before Bronze"
        self.append(rows)
        yield "after Bronze"
        yield from self.count_and_commit(rows, epoch)

    def count_and_commit(self, rows: list[Row], epoch: Epoch) -> Steps:
        """Bronze has the rows: Gold, then the ledger, then the index."""
        self.merge(group_by(rows), epoch)
        yield "after Gold"
        self.commit(rows, epoch)
        yield "after ledger"
        self.remember(rows)

    def remember(self, rows: list[Row]) -> None:
        """What later records may repeat."""
        remember(self.index, [row.record for row in rows])

    def mark(self, records: list[Record], epoch: Epoch) -> list[Row]:
        """Ask the index, which knows all below the epoch."""
        flags = self.index.mark(*arrays(records))
        return [Row(record, epoch.number, bool(flag)) for record, flag in zip(records, flags, strict=True)]

    def append(self, rows: list[Row]) -> None:
        """To Bronze."""
        self.world.append_bronze(rows, self.fence)

    def merge(self, cells: Counter[Cell], epoch: Epoch) -> None:
        """To Gold; a cell that has the epoch already stays as it is. Nothing counted, nothing merged."""
        if not cells:
            return
        held = self.world.gold
        fresh = {cell: (n, epoch.number) for cell, n in cells.items() if cell not in held}
        added = {
            cell: (held[cell][0] + n, epoch.number)
            for cell, n in cells.items()
            if cell in held and self.may_add(held[cell][1], epoch)
        }
        self.world.replace_gold(fresh | added, self.fence)

    def may_add(self, applied_epoch: int, epoch: Epoch) -> bool:
        """The guard of the MERGE."""
        return applied_epoch < epoch.number

    def commit(self, rows: list[Row], epoch: Epoch) -> None:
        """To the ledger."""
        self._require_ledger()
        self.world.commit_epoch(epoch, Account.of(rows), min(row.record.kafka_hour for row in rows))

    def _require_ledger(self) -> None:
        if not self.has_ledger:
            raise ProcessEnds("the session in PostgreSQL has died")
