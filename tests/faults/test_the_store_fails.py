"""The object store is slow, resets, cuts its answers short, or is killed: the stream waits or starts again, and is exact."""

import signal

import pytest

from tests.faults.fault_run import FaultRun, kill
from tests.faults.proxy import FaultProxy
from tests.lake import Stream, epochs, generate

DATA = r"^GET \S+\.parquet"


@pytest.fixture
def store(lake):
    with FaultProxy(lake.s3_host, lake.s3_port) as proxy:
        yield proxy


def is_busy(lake):
    """An epoch is on its way, from the first read to the last commit."""
    return epochs(lake)[-1]["state"] == "started"


@pytest.mark.fault(8)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_store_that_takes_two_seconds_a_request_only_slows_the_stream_down(lake, record_property, store):
    fault = "the store takes 2 s a request for a minute"
    with FaultRun(lake, record_property, fault, {"s3_port": store.port}) as run:
        run.begin()
        store.slow(2.0)
        with run.load(60, rate=50):
            run.lasts(60)
            store.heal()
            run.healed()
        assert store.faults > 10
        run.recovers(most_starts=1)


@pytest.mark.fault(9)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_epoch_that_is_finished_from_cut_reads_of_bronze_is_never_short(lake, tmp_path, record_property, store):
    generate(lake, tmp_path / "truth.json", 3000, "--seed", "53")
    with Stream(lake, PULSE_FAILPOINT="after_bronze") as stream:
        assert stream.wait_dead() == -signal.SIGKILL
    fault = "the store cuts the reads of data files with which an epoch is recovered"
    with FaultRun(lake, record_property, fault, {"s3_port": store.port}) as run:
        store.truncate(10_000, DATA)
        run.until(lambda: store.faults, "a read was cut")
        store.heal()
        run.healed()
        run.recovers(most_starts=2)


@pytest.mark.fault(9)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_store_that_cuts_every_read_short_yields_no_short_result(lake, record_property, store):
    fault = "the store cuts every read, data and metadata, until the stream has ended"
    with FaultRun(lake, record_property, fault, {"s3_port": store.port}) as run:
        run.begin()
        store.truncate(2000)
        run.send(1500)
        # Iceberg tries to read a table's metadata 21 times, in about 90 s
        run.until(lambda: store.faults and run.starts > 1, "the stream has ended")
        store.heal()
        run.healed()
        run.recovers(most_starts=3)


@pytest.mark.fault(9)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_store_that_resets_every_connection_for_half_a_minute_loses_and_doubles_nothing(lake, record_property, store):
    fault = "the store resets every connection for 30 s"
    with FaultRun(lake, record_property, fault, {"s3_port": store.port}) as run:
        run.begin()
        with run.load(60):
            run.until(lambda: is_busy(lake), "an epoch is on its way", pause=0.05)
            store.reset()
            run.lasts(30)
            store.heal()
            run.healed()
        assert store.faults > 5
        run.recovers(most_starts=4)


@pytest.mark.fault(10)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_store_killed_three_times_in_the_middle_of_an_epoch_loses_and_doubles_nothing(lake, record_property):
    with FaultRun(lake, record_property, "the store is killed -9 three times while it is written to") as run:
        run.begin()
        with run.load(90):
            for _ in range(3):
                run.until(lambda: is_busy(lake), "an epoch is on its way", pause=0.05)
                kill(lake, "minio")
                run.healed()
                run.lasts(15)
        run.recovers(most_starts=5)
