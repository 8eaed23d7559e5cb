"""What one audit is about: a committed epoch, both tables as they were then, and how Trino is asked about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import TupleRow
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import Table

from talentpulse.errors import PulseError
from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.lakehouse.ledger import STREAM, Offsets
from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT, Settings

BRONZE, READINGS, GOLD = "bronze.postings", "bronze.readings", "gold.skill_trends"
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
QUESTIONS = PROJECT_ROOT / "sql" / "audit"
PARAMETER = re.compile(r"(?<![\w:%]):([a-z_]+\d?)\b")
AS_OF = re.compile(r"lake\.(\w+\.\w+) /\* as of the audit \*/")
EXAMPLES = 10


@dataclass(frozen=True)
class Seen:
    """What a check saw: `checked` units looked at, `findings` of them wrong, the first ten in words.

    `remark` says why it could not be checked; nothing was looked at then.
    """

    checked: int
    findings: int = 0
    examples: tuple[str, ...] = ()
    remark: str | None = None

    @classmethod
    def of(cls, checked: int, problems: list[str]) -> Seen:
        """Every problem is a finding."""
        return cls(checked, len(problems), tuple(problems[:EXAMPLES]))

    @classmethod
    def nothing(cls, why: str) -> Seen:
        """It could not be checked."""
        return cls(0, remark=why)


@dataclass(frozen=True)
class Cut:
    """The newest committed epoch, and what is needed to see both tables as they were after it.

    `kafka_at`: nothing older on the broker is unread. `newest_kafka_at`: nothing newer was read. `greatest_epoch` is the
    ledger's last one, open or committed. `gold_snapshot` is None where `gold_remark` says why.
    """

    epoch: int
    committed_at: datetime
    topic_id: str
    ends: Offsets
    kafka_at: datetime
    newest_kafka_at: datetime
    greatest_epoch: int
    bronze_snapshot: int | None
    gold_snapshot: int | None
    gold_remark: str


@dataclass(frozen=True, eq=False)
class Subject:
    """What a check is given. Only what epochs after `since` brought is looked at; 0 is the whole lake.

    `sample` is how many bodies are read again and about how many events are judged, `seed` decides which.
    """

    settings: Settings
    connection: psycopg.Connection[TupleRow]
    cut: Cut
    tables: dict[str, Table]
    since: int
    sample: int
    seed: int

    @property
    def is_whole(self) -> bool:
        """The whole lake is looked at."""
        return self.since == 0

    def ask(self, question: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The rows that sql/audit/`question`.sql returns; each `:name` in it becomes a bound parameter.

        A table with the mark `as of the audit` is read at this audit's snapshot of it.
        """
        snapshots = {BRONZE: self.cut.bronze_snapshot, GOLD: self.cut.gold_snapshot}
        text = (QUESTIONS / f"{question}.sql").read_text("utf-8")
        names = PARAMETER.findall(text)
        # Trino takes no parameter here; the ids are numbers of our own tables' metadata
        pinned = AS_OF.sub(lambda found: f"lake.{found[1]} FOR VERSION AS OF {snapshots[found[1]]}", text)
        return query(self.settings, PARAMETER.sub("?", pinned), [parameters[name] for name in names]).rows

    def tally(self, question: str, **parameters: Any) -> Seen:
        """The answer to a question whose only row is checked, findings, examples."""
        ((checked, findings, examples),) = self.ask(question, **parameters)
        return Seen(checked, findings, tuple(examples or ()))


def find_subject(
    settings: Settings, connection: psycopg.Connection[TupleRow], *, since: int, sample: int, seed: int
) -> Subject | None:
    """The newest committed epoch and both tables as of it; None before the first one.

    Between two looks at the ledger the tables are looked up. What was committed at the first look is in them. An epoch
    is in the ledger before it is in a table: what the second look does not know is no epoch at all, and if its last
    one is the committed one, then Gold's snapshot is Gold after it, with whatever somebody else has done to it since.
    Otherwise Gold is read at the snapshot that the ledger names: the next epoch may be in the newest one.

    Raises:
        PulseError: a table is missing.
    """
    newest = connection.execute(
        "SELECT epoch, committed_at, topic_id, end_offsets FROM ops.epochs WHERE stream = %s AND state = 'committed'"
        " ORDER BY epoch DESC LIMIT 1",
        (STREAM,),
    ).fetchone()
    catalog = open_catalog(settings)
    try:
        tables = {name: catalog.load_table(name) for name in (BRONZE, READINGS, GOLD)}
    except NoSuchTableError as error:
        raise PulseError(f"the catalog has not got all tables: {error}", "pulse up") from error
    greatest = connection.execute("SELECT max(epoch) FROM ops.epochs WHERE stream = %s", (STREAM,)).fetchone()
    if greatest is None or newest is None:
        return None
    epoch, committed_at, topic_id, ends = newest
    kafka_at = connection.execute(
        "SELECT max(oldest_kafka_at), max(newest_kafka_at) FROM ops.epochs"
        " WHERE stream = %s AND state = 'committed' AND epoch <= %s",
        (STREAM, epoch),
    ).fetchone()
    read_at, newest_kafka_at = kafka_at or (None, None)
    bronze = tables[BRONZE].current_snapshot()
    gold, remark = _gold_as_of(connection, tables[GOLD], epoch, is_at_rest=greatest[0] == epoch)
    cut = Cut(
        epoch, committed_at, topic_id, {int(p): end for p, end in ends.items()}, read_at or EARLIEST,
        newest_kafka_at or EARLIEST, greatest[0], bronze.snapshot_id if bronze else None, gold, remark,
    )  # fmt: skip
    return Subject(settings, connection, cut, tables, min(since, epoch), sample, seed)


def _gold_as_of(
    connection: psycopg.Connection[TupleRow], gold: Table, epoch: int, *, is_at_rest: bool
) -> tuple[int | None, str]:
    """Gold's snapshot after `epoch`, or why there is none."""
    if is_at_rest:
        current = gold.current_snapshot()
        return (current.snapshot_id, "") if current else (None, "Gold has no commit yet")
    # an epoch that read nothing changed neither table
    row = connection.execute(
        "SELECT gold_snapshot FROM ops.epochs WHERE stream = %s AND state = 'committed' AND epoch <= %s"
        " AND (gold_snapshot IS NOT NULL OR records_read > 0) ORDER BY epoch DESC LIMIT 1",
        (STREAM, epoch),
    ).fetchone()
    if row is None or row[0] is None:
        return None, f"the ledger knows no snapshot of Gold for epoch {epoch}"
    if gold.snapshot_by_id(row[0]) is None:
        return None, f"Gold's snapshot {row[0]} of epoch {epoch} is no longer kept"
    return row[0], ""
