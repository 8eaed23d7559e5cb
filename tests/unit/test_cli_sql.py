"""`pulse sql`: how text becomes statements, what is let through, how values and errors look."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from talentpulse import cli_sql
from talentpulse.cli_sql import (
    Asking,
    ask,
    first_word,
    is_reading,
    nearest_columns,
    nearest_tables,
    prompt,
    show_rows,
    shown,
    split_statements,
)
from talentpulse.errors import PulseError
from talentpulse.lakehouse.trino import Result, ResultColumn
from talentpulse.settings import load_settings

NAMES = ["lake.gold.skill_trends", "lake.gold.v_lag", "lake.gold.v_skill_share", "ops.ops.epochs"]


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that nothing answers on: bound, and not listening."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def asking(port: int, home: Path, *, may_write: bool = False) -> Asking:
    console = Console(file=StringIO(), width=120)
    return Asking(load_settings(trino_port=port, home=home), "table", 10, may_write, console)


def printed(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def rendered(result: Result, width: int) -> str:
    console = Console(file=StringIO(), width=width)
    show_rows(console, result)
    return printed(console)


def test_semicolons_end_statements_and_the_rest_waits() -> None:
    assert split_statements("select 1; select\n2 ;select 3") == (["select 1", "select\n2"], "select 3")


def test_a_semicolon_in_text_a_name_or_a_comment_ends_nothing() -> None:
    text = "select 'a;''b' as \"c;d\" -- e;f\n/* g;h */ from t;"
    assert split_statements(text) == ([text[:-1]], "")


def test_an_open_quote_waits_for_its_end() -> None:
    assert split_statements("select 'a;") == ([], "select 'a;")


def test_comments_alone_are_no_statement() -> None:
    assert split_statements("-- nothing;\n; /* here */ ;") == ([], "")


@pytest.mark.parametrize(
    "statement",
    [
        "select 1",
        "-- why\n(SELECT 1)",
        "/* a */ with t as (select 1) select * from t",
        "values 1",
        "show tables",
        "DESCRIBE t",
        "explain select 1",
        "explain analyze verbose select 1",
        "explain (type distributed, format json) select 1",
    ],
)
def test_what_only_reads_is_let_through(statement: str) -> None:
    assert is_reading(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t values 1",
        "-- select\ndelete from t",
        "drop view v",
        "call system.flush()",
        "explain analyze delete from t",
        "execute immediate 'drop table t'",
        "selectx",
        "",
    ],
)
def test_what_may_change_something_needs_to_be_allowed(statement: str) -> None:
    assert not is_reading(statement)


def test_a_statement_that_writes_is_refused_before_trino_hears_of_it(free_port: int, tmp_path: Path) -> None:
    with pytest.raises(PulseError, match="DROP would change something") as caught:
        ask(asking(free_port, tmp_path), "drop table t")
    assert "--write" in caught.value.mend


def test_a_trino_that_is_down_is_named_with_its_address_and_the_mend(free_port: int, tmp_path: Path) -> None:
    with pytest.raises(PulseError, match=f"does not answer at 127.0.0.1:{free_port}") as caught:
        ask(asking(free_port, tmp_path, may_write=True), "drop table t")
    assert "pulse up" in caught.value.mend


def test_the_prompt_collects_lines_survives_an_error_and_ends(free_port: int, tmp_path: Path) -> None:
    talk = asking(free_port, tmp_path)
    lines = iter(["\\?", "drop", "table t;", "select 1;", "\\q", "drop table never;"])
    asked: list[str] = []

    def read(mark: str) -> str:
        asked.append(mark.strip())
        return next(lines)

    prompt(talk, read)
    text = printed(talk.console)
    assert asked == ["pulse>", "pulse>", "->", "pulse>", "pulse>"]
    assert "read only" in text
    assert text.index("columns of one") < text.index("DROP would change") < text.index("does not answer")
    assert next(lines) == "drop table never;"


def test_the_end_of_input_ends_the_prompt_and_ctrl_c_only_the_statement(free_port: int, tmp_path: Path) -> None:
    events: Iterator[str | type[BaseException]] = iter(["select", KeyboardInterrupt, "drop table t;", EOFError])

    def read(mark: str) -> str:
        event = next(events)
        if isinstance(event, str):
            return event
        raise event

    talk = asking(free_port, tmp_path)
    prompt(talk, read)
    assert "DROP would change something" in printed(talk.console)


def test_the_nearest_tables_are_suggested() -> None:
    assert nearest_tables("lake.gold.v_skil_share", "select * from v_skil_share", NAMES)[0] == NAMES[2]
    assert nearest_tables("lake.gold.skil_trend", "select 1 from skil_trend", NAMES)[0] == NAMES[0]
    assert nearest_tables("lake.gold.zzzzzzzz", "select 1 from zzzzzzzz", NAMES) == []


def test_a_table_in_another_schema_or_catalog_is_suggested_alone() -> None:
    assert nearest_tables("lake.gold.epochs", "select 1 from epochs", NAMES) == ["ops.ops.epochs"]
    assert nearest_tables("gld", "select 1 from gld.v_lag", NAMES) == ["lake.gold.v_lag"]
    assert nearest_tables("lak", "select 1 from Lak.gold.V_LAG", NAMES) == ["lake.gold.v_lag"]


def test_the_nearest_columns_are_suggested_also_behind_a_table() -> None:
    assert nearest_columns("t.skil", ["events", "skill", "region"]) == ["skill"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (12345678, "12345678"),
        (0.123456789, "0.123457"),
        (1234567.5, "1234567.5"),
        (b"\x00\xff", "0x00ff"),
        (b"a" * 30, f"0x{'61' * 24}…"),
        (["python", None], "[python, ∅]"),
        ({"a": 1}, "{a: 1}"),
        (datetime(2026, 3, 15, 10, 30, tzinfo=UTC), "2026-03-15 10:30:00Z"),
        ("a\x1b[31mb\nc", "a\\x1b[31mb\\nc"),
    ],
)
def test_values_are_shown_on_one_line_and_without_control_characters(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_table_has_types_numbers_to_the_right_and_a_sign_for_null() -> None:
    columns = [
        ResultColumn("skill", "varchar"),
        ResultColumn("events", "bigint"),
        ResultColumn("at", "timestamp(6) with time zone"),
    ]
    text = rendered(Result(columns, [("[red]python", 7, None)]), 100)
    assert "timestamptz" in text
    assert "│ [red]python │      7 │ ∅" in text


def test_rows_that_are_too_wide_come_one_under_the_other() -> None:
    columns = [ResultColumn(f"column_{n}", "bigint") for n in range(20)]
    text = rendered(Result(columns, [tuple(range(20))]), 80)
    assert "row 1" in text
    assert "│ column_19 │ 19 │" in text


def test_two_layouts_or_two_sources_are_refused(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(cli_sql.sql)
    for arguments in (["select 1", "--json", "--csv"], ["select 1", "-f", str(tmp_path / "a.sql")]):
        outcome = CliRunner().invoke(app, arguments)
        assert isinstance(outcome.exception, PulseError)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(cli_sql.sql)
    outcome = CliRunner().invoke(app, ["-f", str(tmp_path / "none.sql")])
    assert isinstance(outcome.exception, PulseError)
    assert "none.sql" in outcome.exception.message


def test_the_list_of_views_needs_no_trino() -> None:
    outcome = CliRunner().invoke(cli_sql.views, ["list"], env={"COLUMNS": "200"})
    assert outcome.exit_code == 0
    assert "gold.v_pulse_24h" in outcome.output


def test_the_first_word_is_found_behind_comments_and_parentheses() -> None:
    assert first_word("-- a\n /* b */ ((SELECT 1))") == "select"
