"""What people and jobs ask of the ingest driver (`ops.requests`): it alone changes what the stream's tables hold."""

from __future__ import annotations

import getpass
import json
import socket
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg.rows import TupleRow

from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import Epoch, Offsets

RequestKind = Literal["accept_gap", "adopt_topic", "reconcile", "heal"]
Lost = dict[int, tuple[int, int]]
"""Per partition the first lost offset and the one after the last."""


@dataclass(frozen=True)
class Request:
    """One request that waits to be executed."""

    number: int
    kind: RequestKind
    detail: dict[str, Any]

    def adopts(self, topic_id: str) -> bool:
        """It lets the stream begin the log with this id."""
        return self.kind == "adopt_topic" and self.detail["topic_id"] == topic_id

    def accepts(self, topic_id: str, lost: Lost) -> bool:
        """It accepts at least this loss; more than was shown to the operator was not accepted."""
        if self.kind != "accept_gap" or self.detail["topic_id"] != topic_id:
            return False
        shown = self.lost
        return all(p in shown and shown[p][0] <= first and end <= shown[p][1] for p, (first, end) in lost.items())

    def reconciles(self, in_ledger: int, in_bronze: int) -> bool:
        """It lets Bronze's epochs after the ledger's last one be written down again."""
        return self.kind == "reconcile" and self.detail == {"in_ledger": in_ledger, "in_bronze": in_bronze}

    @property
    def lost(self) -> Lost:
        """The loss that the operator was shown."""
        return {int(p): (first, end) for p, (first, end) in self.detail["lost"].items()}


def new_number(connection: psycopg.Connection[TupleRow]) -> int:
    """A number for a request that something must be prepared for before it is asked."""
    row = connection.execute("SELECT nextval(pg_get_serial_sequence('ops.requests', 'request'))").fetchone()
    assert row is not None
    return int(row[0])


def ask(
    connection: psycopg.Connection[TupleRow], kind: RequestKind, detail: dict[str, Any], number: int | None = None
) -> int:
    """Write a request down; returns its number. The driver executes it, at its next start at the latest."""
    number = new_number(connection) if number is None else number
    connection.execute(
        "INSERT INTO ops.requests (request, kind, detail, requested_by) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s)",
        (number, kind, json.dumps(detail), f"{getpass.getuser()} on {socket.gethostname()}"),
    )
    return number


def waiting(connection: psycopg.Connection[TupleRow]) -> list[Request]:
    """Requests that were not executed yet, oldest first."""
    rows = connection.execute("SELECT request, kind, detail FROM ops.requests WHERE done_at IS NULL ORDER BY request")
    return [Request(*row) for row in rows.fetchall()]


def begin(connection: psycopg.Connection[TupleRow], request: Request, epoch: Epoch) -> None:
    """Note that the open `epoch` executes the request."""
    connection.execute("UPDATE ops.requests SET epoch = %s WHERE request = %s", (epoch.number, request.number))


def of_epoch(connection: psycopg.Connection[TupleRow], epoch: Epoch) -> int:
    """Number of the request that `epoch` executes."""
    row = connection.execute("SELECT request FROM ops.requests WHERE epoch = %s", (epoch.number,)).fetchone()
    if row is None:
        raise PulseError(
            f"epoch {epoch.number} executes a request that is no longer in ops.requests",
            "restore ops.requests together with ops.epochs: they are one schema",
        )
    return int(row[0])


def finish(connection: psycopg.Connection[TupleRow], epoch: Epoch) -> None:
    """Note that what `epoch` executes is done."""
    connection.execute("UPDATE ops.requests SET done_at = clock_timestamp() WHERE epoch = %s", (epoch.number,))


def execute(
    connection: psycopg.Connection[TupleRow], request: Request, epoch: Epoch, topic_id: str, lost: Lost
) -> None:
    """Note that `epoch` executed the request, and the losses of a log that it accepted."""
    for partition, (first, end) in lost.items():
        connection.execute(
            "INSERT INTO ops.gaps (topic_id, partition, first_offset, end_offset, epoch, request)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (topic_id, partition, first, end, epoch.number, request.number),
        )
    connection.execute(
        "UPDATE ops.requests SET epoch = %s, done_at = clock_timestamp() WHERE request = %s",
        (epoch.number, request.number),
    )


def lost_of(start: Offsets, end: Offsets, oldest: Offsets) -> Lost:
    """What of the range from `start` to `end` lies before the oldest offsets that the broker still holds.

    A partition that `start` does not know is new: it begins at 0.
    """
    clipped = {p: (start.get(p, 0), min(behind, oldest.get(p, 0))) for p, behind in end.items()}
    return {p: (first, behind) for p, (first, behind) in clipped.items() if behind > first}


def describe(lost: Lost) -> str:
    """Ranges for people: `partition 0: 17 to 41`."""
    return ", ".join(f"partition {p}: {first} to {end - 1}" for p, (first, end) in sorted(lost.items()))
