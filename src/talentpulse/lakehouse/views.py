"""The lake's views: read from sql/views, put in order, compared with what Trino has, and applied.

A file says what the view is in its header (`grain`, `reads`, `why`, then `column: meaning` where no contract has the
meaning) and holds one `create or replace view`. Drift is found between syntax trees, because Trino gives a view back in
its own layout.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from talentpulse.contracts import tables
from talentpulse.errors import PulseError
from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT, Settings

VIEWS_FOLDER = PROJECT_ROOT / "sql" / "views"
HEADER_WORDS = ("grain", "reads", "why")
State = Literal["missing", "same", "changed", "unknown"]


@dataclass(frozen=True)
class View:
    """One declared view: `name` is schema.view, `reads` the three-part names of tables and views below it."""

    name: str
    statement: str
    body: exp.Query
    grain: str
    reads: frozenset[str]
    comments: dict[str, str]

    @property
    def columns(self) -> list[str]:
        """Output columns in order."""
        return self.body.named_selects


@dataclass(frozen=True)
class Live:
    """A view as Trino has it: its query, its comment and those of its columns."""

    definition: str
    grain: str
    comments: dict[str, str]


@dataclass(frozen=True)
class ViewState:
    """How a view in Trino compares with its file; `diff` runs from Trino to the file, `is_applied` when it was written."""

    name: str
    state: State
    diff: str = ""
    is_applied: bool = False


def parse_header(text: str) -> dict[str, str]:
    """The `-- word: meaning` lines on top of a file, in order; an indented comment line continues the one above."""
    entries: dict[str, str] = {}
    word = ""
    for line in text.splitlines():
        if match := re.fullmatch(r"-- (\w+): (.+)", line):
            word = match[1]
            entries[word] = match[2]
        elif word and (match := re.fullmatch(r"--\s{2,}(\S.*)", line)):
            entries[word] += f" {match[1]}"
        else:
            break
    return entries


def parse_view(text: str, name: str) -> View:
    """Read one file's text; `name` (schema.view) is what its path says.

    Raises:
        PulseError: the header lacks a word or describes no column, or the file is not one `create or replace view`.
    """
    mend = f"correct sql/views/{name.replace('.', '/')}.sql: a header, then one `create or replace view lake.{name} as`"
    header = parse_header(text)
    if lacking := [word for word in HEADER_WORDS if not header.get(word)]:
        raise PulseError(f"view {name}: its header lacks {', '.join(lacking)}", mend)
    try:
        statements = [statement for statement in sqlglot.parse(text, read="trino") if statement is not None]
    except SqlglotError as error:
        raise PulseError(f"view {name} cannot be parsed: {error}", mend) from error
    if len(statements) != 1 or not isinstance(create := statements[0], exp.Create) or create.kind != "VIEW":
        raise PulseError(f"view {name}: expected one view in the file, found {len(statements)} statement(s)", mend)
    found = ".".join(part.name for part in create.this.parts)
    if found != f"lake.{name}" or not create.args.get("replace"):
        raise PulseError(f"view {name}: the file makes {found}", mend)
    body = create.expression
    meanings = {word: meaning for word, meaning in header.items() if word not in HEADER_WORDS}
    if strangers := [column for column in meanings if column not in body.named_selects]:
        raise PulseError(f"view {name}: its header describes what is no column: {', '.join(strangers)}", mend)
    return View(name, text.strip().rstrip(";"), body, header["grain"], meanings)


def read_views(folder: Path = VIEWS_FOLDER) -> list[View]:
    """All views of `folder`/<schema>/<view>.sql, each after those that it reads, with a meaning for every column.

    A column without a line in the header has the meaning that the table or view below it gives to the same name.

    Raises:
        PulseError: a file is not well formed, or views read each other in a circle.
    """
    paths = sorted(folder.glob("*/*.sql"))
    declared = {f"{p.parent.name}.{p.stem}": parse_view(p.read_text("utf-8"), f"{p.parent.name}.{p.stem}") for p in paths}
    graph = {name: {below for below in view.reads if below in declared} for name, view in declared.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise PulseError(f"views read each other in a circle: {circle}", "take one of these reads out") from error
    meanings = {table.name: {c.name: c.description for c in table.columns} for table in tables().values()}
    views = []
    for name in order:
        view = declared[name]
        inherited = {column: text for below in sorted(view.reads) for column, text in meanings.get(below, {}).items()}
        known = inherited | view.comments
        meanings[name] = {column: known[column] for column in view.columns if column in known}
        views.append(replace(view, comments=meanings[name]))
    return views


def normal_form(query_tree: exp.Expr) -> str:
    """A query's text in one layout: same text, same meaning, whoever wrote it down.

    Trino gives a view back with every operator and every join in parentheses; here they are dropped and set anew.
    """
    tree = normalize_identifiers(query_tree.copy(), dialect="trino")
    for paren in list(tree.find_all(exp.Paren)):
        paren.replace(paren.this)
    # innermost first: ((a join b) join c) becomes a join b join c
    for wrapped in reversed([node for node in tree.find_all(exp.Subquery) if isinstance(node.this, exp.Table)]):
        _unwrap_joins(wrapped)
    for node in list(tree.find_all(exp.Binary, exp.Unary)):
        if _is_operator(node) and node.parent is not None and _is_operator(node.parent):
            node.replace(exp.Paren(this=node.copy()))
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", False)
    for number in tree.find_all(exp.Literal):
        if not number.is_string:
            number.set("this", number.this.lower())
    return tree.sql(dialect="trino", pretty=True, comments=False)


def _is_operator(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Binary, exp.Unary)) and not isinstance(node, (exp.Dot, exp.Func, exp.Paren))


def _unwrap_joins(wrapped: exp.Subquery) -> None:
    table = wrapped.this
    joins = [*(table.args.get("joins") or []), *(wrapped.args.get("joins") or [])]
    table.set("joins", None)
    parent = wrapped.parent
    wrapped.replace(table)
    if isinstance(parent, exp.From):
        parent.parent.set("joins", [*joins, *(parent.parent.args.get("joins") or [])])
    else:
        table.set("joins", joins)
