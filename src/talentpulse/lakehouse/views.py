"""The lake's views: read from sql/views, put in order, compared with what Trino has, and applied.

A file says what the view is in its header (`grain`, `reads`, `why`, then `column: meaning` where no contract
has the meaning) and holds one `create or replace view`. Drift is found between syntax trees, because
Trino gives a view back in its own layout.
"""

from __future__ import annotations

import difflib
import re
from concurrent.futures import ThreadPoolExecutor
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
DEFINITIONS = "select table_schema, table_name, view_definition from lake.information_schema.views"
VIEW_COMMENTS = """
select schema_name, table_name, comment from system.metadata.table_comments
where catalog_name = 'lake' and schema_name = ? and comment is not null
"""
# asked view by view: for a whole schema Trino takes seconds
COLUMN_COMMENTS = """
select column_name, comment from lake.information_schema.columns
where table_schema = ? and table_name = ? and comment is not null
"""
CONNECTIONS = 4  # comments are read and written one by one, which is mostly waiting
State = Literal["missing", "same", "changed", "unknown"]


@dataclass(frozen=True)
class View:
    """One declared view: `name` is schema.view, `statement` makes it, `comments` explain its columns."""

    name: str
    statement: str
    body: exp.Query
    grain: str
    comments: dict[str, str]

    @property
    def columns(self) -> list[str]:
        """Output columns in order."""
        return self.body.named_selects

    @property
    def reads(self) -> frozenset[str]:
        """Tables and views below it, schema.table."""
        return frozenset(f"{table.db}.{table.name}" for table in self.body.find_all(exp.Table) if table.db)


@dataclass(frozen=True)
class LiveView:
    """A view as Trino has it: its query, its comment and those of its columns."""

    definition: str
    grain: str
    comments: dict[str, str]


@dataclass(frozen=True)
class ViewState:
    """How a view in Trino compares with its file; `diff` leads from Trino to the file.

    `is_applied` says that the view was written (or, where unknown, dropped).
    """

    name: str
    state: State
    diff: str = ""
    is_applied: bool = False


def parse_header(text: str) -> dict[str, str]:
    """The `-- word: meaning` lines on top of a file, in order; an indented line continues the one above."""
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
        PulseError: the header lacks a word or describes no column, or the file is not one view.
    """
    file = f"sql/views/{name.replace('.', '/')}.sql"
    mend = f"correct {file}: a header, then one `create or replace view lake.{name} as`"
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
    """All views of `folder`/<schema>/<view>.sql, each after those that it reads.

    A column without a line in the header means what the table or view below says of the same name.

    Raises:
        PulseError: a file is not well formed, or views read each other in a circle.
    """
    paths = sorted(folder.glob("*/*.sql"))
    declared = {
        f"{p.parent.name}.{p.stem}": parse_view(p.read_text("utf-8"), f"{p.parent.name}.{p.stem}") for p in paths
    }
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
    """A query's text in one layout, so that equal text means equal queries, whoever wrote them down.

    Trino gives a view back with every operator and join in parentheses; they are dropped and set anew.
    """
    tree = normalize_identifiers(query_tree.copy(), dialect="trino")
    for paren in list(tree.find_all(exp.Paren)):
        paren.replace(paren.this)
    while wrapped := next((node for node in tree.find_all(exp.Subquery) if _holds_joins_only(node)), None):
        _unwrap_joins(wrapped)
    # the innermost first, so that what is wrapped already moves along
    for node in reversed(list(tree.find_all(exp.Binary, exp.Unary))):
        if _is_operator(node) and _is_operator(node.parent) and not _continues(node):
            node.replace(exp.Paren(this=node.copy()))
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", False)
    for literal in tree.find_all(exp.Literal):
        if not literal.is_string:
            literal.set("this", literal.name.lower())
    return tree.sql(dialect="trino", pretty=True, comments=False)


def _is_operator(node: exp.Expr | None) -> bool:
    if isinstance(node, exp.Connector):
        return True
    return isinstance(node, (exp.Binary, exp.Unary)) and not isinstance(node, (exp.Dot, exp.Func))


def _continues(node: exp.Expr) -> bool:
    """The left part of a chain, as `a and b` in `a and b and c`: everybody reads that from the left."""
    return type(node) is type(node.parent) and node.arg_key == "this"


def _holds_joins_only(node: exp.Subquery) -> bool:
    return isinstance(node.this, exp.Table) and not node.alias and isinstance(node.parent, (exp.From, exp.Subquery))


def _unwrap_joins(wrapped: exp.Subquery) -> None:
    """`from ((a join b) join c)` is `from a join b join c`."""
    table, holder = wrapped.this, wrapped.parent
    joins = [*(table.args.get("joins") or []), *(wrapped.args.get("joins") or [])]
    table.set("joins", None)
    wrapped.replace(table)
    if isinstance(holder, exp.From) and holder.parent is not None:
        holder.parent.set("joins", [*joins, *(holder.parent.args.get("joins") or [])])
    else:
        table.set("joins", joins)


def compare(view: View, live: LiveView | None) -> ViewState:
    """The state of one declared view, with a unified diff where query, grain or a column's meaning differ."""
    if live is None:
        return ViewState(view.name, "missing")
    wanted = _described(view.body, view.grain, view.comments)
    found = _described(sqlglot.parse_one(live.definition, read="trino"), live.grain, live.comments)
    if wanted == found:
        return ViewState(view.name, "same")
    lines = difflib.unified_diff(found, wanted, f"{view.name} in Trino", f"{view.name} in its file", lineterm="")
    return ViewState(view.name, "changed", "\n".join(lines))


