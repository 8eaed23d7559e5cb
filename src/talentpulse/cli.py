"""The command line `pulse`: which commands there are, and how an error is told.

A command's code is imported when the command is called, so that `pulse --help` is quick.
"""

from __future__ import annotations

import importlib
import logging
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup

from talentpulse.errors import PulseError

HELP = """Global Talent Pulse: which skills employers ask for, where, and how that changes.

\b
New here?   pulse setup      fetch what the stack needs (once)
            pulse up         start it and wait until it is well
            pulse generate   let postings flow
            pulse sql        ask for the numbers
            pulse down       stop it; data stay

Every setting is an environment variable PULSE_..., or a line in .env. When something is wrong: pulse doctor.
"""


@dataclass(frozen=True)
class Entry:
    """A command: its name, where its code is (`module:name`), what it does, in which group of the help."""

    name: str
    code: str
    summary: str
    group: str


STACK, POSTINGS, ANSWERS, WORKSHOP = "The stack", "Postings", "Answers", "The workshop"
# Every command of `pulse` stands here, in the order of the help.
COMMANDS = (
    Entry("setup", "talentpulse.cli_stack:setup", "Fetch what is missing, and check it.", STACK),
    Entry("up", "talentpulse.cli_stack:up", "Start everything and wait until it is well.", STACK),
    Entry("down", "talentpulse.cli_stack:down", "Stop everything; data stay.", STACK),
    Entry("demo", "talentpulse.cli_lake:demo", "Start everything and show the first numbers.", STACK),
    Entry("status", "talentpulse.cli_stack:status", "What runs, and how it is.", STACK),
    Entry("logs", "talentpulse.cli_stack:logs", "The log of one program.", STACK),
    Entry("urls", "talentpulse.cli_stack:urls", "All addresses, with users and where passwords are.", STACK),
    Entry("doctor", "talentpulse.cli_stack:doctor", "Check everything; say how to mend what is wrong.", STACK),
    Entry("clean", "talentpulse.cli_stack:clean", "Remove the stack's data, after asking.", STACK),
    Entry("backup", "talentpulse.cli_backup:backup", "Save catalog and ledger as of one moment.", STACK),
    Entry("restore", "talentpulse.cli_backup:restore", "Put catalog and ledger back to a backup.", STACK),
    Entry("generate", "talentpulse.cli_sources:generate", "Send generated postings to the topic.", POSTINGS),
    Entry("load", "talentpulse.cli_sources:load", "Send real postings from files to the topic.", POSTINGS),
    Entry(
        "stream",
        "talentpulse.cli_stream:stream",
        "Decide what the stream may not: lost records, a new topic.",
        POSTINGS,
    ),
    Entry("quarantine", "talentpulse.cli_quarantine:quarantine", "What could not be read; read it again.", POSTINGS),
    Entry("audit", "talentpulse.cli_audit:audit", "Check that the numbers are right.", ANSWERS),
    Entry("cut", "talentpulse.cli_stream:cut", "Both tables as of one epoch, as SQL.", ANSWERS),
    Entry("sql", "talentpulse.cli_sql:sql", "Ask Trino, or open a prompt.", ANSWERS),
    Entry("views", "talentpulse.cli_sql:views", "The lake's views: list, diff, apply.", ANSWERS),
    Entry(
        "contracts", "talentpulse.cli_lake:contracts", "Write or check what is generated from the contracts.", WORKSHOP
    ),
    Entry("taxonomy", "talentpulse.cli_taxonomy:taxonomy", "The list of skills: check, compare, extend.", WORKSHOP),
    Entry("evaluate", "talentpulse.cli_evaluate:evaluate", "Measure how well postings are read.", WORKSHOP),
    Entry("bootstrap", "talentpulse.cli_lake:bootstrap", "Make bucket, tables, topic and views.", WORKSHOP),
    Entry("chaos", "talentpulse.cli_bench:chaos", "Let random faults strike, then audit.", WORKSHOP),
    Entry("bench", "talentpulse.cli_bench:bench", "Measure freshness, throughput, overhead.", WORKSHOP),
)


class _OnDemand(TyperCommand):
    """Stands in the help for a command whose module is imported when the command is called."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, help=entry.summary, rich_help_panel=entry.group)
        self._entry = entry

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        module, _, name = self._entry.code.partition(":")
        code = getattr(importlib.import_module(module), name)
        if isinstance(code, typer.Typer):
            return typer.main.get_group(code).make_context(*args, **kwargs)
        app = typer.Typer(add_completion=False)
        app.command(self._entry.name)(code)
        return typer.main.get_command(app).make_context(*args, **kwargs)


class _Commands(TyperGroup):
    """The table `COMMANDS` as a group."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> _OnDemand | None:
        return next((_OnDemand(entry) for entry in COMMANDS if entry.name == cmd_name), None)


app = typer.Typer(cls=_Commands, help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _pulse() -> None:
    """Nothing is common to all commands; typer wants a callback to take `cls`."""


def main() -> None:
    """Run `pulse`; what a user can mend is told in two lines, without a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # every refused connection is a warning there
    try:
        app()
    except PulseError as error:
        _tell(error.message, error.mend)
    except ValidationError as error:
        if error.title != "Settings":
            raise
        wrong = "; ".join(f"PULSE_{str(e['loc'][0]).upper()}: {e['msg']}, found {e['input']!r}" for e in error.errors())
        _tell(f"wrong settings: {wrong}", "correct the environment or .env")


def _tell(message: str, mend: str) -> NoReturn:
    print(f"error: {message}\n  mend: {mend}", file=sys.stderr)
    sys.exit(1)
