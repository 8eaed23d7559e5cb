"""`pulse sql` and `pulse views`: ask Trino from the command line, keep the lake's views as declared."""

from __future__ import annotations

import atexit
import csv
import difflib
import json
import math
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from datetime import time as clock_time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from talentpulse.errors import PulseError
from talentpulse.lakehouse.trino import QueryError, Result, query
from talentpulse.lakehouse.views import State, ViewState, apply_views, read_views, view_states
from talentpulse.settings import Settings, load_settings

READING = frozenset({"select", "with", "values", "table", "show", "describe", "desc", "explain"})
NUMBERS = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "number")
SHOWN_BYTES = 24
FOLDED = 28  # an instant with microseconds still fits
# a string, a quoted name or a comment, closed or not, hides the semicolons in it
PIECE = re.compile(r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|;""", re.DOTALL)
COMMENT = re.compile(r"\A(?:\s|\(|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
EXPLAIN = re.compile(r"\Aexplain\s+(?:analyze\s+)?(?:verbose\s+)?(?:\([^)]*\)\s*)?", re.IGNORECASE)
WRONG_NAME = re.compile(r"(Catalog|Schema|Table|Column) '([^']+)' (?:does not exist|not found|cannot be resolved)")
TABLE_NAMES = """
select table_catalog || '.' || table_schema || '.' || table_name as name
from lake.information_schema.tables where table_schema not in ('information_schema', 'system')
union all
select table_catalog || '.' || table_schema || '.' || table_name
from ops.information_schema.tables where table_schema = 'ops'
order by 1
"""
HELP = r"""End a statement with ;  Its rows are shown when it is done, Ctrl-C stops it.
\d        tables and views            \d NAME   columns of one
\?        this help                   \q        leave"""

views = typer.Typer(no_args_is_help=True, help="The lake's views: what the files say against what Trino has.")


@dataclass(frozen=True)
class Asking:
    """How one call of `pulse sql` asks and shows."""

    settings: Settings
    layout: str
    max_rows: int
    may_write: bool
    console: Console


def split_statements(text: str) -> tuple[list[str], str]:
    """Statements that a semicolon ends, and what is left after the last; comments are no statement."""
    statements, start = [], 0
    for piece in PIECE.finditer(text):
        if piece[0] == ";":
            statements.append(text[start : piece.start()].strip())
            start = piece.end()
    rest = text[start:].strip()
    return [s for s in statements if first_word(s)], rest if first_word(rest) else ""


def first_word(statement: str) -> str:
    """The statement's verb in lower case, behind comments and parentheses; empty if there is nothing else."""
    match = re.match(r"\S\w*", COMMENT.sub("", statement))
    return match[0].lower() if match else ""


def is_reading(statement: str) -> bool:
    """Whether the statement only reads. A fence against slips; against intent there are roles."""
    word = first_word(statement)
    if word == "explain":
        # EXPLAIN ANALYZE runs what it explains
        return is_reading(EXPLAIN.sub("", COMMENT.sub("", statement)))
    return word in READING


def nearest_tables(wrong: str, statement: str, names: list[str]) -> list[str]:
    """Up to three of `names` (catalog.schema.table) close to the name in the statement that has `wrong` in it.

    Where the table itself exists under another schema or catalog, only that.
    """
    written = re.search(rf"[\w.]*\b{re.escape(wrong)}\b[\w.]*", statement, re.IGNORECASE)
    table = (written[0] if written else wrong).lower().split(".")[-1]
    by_table = {name.split(".")[-1]: name for name in names}
    elsewhere = [name for name in names if name.split(".")[-1] == table]
    return elsewhere[:3] or [by_table[close] for close in difflib.get_close_matches(table, by_table, n=3)]


def nearest_columns(wrong: str, columns: list[str]) -> list[str]:
    """Up to three of `columns` close to the name in Trino's message, which may carry its table."""
    return difflib.get_close_matches(wrong.lower().split(".")[-1], columns, n=3)


def suggestions(error: QueryError, statement: str, settings: Settings) -> list[str]:
    """Existing names near the one that Trino does not know; none where it complains about something else."""
    match = WRONG_NAME.search(error.message)
    if match is None:
        return []
    names = [str(name) for (name,) in query(settings, TABLE_NAMES).rows]
    if match[1] != "Column":
        return nearest_tables(match[2], statement, names)
    read = [n for n in names if re.search(rf"\b{re.escape(n.split('.')[-1])}\b", statement, re.IGNORECASE)]
    columns = {str(row[0]) for name in read for row in query(settings, f"describe {name}").rows}
    return nearest_columns(match[2], sorted(columns))


def ask(asking: Asking, statement: str) -> Result:
    """Run one statement.

    Raises:
        PulseError: it would write and may not, or Trino refused it; a wrong name brings the nearest.
    """
    if not asking.may_write and not is_reading(statement):
        raise PulseError(f"{first_word(statement).upper()} would change something", "add --write if that is meant")
    try:
        return query(asking.settings, statement, max_rows=asking.max_rows)
    except QueryError as error:
        if names := suggestions(error, statement, asking.settings):
            raise PulseError(error.message, f"did you mean {' or '.join(names)}?") from error
        raise


def answer(asking: Asking, statement: str) -> None:
    """Run one statement and show what it returned, in the layout asked for."""
    begin = time.monotonic()
    result = ask(asking, statement)
    seconds = time.monotonic() - begin
    if asking.layout == "json":
        rows = [dict(zip((c.name for c in result.columns), row, strict=True)) for row in result.rows]
        print(json.dumps(_plain(rows), ensure_ascii=False, indent=2))
    elif asking.layout == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(column.name for column in result.columns)
        writer.writerows([_csv_field(value) for value in row] for row in result.rows)
    else:
        if result.columns:
            show_rows(asking.console, result)
        done = f"{len(result.rows):,} row{'' if len(result.rows) == 1 else 's'}" if result.columns else "done"
        asking.console.print(Text(f"{done} in {seconds:.2f} s", style="dim"))
    if result.is_cut:
        Console(stderr=True).print(f"More rows were left out: --max-rows is {asking.max_rows:,}.", style="yellow")


def show_rows(console: Console, result: Result) -> None:
    """Print rows as a table, or one under the other where the console is too narrow for that."""
    if not result.rows or _least_width(result) <= console.width:
        console.print(result_table(result))
        return
    for number, row in enumerate(result.rows, start=1):
        record = Table(title=f"row {number}", title_justify="left", show_header=False)
        for column, value in zip(result.columns, row, strict=True):
            record.add_row(Text(column.name, style="bold"), _cell(value))
        console.print(record)


def _least_width(result: Result) -> int:
    """Columns of text that the table needs so that only long text is folded."""
    cells = zip(*([shown(value) for value in row] for row in result.rows), strict=True)
    wide = (
        max(len(column.name), *map(len, column_cells))
        for column, column_cells in zip(result.columns, cells, strict=True)
    )
    return sum(min(width, FOLDED) + 3 for width in wide) + 1


def result_table(result: Result) -> Table:
    """Rows as a table: name and type on top, numbers to the right, null as a dim sign."""
    table = Table(header_style="bold")
    for column in result.columns:
        kind = re.sub(r"timestamp\(\d+\) with time zone", "timestamptz", column.type)
        heading = Text.assemble(column.name, "\n", (kind, "dim not bold"))
        justify: Literal["left", "right"] = "right" if column.type.startswith(NUMBERS) else "left"
        table.add_column(heading, justify=justify, overflow="fold")
    for row in result.rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> Text:
    return Text("∅", style="dim") if value is None else Text(shown(value))


def shown(value: Any) -> str:
    """A value as people read it, on one line; control characters of postings are spelt out."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}" if value == 0 or 1e-4 <= abs(value) < 1e6 else repr(value)
    if isinstance(value, bytes):
        return f"0x{value[:SHOWN_BYTES].hex()}{'…' if len(value) > SHOWN_BYTES else ''}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join('∅' if item is None else shown(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{shown(key)}: {shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, (date, clock_time)):
        return str(value).replace("+00:00", "Z")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))


def _plain(value: Any) -> Any:
    """What JSON can hold: instants in ISO 8601, bytes in hexadecimal, exact decimals as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, (date, clock_time)) else str(value)