def _described(body: exp.Expr, grain: str, comments: dict[str, str]) -> list[str]:
    header = [f"-- grain: {grain}", *(f"-- {column}: {comments[column]}" for column in sorted(comments))]
    return [*header, *normal_form(body).splitlines()]


def live_views(settings: Settings) -> dict[str, LiveView]:
    """The lake's views that Trino has, by schema.view."""
    definitions = {(schema, name): text for schema, name, text in query(settings, DEFINITIONS).rows}
    grains = {
        (schema, name): comment
        for wanted in sorted({schema for schema, _ in definitions})
        for schema, name, comment in query(settings, VIEW_COMMENTS, [wanted]).rows
    }
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        comments = pool.map(lambda key: dict(query(settings, COLUMN_COMMENTS, key).rows), definitions)
        return {
            f"{schema}.{name}": LiveView(text, grains.get((schema, name), ""), columns)
            for ((schema, name), text), columns in zip(definitions.items(), comments, strict=True)
        }


def view_states(settings: Settings) -> list[ViewState]:
    """Every declared view in the order of dependency, then the views of the lake that no file declares."""
    declared, live = read_views(), live_views(settings)
    names = {view.name for view in declared}
    known = [compare(view, live.get(view.name)) for view in declared]
    return known + [ViewState(name, "unknown") for name in sorted(live) if name not in names]


def apply_views(settings: Settings, *, prune: bool = False) -> list[ViewState]:
    """Make Trino's views what the files say; returns the states found, with what was written.

    A view that is the same is left alone, unless one below it was written: Trino refuses to read a view whose
    column types have moved. Views that no file declares stay, unless `prune` drops them.

    Raises:
        PulseError: a file is not well formed, Trino refuses a view, or Trino does not answer.
    """
    declared = {view.name: view for view in read_views()}
    written: set[str] = set()
    done = []
    for found in view_states(settings):
        view = declared.get(found.name)
        if view is None:
            if prune:
                schema, name = found.name.split(".")
                query(settings, f'drop view lake."{schema}"."{name}"')
            done.append(replace(found, is_applied=prune))
        elif found.state != "same" or view.reads & written:
            query(settings, view.statement)
            written.add(view.name)
            done.append(replace(found, is_applied=True))
        else:
            done.append(found)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda name: _comment(settings, declared[name]), sorted(written)))
    return done


def _comment(settings: Settings, view: View) -> None:
    """Write the view's grain and the meaning of its columns where Metabase and others show them."""
    query(settings, f"comment on view lake.{view.name} is {_literal(view.grain)}")
    for column, meaning in view.comments.items():
        query(settings, f'comment on column lake.{view.name}."{column}" is {_literal(meaning)}')


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
