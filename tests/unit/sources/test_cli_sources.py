"""`pulse generate` and `pulse load` as far as they need no broker."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from talentpulse.cli_sources import generate, load
from talentpulse.errors import PulseError
from talentpulse.settings import PROJECT_ROOT

FIXTURES = PROJECT_ROOT / "tests" / "fixtures" / "postings"

app = typer.Typer()
app.command()(generate)
app.command()(load)


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_dry_run_prints_three_events_and_sends_nothing() -> None:
    result = _run("generate", "--dry-run", "--chaos", "none", "--start", "2026-03-15T10:00:00", "--rate", 1)
    events = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert len({event["event_id"] for event in events}) == 3
    assert "2026-03-15" in events[1]["timestamp"]


def test_the_same_seed_and_start_print_the_same_events() -> None:
    arguments = ("generate", "--dry-run", "--start", "2026-03-15T10:00:00Z", "--seed", 11)
    assert _run(*arguments).stdout == _run(*arguments).stdout


def test_load_in_a_dry_run_counts_readable_and_unreadable_postings(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{oops\n")
    files = [FIXTURES / "hn.jsonl", broken, FIXTURES / "usajobs_meta.csv"]
    result = _run("load", *files, "--source", "board", "--dry-run", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[-1]) == {"readable": 4, "unreadable": 1}
    assert "broken.jsonl line 1: no JSON" in result.stderr


def test_the_clock_of_a_load_goes_on_from_file_to_file() -> None:
    files = [FIXTURES / "adzuna.jsonl", FIXTURES / "usajobs.jsonl"]
    result = _run("load", *files, "--source", "b", "--dry-run", "--start", "2026-03-15T10:00:00Z", "--step", "10m")
    stamps = [orjson.loads(line)["timestamp"] for line in result.stdout.splitlines()[:2]]
    assert stamps == ["2026-03-15T10:00:00Z", "2026-03-15T10:10:00Z"]


def test_a_limit_ends_a_load_early() -> None:
    result = _run("load", FIXTURES / "hn.jsonl", "--source", "b", "--limit", 1, "--dry-run", "--json")
    assert json.loads(result.stdout.splitlines()[-1])["readable"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("generate", "--count", "5", "--seconds", "5"), "not both"),
        (("generate", "--chaos", "extreme"), "chaos level"),
        (("generate", "--chaos-share", "late"), "KIND=SHARE"),
        (("generate", "--start", "soon"), "ISO 8601"),
        (("generate", "--span", "a day", "--count", "5"), "length of time"),
        (("generate", "--truth", "/absent/folder/truth.json"), "no folder"),
        (("load", "x.jsonl", "--source", "b", "--format", "xml"), "expected a --format"),
        (("load", "x.jsonl", "--source", "b", "--step", "0s"), "length of time"),
        (("load", "x.jsonl", "--source", "b", "--dry-run"), "cannot be read"),
    ],
)
def test_wrong_options_end_in_one_clear_message(arguments: tuple[str, ...], message: str) -> None:
    result = _run(*arguments, "--dry-run") if "--dry-run" not in arguments else _run(*arguments)
    assert isinstance(result.exception, PulseError)
    assert message in str(result.exception)
