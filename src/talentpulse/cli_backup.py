"""`pulse backup` and `pulse restore`: catalog and ledger together, as of one moment."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from talentpulse.errors import PulseError
from talentpulse.settings import Settings, load_settings

if TYPE_CHECKING:
    from talentpulse.stack.backup import Backup

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]
Into = Annotated[Path | None, typer.Option("--in", help="folder of backups; home/backups without it")]


def backup(
    into: Into = None,
    keep_days: Annotated[int, typer.Option(min=1, help="how long the tables' files are kept from expiry for it")] = 30,
    as_json: AsJson = False,
) -> None:
    """Save catalog and ledger as of one moment, while the stream goes on.

    The tables' files stay in the object store: a tag keeps those of the backup from expiry. Save the store itself by
    its own means (versioning, mirror), and the backup's folder on another disk.
    """
    from talentpulse.stack import backup as backups
    from talentpulse.stack.health import require

    settings = load_settings()
    for service in ("postgres", "minio"):
        require(settings, service)
    made = backups.back_up(settings, into or backups.backups_folder(settings), keep_days)
    size = sum(file.stat().st_size for file in made.folder.rglob("*") if file.is_file())
    if as_json:
        print(json.dumps({"folder": str(made.folder), "epoch": made.epoch, "bytes": size, "tables": len(made.tables)}))
        return
    print(f"{made.folder}: ledger up to epoch {made.epoch}, {len(made.tables)} tables, {decimal(size)}")
    print(f"the tables' files are kept until {keep_days} days from now; try it: pulse restore {made.name} --dry-run")


def restore(
    name: Annotated[str | None, typer.Argument(help="which backup; the newest without it")] = None,
    into: Into = None,
    show: Annotated[bool, typer.Option("--list", help="list the backups")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check everything, change nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Put catalog and ledger back to a backup's moment; the stream then reads from Kafka what came since.

    The stream must be stopped (pulse down, then pulse up --no-stream). What is there now is backed up first.
    """
    from talentpulse.stack import backup as backups
    from talentpulse.stack.health import require

    settings = load_settings()
    folder = into or backups.backups_folder(settings)
    known = backups.backups(folder)
    if show:
        _print_list(known)
        return
    chosen = next((b for b in reversed(known) if name in (None, b.name)), None)
    if chosen is None:
        raise PulseError(f"no backup{f' {name}' if name else ''} in {folder}", "pulse restore --list; pulse backup")
    for service in ("postgres", "minio", "kafka"):
        require(settings, service)
    print(f"backup of {chosen.taken_at:%Y-%m-%d %H:%M:%S} UTC, ledger up to epoch {chosen.epoch}")
    missing = backups.missing_files(settings, chosen)
    print(f"files in the store: {'all there' if not missing else f'{len(missing)} are missing, first {missing[0]}'}")
    print(f"records that came since: {_since(settings, chosen)}")
    if dry_run or missing:
        raise typer.Exit(1 if missing else 0)
    if not yes:
        typer.confirm("Put catalog and ledger back to this moment?", abort=True)
    before = backups.back_up(settings, folder, chosen.keep_days)
    print(f"what was there until now: {before.name}")
    print(f"restored in {backups.restore(settings, chosen):.1f} s; go on: pulse up")


def _since(settings: Settings, chosen: Backup) -> str:
    from talentpulse.lakehouse.requests import describe, lost_of
    from talentpulse.lakehouse.topics import LogObserver

    with closing(LogObserver(settings)) as observer:
        broker = observer.ends()
    if chosen.topic_id not in (None, broker.topic_id):
        return "none of its log: the topic was made anew since; the stream will ask for pulse stream adopt-topic"
    since = sum(max(end - chosen.end.get(p, 0), 0) for p, end in broker.ends.items())
    lost = lost_of(chosen.end, broker.ends, broker.starts)
    if lost:
        return (
            f"{since:,}, of which Kafka has deleted {describe(lost)}; the stream will ask for pulse stream accept-gap"
        )
    return f"{since:,}, all in Kafka"


def _print_list(known: list[Backup]) -> None:
    table = Table("backup", "taken at (UTC)", "epoch", "tables", "files kept, days", box=None)
    for one in known:
        table.add_row(
            one.name, f"{one.taken_at:%Y-%m-%d %H:%M:%S}", str(one.epoch), str(len(one.tables)), str(one.keep_days)
        )
    Console().print(table if known else "there is no backup yet: pulse backup")
