"""Faulty records that a later reader learned to read are counted exactly once; what still does not read stays."""

import gzip
import json
import signal

import pytest
from kafka import KafkaProducer

from talentpulse import cli_quarantine
from talentpulse.domain import reader
from talentpulse.transforms import postings
from tests.lake import (
    Stream,
    bronze,
    check_promises,
    counted_readings,
    epochs,
    generate,
    pulse,
    stream_once,
)

KEY = b"board:1"  # one partition


def event(name, **payload):
    body = {
        "event_id": name,
        "source": "board",
        "payload": {"title": "Python developer", "location": "London, UK"} | payload,
    }
    return json.dumps(body).encode()


def send(lake, *bodies):
    producer = KafkaProducer(bootstrap_servers=lake.kafka_bootstrap, acks="all", compression_type=None)
    for body in bodies:
        producer.send(lake.topic, body, key=KEY)
    producer.flush()
    producer.close()


@pytest.fixture
def learned(monkeypatch, lake):
    """In this process the reader has learned gzip and has a greater version; the stream's process has not."""
    plain = reader.read_envelope

    def read_envelope(body):
        try:
            return plain(gzip.decompress(body) if body is not None and body[:2] == b"\x1f\x8b" else body)
        except (OSError, EOFError):
            return plain(body)

    monkeypatch.setattr(reader, "read_envelope", read_envelope)
    monkeypatch.setattr(reader, "READER_VERSION", "900.001")
    monkeypatch.setattr(postings, "READER_VERSION", "900.001")
    monkeypatch.setattr(cli_quarantine, "WAIT_SECONDS", 0.0)
    for name, value in lake.environment().items():
        monkeypatch.setenv(name, value)


def killed(lake, place):
    with Stream(lake, PULSE_FAILPOINT=place) as stream:
        assert stream.wait_dead() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("place", ["after_start", "after_bronze", "after_gold", "after_ledger"])
def test_what_a_later_reader_can_read_counts_once_also_if_the_stream_dies_while_it_counts(
    lake, tmp_path, learned, capsys, place
):
    generate(lake, tmp_path / "truth.json", 400, "--seed", "41")
    only_zipped, zipped_twice, zipped_then_plain = event("z1"), event("z2"), event("z3")
    send(lake, *(gzip.compress(body) for body in (only_zipped, zipped_twice, zipped_twice, zipped_then_plain)))
    send(lake, zipped_then_plain, gzip.compress(event("cut off"))[:-12])
    stream_once(lake)
    before = len(check_promises(lake))
    found = json.loads(pulse(lake, "quarantine", "--source", "nobody", "--json"))
    assert found == {"faults": [], "examples": []}
    assert "0 read now" in pulse(
        lake, "quarantine", "retry", "--code", "not_utf8", "--yes"
    )  # a reader that knows no gzip

    cli_quarantine.retry("not_utf8", source=None, dry_run=True)
    assert "4 read now" in capsys.readouterr().out
    cli_quarantine.retry("not_utf8", source=None, yes=True)
    assert "it waits" in capsys.readouterr().out
    killed(lake, place)
    send(lake, only_zipped)  # delivered again after it was healed
    stream_once(lake)

    arrow, healed = check_promises(lake), counted_readings(lake)
    assert len(arrow) == before + 1
    by_event = dict.fromkeys(["z1", "z2", "z3"], 0)
    for name, is_duplicate in zip(healed["event_id"].to_pylist(), healed["is_duplicate"].to_pylist(), strict=True):
        by_event[name] += not is_duplicate
    assert by_event == {"z1": 1, "z2": 1, "z3": 0}
    last = dict(zip(arrow["event_id"].to_pylist(), arrow["is_duplicate"].to_pylist(), strict=True))
    assert last["z1"], "the index forgot what was healed"
    (heal,) = (row for row in epochs(lake) if row["kind"] == "heal")
    assert (heal["records_read"], heal["records_counted"], heal["records_duplicate"]) == (4, 2, 2)
    assert heal["is_recovered"]
    capsys.readouterr()
    cli_quarantine.retry("not_utf8", source=None, yes=True)
    said = capsys.readouterr().out
    assert "0 read now" in said
    assert "stay: not_utf8" in said


def test_a_running_stream_heals_between_two_batches_and_shows_what_stays(lake, tmp_path, learned, capsys, monkeypatch):
    monkeypatch.setattr(cli_quarantine, "WAIT_SECONDS", 60.0)
    send(lake, *(gzip.compress(event(f"z{n}")) for n in range(30)), b"\xff\xfe", b"{")
    with Stream(lake) as stream:
        stream.wait_ready().wait_caught_up()
        cli_quarantine.retry("not_utf8", source=None, yes=True)
        assert "30 counted, 0 repeat a counted event" in capsys.readouterr().out
        generate(lake, tmp_path / "truth.json", 300, "--seed", "42")
        send(lake, event("z7"))
        stream.wait_caught_up()
        assert stream.stop()[0] == 0
    check_promises(lake)
    assert bronze(lake)["fault"].to_pylist().count("not_utf8") >= 31
    told = pulse(lake, "quarantine", "--fault", "not_json", "--examples", "100")
    assert "not_json" in told
    assert "1 bytes" in told
    faults = {row["fault"]: row["records"] for row in json.loads(pulse(lake, "quarantine", "--json"))["faults"]}
    assert faults["not_utf8"] < 31
