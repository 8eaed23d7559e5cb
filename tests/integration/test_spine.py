"""From the topic to a number in Trino: equal to the ground truth, whatever is on the topic and whenever the job dies."""

import signal

import pytest
from kafka import KafkaProducer

from talentpulse.contracts import topic
from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT
from tests.lake import Stream, assert_same_cells, check_promises, epochs, generate, gold_in_trino, truth_cells

PLACES = ["after_start", "before_bronze", "after_bronze", "after_gold", "after_ledger"]


def faults_in_trino(settings):
    return dict(query(settings, "SELECT fault, count(*) FROM bronze.quarantine GROUP BY fault").rows)


def test_generated_postings_with_chaos_arrive_in_trino_equal_to_the_truth_cell_by_cell(lake, tmp_path):
    with Stream(lake) as stream:
        truth = generate(lake, tmp_path / "truth.json", 6000, "--seed", "7")
        stream.wait_ready().wait_caught_up()
        code, seconds = stream.stop()
    assert code == 0
    assert seconds < 20
    assert_same_cells(gold_in_trino(lake), truth_cells(truth), "Gold is not the truth")
    assert faults_in_trino(lake) == truth["faults"]
    ledger = epochs(lake)
    assert sum(row["records_duplicate"] for row in ledger) == truth["duplicates"] > 0
    assert sum(row["records_counted"] for row in ledger) == truth["counted"]
    check_promises(lake)
    in_trino = (PROJECT_ROOT / "sql" / "queries" / "gold_against_bronze.sql").read_text()
    assert query(lake, in_trino).rows == []


def test_a_demo_s_past_is_counted_as_backfill_and_never_as_late(lake, tmp_path):
    with Stream(lake) as stream:
        truth = generate(lake, tmp_path / "truth.json", 2000, "--seed", "8", "--span", "24h")
        stream.wait_ready().wait_caught_up()
    assert_same_cells(gold_in_trino(lake), truth_cells(truth), "Gold is not the truth")
    totals = query(
        lake, "SELECT sum(events), sum(backfill_events), sum(late_events), count(*) FROM gold.skill_trends"
        " WHERE region = '*' AND skill = '*'"
    ).rows  # fmt: skip
    events, backfill, late, hours = totals[0]
    assert (events, late) == (backfill, 0)
    assert hours >= 24
    check_promises(lake)


@pytest.mark.fault(1, "at every place in turn, also while it is recovered")
@pytest.mark.fault(2, "at every place in turn, also while it is recovered")
@pytest.mark.fault(3, "at every place in turn, also while it is recovered")
@pytest.mark.fault(4, "at every place in turn, also while it is recovered")
def test_an_epoch_killed_at_every_place_in_turn_also_while_it_is_recovered_counts_once(lake, tmp_path):
    truth = generate(lake, tmp_path / "truth.json", 2500, "--seed", "10")
    limit = {"PULSE_MAX_OFFSETS_PER_TRIGGER": "2000"}
    for place in PLACES:
        with Stream(lake, PULSE_FAILPOINT=place, **limit) as stream:
            assert stream.wait_dead() == -signal.SIGKILL
        (epoch,) = epochs(lake)
        assert epoch["state"] == ("committed" if place == "after_ledger" else "started")
    with Stream(lake, **limit) as stream:
        stream.wait_ready().wait_caught_up()
    assert_same_cells(gold_in_trino(lake), truth_cells(truth), "Gold is not the truth")
    check_promises(lake)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_pulling_the_plug_anywhere_in_an_epoch_changes_no_number(lake, tmp_path, place):
    truth = generate(lake, tmp_path / "truth.json", 2500, "--seed", "9")
    limit = {"PULSE_MAX_OFFSETS_PER_TRIGGER": "1000"}
    with Stream(lake, PULSE_FAILPOINT=f"{place}:2", **limit) as stream:
        assert stream.wait_dead() == -signal.SIGKILL
    before = epochs(lake)
    with Stream(lake, **limit) as stream:
        stream.wait_ready().wait_caught_up()
    assert_same_cells(gold_in_trino(lake), truth_cells(truth), "Gold is not the truth")
    check_promises(lake)
    was_open = before[-1]["state"] == "started"
    assert was_open == (place != "after_ledger")
    assert [row["is_recovered"] for row in epochs(lake)].count(True) == int(was_open)


def test_every_example_of_the_contract_is_kept_and_judged_and_the_stream_goes_on(lake):
    producer = KafkaProducer(bootstrap_servers=lake.kafka_bootstrap, acks="all")
    with Stream(lake) as stream:
        stream.wait_ready()
        for example in topic().examples:
            producer.send(lake.topic, value=example.body, key=b"example", partition=0)
        producer.flush()
        stream.wait_caught_up()
        producer.send(lake.topic, value=topic().examples[0].body, key=b"example", partition=0)
        producer.close()
        stream.wait_caught_up()
    expected = [example.fault for example in topic().examples] + [None]
    rows = query(lake, "SELECT fault, is_duplicate FROM bronze.postings ORDER BY partition, offset").rows
    assert [fault for fault, _ in rows] == expected
    assert [is_duplicate for _, is_duplicate in rows] == [False] * len(topic().examples) + [True]
    decoded = query(lake, "SELECT fault, count(*) FROM bronze.quarantine GROUP BY 1").rows
    assert sum(count for _, count in decoded) == sum(fault is not None for fault in expected)
    check_promises(lake)


@pytest.mark.fault(22, "two at once")
def test_a_second_stream_refuses_to_start_and_says_who_holds_the_tables(lake):
    with Stream(lake) as first:
        first.wait_ready()
        with Stream(lake) as second:
            assert second.wait_dead() == 1
        said = first.log.read_text()
        assert "ingest_postings is already run by ingest_postings on" in said
        assert f"process {first.process.pid}" in said
        assert first.process.poll() is None
