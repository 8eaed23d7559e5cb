"""Kafka is killed under load: what it has acknowledged is in the log and in Bronze, everything at most once."""

from collections import Counter

import orjson
import pytest

from tests.faults.fault_run import FaultRun, kill
from tests.lake import assert_same_cells, gold_in_trino, kafka_records, truth_cells


@pytest.mark.fault(12)
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_broker_killed_five_times_under_load_keeps_every_acknowledged_record_once(lake, record_property):
    with FaultRun(lake, record_property, "Kafka is killed -9 five times under load") as run:
        run.stream.wait_ready()
        with run.load(180) as sending:
            for _ in range(5):
                run.lasts(10)
                assert not sending.done(), "the load ended before the faults"
                kill(lake, "kafka")
            run.healed()
        truth = sending.result()
        run.recovers(most_starts=7)
    times = Counter(orjson.loads(body)["event_id"] for body in kafka_records(lake).values())
    assert set(times.values()) == {1}, "a record is in the log twice"
    assert len(times) == truth["deliveries"] == truth["counted"]
    assert_same_cells(gold_in_trino(lake), truth_cells(truth), "Gold is not what was acknowledged")
