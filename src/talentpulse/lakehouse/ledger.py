"""The epoch ledger (`ops.epochs`) and the lease of the stream: the only truth about position, and who may move it.

Protocol: an epoch is an offset range. It is written down as `started` before anything is written to the lake and becomes
`committed` after Bronze and Gold have it. The database allows one open epoch a stream and no gap between two
(sql/guards/epochs_are_contiguous.sql).
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
import psycopg.sql
from psycopg.rows import TupleRow, dict_row

from talentpulse import __version__
from talentpulse.errors import PulseError
from talentpulse.lakehouse.postgres import connect
from talentpulse.settings import Settings

STREAM = "ingest_postings"
Offsets = dict[int, int]
EpochKind = Literal["stream", "gap", "adopt", "heal"]
NOTHING_READ = dict.fromkeys(
    ("records_read", "records_counted", "records_faulty", "records_duplicate", "records_canary", "records_late",
     "cells_merged"), 0,
)  # fmt: skip
"""What an epoch commits that took no record."""


def _to_json(offsets: Offsets) -> str:
    return json.dumps({str(partition): offset for partition, offset in sorted(offsets.items())})


def _from_json(stored: Mapping[str, int]) -> Offsets:
    return {int(partition): int(offset) for partition, offset in stored.items()}


@dataclass(frozen=True)
class Epoch:
    """One unit of work: records from `start` (inclusive) to `end` (exclusive) in each partition."""

    number: int
    topic_id: str
    start: Offsets
    end: Offsets
    is_committed: bool
    kind: EpochKind = "stream"
    records_read: int = 0

    @property
    def records(self) -> int:
        """Offsets in the range: on a plain topic, the number of records."""
        return sum(self.end[partition] - self.start[partition] for partition in self.end)

    @property
    def committed_end(self) -> Offsets:
        """Where reading has got to for certain: before an open epoch, behind a committed one."""
        return self.end if self.is_committed else self.start


class Ledger:
    """The ledger of one stream. Holds one connection; losing it ends the stream."""

    def __init__(self, connection: psycopg.Connection[TupleRow], stream: str, reader_version: str) -> None:
        self._connection = connection
        self._stream = stream
        self._reader_version = reader_version

    def last(self) -> Epoch | None:
        """The newest epoch, open or committed; None before the first."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                "SELECT * FROM ops.epochs WHERE stream = %s ORDER BY epoch DESC LIMIT 1", (self._stream,)
            ).fetchone()
        if row is None:
            return None
        start, end = _from_json(row["start_offsets"]), _from_json(row["end_offsets"])
        is_committed = row["state"] == "committed"
        return Epoch(row["epoch"], row["topic_id"], start, end, is_committed, row["kind"], row["records_read"] or 0)

    def oldest_kafka_at(self, topic_id: str) -> datetime | None:
        """Broker time of the oldest record of the newest committed epoch that took any of this log."""
        row = self._connection.execute(
            "SELECT oldest_kafka_at FROM ops.epochs WHERE stream = %s AND topic_id = %s AND state = 'committed'"
            " AND kind = 'stream' AND oldest_kafka_at IS NOT NULL ORDER BY epoch DESC LIMIT 1",
            (self._stream, topic_id),
        ).fetchone()
        return None if row is None else row[0]

    def start(
        self, topic_id: str, batch_id: int | None, start: Offsets, end: Offsets, kind: EpochKind = "stream"
    ) -> Epoch:
        """Write down what is about to be done.

        Raises:
            psycopg.errors.RaiseException: the range does not follow the last one.
            psycopg.errors.UniqueViolation: another epoch is open.
        """
        row = self._connection.execute(
            "INSERT INTO ops.epochs (stream, topic_id, batch_id, start_offsets, end_offsets, state, code_version,"
            " reader_version, kind) VALUES (%s, %s, %s, %s, %s, 'started', %s, %s, %s) RETURNING epoch",
            (self._stream, topic_id, batch_id, _to_json(start), _to_json(end), __version__, self._reader_version, kind),
        ).fetchone()
        assert row is not None
        return Epoch(row[0], topic_id, start, end, is_committed=False, kind=kind)

    def restore(self, epoch: Epoch) -> None:
        """Write down, as started, an epoch that the tables have and a ledger from a backup has not; its number stays."""
        self._connection.execute(
            "INSERT INTO ops.epochs (epoch, stream, topic_id, start_offsets, end_offsets, state, code_version,"
            " reader_version, kind) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, 'started', %s, %s, %s)",
            (
                epoch.number, self._stream, epoch.topic_id, _to_json(epoch.start), _to_json(epoch.end), __version__,
                self._reader_version, epoch.kind,
            ),
        )  # fmt: skip
        # numbers that the tables know are never given again
        self._connection.execute("SELECT setval(pg_get_serial_sequence('ops.epochs', 'epoch'), %s)", (epoch.number,))

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[TupleRow]]:
        """What is written in the block, to any table of `ops`, is there as a whole or not at all."""
        with self._connection.transaction():
            yield self._connection

    def commit(self, epoch: Epoch, done: Mapping[str, object]) -> None:
        """Bronze and Gold have the epoch: `done` names the columns of ops.epochs that say what came of it."""
        columns = {**done, "reader_version": self._reader_version, "code_version": __version__, "state": "committed"}
        assignments = psycopg.sql.SQL(", ").join(
            psycopg.sql.SQL("{} = %s").format(psycopg.sql.Identifier(name)) for name in columns
        )
        statement = psycopg.sql.SQL(
            "UPDATE ops.epochs SET {}, committed_at = clock_timestamp() WHERE epoch = %s AND state = 'started'"
        ).format(assignments)
        values = [json.dumps(value) if isinstance(value, dict) else value for value in columns.values()]
        changed = self._connection.execute(statement, [*values, epoch.number]).rowcount
        if changed != 1:
            raise PulseError(
                f"epoch {epoch.number} was expected to be open in ops.epochs, but somebody else has closed or removed it",
                "look at ops.epochs and at who else runs a stream: pulse status",
            )


