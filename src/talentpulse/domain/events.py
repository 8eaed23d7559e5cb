"""The envelope of one delivery: bytes to its five fields, or to the fault that says why they cannot be read.

orjson is the project's only JSON parser, so it decides what JSON is. It is strict (no NaN, Infinity,
comments, single quotes, trailing text or byte order mark) and draws three lines where RFC 8259 leaves the
choice to the reader: lone surrogate escapes (`"\\ud800"`), more than 1024 levels of nesting and numbers
beyond a double (`1e999`) are `not_json`. Of a repeated key the last value counts.
"""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

import orjson

Fault = Literal[
    "null_value",
    "empty",
    "not_utf8",
    "not_json",
    "not_object",
    "unknown_version",
    "no_event_id",
    "no_payload",
    "payload_not_object",
]

SCHEMA_VERSION = 1
MAX_SOURCE_CHARACTERS = 200
_JSON_WHITE_SPACE = b" \t\n\r"
_INTEGER_TEXT = re.compile(r"-?[0-9]+")
_MAX_INTEGER_DIGITS = 18  # int() refuses thousands of digits; no version is longer than this


class Envelope(NamedTuple):
    """What one record says about itself. `payload` is set exactly where `fault` is None.

    `timestamp` is raw, of any JSON type. `schema_version` is what the producer stated, None where it stated
    no integer of 32 bits. A faulty record keeps what could be read besides.
    """

    fault: Fault | None
    event_id: str | None = None
    timestamp: object = None
    source: str | None = None
    schema_version: int | None = None
    payload: dict[str, Any] | None = None


def read_envelope(body: bytes | None) -> Envelope:
    """Read one Kafka value. Never raises; faults are decided in the order of the topic's contract."""
    if body is None:
        return Envelope("null_value")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Envelope(_why_no_json(body))
    if not isinstance(document, dict):
        return Envelope("not_object")
    version, is_known = _schema_version(document.get("schema_version"))
    event_id = document.get("event_id")
    payload = document.get("payload")
    fault: Fault | None = None
    if not is_known:
        fault = "unknown_version"
    elif not isinstance(event_id, str) or not event_id:
        fault = "no_event_id"
    elif payload is None:
        fault = "no_payload"
    elif not isinstance(payload, dict):
        fault = "payload_not_object"
    source = document.get("source")
    return Envelope(
        fault=fault,
        event_id=event_id if isinstance(event_id, str) and event_id else None,
        timestamp=document.get("timestamp"),
        source=source[:MAX_SOURCE_CHARACTERS] if isinstance(source, str) and source else None,
        schema_version=version,
        payload=payload if fault is None else None,
    )


def _why_no_json(body: bytes) -> Fault:
    # asked only after the parser refused: a good record never pays for a second look
    if not body.strip(_JSON_WHITE_SPACE):
        return "empty"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    return "not_json"


def _schema_version(raw: object) -> tuple[int | None, bool]:
    """The version that the producer stated, as far as it fits the column, and whether it is known."""
    if isinstance(raw, bool):
        return None, True
    if isinstance(raw, str):
        if not _INTEGER_TEXT.fullmatch(raw):
            return None, True
        if len(raw) > _MAX_INTEGER_DIGITS:
            return None, False
        raw = int(raw)
    elif isinstance(raw, float):
        if not raw.is_integer():
            return None, False
        raw = int(raw)
    if not isinstance(raw, int):
        return None, True
    return (raw if -(2**31) <= raw < 2**31 else None), raw == SCHEMA_VERSION
