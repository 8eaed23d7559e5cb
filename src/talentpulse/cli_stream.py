"""`pulse stream` and `pulse cut`: decisions that only an operator can take, and one state of both tables."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from talentpulse.errors import PulseError
from talentpulse.settings import Settings, load_settings

if TYPE_CHECKING:
    import psycopg

    from talentpulse.lakehouse.ledger import Epoch
    from talentpulse.lakehouse.requests import Lost, RequestKind
    from talentpulse.lakehouse.topics import LogEnds

stream = typer.Typer(
    help="What the stream may not decide by itself. It does it at its next start.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]


@stream.command("accept-gap")
def accept_gap(yes: Yes = False) -> None:
    """Accept that records which Kafka deleted before they were read are lost, and let the stream go on behind them.

    The loss is written to ops.gaps. Nothing is accepted beyond what is shown here: if Kafka deletes more in the
    meantime, the stream asks again.
    """
    from talentpulse.lakehouse.requests import describe, lost_of

    settings = load_settings()
    with _ledger(settings) as connection:
        last, broker = _position(connection), _broker(settings)
        if last.topic_id != broker.topic_id:
            raise PulseError(f"topic {settings.topic} was made anew: nothing of the former log is left", ADOPT)
        lost = lost_of(last.committed_end, broker.ends, broker.starts)
        if not lost:
            print("Kafka holds everything that was not read yet: there is nothing to accept")
            return
        print(f"{_count(lost):,} records of topic {settings.topic} are lost: {describe(lost)}")
        _ask(connection, "accept_gap", _loss(last.topic_id, lost), "Go on without them?", yes=yes)


@stream.command("adopt-topic")
def adopt_topic(yes: Yes = False) -> None:
    """Let the stream begin a topic that was deleted and made again, at its oldest offset.

    The tables keep the former log's records. What of them was not read yet is lost, and written to ops.gaps as far as
    the observer had seen it.
    """
    from talentpulse.lakehouse.requests import describe

    settings = load_settings()
    with _ledger(settings) as connection:
        last, broker = _position(connection), _broker(settings)
        if last.topic_id == broker.topic_id:
            print(f"topic {settings.topic} is the one that the stream reads: there is nothing to adopt")
            return
        lost = _unread(connection, last)
        print(f"topic {settings.topic}: the ledger knows id {last.topic_id}, the broker has {broker.topic_id}")
        print(f"{_count(lost):,} records of the former log are lost{': ' if lost else ''}{describe(lost)}")
        _ask(connection, "adopt_topic", _loss(broker.topic_id, lost), "Begin the new one?", yes=yes)


@stream.command()
def reconcile(yes: Yes = False) -> None:
    """Let a ledger that was restored from a backup older than the tables be written anew from Bronze.

    Bronze's rows say which epoch they belong to and at which offsets they were read. Nothing in the tables changes.
    """
    from talentpulse.lakehouse.catalog import open_catalog
    from talentpulse.lakehouse.ledger import STREAM, Ledger
    from talentpulse.stack.health import require

    settings = load_settings()
    with _ledger(settings) as connection:
        last = Ledger(connection, STREAM, "").last()
        require(settings, "minio")
        in_ledger = last.number if last is not None else 0
        tables = [open_catalog(settings).load_table(name) for name in ("bronze.postings", "bronze.readings")]
        scans = [table.scan(f"epoch > {in_ledger}", ("epoch",)).to_arrow() for table in tables]
        unknown = [epoch for found in scans for epoch in found.column("epoch").to_pylist()]
        if not unknown:
            print(f"the ledger (epoch {in_ledger}) is not older than bronze.postings: there is nothing to reconcile")
            return
        print(f"bronze.postings has {len(unknown):,} records of epochs after {in_ledger}, up to {max(unknown)}")
        _ask(connection, "reconcile", {"in_ledger": in_ledger, "in_bronze": max(unknown)}, "Write them down?", yes=yes)


ADOPT = "pulse stream adopt-topic"


def cut(
    epoch: Annotated[int | None, typer.Option(help="a committed epoch; without it the newest")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Print the snapshots that show Bronze and Gold as of the same epoch, and the SQL that reads them.

    The two tables are two commits, up to a second apart; at a cut they belong together.
    """
    from talentpulse.lakehouse.catalog import open_catalog

    settings = load_settings()
    with _ledger(settings) as connection:
        row = connection.execute(
            "SELECT epoch, committed_at, bronze_snapshot, gold_snapshot FROM ops.epochs"
            " WHERE state = 'committed' AND kind = 'stream' AND epoch = coalesce(%s, epoch) ORDER BY epoch DESC LIMIT 1",
            (epoch,),
        ).fetchone()
    if row is None:
        raise PulseError(
            f"no committed epoch{f' {epoch}' if epoch is not None else ''} of the stream is in the ledger",
            'pulse sql "select epoch, state from gold.v_epochs order by epoch desc limit 10"',
        )
    number, committed_at, *snapshots = row
    tables = dict(zip(("bronze.postings", "gold.skill_trends"), snapshots, strict=True))
    catalog = open_catalog(settings)
    for name, snapshot in tables.items():
        if snapshot is not None and catalog.load_table(name).snapshot_by_id(snapshot) is None:
            raise PulseError(
                f"snapshot {snapshot} of {name} (epoch {number}) is no longer kept", "ask for a newer epoch: pulse cut"
            )
    queries = {
        name: f"SELECT * FROM {settings.catalog_name}.{name} FOR VERSION AS OF {snapshot}"
        for name, snapshot in tables.items()
        if snapshot is not None
    }
    if as_json:
        told = {"epoch": number, "committed_at": committed_at.isoformat(), "snapshots": tables, "sql": queries}
        print(json.dumps(told))
        return
    print(f"epoch {number}, committed at {committed_at:%Y-%m-%d %H:%M:%S} UTC")
    for query in queries.values():
        print(f"  {query}")


