"""Whatever comes on the topic is in Bronze byte for byte, judged by the JSON standard, and the stream goes on."""

import gzip
import json
from collections import Counter

import pyarrow.compute as pc
import pytest
from kafka import KafkaProducer

from talentpulse.lakehouse.trino import query
from tests.lake import Stream, bronze, check_promises, empty_lake

# beside it a body is the same for every case
GOOD = {"event_id": "e", "source": "board", "payload": {"title": "Python developer", "location": "London, UK"}}


def event(**change):
    return json.dumps(GOOD | change).encode()


def titled(title):
    return json.dumps(GOOD | {"payload": {"title": title}}, ensure_ascii=False).encode("utf-8", "surrogatepass")


# body, fault by RFC 8259 (JSON) and RFC 3629 (UTF-8); None: it reads
HOSTILE = {
    "NaN is no JSON": (b'{"event_id":"a","payload":{"salary":NaN}}', "not_json"),
    "Infinity is no JSON": (b'{"event_id":"a","payload":{"salary":-Infinity}}', "not_json"),
    "single quotes": (b"{'event_id':'a','payload':{}}", "not_json"),
    "garbage behind the object": (event() + b"}", "not_json"),
    "a second object behind the first": (event() + event(), "not_json"),
    "a comma too many": (b'{"event_id":"a","payload":{},}', "not_json"),
    "a comment": (b'{"event_id":"a",/* */"payload":{}}', "not_json"),
    "100,000 open brackets": (b"[" * 100_000, "not_json"),
    "deep and closed": (b'{"event_id":"a","payload":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", "not_json"),
    "a lone surrogate as bytes": (titled("\ud800"), "not_utf8"),
    "an overlong slash": (b'{"event_id":"a\xc0\xaf","payload":{}}', "not_utf8"),
    "a byte order mark in front": (b"\xef\xbb\xbf" + event(), "not_json"),
    "UTF-16": (event().decode().encode("utf-16"), "not_utf8"),
    "a raw NUL in a text": (b'{"event_id":"a","payload":{"title":"\x00"}}', "not_json"),
    "only NUL": (b"\x00" * 64, "not_json"),
    "gzip": (gzip.compress(event(), mtime=0), "not_utf8"),
    "empty": (b"", "empty"),
    "white space": (b" \n\t ", "empty"),
    "no value": (None, "null_value"),
    "a number": (b"12", "not_object"),
    "a list": (b"[]", "not_object"),
    "the word null": (b"null", "not_object"),
    "an escaped NUL in a text": (event(event_id="nul", payload={"title": "Python \u0000"}), None),
    "right to left, joined emoji, combining marks": (
        titled("\u202ePython\u202c \U0001f469\u200d\U0001f4bb Z\u0351\u0343al\u0323go"), None
    ),
    "not a character, last plane": (titled("\U0010ffff\ufffe Python"), None),
    "duplicate keys, the last one counts": (b'{"event_id":"x","event_id":"dup","payload":{"title":"Go"}}', None),
    # the standard lets a reader limit numbers (RFC 8259, 6) and calls such escapes unpredictable (8.2)
    "a number beyond any double": (event(payload={"salary": 0}).replace(b"0}", b"1e999}"), "not_json"),
    "half of a surrogate pair, escaped": (event(payload={"title": "?"}).replace(b"?", b"\\ud800"), "not_json"),
    "10 MB of text": (event(event_id="big", payload={"title": "Python", "description": "<b>a " * 2_000_000}), None),
    "a title that is a list": (event(event_id="list", payload={"title": ["Python"], "location": {"city": 1}}), None),
    "an event_id with a NUL in it": (event(event_id="a\u0000b"), None),
}  # fmt: skip


@pytest.fixture(scope="module")
def flowing(stack):
    """An empty lake with a stream that runs, and who sends to it: `send(key, bodies)` returns once they are committed."""
    empty_lake(stack)
    producer = KafkaProducer(bootstrap_servers=stack.kafka_bootstrap, acks="all", max_request_size=16 << 20)
    with Stream(stack) as stream:
        stream.wait_ready()

        def send(key, bodies):
            for body in bodies:
                producer.send(stack.topic, body, key=key)
            producer.flush()
            stream.wait_caught_up()

        yield stack, send
    producer.close()


def rows_of(lake, key):
    """Bronze's rows with this Kafka key, in the order in which they were sent."""
    return bronze(lake).filter(pc.field("key") == key).sort_by("offset").to_pylist()


@pytest.mark.fault(20)
def test_hostile_bodies_are_kept_byte_for_byte_and_judged_by_the_standard(flowing):
    lake, send = flowing
    send(b"hostile", [body for body, _ in HOSTILE.values()])
    send(b"after", [event(event_id="after")])
    found = [row["fault"] for row in rows_of(lake, b"hostile")]
    assert dict(zip(HOSTILE, found, strict=True)) == {name: fault for name, (_, fault) in HOSTILE.items()}
    assert [row["fault"] for row in rows_of(lake, b"after")] == [None]
    asked = "SELECT fault, count(*) FROM bronze.quarantine WHERE key_text = 'hostile' GROUP BY 1"
    assert Counter(dict(query(lake, asked).rows)) == Counter(
        fault for _, fault in HOSTILE.values() if fault is not None
    )
    check_promises(lake)


PAYLOAD = {"title": "Python developer", "location": "Tokyo, Japan"}


def drifted(name, **change):
    """A posting as another version of a producer would send it; a field with the value `...` is left out."""
    body = (
        {"event_id": name, "timestamp": "2026-01-01T00:00:00Z", "source": "board", "schema_version": 1}
        | GOOD
        | {"payload": PAYLOAD}
        | change
    )
    return json.dumps({key: value for key, value in body.items() if value is not ...} | {"event_id": name}).encode()


# what drifts, fault, regions and skills that are read
DRIFT = {
    "added field": (drifted("a1", extra={"x": 1}, payload=PAYLOAD | {"perks": ["gym"]}), None, ["JP"], ["Python"]),
    "removed field": (drifted("a2", source=..., schema_version=...), None, ["JP"], ["Python"]),
    "removed place": (drifted("a3", payload={"title": "Python developer"}), None, ["unknown"], ["Python"]),
    "int became text": (drifted("a4", schema_version="1"), None, ["JP"], ["Python"]),
    "object became list": (drifted("a5", payload=[PAYLOAD]), "payload_not_object", [], []),
    "text became object": (drifted("a6", payload={"title": {"en": "Python"}, "location": "Paris"}), None, ["FR"], []),
    "unknown version": (drifted("a7", schema_version=99), "unknown_version", [], []),
    "no payload": (drifted("a8", payload=...), "no_payload", [], []),
}


@pytest.mark.fault(21)
def test_added_fields_are_accepted_other_drift_is_judged_by_rule_and_yesterday_s_sql_still_runs(flowing):
    lake, send = flowing
    asked = "SELECT skill, events FROM gold.skill_trends WHERE region = 'JP' ORDER BY skill"
    send(b"drift", [drifted("before")])  # no header at all
    assert query(lake, asked).rows == [("*", 1), ("Python", 1)]
    send(b"drift", [body for body, *_ in DRIFT.values()])
    found = [(row["fault"], row["regions"], row["skills"]) for row in rows_of(lake, b"drift")[1:]]
    assert dict(zip(DRIFT, found, strict=True)) == {name: tuple(told) for name, (_, *told) in DRIFT.items()}
    in_japan = 1 + sum(regions == ["JP"] for _, _, regions, _ in DRIFT.values())
    assert query(lake, asked).rows == [("*", in_japan), ("Python", in_japan)]
    check_promises(lake)