def _csv_field(value: Any) -> Any:
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, (dict, list, bool)) else plain


def prompt(asking: Asking, read: Callable[[str], str] = input) -> None:
    """Ask and answer until `\\q` or the end of input; an error is shown and the prompt goes on."""
    mode = "reading and writing" if asking.may_write else "read only"
    greeting = rf"Trino, {mode}. End with ;  \d lists tables, \? helps, \q leaves."
    asking.console.print(greeting, style="dim", markup=False, highlight=False)
    for statement in _typed(asking, read):
        try:
            answer(asking, statement)
        except PulseError as error:
            complain(asking.console, error)
        except KeyboardInterrupt:
            asking.console.print("stopped", style="yellow")


def _typed(asking: Asking, read: Callable[[str], str]) -> Iterator[str]:
    """Statements as they are completed at the prompt; a backslash command becomes one, or is answered here."""
    pending = ""
    while True:
        try:
            line = read("pulse> " if not pending else "    -> ")
        except KeyboardInterrupt:
            pending = ""
            asking.console.print()
            continue
        except EOFError:
            return
        command = line.strip().rstrip(";") if not pending else ""
        if command in ("\\q", "quit", "exit"):
            return
        if command == "\\d":
            yield TABLE_NAMES
        elif command.startswith("\\d "):
            yield f"describe {command[3:].strip()}"
        elif command.startswith("\\"):
            asking.console.print(HELP, markup=False)
        else:
            statements, pending = split_statements(f"{pending}\n{line}")
            yield from statements