@dataclass(frozen=True)
class Lease:
    """The right to write a set of tables: held as long as `connection` lives, and fenced by number afterwards."""

    connection: psycopg.Connection[TupleRow]
    fence: int


def hold_off_others(connection: psycopg.Connection[TupleRow], stream: str) -> None:
    """Let no other process run the stream for as long as the connection lives.

    Raises:
        PulseError: another process runs it; the message says who.
    """
    locked = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (f"talentpulse/{stream}",)).fetchone()
    if locked is None or not locked[0]:
        holder = connection.execute("SELECT holder FROM ops.leases ORDER BY acquired_at DESC LIMIT 1").fetchone()
        raise PulseError(
            f"stream {stream} is already run by {holder[0] if holder else 'another process'}",
            "one writer a table: stop the other one first (pulse down, or end its process)",
        )


def take_lease(settings: Settings, stream: str, table_names: list[str]) -> Lease:
    """Become the only writer of the tables: an advisory lock refuses a second living one, the fence a former one.

    Raises:
        PulseError: another process holds the lock; the message says who.
    """
    connection = connect(settings, stream)
    try:
        hold_off_others(connection, stream)
    except PulseError:
        connection.close()
        raise
    me = f"{stream} on {socket.gethostname()}, process {os.getpid()}"
    with connection.transaction():
        row = connection.execute("SELECT coalesce(max(fence), 0) + 1 FROM ops.leases").fetchone()
        assert row is not None
        for name in table_names:
            connection.execute(
                "INSERT INTO ops.leases (table_name, fence, holder) VALUES (%s, %s, %s) ON CONFLICT (table_name)"
                " DO UPDATE SET fence = excluded.fence, holder = excluded.holder, acquired_at = clock_timestamp()",
                (name, row[0], me),
            )
    return Lease(connection, int(row[0]))
