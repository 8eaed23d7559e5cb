"""The runner of micro-batches: contiguous with the ledger, quiet once it is told to stop, one line an epoch."""

from datetime import UTC, datetime

import pytest

from talentpulse.domain.duplicates import DuplicateIndex
from talentpulse.pipelines.ingest import Target
from talentpulse.pipelines.stream import EpochRunner, describe

TOPIC = "t"


class NoLedger:
    """Fails the test where an epoch is started."""

    def start(self, *_):
        raise AssertionError("an epoch was started")


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "offsets").mkdir()
    (tmp_path / "sources" / "0").mkdir(parents=True)

    def write(start, end):
        (tmp_path / "sources" / "0" / "0").write_text(f'v1\n{{"t":{{"0":{start}}}}}')
        (tmp_path / "offsets" / "0").write_text(f'v1\n{{}}\n{{"t":{{"0":{end}}}}}')
        return tmp_path

    return write


def _runner(checkpoint, committed):
    target = Target("bronze", "readings", "gold", NoLedger(), DuplicateIndex())
    return EpochRunner(target, TOPIC, "id", checkpoint, committed)


@pytest.mark.parametrize("start", [4, 6])
def test_a_plan_that_does_not_begin_at_the_ledger_s_end_ends_the_process(plan, start):
    with pytest.raises(RuntimeError, match="do not begin at the ledger's end"):
        _runner(plan(start, 9), {0: 5})(None, 0)


def test_an_empty_first_plan_is_no_epoch(plan):
    _runner(plan(5, 5), {0: 5})(None, 0)


def test_a_stopped_runner_takes_no_further_batch(plan):
    runner = _runner(plan(5, 9), {0: 5})
    assert runner.stop(1.0)
    runner(None, 0)


def test_an_epoch_is_told_in_one_line():
    at = datetime(2026, 3, 15, 12, 0, 0, tzinfo=UTC)
    done = {
        "records_read": 10, "records_counted": 7, "records_faulty": 1, "records_duplicate": 2, "records_late": 3,
        "cells_merged": 44, "phases": {"read": 0.5, "total": 1.25}, "oldest_kafka_at": at,
        "index_bytes": 1_234_567,
    }  # fmt: skip
    line = describe(12, done, at.replace(second=4))
    assert line == (
        "epoch 12: read 10, counted 7, faulty 1, duplicate 2, late 3, cells 44; "
        "seconds: read 0.50 total 1.25; oldest record visible after 4.0 s; duplicate index 1.2 MB"
    )


def test_a_new_partition_is_explained_when_a_batch_first_has_it(plan, caplog):
    checkpoint = plan(5, 9)
    (checkpoint / "sources" / "0" / "0").write_text('v1\n{"t":{"0":5,"1":0}}')
    (checkpoint / "offsets" / "0").write_text('v1\n{}\n{"t":{"0":9,"1":3}}')
    with pytest.raises(AssertionError, match="an epoch was started"):
        _runner(checkpoint, {0: 5})(None, 0)
    assert "partition 1 is new" in caplog.text
    assert "counts again" in caplog.text
