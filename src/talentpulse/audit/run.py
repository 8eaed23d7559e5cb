"""One run: every check in turn, as of one committed epoch, its outcomes kept in ops.audits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.errors import UndefinedTable

from talentpulse.audit import results
from talentpulse.audit.bronze import check_broker, check_counts, check_positions
from talentpulse.audit.files import check_files
from talentpulse.audit.gold import check_gold_cells, check_gold_hours
from talentpulse.audit.ledger import check_ledger
from talentpulse.audit.results import Outcome
from talentpulse.audit.samples import check_duplicates, check_readings
from talentpulse.audit.subject import Cut, Seen, Subject, find_subject
from talentpulse.errors import PulseError
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.trino import QueryError
from talentpulse.settings import Settings


@dataclass(frozen=True)
class Check:
    """One promise: what is counted as looked at, what to do about a finding, and the code that looks."""

    name: str
    unit: str
    mend: str
    look: Callable[[Subject], Seen]
    needs_whole: bool = False


CHECKS = (
    # first, because it explains why others cannot be answered
    Check("files", "files", "bring the files back from a copy of the store; until then, stop maintenance", check_files, True),
    Check("ledger", "epochs", "restore ledger and catalog from one backup, or: pulse stream reconcile", check_ledger),
    Check("positions", "records", "stop the stream (pulse down), keep what is there, find the other writer", check_positions),
    Check("counts", "epochs", "compare with the positions and the ledger above: one of them has the cause", check_counts),
    Check("broker", "records", "stop the stream while the broker still holds the records (7 days)", check_broker),
    Check("gold_hours", "hours", "the cells below name the place", check_gold_hours),
    Check("gold_cells", "cells", "trust Bronze: ask bronze.counted for these hours until they are mended", check_gold_cells),
    Check("readings", "bodies", "the body is right: raise CODE_VERSION if the reader has changed", check_readings),
    Check("duplicates", "records", "keep the log of the stream's start: the duplicate index was wrong", check_duplicates),
)  # fmt: skip
MENDS = {check.name: check.mend for check in CHECKS}


@dataclass(frozen=True)
class Run:
    """A finished run; `number` is its number in ops.audits, `since` the epoch after which it looked (0: everything)."""

    number: int
    cut: Cut
    since: int
    outcomes: list[Outcome]

    @property
    def findings(self) -> int:
        """Of all checks."""
        return sum(outcome.seen.findings for outcome in self.outcomes)


def run_audit(
    settings: Settings, *, sample: int, seed: int, since: int = 0, say: Callable[[str], None] = lambda _: None
) -> Run | None:
    """Check what epochs after `since` brought (0: everything) and keep the outcomes; None while no epoch is committed.

    `say` is told the name of each check as it begins.

    Raises:
        PulseError: a table is missing, Trino does not answer, or it fails for a reason other than a missing file.
        psycopg.Error, KafkaError, MinioException, OSError, SQLAlchemyError: the service behind does not answer.
    """
    with closing(connect(settings, "auditor")) as connection:
        try:
            subject = find_subject(settings, connection, since=since, sample=sample, seed=seed)
            return None if subject is None else _run(subject, say)
        except UndefinedTable as error:
            missing = str(error).splitlines()[0]
            raise PulseError(f"the ledger has not got all tables: {missing}", "pulse up") from error


def _run(subject: Subject, say: Callable[[str], None]) -> Run:
    outcomes: list[Outcome] = []
    for check in CHECKS:
        if subject.is_whole or not check.needs_whole:
            say(check.name)
            outcomes.append(_outcome(check, subject, outcomes))
    number = results.write(subject.connection, subject.cut.epoch, subject.since, outcomes)
    return Run(number, subject.cut, subject.since, outcomes)


def due_since(settings: Settings) -> int:
    """After which epoch the service's next run looks: 0 where the whole lake is due."""
    with closing(connect(settings, "auditor")) as connection:
        return results.next_since(connection, settings.audit_whole_seconds)


def _outcome(check: Check, subject: Subject, earlier: list[Outcome]) -> Outcome:
    started_at = datetime.now(UTC)
    try:
        seen = check.look(subject)
    except QueryError as error:
        if not any(outcome.check == "files" and outcome.seen.findings for outcome in earlier):
            raise
        seen = Seen.nothing(f"files are missing: {error.message.splitlines()[0]}")
    return Outcome(check.name, check.unit, seen, started_at, datetime.now(UTC))