def complain(console: Console, error: PulseError) -> None:
    """Print an error and what mends it."""
    console.print(Text.assemble((error.message, "red"), "\n", (error.mend, "yellow")))


def _keep_history(settings: Settings) -> None:
    """Line editing, and a history that outlives the prompt."""
    import readline  # only a prompt has lines to edit

    history = settings.home / "sql_history"
    settings.home.mkdir(parents=True, exist_ok=True)
    history.touch(mode=0o600)
    readline.read_history_file(history)
    readline.set_history_length(1000)
    atexit.register(readline.write_history_file, history)


def sql(
    text: Annotated[str | None, typer.Argument(help="Statements; without any, a prompt opens.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Read the statements from a file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Rows as JSON objects.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Rows as CSV with a header.")] = False,
    max_rows: Annotated[int, typer.Option(min=1, help="Most rows of one statement.")] = 1000,
    write: Annotated[bool, typer.Option("--write", help="Allow statements that change something.")] = False,
) -> None:
    """Ask Trino: print the rows of SQL statements, or open a prompt."""
    if as_json and as_csv:
        raise PulseError("--json and --csv exclude each other", "leave one of them out")
    if text is not None and file is not None:
        raise PulseError("statements were given twice, as an argument and as a file", "leave one of them out")
    layout = "json" if as_json else "csv" if as_csv else "table"
    # what is piped on shall not be squeezed into the 80 columns of a terminal that is not there
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    asking = Asking(load_settings(), layout, max_rows, write, console)
    if text is None and file is None:
        if sys.stdin.isatty():
            _keep_history(asking.settings)
            prompt(asking)
            return
        text = sys.stdin.read()
    statements, rest = split_statements(_read(file) if file is not None else str(text))
    for statement in [*statements, *([rest] if rest else [])]:
        answer(asking, statement)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PulseError(f"cannot read {file}: {error}", "name a text file with SQL in it") from error


STYLES: dict[State, str] = {"same": "green", "missing": "yellow", "changed": "yellow", "unknown": "magenta"}


@views.command("list")
def list_views() -> None:
    """Show the views that the files declare, each after those that it reads."""
    table = Table("view", "grain", "reads")
    for view in read_views():
        table.add_row(view.name, view.grain, ", ".join(sorted(view.reads)))
    Console().print(table)


@views.command("diff")
def diff_views() -> None:
    """Show where Trino differs from the files; exit code 1 if it does."""
    states = view_states(load_settings())
    _show_states(states, done="")
    if any(state.state != "same" for state in states):
        raise typer.Exit(1)


@views.command("apply")
def apply(
    prune: Annotated[bool, typer.Option(help="Also drop the lake's views that no file declares.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Drop without asking.")] = False,
) -> None:
    """Make Trino's views what the files say; what is the same is not touched."""
    settings = load_settings()
    if prune and not yes:
        doomed = [state.name for state in view_states(settings) if state.state == "unknown"]
        if doomed:
            typer.confirm(f"Drop {', '.join(doomed)}?", abort=True)
    _show_states(apply_views(settings, prune=prune), done="written")


def _show_states(states: list[ViewState], done: str) -> None:
    console = Console()
    table = Table("view", "state", *([""] if done else []))
    for state in states:
        note = "" if not state.is_applied else "dropped" if state.state == "unknown" else done
        table.add_row(state.name, Text(state.state, style=STYLES[state.state]), *([note] if done else []))
    console.print(table)
    for state in states:
        if state.diff:
            console.print(Syntax(state.diff, "diff", background_color="default", word_wrap=True))
    if not done and any(state.state in ("missing", "changed") for state in states):
        console.print("`pulse views apply` makes Trino's views what the files say.", style="dim")
    if any(state.state == "unknown" and not state.is_applied for state in states):
        console.print("No file declares the unknown views; `pulse views apply --prune` drops them.", style="dim")
