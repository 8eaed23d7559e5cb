"""The envelope: every fault of the contract, and what JSON is."""

from importlib import resources
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.events import MAX_SOURCE_CHARACTERS, Fault, read_envelope

TOPIC: dict[str, Any] = yaml.safe_load(
    resources.files("talentpulse.contracts").joinpath("topics", "job.postings.v1.yaml").read_text("utf-8")
)


def body_of(example: dict[str, Any]) -> bytes | None:
    if "hex" in example:
        return bytes.fromhex(example["hex"])
    return None if example["text"] is None else example["text"].encode()


@pytest.mark.parametrize("example", TOPIC["examples"], ids=lambda example: example["name"])
def test_every_example_of_the_contract_has_the_fault_that_it_declares(example: dict[str, Any]) -> None:
    assert read_envelope(body_of(example)).fault == example["fault"]


def test_the_fault_codes_are_those_of_the_contract() -> None:
    assert set(get_args(Fault)) == set(TOPIC["fault_codes"])


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b'{"event_id": "a", "payload": {"x": Infinity}}',
        b'{"event_id": "a", "payload": {}} {}',
        b"{'event_id': 'a', 'payload': {}}",
        b'\xef\xbb\xbf{"event_id": "a", "payload": {}}',
        b'{"event_id": "a", "payload": {"x": "\\ud800"}}',
        b'{"event_id": "a", "payload": {"x": 1e999}}',
        b'{"event_id": "a\x00", "payload": {}}',
        b'{"event_id": "a", "payload": {},}',
        b"[" * 1_000_000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"\x00",
    ],
)
def test_what_is_utf8_and_refused_by_the_parser_is_not_json(body: bytes) -> None:
    assert read_envelope(body).fault == "not_json"


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t "])
def test_no_bytes_and_json_white_space_are_empty(body: bytes) -> None:
    assert read_envelope(body).fault == "empty"


@pytest.mark.parametrize("body", [b"\xff", b'{"event_id": "\xc3"}', b"\xed\xa0\x80", b"\xc0\x80"])
def test_bytes_that_no_text_has_are_not_utf8(body: bytes) -> None:
    assert read_envelope(body).fault == "not_utf8"


@pytest.mark.parametrize("document", [b"1", b"null", b'"text"', b"[]", b"true"])
def test_json_that_is_no_object_is_not_object(document: bytes) -> None:
    assert read_envelope(document).fault == "not_object"


@pytest.mark.parametrize(
    ("stated", "header", "fault"),
    [
        ("1", 1, None),
        ('"1"', 1, None),
        ("1.0", 1, None),
        ("null", None, None),
        ("true", None, None),
        ('"one"', None, None),
        ('"1.0"', None, None),
        ('""', None, None),
        ("{}", None, None),
        ("2", 2, "unknown_version"),
        ('"2"', 2, "unknown_version"),
        ("0", 0, "unknown_version"),
        ("-1", -1, "unknown_version"),
        ("1.5", None, "unknown_version"),
        ("4294967296", None, "unknown_version"),
        ("1e30", None, "unknown_version"),
        ('"' + "9" * 5000 + '"', None, "unknown_version"),
    ],
)
def test_a_version_that_is_a_number_must_be_known(stated: str, header: int | None, fault: str | None) -> None:
    envelope = read_envelope(f'{{"event_id": "a", "schema_version": {stated}, "payload": {{}}}}'.encode())
    assert (envelope.schema_version, envelope.fault) == (header, fault)


@pytest.mark.parametrize("event_id", ["null", '""', "7", "[]", "false"])
def test_an_event_id_is_a_text_with_characters(event_id: str) -> None:
    assert read_envelope(f'{{"event_id": {event_id}, "payload": {{}}}}'.encode()).fault == "no_event_id"


def test_faults_are_decided_in_the_order_of_the_contract() -> None:
    assert read_envelope(b'{"schema_version": 9, "payload": 1}').fault == "unknown_version"
    assert read_envelope(b'{"payload": 1}').fault == "no_event_id"
    assert read_envelope(b'{"event_id": "a"}').fault == "no_payload"


def test_a_faulty_record_keeps_its_readable_source_and_has_no_payload() -> None:
    envelope = read_envelope(b'{"event_id": "a", "schema_version": 9, "source": "board", "payload": {}}')
    assert (envelope.source, envelope.payload) == ("board", None)


@pytest.mark.parametrize("source", ["null", '""', "7", "{}"])
def test_a_source_that_is_no_text_is_missing_and_no_fault(source: str) -> None:
    envelope = read_envelope(f'{{"event_id": "a", "source": {source}, "payload": {{}}}}'.encode())
    assert (envelope.source, envelope.fault) == (None, None)


def test_a_source_is_capped() -> None:
    envelope = read_envelope(b'{"event_id": "a", "source": "' + b"s" * 1000 + b'", "payload": {}}')
    assert envelope.source == "s" * MAX_SOURCE_CHARACTERS


def test_an_escaped_nul_survives() -> None:
    assert read_envelope(b'{"event_id": "a\\u0000b", "payload": {}}').event_id == "a\x00b"


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,eventidpayload1 \\u0', max_size=60).map(str.encode))
def test_arbitrary_bytes_are_a_fault_of_the_contract_or_a_payload(body: bytes) -> None:
    envelope = read_envelope(body)
    assert envelope.fault in {*TOPIC["fault_codes"], None}
    assert (envelope.fault is None) == (envelope.payload is not None)
