"""`pulse quarantine`: the records that could not be read, and reading them again."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from talentpulse.errors import PulseError
from talentpulse.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections import Counter

    import psycopg

quarantine = typer.Typer(
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help="Records that could not be read: how many, since when, what they look like. They are in Bronze and in no number.",
)
Fault = Annotated[str | None, typer.Option("--fault", "--code", help="only this fault code")]
Source = Annotated[str | None, typer.Option(help="only this board or feed")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]

FAULTS = """
select
    fault,
    coalesce(source, '') as source,
    count(*) as records,
    min(kafka_at) as first_at,
    max(kafka_at) as last_at,
    count_if(kafka_at > current_timestamp - interval '1' hour) as last_hour
from bronze.quarantine
where fault = coalesce(?, fault) and (? is null or source = ?) and kafka_at >= ?
group by fault, coalesce(source, '')
order by records desc, fault, source
"""
EXAMPLES = """
select fault, "partition", "offset", kafka_at, body_bytes, coalesce(hex_preview, ''), coalesce(text_preview, '')
from (
    select *, row_number() over (partition by fault order by kafka_at desc, "partition", "offset") as place
    from bronze.quarantine
    where fault = coalesce(?, fault) and (? is null or source = ?) and kafka_at >= ?
)
where place <= ?
order by fault, place
"""
SHOWN = 110
WAIT_SECONDS = 60.0
SPANS = {"m": "minutes", "h": "hours", "d": "days"}


def _since(text: str | None) -> datetime:
    """`30m`, `24h`, `7d` or an ISO 8601 instant."""
    if text is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    if match := re.fullmatch(r"(\d+)([mhd])", text):
        return datetime.now(UTC) - timedelta(**{SPANS[match[2]]: int(match[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise PulseError(f"--since {text!r} is neither a span nor an instant", "e.g. 24h, 7d or 2026-11-20") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@quarantine.callback()
def overview(
    context: typer.Context,
    fault: Fault = None,
    source: Source = None,
    since: Annotated[str | None, typer.Option(help="received since then: 30m, 24h, 7d or an instant")] = None,
    examples: Annotated[int, typer.Option(min=0, help="how many of each fault to show, newest first")] = 2,
    as_json: AsJson = False,
) -> None:
    """Show the records that could not be read, by fault and source, with examples."""
    from talentpulse.lakehouse.trino import query

    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    chosen = [fault, source, source, _since(since)]
    faults, shown = query(settings, FAULTS, chosen).rows, query(settings, EXAMPLES, [*chosen, examples]).rows
    if as_json:
        names = ("fault", "source", "records", "first_at", "last_at", "last_hour")
        of_example = ("fault", "partition", "offset", "kafka_at", "bytes", "hex", "text")
        told = {
            "faults": [dict(zip(names, row, strict=True)) for row in faults],
            "examples": [dict(zip(of_example, row, strict=True)) for row in shown],
        }
        print(json.dumps(told, default=lambda at: at.isoformat()))
        return
    if not faults:
        print("nothing is in quarantine")
        return
    _print(faults, shown)


def _print(faults: list[tuple[Any, ...]], examples: list[tuple[Any, ...]]) -> None:
    console = Console()
    table = Table("fault", "source", "records", "last hour", "first", "last", box=None, title="Could not be read")
    table.columns[2].justify = table.columns[3].justify = "right"
    for code, source, records, first, last, recent in faults:
        table.add_row(
            code,
            source or "unknown",
            f"{records:,}",
            f"{recent:,}",
            f"{first:%Y-%m-%d %H:%M}",
            f"{last:%Y-%m-%d %H:%M}",
        )
    console.print(table)
    for code, partition, offset, at, size, hexadecimal, text in examples:
        size_text = "no value" if size is None else f"{size:,} bytes"
        console.print(
            f"\n{code}  partition {partition}, offset {offset}, {at:%Y-%m-%d %H:%M:%S}, {size_text}", style="bold"
        )
        for line in filter(None, (hexadecimal and f"hex {hexadecimal}", text)):
            # what came from outside could tell the terminal what to do
            cut = "".join(character if character.isprintable() else " " for character in line).strip()
            console.print(f"  {cut[:SHOWN]}{'…' if len(cut) > SHOWN else ''}", markup=False, highlight=False)
    print("\nA newer reader may read some of them: pulse quarantine retry --code CODE --dry-run")


@quarantine.command()
def retry(
    code: Annotated[str, typer.Option("--code", help="the fault code to read again, as `pulse quarantine` names it")],
    source: Source = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would read now")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Read faulty records again with today's reader, and let the stream count what reads now, exactly once.

    What was meanwhile counted from another delivery becomes a duplicate; what still cannot be read stays. Bronze keeps
    every record as it came; the new readings go to bronze.readings.
    """
    from talentpulse.contracts import topic
    from talentpulse.domain.reader import READER_VERSION
    from talentpulse.lakehouse import readings, requests
    from talentpulse.lakehouse.postgres import connect
    from talentpulse.stack.health import require

    if code not in topic().fault_codes:
        raise PulseError(
            f"fault code {code!r} is unknown, expected one of {', '.join(topic().fault_codes)}",
            "`pulse quarantine` shows which there are",
        )
    settings = load_settings()
    for service in ("postgres", "minio"):
        require(settings, service)
    found = _read_again(settings, code, source)
    print(f"{found.examined:,} records read again with reader {READER_VERSION}: {found.readable.num_rows:,} read now")
    _print_still(found.still)
    if not found.readable.num_rows or dry_run:
        return
    if not yes:
        typer.confirm("Count them?", abort=True)
    with connect(settings, "operator") as connection:
        number = requests.new_number(connection)
        readings.prepare(settings, found.readable, number)
        detail = {"fault": code, "source": source, "records": found.readable.num_rows, "reader_version": READER_VERSION}
        requests.ask(connection, "heal", detail, number)
        print(f"request {number} is in ops.requests: the stream executes it between two of its batches")
        _wait(connection, number)


def _print_still(still: Counter[str]) -> None:
    for fault, count in still.most_common():
        print(f"  {count:,} stay: {fault}")


def _read_again(settings: Settings, code: str, source: str | None) -> Any:
    from talentpulse.lakehouse import readings

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"reading {code} again", total=None)
        return readings.read_again(settings, code, source, lambda count: progress.advance(task, count))


def _wait(connection: psycopg.Connection[Any], number: int) -> None:
    """Say what came of the request, if the stream executes it soon."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        row = connection.execute(
            "SELECT e.epoch, e.records_counted, e.records_duplicate, e.cells_merged FROM ops.requests AS r"
            " JOIN ops.epochs AS e ON e.epoch = r.epoch WHERE r.request = %s AND r.done_at IS NOT NULL",
            (number,),
        ).fetchone()
        if row is not None:
            print(
                f"done in epoch {row[0]}: {row[1]:,} counted, {row[2]:,} repeat a counted event; {row[3]:,} cells changed"
            )
            return
        time.sleep(0.5)
    print("it waits; does the stream run? pulse status")