def _ledger(settings: Settings) -> psycopg.Connection[Any]:
    from talentpulse.lakehouse.postgres import connect
    from talentpulse.stack.health import require

    require(settings, "postgres")
    return connect(settings, "operator")


def _position(connection: psycopg.Connection[Any]) -> Epoch:
    from talentpulse.lakehouse.ledger import STREAM, Ledger

    last = Ledger(connection, STREAM, "").last()
    if last is None:
        raise PulseError("the stream has read nothing yet: there is nothing to decide", "pulse up")
    return last


def _broker(settings: Settings) -> LogEnds:
    from talentpulse.lakehouse.topics import LogObserver
    from talentpulse.stack.health import require

    require(settings, "kafka")
    with closing(LogObserver(settings)) as observer:
        return observer.ends()


def _unread(connection: psycopg.Connection[Any], last: Epoch) -> Lost:
    """What of a log that is gone was seen by the observer and never read."""
    rows = connection.execute(
        "SELECT partition, max(end_offset) FROM ops.log_ends WHERE topic_id = %s GROUP BY partition", (last.topic_id,)
    ).fetchall()
    begin = last.committed_end
    return {p: (begin.get(p, 0), end) for p, end in rows if end > begin.get(p, 0)}


def _count(lost: Lost) -> int:
    return sum(end - first for first, end in lost.values())


def _loss(topic_id: str, lost: Lost) -> dict[str, Any]:
    return {"topic_id": topic_id, "lost": {str(p): list(offsets) for p, offsets in sorted(lost.items())}}


def _ask(
    connection: psycopg.Connection[Any], kind: RequestKind, detail: dict[str, Any], question: str, *, yes: bool
) -> None:
    from talentpulse.lakehouse.requests import ask, waiting

    known = next((r.number for r in waiting(connection) if r.kind == kind and r.detail == detail), None)
    if known is None:
        if not yes:
            typer.confirm(question, abort=True)
        known = ask(connection, kind, detail)
    print(f"request {known} is in ops.requests: the stream executes it at its next start (pulse up, if it is stopped)")
