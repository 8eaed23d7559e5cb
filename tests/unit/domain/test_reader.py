"""One record to its header: good ones, faulty ones, and any bytes at all."""

import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.reader import READER_VERSION, Reading, read_batch, read_posting
from talentpulse.domain.text import MAX_CHARACTERS

KAFKA_AT = 1_773_576_000_000_000  # 2026-03-15 12:00 UTC
FAULTS = {
    *("null_value", "empty", "not_utf8", "not_json", "not_object"),
    *("unknown_version", "no_event_id", "no_payload", "payload_not_object"),
}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "event_id": JSON_VALUES | st.just("e"),
        "timestamp": JSON_VALUES,
        "source": JSON_VALUES,
        "schema_version": JSON_VALUES | st.just(1),
        "payload": JSON_VALUES
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(("title", "description", "location", "is_remote"), JSON_VALUES),
        ),
    },
)


def posting(**payload: object) -> bytes:
    return orjson.dumps({"event_id": "e", "timestamp": "2026-03-15T10:30:00Z", "source": "s", "payload": payload})


def test_a_good_posting_is_read_whole() -> None:
    body = orjson.dumps(
        {
            "event_id": "e-1",
            "timestamp": "2026-03-15T10:30:00Z",
            "source": "board",
            "schema_version": 1,
            "payload": {
                "title": "Senior Python Developer",
                "location": "London, UK; Berlin",
                "description": "<p>Spark</p><p>R&amp;D with <b>Kafka</b></p>",
                "is_remote": True,
            },
        }
    )
    assert read_posting(body, KAFKA_AT) == Reading(
        fault=None,
        event_id="e-1",
        event_at_us=KAFKA_AT - 5_400_000_000,
        event_at_source="event",
        source="board",
        schema_version=1,
        regions=["DE", "GB"],
        skills=["Apache Kafka", "Apache Spark", "Python"],
    )


def test_a_faulty_record_has_the_brokers_time_and_counts_nowhere() -> None:
    body = b'{"event_id": "e", "timestamp": "2026-03-15T10:30:00Z", "source": "board", "payload": null}'
    assert read_posting(body, KAFKA_AT) == Reading("no_payload", None, KAFKA_AT, "broker", "board", None, [], [])


def test_wrong_types_in_the_payload_are_no_fault() -> None:
    reading = read_posting(posting(title=["Python"], description=7, location={"city": "London"}), KAFKA_AT)
    assert (reading.fault, reading.regions, reading.skills) == (None, ["unknown"], [])


def test_title_and_description_are_not_glued() -> None:
    assert read_posting(posting(title="Java", description="Script kiddies"), KAFKA_AT).skills == ["Java"]


def test_text_beyond_the_limit_is_not_read() -> None:
    inside = "x " * (MAX_CHARACTERS // 2 - 10) + "Python"
    beyond = "x " * (MAX_CHARACTERS // 2) + "Python"
    assert read_posting(posting(description=inside), KAFKA_AT).skills == ["Python"]
    assert read_posting(posting(description=beyond), KAFKA_AT).skills == []


def test_the_reader_version_has_a_fixed_width_so_that_it_orders_as_text() -> None:
    assert re.fullmatch(r"[0-9]{3}\.[0-9]{3}", READER_VERSION)


def test_a_batch_has_a_list_per_header_column_in_the_order_given() -> None:
    bodies = [posting(title="Python", location="Paris"), None, b"{"]
    columns = read_batch(bodies, [KAFKA_AT, KAFKA_AT + 1, KAFKA_AT + 2])
    assert tuple(columns) == Reading._fields
    assert columns["fault"] == [None, "null_value", "not_json"]
    assert columns["skills"] == [["Python"], [], []]
    assert columns["regions"] == [["FR"], [], []]
    assert columns["event_at_us"] == [KAFKA_AT - 5_400_000_000, KAFKA_AT + 1, KAFKA_AT + 2]


def test_an_empty_batch_has_all_columns() -> None:
    assert read_batch([], []) == {name: [] for name in Reading._fields}


def test_a_batch_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        read_batch([None], [])


def assert_is_a_header(reading: Reading) -> None:
    assert reading.fault is None or reading.fault in FAULTS
    assert (reading.fault is None) == (reading.event_id is not None) == bool(reading.regions)
    assert reading.event_at_source == "event" or reading.event_at_us == KAFKA_AT
    assert reading.fault is None or not reading.skills


@given(st.none() | st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode()))
def test_any_bytes_give_a_header(body: bytes | None) -> None:
    assert_is_a_header(read_posting(body, KAFKA_AT))


@given(EVENTS)
def test_any_event_gives_a_header(event: dict[str, object]) -> None:
    assert_is_a_header(read_posting(orjson.dumps(event), KAFKA_AT))


def test_the_reader_version_orders_as_text_and_as_a_number() -> None:
    # Gold compares versions as decimals with three places on either side
    assert re.fullmatch(r"[0-9]{3}\.[0-9]{3}", READER_VERSION)
