"""The planned range of a micro-batch, from files in the format that Spark's checkpoint has."""

import pytest

from talentpulse.lakehouse.log_source import planned_range

METADATA = '{"batchWatermarkMs":0,"batchTimestampMs":1763841600000,"conf":{}}'
TOPIC = "job.postings.v1"


@pytest.fixture
def checkpoint(tmp_path):
    (tmp_path / "offsets").mkdir()
    (tmp_path / "sources" / "0").mkdir(parents=True)
    # the initial offsets stand behind a byte that old readers choke on, without a line of metadata
    (tmp_path / "sources" / "0" / "0").write_text('\x00v1\n{"job.postings.v1":{"1":7,"0":5}}')
    _plan(tmp_path, 0, '{"job.postings.v1":{"0":15,"1":7}}')
    _plan(tmp_path, 1, '{"job.postings.v1":{"0":20,"1":9,"2":4}}')
    return tmp_path


def _plan(folder, batch, offsets):
    (folder / "offsets" / str(batch)).write_text(f"v1\n{METADATA}\n{offsets}")


def test_the_first_batch_begins_at_the_initial_offsets(checkpoint):
    assert planned_range(checkpoint, 0, TOPIC) == ({0: 5, 1: 7}, {0: 15, 1: 7})


def test_a_later_batch_begins_where_the_one_before_ended_and_a_new_partition_at_its_first_offset(checkpoint):
    assert planned_range(checkpoint, 1, TOPIC) == ({0: 15, 1: 7, 2: 0}, {0: 20, 1: 9, 2: 4})


def test_a_plan_of_another_topic_is_an_error(checkpoint):
    with pytest.raises(KeyError, match="another"):
        planned_range(checkpoint, 0, "another")
