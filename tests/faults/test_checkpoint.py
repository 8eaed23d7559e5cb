"""Spark's checkpoint decides nothing, whatever becomes of it; a topic that grows is read on, and what it means is said."""

import shutil

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions

from tests.lake import Stream, check_promises, epochs, generate


def checkpoint(lake):
    return lake.home / "spark" / "checkpoint"


@pytest.mark.slow
@pytest.mark.fault(16, "deleted while the stream runs")
@pytest.mark.fault(16, "an old copy is put back")
@pytest.mark.fault(17)
def test_a_checkpoint_that_is_deleted_put_back_or_cut_short_changes_no_number(lake, tmp_path):
    small = {"PULSE_MAX_OFFSETS_PER_TRIGGER": "300"}
    generate(lake, tmp_path / "truth.json", 700, "--seed", "61")
    with Stream(lake, **small) as stream:
        stream.wait_ready().wait_caught_up()
        old = shutil.copytree(checkpoint(lake), tmp_path / "old")
        shutil.rmtree(checkpoint(lake))
        generate(lake, tmp_path / "truth.json", 500, "--seed", "62")
        assert stream.wait_dead() == 1  # Spark cannot plan without it: the supervisor would start the stream again
    for file in (path for path in old.rglob("*") if path.is_file() and "sources" in path.parts):
        file.write_bytes(file.read_bytes()[:5])
    shutil.rmtree(checkpoint(lake), ignore_errors=True)
    shutil.copytree(old, checkpoint(lake))
    with Stream(lake, **small) as stream:
        stream.wait_ready().wait_caught_up()
        assert stream.stop()[0] == 0
    check_promises(lake)
    assert len({row["epoch"] for row in epochs(lake)}) == len(epochs(lake))


@pytest.mark.slow
def test_a_topic_that_gains_partitions_is_read_on_and_the_log_says_what_it_means(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 400, "--seed", "63")
    with Stream(lake) as stream:
        stream.wait_ready().wait_caught_up()
        admin = KafkaAdminClient(bootstrap_servers=lake.kafka_bootstrap)
        admin.create_partitions({lake.topic: NewPartitions(6)})
        admin.close()
        generate(lake, tmp_path / "truth.json", 600, "--seed", "64")
        stream.wait_caught_up()
        assert stream.stop()[0] == 0
        assert "partition 5 is new" in stream.log.read_text()
    check_promises(lake)
    assert sum(end > 0 for end in epochs(lake)[-1]["end_offsets"].values()) == 6
