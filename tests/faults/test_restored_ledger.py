"""The ledger comes back from an old backup: the stream refuses, and `pulse stream reconcile` mends it from Bronze."""

import signal

import pytest

from talentpulse.audit.run import run_audit
from talentpulse.lakehouse.postgres import connect
from tests.faults.test_lost_records import refused
from tests.lake import Stream, check_promises, epochs, generate, pulse, stream_once

KEPT = ("epoch", "kind", "topic_id", "start_offsets", "end_offsets", "records_read", "records_counted", "records_faulty",
        "records_duplicate", "records_canary", "state")  # fmt: skip


def history(lake):
    return [{name: row[name] for name in KEPT} for row in epochs(lake)]


def goes_back(lake, epoch):
    """The ledger as a backup from after `epoch` has it."""
    with connect(lake, "test") as connection:
        connection.execute("DELETE FROM ops.epochs WHERE epoch > %s", (epoch,))
        connection.execute("SELECT setval(pg_get_serial_sequence('ops.epochs', 'epoch'), greatest(%s, 1))", (epoch,))


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.fault(18, "the ledger alone")
def test_a_ledger_older_than_the_tables_is_refused_and_written_anew_from_bronze(lake, tmp_path, kept):
    generate(lake, tmp_path / "truth.json", 1800, "--seed", "31")
    small = {"PULSE_MAX_OFFSETS_PER_TRIGGER": "700"}
    stream_once(lake, **small)
    before = history(lake)
    assert len(before) > 2
    goes_back(lake, before[0]["epoch"] - 1 + kept)
    refused(lake, "the ledger is older than the table", "pulse stream reconcile")
    assert "records of epochs after" in pulse(lake, "stream", "reconcile", "--yes")
    generate(lake, tmp_path / "truth.json", 300, "--seed", "32")
    stream_once(lake)
    assert history(lake)[: len(before)] == before
    check_promises(lake)
    assert run_audit(lake, sample=1000, seed=1).findings == 0
    assert "there is nothing to reconcile" in pulse(lake, "stream", "reconcile", "--yes")


@pytest.mark.slow
def test_an_epoch_that_was_open_in_the_backup_and_one_that_is_open_in_the_tables_count_once(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 1800, "--seed", "33")
    small = {"PULSE_MAX_OFFSETS_PER_TRIGGER": "600"}
    with Stream(lake, PULSE_FAILPOINT="after_bronze:3", **small) as stream:
        assert stream.wait_dead() == -signal.SIGKILL
    first, *_, last = epochs(lake)
    assert (first["state"], last["state"]) == ("committed", "started")
    with connect(lake, "test") as connection:
        connection.execute("ALTER TABLE ops.epochs DISABLE TRIGGER epochs_are_history")
        connection.execute("DELETE FROM ops.epochs WHERE epoch > %s", (first["epoch"],))
        connection.execute("UPDATE ops.epochs SET state = 'started'")
        connection.execute("ALTER TABLE ops.epochs ENABLE TRIGGER epochs_are_history")
    goes_back(lake, first["epoch"])
    pulse(lake, "stream", "reconcile", "--yes")
    stream_once(lake, **small)
    check_promises(lake)
