"""One writer: a foreigner and a driver that was away are refused where commits happen; maintenance goes on beside it."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import psutil
import pyarrow as pa
import pytest
import sqlalchemy.exc

from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.lakehouse.postgres import connect
from talentpulse.settings import PROJECT_ROOT
from tests.lake import Stream, broker_ends, check_promises, committed, epochs, generate, wait_until

PLACES = ("after_start", "before_bronze", "after_bronze", "after_gold", "after_ledger")


def maintain(lake):
    """Compact every hour, the newest too, and forget all snapshots but the last."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    done = subprocess.run(
        [sys.executable, "batch/maintain_tables.py", "--before", tomorrow, "--keep-hours", "0"],
        cwd=PROJECT_ROOT, env={**os.environ, **lake.environment()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)  # six starts of the stream
@pytest.mark.fault(1, "snapshots expired and files compacted before the restart")
@pytest.mark.fault(2, "snapshots expired and files compacted before the restart")
@pytest.mark.fault(3, "snapshots expired and files compacted before the restart")
@pytest.mark.fault(4, "snapshots expired and files compacted before the restart")
def test_maintenance_between_crash_and_restart_changes_no_number(lake, tmp_path):
    limit = {"PULSE_MAX_OFFSETS_PER_TRIGGER": "400"}
    for n, place in enumerate(PLACES):
        generate(lake, tmp_path / "truth.json", 1000, "--seed", str(80 + n))
        with Stream(lake, PULSE_FAILPOINT=f"{place}:2", **limit) as stream:
            assert stream.wait_dead() == -signal.SIGKILL
        maintain(lake)
        assert len(open_catalog(lake).load_table("bronze.postings").snapshots()) == 1
    with Stream(lake, **limit) as stream:
        stream.wait_ready().wait_caught_up()
    check_promises(lake)
    assert "files became" in maintain(lake)
    check_promises(lake)


def append_to(lake, name, rows, times):
    """A foreign writer of the catalog; how many of its commits went through."""
    table = open_catalog(lake).load_table(name)
    for _ in range(times):
        table.append(rows)
    return times


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.fault(7)
def test_foreign_writers_and_compaction_beside_the_stream_lose_no_batch(lake, tmp_path, record_property):
    rows = pa.table({"n": pa.array(range(10), pa.int64())})
    catalog = open_catalog(lake)
    others = [f"bronze.foreign_{n}" for n in range(5)]
    for name in others:
        if not catalog.table_exists(name):
            catalog.create_table(name, rows.schema)
    writers = [threading.Thread(target=append_to, args=(lake, name, rows, 10), daemon=True) for name in others]
    began, starts = time.monotonic(), 0
    generate(lake, tmp_path / "truth.json", 3000, "--seed", "91")
    compaction = threading.Thread(target=maintain, args=(lake,), daemon=True)
    try:
        while committed(lake) != broker_ends(lake):
            with Stream(lake, PULSE_MAX_OFFSETS_PER_TRIGGER="200", PULSE_TRIGGER_SECONDS="0") as stream:
                starts += 1
                assert starts <= 4, "a crash loop"
                stream.wait_ready()
                if starts == 1:
                    for thread in (*writers, compaction):
                        thread.start()
                wait_until(
                    lambda stream=stream: stream.process.poll() is not None or committed(lake) == broker_ends(lake),
                    "read everything, or ended", 240,
                )  # fmt: skip
        for thread in (*writers, compaction):
            thread.join(120)
        assert [len(catalog.load_table(name).scan().to_arrow()) for name in others] == [100] * 5
        with pytest.raises(sqlalchemy.exc.SQLAlchemyError, match=r"fenced: bronze\.postings is leased to"):
            catalog.load_table("bronze.postings").transaction().set_properties(foreign="yes").commit_transaction()
    finally:
        for name in others:
            catalog.drop_table(name)
    record_property("found", f"exact; {starts} starts of the stream")
    check_promises(lake)
    assert time.monotonic() - began < 600


@pytest.mark.fault(22, "it stands still for a while, another one takes over, it comes back")
def test_a_driver_that_comes_back_from_a_long_pause_is_fenced_where_commits_happen(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 900, "--seed", "95")
    with Stream(lake, PULSE_FAILPOINT="before_bronze:stop") as paused:
        driver = psutil.Process(paused.process.pid)
        wait_until(lambda: driver.status() == psutil.STATUS_STOPPED, "the driver stands still in an open epoch", 180)
        (epoch,) = epochs(lake)
        assert epoch["state"] == "started"
        with connect(lake, "test") as connection:  # as after a network that was away: its sessions are gone
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                ("talentpulse ingest_postings",),
            )
        with Stream(lake, log="stream-that-took-over.log") as successor:
            successor.wait_ready().wait_caught_up()
            os.killpg(paused.process.pid, signal.SIGCONT)
            assert paused.wait_dead() != 0
            assert "fenced: bronze.postings is leased to" in paused.log.read_text()
            generate(lake, tmp_path / "truth.json", 300, "--seed", "96")
            successor.wait_caught_up()
            assert successor.stop()[0] == 0
    check_promises(lake)
