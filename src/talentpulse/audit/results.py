"""ops.audits: what each run found. It is also the auditor's memory of what was compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import TupleRow

from talentpulse.audit.subject import EARLIEST, Seen
from talentpulse.lakehouse.ledger import STREAM

KEPT, KEPT_IF_CLEAN = "90 days", "7 days"  # a run a minute: what found nothing is soon of no interest


@dataclass(frozen=True)
class Outcome:
    """One check of a run: what it saw, when."""

    check: str
    unit: str
    seen: Seen
    started_at: datetime
    finished_at: datetime

    @property
    def is_ok(self) -> bool | None:
        """Nothing was found; None where it was not checked."""
        return None if self.seen.remark else self.seen.findings == 0


def write(connection: psycopg.Connection[TupleRow], epoch: int, since: int, outcomes: Sequence[Outcome]) -> int:
    """Keep a run's outcomes under a new number and remove old ones; returns the number."""
    with connection.transaction():
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('talentpulse/audits'))"
        )  # pulse audit and the service
        row = connection.execute("SELECT coalesce(max(audit), 0) + 1 FROM ops.audits").fetchone()
        assert row is not None
        for outcome in outcomes:
            seen = outcome.seen
            connection.execute(
                "INSERT INTO ops.audits (audit, check_name, epoch, since_epoch, started_at, finished_at, checked, unit,"
                " findings, examples, remark, is_ok) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (row[0], outcome.check, epoch, since, outcome.started_at, outcome.finished_at, seen.checked, outcome.unit,
                 seen.findings, json.dumps(seen.examples), seen.remark, outcome.is_ok),
            )  # fmt: skip
        connection.execute(
            "DELETE FROM ops.audits WHERE finished_at < now() - %s::interval"
            " OR (since_epoch > 0 AND findings = 0 AND finished_at < now() - %s::interval)",
            (KEPT, KEPT_IF_CLEAN),
        )
    return int(row[0])


def last_compared(connection: psycopg.Connection[TupleRow]) -> tuple[int, datetime]:
    """Epoch, and Kafka time at it, up to which the cells of final hours were compared without a finding."""
    row = connection.execute(
        "SELECT max(epoch) FROM ops.audits WHERE check_name = 'gold_cells' AND since_epoch = 0 AND is_ok"
    ).fetchone()
    epoch = row[0] if row and row[0] else 0
    row = connection.execute(
        "SELECT max(oldest_kafka_at) FROM ops.epochs WHERE stream = %s AND state = 'committed' AND epoch <= %s",
        (STREAM, epoch),
    ).fetchone()
    return epoch, row[0] if row and row[0] else EARLIEST


def next_since(connection: psycopg.Connection[TupleRow], whole_seconds: float) -> int:
    """Up to which epoch the next run of the service need not look: 0 once the last whole run is `whole_seconds` old.

    It begins after the newest run without a finding, so what was found new is found again until it is mended.
    """
    row = connection.execute(
        "SELECT (SELECT max(finished_at) > now() - make_interval(secs => %s) FROM ops.audits WHERE since_epoch = 0),"
        " (SELECT max(epoch) FROM (SELECT max(epoch) AS epoch FROM ops.audits WHERE finished_at > now() - interval '1 day'"
        " GROUP BY audit HAVING sum(findings) = 0) AS clean)",
        (whole_seconds,),
    ).fetchone()
    return int(row[1]) if row and row[0] and row[1] else 0
