"""Kafka no longer has what was not read yet: the stream stops loudly, and goes on only with an operator's word."""

import signal

import pytest
from kafka import KafkaAdminClient, TopicPartition

from talentpulse.audit.run import run_audit
from talentpulse.lakehouse.postgres import connect
from tests.lake import (
    Stream,
    assert_same_cells,
    broker_ends,
    bronze,
    check_promises,
    committed,
    epochs,
    generate,
    gold_in_trino,
    kafka_records,
    pulse,
    recomputed,
    stream_once,
    wait_until,
)


def refused(lake, *said):
    """The stream ends by itself, without a change, and says why and what to do."""
    before = epochs(lake)
    with Stream(lake) as stream:
        stream.log.write_bytes(b"")
        assert stream.wait_dead() == 1
        for text in said:
            assert text in stream.log.read_text()
    assert epochs(lake) == before


def retention_deletes(lake, begin, records):
    """Delete `records` records of each partition from `begin` on, as retention would; what is lost, per partition."""
    ends = broker_ends(lake)
    until = {p: min(begin.get(p, 0) + records, end) for p, end in ends.items()}
    admin = KafkaAdminClient(bootstrap_servers=lake.kafka_bootstrap)
    admin.delete_records({TopicPartition(lake.topic, p): offset for p, offset in until.items()})
    admin.close()
    return {p: (begin.get(p, 0), offset) for p, offset in until.items() if offset > begin.get(p, 0)}


def without(sent, lost):
    return {
        (p, offset): body
        for (p, offset), body in sent.items()
        if p not in lost or not lost[p][0] <= offset < lost[p][1]
    }


def gaps(lake):
    with connect(lake, "test") as connection:
        rows = connection.execute("SELECT partition, first_offset, end_offset FROM ops.gaps").fetchall()
    return {partition: (first, end) for partition, first, end in rows}


@pytest.mark.slow
@pytest.mark.fault(14)
def test_retention_that_passed_the_ledger_stops_the_stream_until_exactly_this_loss_is_accepted(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 600, "--seed", "21")
    stream_once(lake)
    read = committed(lake)
    generate(lake, tmp_path / "truth.json", 900, "--seed", "22")
    sent = kafka_records(lake)
    retention_deletes(lake, read, 20)
    refused(lake, "Kafka has deleted records that were never read", "pulse stream accept-gap")
    assert "records of topic job.postings.v1 are lost" in pulse(lake, "stream", "accept-gap", "--yes")
    more = retention_deletes(lake, read, 50)
    refused(lake, "Kafka has deleted records that were never read")
    assert gaps(lake) == {}
    pulse(lake, "stream", "accept-gap", "--yes")
    stream_once(lake)
    assert gaps(lake) == more
    assert [row["kind"] for row in epochs(lake)].count("gap") == 1
    check_promises(lake, without(sent, more))
    assert run_audit(lake, sample=1000, seed=1).findings == 0
    assert "there is nothing to accept" in pulse(lake, "stream", "accept-gap", "--yes")


@pytest.mark.slow
@pytest.mark.fault(14, "an open epoch that only Kafka had")
def test_an_open_epoch_that_only_kafka_had_is_finished_with_what_is_left_of_it(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 800, "--seed", "23")
    with Stream(lake, PULSE_FAILPOINT="after_start") as stream:
        assert stream.wait_dead() == -signal.SIGKILL
    sent = kafka_records(lake)
    lost = retention_deletes(lake, {}, 30)
    refused(lake, "Kafka has deleted records that were never read", "partition 0: 0 to 29")
    pulse(lake, "stream", "accept-gap", "--yes")
    stream_once(lake)
    assert gaps(lake) == lost
    first = epochs(lake)[0]
    assert (first["kind"], first["is_recovered"]) == ("stream", True)
    assert first["records_read"] == sum(first["end_offsets"].values()) - sum(end for _, end in lost.values())
    check_promises(lake, without(sent, lost))
    assert run_audit(lake, sample=1000, seed=1).findings == 0


@pytest.mark.slow
@pytest.mark.fault(14, "an open epoch that Bronze has")
def test_an_open_epoch_that_bronze_has_needs_no_record_of_kafka_s(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 800, "--seed", "24")
    with Stream(lake, PULSE_FAILPOINT="after_bronze") as stream:
        assert stream.wait_dead() == -signal.SIGKILL
    sent = kafka_records(lake)
    (epoch,) = epochs(lake)
    retention_deletes(lake, {int(p): end for p, end in epoch["end_offsets"].items()}, 0)
    stream_once(lake)
    assert gaps(lake) == {}
    check_promises(lake, sent)


@pytest.mark.slow
@pytest.mark.fault(15)
def test_a_topic_made_anew_is_another_log_and_begins_only_when_it_is_adopted(lake, tmp_path):
    generate(lake, tmp_path / "truth.json", 700, "--seed", "25")
    stream_once(lake)
    former = {("former", *place): body for place, body in kafka_records(lake).items()}
    admin = KafkaAdminClient(bootstrap_servers=lake.kafka_bootstrap)
    admin.delete_topics([lake.topic])
    wait_until(lambda: lake.topic not in admin.list_topics(), "the topic is gone", 30)
    admin.close()
    pulse(lake, "bootstrap")
    generate(lake, tmp_path / "truth.json", 500, "--seed", "25")  # the same postings at the same offsets
    refused(lake, "another log", "pulse stream adopt-topic")
    assert "the broker has" in pulse(lake, "stream", "adopt-topic", "--yes")
    stream_once(lake)
    present = {("present", *place): body for place, body in kafka_records(lake).items()}
    arrow = bronze(lake)
    log_of = {epochs(lake)[0]["topic_id"]: "former", epochs(lake)[-1]["topic_id"]: "present"}
    columns = (arrow.column(name).to_pylist() for name in ("topic_id", "partition", "offset", "body"))
    rows = [(log_of[topic_id], p, offset, body) for topic_id, p, offset, body in zip(*columns, strict=True)]
    assert len(rows) == len(former) + len(present)
    assert {row[:3]: row[3] for row in rows} == former | present
    assert_same_cells(gold_in_trino(lake), recomputed(arrow), "Gold is not a GROUP BY of Bronze")
    assert [row["kind"] for row in epochs(lake)].count("adopt") == 1
    assert run_audit(lake, sample=1000, seed=1).findings == 0
    assert "there is nothing to adopt" in pulse(lake, "stream", "adopt-topic", "--yes")
