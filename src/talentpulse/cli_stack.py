"""`pulse setup, up, down, status, logs, urls, doctor, clean`: the native stack from the command line."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from talentpulse.settings import Settings, load_settings

AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]


def setup(
    write_checksums: Annotated[
        bool, typer.Option("--write-checksums", help="declare what was fetched as right (after a version has moved)")
    ] = False,
) -> None:
    """Fetch what is missing: system packages, the JVM parts, MinIO.

    What is there is checked against the manifest and fetched again if it was altered. Ctrl-C at any time: the next
    `pulse setup` goes on from there.
    """
    from talentpulse.stack import fetch

    fetch.setup(load_settings(), write_checksums=write_checksums)


def up(
    stream: Annotated[
        bool, typer.Option("--stream/--no-stream", help="also start observer, stream and auditor")
    ] = True,
) -> None:
    """Start everything and wait until it is well.

    Run again, it starts what is missing and what settings have changed, and leaves the rest alone.
    """
    from talentpulse.stack import lifecycle

    print_urls(lifecycle.up(load_settings(), with_stream=stream))


def down() -> None:
    """Stop everything in reverse order; data stay."""
    from talentpulse.stack import lifecycle

    lifecycle.down(load_settings())


def status(as_json: AsJson = False) -> None:
    """Show what runs and how it is; exit code 1 if something that should be well is not."""
    from talentpulse.stack import overview

    rows = overview.status(load_settings())
    if as_json:
        print(json.dumps([row.as_json() for row in rows], indent=2))
    else:
        table = Table("service", "state", "pid", "up", "memory", "health", "port", box=None)
        for row in rows:
            uptime = f"{row.uptime_seconds // 60}:{row.uptime_seconds % 60:02}" if row.pid else ""
            memory = decimal(row.memory_bytes) if row.pid else ""
            ports = ", ".join(str(port) for port in row.ports)
            health = Text(row.health, style="red" if row.ok is False else "")
            table.add_row(row.service, row.state.lower(), str(row.pid or ""), uptime, memory, health, ports)
        _wide_console().print(table)
    if any(row.ok is False for row in rows):
        raise typer.Exit(1)


def logs(
    name: Annotated[str, typer.Argument(help="a program of `pulse status`, or supervisord")],
    follow: Annotated[bool, typer.Option("-f", "--follow", help="go on with what comes, until Ctrl-C")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="how many of the last lines")] = 50,
) -> None:
    """Print the log of one program."""
    from talentpulse.stack.logs import log_lines

    for line in log_lines(load_settings(), name, lines, follow=follow):
        print(line, flush=follow)


def urls(as_json: AsJson = False) -> None:
    """Print all addresses, with their users and where the passwords are."""
    from talentpulse.stack import overview

    settings = load_settings()
    if as_json:
        print(json.dumps([asdict(address) for address in overview.addresses(settings)], indent=2))
    else:
        print_urls(settings)


def doctor(as_json: AsJson = False) -> None:
    """Check machine, cache, services and settings; each failing check comes with its mend. Exit code 1 on failure."""
    from talentpulse.stack.doctor import examine

    checks = examine(load_settings())
    if as_json:
        print(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        table = Table("", "check", "found", "mend", box=None)
        for check in checks:
            sign = Text("ok", style="green") if check.ok else Text("FAIL", style="bold red")
            table.add_row(sign, check.name, Text(check.found), Text("" if check.ok else check.mend))
        _wide_console().print(table)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def clean(yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False) -> None:
    """Remove the stack's data, logs and secrets, after showing them and asking. The cache of fetched parts stays."""
    from talentpulse.stack.clean import removable, remove

    settings = load_settings()
    items = removable(settings)
    if not items:
        print(f"nothing to remove in {settings.home}")
        return
    for item in items:
        print(f"{decimal(item.size):>10}  {item.path}")
    if not yes:
        typer.confirm(f"Remove these ({decimal(sum(item.size for item in items))})? The data are lost", abort=True)
    remove(settings, items)


def print_urls(settings: Settings) -> None:
    """Print all addresses as a table."""
    from talentpulse.stack import overview

    table = Table("what", "address", "user", "password", box=None)
    for address in overview.addresses(settings):
        table.add_row(address.name, address.url, address.user, address.password)
    _wide_console().print(table)
    print(f"\nPasswords are in {settings.secrets_path}")


def _wide_console() -> Console:
    """A console that does not squeeze a table into the 80 columns of a terminal that is not there."""
    console = Console()
    return console if console.is_terminal else Console(width=200)
