"""SQL files against the linter and the contracts: one described object a file, no column that nobody declares."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from talentpulse.contracts import tables
from talentpulse.contracts.compiled import TRINO, render_type
from talentpulse.lakehouse.views import VIEWS_FOLDER, parse_header, read_views
from talentpulse.settings import PROJECT_ROOT

SQL = PROJECT_ROOT / "sql"
VIEWS = sorted(VIEWS_FOLDER.glob("*/*.sql"))
QUERIES = sorted([*(SQL / "queries").glob("*.sql"), *(SQL / "audit").glob("*.sql")])
Schema = dict[str, dict[str, dict[str, dict[str, str]]]]


def declared() -> Schema:
    """catalog -> schema -> table -> column -> type, of the contracts' tables and of the views above them."""
    schema: Schema = {"lake": {}, "ops": {}}
    for table in tables().values():
        catalog = "lake" if table.store == "iceberg" else "ops"
        kinds = {c.name: "JSON" if c.type == "json" else render_type(c.type, TRINO) for c in table.columns}
        schema[catalog].setdefault(table.schema_name, {})[table.table_name] = kinds
    for view in read_views():
        layer, name = view.name.split(".")
        # only the names are compared; UNKNOWN stands for what Trino works out
        schema["lake"].setdefault(layer, {})[name] = dict.fromkeys(view.columns, "UNKNOWN")
    return schema


def unknown_names(body: exp.Expr, schema: Schema) -> str:
    """What the query reads that nobody declares, in the qualifier's words; empty when all is declared."""
    for table in body.find_all(exp.Table):
        if table.db and table.name not in schema.get(table.catalog, {}).get(table.db, {}):
            return f"table {table.sql('trino')}"
    try:
        qualify(body.copy(), schema=schema, dialect="trino", validate_qualify_columns=True)
    except sqlglot.errors.OptimizeError as error:
        return str(error)
    return ""


def body_of(path: Path) -> exp.Expr:
    (statement,) = sqlglot.parse(path.read_text("utf-8"), read="trino")
    assert statement is not None
    return statement.expression if isinstance(statement, exp.Create) else statement


def identifier(path: Path) -> str:
    return str(path.relative_to(SQL))


def test_every_file_passes_the_linter() -> None:
    linter = Linter(config=FluffConfig.from_path(str(PROJECT_ROOT)))
    result = linter.lint_path(str(SQL))
    found = [f"{f.path}:{v.line_no} {v.rule_code()} {v.desc()}" for f in result.files for v in f.get_violations()]
    assert len(result.files) >= len(VIEWS) + len(QUERIES)
    assert found == []


def test_the_linter_sees_a_fault_in_trino_and_in_postgres_files() -> None:
    for folder, statement in (("views", "SELECT a from t\n"), ("guards", "select a FROM t\n")):
        config = FluffConfig.from_path(str(SQL / folder))
        assert [v.rule_code() for v in Linter(config=config).lint_string(statement).violations] == ["CP01"]


@pytest.mark.parametrize("path", VIEWS + QUERIES, ids=identifier)
def test_every_column_is_declared_by_a_contract_or_a_view(path: Path) -> None:
    assert unknown_names(body_of(path), declared()) == ""


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("select skil from lake.gold.skill_trends", "skil"),
        ("select t.evnts from lake.gold.v_skill_share as t", "evnts"),
        ("select 1 as one from ops.ops.epoch", "ops.ops.epoch"),
    ],
)
def test_a_name_that_nobody_declares_is_named(query: str, complaint: str) -> None:
    assert complaint in unknown_names(sqlglot.parse_one(query, read="trino"), declared())


@pytest.mark.parametrize("path", VIEWS + QUERIES, ids=identifier)
def test_a_file_holds_one_statement_without_select_star(path: Path) -> None:
    assert [star.parent_select.sql() for star in body_of(path).find_all(exp.Star) if _selects(star)] == []


def _selects(star: exp.Star) -> bool:
    return isinstance(star.parent, (exp.Select, exp.Column))


@pytest.mark.parametrize("path", VIEWS + QUERIES, ids=identifier)
def test_the_header_says_what_the_file_is_for_and_what_it_reads(path: Path) -> None:
    header = parse_header(path.read_text("utf-8"))
    assert set(header) >= ({"grain", "reads", "why"} if path in VIEWS else {"question", "reads"})
    read = {f"{table.db}.{table.name}" for table in body_of(path).find_all(exp.Table) if table.db}
    assert set(header["reads"].split(", ")) == read


@pytest.mark.parametrize("path", VIEWS + QUERIES, ids=identifier)
def test_every_table_is_named_in_three_parts(path: Path) -> None:
    body = body_of(path)
    ctes = {cte.alias for cte in body.find_all(exp.CTE)}
    named = [table for table in body.find_all(exp.Table) if table.name not in ctes or table.db]
    assert [table.sql("trino") for table in named if not table.catalog] == []


@pytest.mark.parametrize("path", VIEWS, ids=identifier)
def test_a_view_is_named_as_its_file(path: Path) -> None:
    (statement,) = sqlglot.parse(path.read_text("utf-8"), read="trino")
    assert isinstance(statement, exp.Create)
    assert statement.this.sql("trino") == f"lake.{path.parent.name}.{path.stem}"
