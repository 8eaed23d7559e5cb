"""The auditor on the real services: a clean lake is called clean, and a planted error of each kind is found and named."""

import io
import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from talentpulse.audit.run import run_audit
from talentpulse.cli import app
from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.lakehouse.object_store import object_store
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT
from tests.lake import PULSE, Stream, empty_lake, epochs, generate, pulse, wait_until

EVERYTHING = ("--sample", "100000", "--seed", "1")


@pytest.fixture(scope="module")
def audited(stack, tmp_path_factory):
    """A lake of 600 postings of three days in several epochs, at rest. Each test leaves it as it found it."""
    empty_lake(stack)
    with Stream(stack, PULSE_MAX_OFFSETS_PER_TRIGGER="200") as stream:
        truth = tmp_path_factory.mktemp("audit") / "truth.json"
        generate(stack, truth, 600, "--seed", "41", "--span", "72h")
        stream.wait_ready().wait_caught_up()
        assert stream.stop()[0] == 0
    assert len(epochs(stack)) > 2
    with connect(stack, "test") as connection:
        connection.execute("DELETE FROM ops.leases")  # so that the errors can be planted
    return stack


def audit(settings, *more):
    """Exit code and outcomes by check of `pulse audit --json` over everything."""
    environment = {**settings.environment(), "PULSE_HOME": str(settings.home)}
    done = CliRunner().invoke(app, ["audit", "--json", *EVERYTHING, *more], env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, {outcome["check"]: outcome for outcome in json.loads(done.output)["checks"]}


def broken(outcomes):
    return {name for name, outcome in outcomes.items() if outcome["findings"]}


def assert_found(settings, check, *said):
    """The audit fails, and this check says these words in one of its examples."""
    code, outcomes = audit(settings)
    assert code == 1
    assert check in broken(outcomes), outcomes
    assert any(all(word in example for word in said) for example in outcomes[check]["examples"]), outcomes[check]
    return outcomes


@contextmanager
def changed(settings, name, *statements):
    """The table after statements of a foreign writer; afterwards its former state is current again."""
    table = open_catalog(settings, role="maintenance").load_table(name)
    before = table.current_snapshot().snapshot_id
    try:
        for statement in statements:
            query(settings, statement)
        yield
    finally:
        table.refresh()
        table.manage_snapshots().set_current_snapshot(before).commit()


@contextmanager
def ledger_changed(settings, statement):
    """The ledger after a statement that the database would refuse; afterwards it is as before."""
    with connect(settings, "test") as connection:
        connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM ops.epochs")
        connection.execute("ALTER TABLE ops.epochs DISABLE TRIGGER USER")
        try:
            connection.execute(statement)
            yield
        finally:
            connection.execute("DELETE FROM ops.epochs")
            connection.execute("INSERT INTO ops.epochs OVERRIDING SYSTEM VALUE SELECT * FROM kept")
            connection.execute("ALTER TABLE ops.epochs ENABLE TRIGGER USER")


def one_record(settings, condition="true"):
    """Epoch, partition and offset of a readable record that counts, and the condition that finds it again."""
    ((epoch, partition, offset),) = query(
        settings,
        'SELECT epoch, "partition", "offset" FROM bronze.postings'
        f" WHERE fault IS NULL AND source != 'pulse_canary' AND {condition} ORDER BY 1, 2, 3 LIMIT 1",
    ).rows
    return epoch, partition, offset, f'"partition" = {partition} AND "offset" = {offset}'


def one_cell(settings, condition="true"):
    """Event hour, region and events of a cell, and the condition that finds it again."""
    ((at, region, skill, events),) = query(
        settings,
        "SELECT window_start, region, skill, events FROM gold.skill_trends"
        f" WHERE region != '*' AND {condition} ORDER BY 1, 2, 3 LIMIT 1",
    ).rows
    hour = f"{at:%Y-%m-%d %H:%M}"
    same = f"window_start = TIMESTAMP '{hour}:00 UTC' AND region = '{region}' AND skill = '{skill}'"
    return f"{hour}, region {region}, skill {skill}", events, same


def middle_epoch(settings):
    return epochs(settings)[1]["epoch"]


def test_a_lake_that_the_stream_has_made_is_clean_and_the_outcomes_are_kept(audited):
    code, outcomes = audit(audited)
    assert (code, broken(outcomes)) == (0, set())
    assert {name: outcome["remark"] for name, outcome in outcomes.items() if outcome["remark"]} == {}
    assert [outcomes[name]["checked"] for name in ("positions", "broker", "readings")] == [600] * 3
    assert outcomes["duplicates"]["checked"] > 500  # all that have an event_id
    shown = pulse(audited, "audit")
    assert shown.count("holds") == len(outcomes)
    kept = query(audited, "SELECT check_name, is_ok, findings, examples FROM gold.v_audits WHERE is_whole").rows
    assert sorted(kept) == sorted((name, True, 0, "[]") for name in outcomes)


def test_a_row_that_is_in_bronze_twice_is_found(audited):
    epoch, partition, offset, same = one_record(audited)
    again = f"INSERT INTO bronze.postings SELECT * FROM bronze.postings WHERE {same}"
    with changed(audited, "bronze.postings", again):
        assert_found(audited, "positions", f"epoch {epoch}, partition {partition}", f"twice or more: {offset}")


def test_a_row_that_bronze_lacks_is_found_against_ledger_and_broker(audited):
    epoch, partition, offset, same = one_record(audited, f"epoch = {middle_epoch(audited)}")
    with changed(audited, "bronze.postings", f"DELETE FROM bronze.postings WHERE {same}"):
        outcomes = assert_found(audited, "positions", f"epoch {epoch}, partition {partition}", f"missing: {offset}")
        assert {"counts", "broker"} <= broken(outcomes)
        assert outcomes["broker"]["examples"][0].startswith(f"partition {partition}, offsets 0 to")


def test_a_header_that_its_body_does_not_give_is_found(audited):
    _, partition, offset, same = one_record(audited, "event_at_source = 'event'")
    other = f"UPDATE bronze.postings SET event_at_source = 'broker' WHERE {same}"
    with changed(audited, "bronze.postings", other):
        outcomes = assert_found(audited, "readings", f"partition {partition}, offset {offset}", "event_at_source")
        assert broken(outcomes) == {"readings"}


@pytest.mark.parametrize("was", [False, True])
def test_a_wrong_mark_of_a_duplicate_is_found(audited, was):
    _, partition, offset, same = one_record(audited, f"is_duplicate = {was}")
    other = f"UPDATE bronze.postings SET is_duplicate = {not was} WHERE {same}"
    with changed(audited, "bronze.postings", other):
        said = "repeats an event, but is not marked" if was else "marked as a duplicate, but it repeats nothing"
        outcomes = assert_found(audited, "duplicates", f"partition {partition}, offset {offset}:", said)
        assert {"counts", "gold_hours", "gold_cells"} <= broken(outcomes)


def test_a_cell_that_is_off_by_one_is_found(audited):
    cell, events, same = one_cell(audited, "skill = 'Python'")
    other = f"UPDATE gold.skill_trends SET events = events + 1 WHERE {same}"
    with changed(audited, "gold.skill_trends", other):
        outcomes = assert_found(audited, "gold_cells", cell, f"events {events + 1} in Gold, {events} in Bronze")
        assert broken(outcomes) == {"gold_hours", "gold_cells"}


def test_a_cell_that_gold_lacks_and_one_that_nobody_counted_are_found(audited):
    cell, _, same = one_cell(audited, "skill = 'Python'")
    renamed = f"UPDATE gold.skill_trends SET skill = 'Alchemy' WHERE {same}"
    surplus = "UPDATE gold.skill_trends SET events = events + 1 WHERE skill = 'Alchemy'"
    with changed(audited, "gold.skill_trends", renamed, surplus):
        outcomes = assert_found(audited, "gold_cells", cell, "not in Gold")
        assert "skill Alchemy: " in "".join(outcomes["gold_cells"]["examples"])


def test_errors_that_cancel_each_other_are_found_in_a_final_hour_and_remembered_as_compared(audited):
    cell, _, same = one_cell(audited, "skill = 'Python' AND window_start < current_timestamp - interval '60' hour")
    renamed = f"UPDATE gold.skill_trends SET skill = 'Alchemy' WHERE {same}"
    with changed(audited, "gold.skill_trends", renamed):
        with connect(audited, "test") as connection:
            connection.execute("TRUNCATE ops.audits")
        outcomes = assert_found(audited, "gold_cells", cell, "not in Gold")
        assert broken(outcomes) == {"gold_cells"}
        assert outcomes["gold_cells"]["findings"] == 2
    first, second = (audit(audited)[1]["gold_cells"] for _ in range(2))
    assert first["checked"] > 2 * second["checked"] > 0  # only a few open hours are drawn again


def test_a_hole_in_the_ledger_is_found_wherever_it_is(audited):
    first, middle, *_, last = (row["epoch"] for row in epochs(audited))
    for epoch in (first, middle, last):
        with ledger_changed(audited, f"DELETE FROM ops.epochs WHERE epoch = {epoch}"):
            outcomes = assert_found(audited, "positions", f"epoch {epoch},", "that the ledger has not got")
            assert ("ledger" in broken(outcomes)) == (epoch == middle)
            if epoch == middle:
                assert any("are in no epoch" in example for example in outcomes["ledger"]["examples"])


def test_sums_of_the_ledger_that_bronze_does_not_have_are_found(audited):
    epoch = middle_epoch(audited)
    more = f"UPDATE ops.epochs SET records_faulty = records_faulty + 1 WHERE epoch = {epoch}"
    with ledger_changed(audited, more):
        outcomes = assert_found(audited, "counts", f"epoch {epoch}:", "faulty")
        assert broken(outcomes) == {"ledger", "counts"}
        assert f"epoch {epoch} read" in outcomes["ledger"]["examples"][0]


@pytest.mark.parametrize(("name", "kept_bytes", "said"), [
    ("gold.skill_trends", None, "is not in the store"),
    ("bronze.postings", 100, "has 100 bytes, the metadata says"),
])  # fmt: skip
def test_a_live_file_that_is_missing_or_cut_is_found(audited, name, kept_bytes, said):
    path = open_catalog(audited).load_table(name).scan().plan_files()
    bucket, _, key = next(iter(path)).file.file_path.removeprefix("s3://").partition("/")
    store = object_store(audited)
    response = store.get_object(bucket, key)
    body = response.read()
    response.close()
    try:
        store.remove_object(bucket, key)
        if kept_bytes is not None:
            store.put_object(bucket, key, io.BytesIO(body[:kept_bytes]), kept_bytes)
        assert_found(audited, "files", name, key, said)
    finally:
        store.put_object(bucket, key, io.BytesIO(body), len(body))


def test_a_broken_promise_is_shown_with_its_place_and_what_to_do(audited):
    with ledger_changed(audited, f"DELETE FROM ops.epochs WHERE epoch = {middle_epoch(audited)}"):
        done = subprocess.run(
            [str(PULSE), "audit"], env={**os.environ, **audited.environment()}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
    assert "are in no epoch" in done.stdout
    assert "what to do: restore ledger and catalog from one backup" in done.stdout


def test_the_service_audits_what_is_new_and_waits_for_trino_without_ending(audited):
    def auditor(**environment):
        log = audited.home / "logs" / "auditor-under-test.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "streaming/audit_lake.py"], cwd=PROJECT_ROOT, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, **audited.environment(), "PULSE_AUDIT_SECONDS": "1", **environment},
            )  # fmt: skip
        return process, log

    process, log = auditor()
    try:
        wait_until(lambda: "since epoch" in log.read_text(), "a run over what is new", 120)
        assert "0 found" in log.read_text()
        assert " ERROR " not in log.read_text()
    finally:
        process.terminate()
        assert process.wait(30) == 0
    process, log = auditor(PULSE_TRINO_PORT="1")
    try:
        wait_until(lambda: log.read_text().count("not audited: Trino does not answer") > 1, "a second try", 120)
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(30)


def test_an_audit_while_the_stream_runs_under_load_finds_nothing(lake):
    assert CliRunner().invoke(app, ["audit"], env=lake.environment()).output.startswith("no epoch is committed yet")
    load = [str(PULSE), "generate", "--count", "30000", "--rate", "150", "--chaos", "heavy", "--seed", "43"]
    with Stream(lake) as stream:
        stream.wait_ready()
        with subprocess.Popen(load, env={**os.environ, **lake.environment()}, stdout=subprocess.DEVNULL) as generator:
            wait_until(lambda: epochs(lake) and epochs(lake)[0]["state"] == "committed", "the first epoch", 120)
            since, seen = 0, []
            while len(set(seen)) < 4 and generator.poll() is None:
                run = run_audit(lake, sample=300, seed=len(seen), since=since)
                assert run.findings == 0, run.outcomes
                seen.append(run.cut.epoch)
                since = 0 if since else seen[0]  # everything and what is new, in turn
            generator.terminate()
        assert len(set(seen)) == 4, seen
        stream.wait_caught_up().stop()
    assert run_audit(lake, sample=300, seed=0).findings == 0
