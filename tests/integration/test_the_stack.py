"""The stack as its operators use it: up, up again, down, up; a service that dies under the running stream."""

import json
import os
import re
import shlex
import signal

import psutil
import pytest

from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT
from talentpulse.stack import health, lifecycle
from talentpulse.stack.supervise import Supervisor, own_processes
from tests.lake import broker_ends, check_promises, committed, pulse, wait_until

POSTINGS = PROJECT_ROOT / "tests" / "fixtures" / "postings" / "hn.jsonl"
COUNT = "SELECT sum(events) FROM gold.skill_trends WHERE region = '*' AND skill = '*'"


def _pids(settings):
    return {name: program.pid for name, program in Supervisor(settings).programs().items() if program.is_up}


def _wait_caught_up(settings):
    wait_until(
        lambda: broker_ends(settings) and committed(settings) == broker_ends(settings), "ledger at the log's end", 180
    )


def _stop_jobs(settings):
    for name in ("generator", "auditor", "stream", "observer"):
        lifecycle.stop(settings, name)


@pytest.fixture
def streaming(lake):
    """The stack with its supervised stream."""
    lifecycle.up(lake)
    yield lake
    lifecycle.up(lake, with_stream=False)
    _stop_jobs(lake)


def test_up_again_changes_nothing_and_down_and_up_keep_every_number(streaming):
    pulse(streaming, "generate", "--count", "500", "--rate", "0")
    _wait_caught_up(streaming)
    before = query(streaming, COUNT).rows
    pids = _pids(streaming)
    pulse(streaming, "up")
    assert _pids(streaming) == pids
    processes = own_processes(streaming)
    pulse(streaming, "down")
    assert own_processes(streaming) == []
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
    pulse(streaming, "up")
    assert query(streaming, COUNT).rows == before
    pulse(streaming, "generate", "--count", "500", "--rate", "0", "--seed", "11")
    _wait_caught_up(streaming)
    assert query(streaming, COUNT).rows[0][0] > before[0][0]
    check_promises(streaming)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["postgres", "minio", "kafka"])
def test_the_stream_survives_a_killed_service_without_a_hand(streaming, victim):
    pulse(streaming, "generate", "--count", "500", "--rate", "0")
    _wait_caught_up(streaming)
    os.kill(_pids(streaming)[victim], signal.SIGKILL)
    # the supervisor brings the service back, and the stream where it had to end
    wait_until(lambda: _answers(streaming), f"{victim} answers again", 60)
    pulse(streaming, "generate", "--count", "500", "--rate", "0", "--seed", "12")
    _wait_caught_up(streaming)
    check_promises(streaming)


def readme_commands():
    """The lines of the README's shell blocks that call the command line."""
    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT_ROOT / "README.md").read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("pulse ")]


def _answers(settings):
    return all(health.probe(settings, name).ok for name in ("postgres", "minio", "kafka"))


def test_lag_and_freshness_are_read_in_sql_also_when_the_stream_is_dead(streaming):
    pulse(streaming, "generate", "--count", "200", "--rate", "0")
    _wait_caught_up(streaming)
    lifecycle.stop(streaming, "stream")
    pulse(streaming, "generate", "--count", "300", "--rate", "0", "--seed", "13")
    lag = "SELECT sum(lag_records) FROM gold.v_lag"
    wait_until(lambda: query(streaming, lag).rows[0][0] == 300, "the observer has seen 300 records", 30)
    (fresh,) = query(streaming, "SELECT freshness_seconds, lag_records FROM gold.v_freshness").rows
    assert fresh[1] == 300
    grown = "SELECT freshness_seconds FROM gold.v_freshness"
    wait_until(lambda: query(streaming, grown).rows[0][0] > fresh[0], "the number grows older", 30)


def test_the_commands_of_the_readme_and_the_queries_that_the_project_hands_out_work(streaming):
    pulse(streaming, "generate", "--count", "300", "--rate", "0")
    _wait_caught_up(streaming)
    assert "Trino" in pulse(streaming, "urls")
    assert "postgres" in pulse(streaming, "status")
    pulse(streaming, "doctor")
    commands = readme_commands()
    assert len(commands) > 7
    for command in commands:
        pulse(streaming, *shlex.split(command.replace("postings.jsonl", str(POSTINGS)), comments=True)[1:])
    for file in sorted((PROJECT_ROOT / "sql" / "queries").glob("*.sql")):
        pulse(streaming, "sql", "-f", str(file))
    assert "Python" in pulse(streaming, "sql", "-f", "sql/queries/top_skills.sql")


def test_a_cut_shows_both_tables_as_of_one_epoch_and_an_unknown_epoch_is_named(streaming):
    pulse(streaming, "generate", "--count", "300", "--rate", "0")
    _wait_caught_up(streaming)
    cut = json.loads(pulse(streaming, "cut", "--json"))
    pulse(streaming, "generate", "--count", "300", "--rate", "0", "--seed", "14")
    _wait_caught_up(streaming)
    in_bronze, in_gold = (cut["sql"][name] for name in ("bronze.postings", "gold.skill_trends"))
    (counted,) = query(streaming, f"SELECT count(*), max(epoch) FROM ({in_bronze})").rows
    assert counted == (300, cut["epoch"])
    of_cells = f"SELECT sum(events), max(applied_epoch) FROM ({in_gold}) WHERE region = '*' AND skill = '*'"
    (cells,) = query(streaming, of_cells).rows
    (readable,) = query(streaming, f"SELECT count(*) FROM bronze.counted WHERE epoch <= {cut['epoch']}").rows
    assert cells == (*readable, cut["epoch"])
    assert query(streaming, "SELECT count(*) FROM bronze.v_cut").rows == [(600,)]
    with pytest.raises(AssertionError, match="no committed epoch 999999 of the stream"):
        pulse(streaming, "cut", "--epoch", "999999")


def test_the_demo_ends_with_numbers_and_the_commands_that_it_hands_out_work(lake):
    try:
        said = pulse(lake, "demo")
        assert "Python" in said
        assert "Trino" in said
        again = pulse(lake, "demo")
        assert "12,000 postings sent" not in again
        commands = [
            line.split("   ")[0].strip() for line in said.split("Next:")[1].splitlines() if line.startswith("  pulse")
        ]
        assert "pulse down" in commands
        for command in commands:
            if command != "pulse down":
                pulse(lake, *shlex.split(command)[1:])
        lifecycle.stop(lake, "generator")
        _wait_caught_up(lake)
        check_promises(lake)
    finally:
        _stop_jobs(lake)
