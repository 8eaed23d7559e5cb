"""What goes wrong on the way from a board to the topic: each kind with its share, at most one a record."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from talentpulse.sources.delivery import Delivery, planted_fault
from talentpulse.sources.postings import HOUR_US, Posting, PostingGenerator

POSTING = "posting"
REPEATED = "repeated"

LIGHT: dict[str, float] = {
    "null_location": 0.01,
    "malformed_date": 0.005,
    "missing_payload": 0.002,
    "wrong_types": 0.004,
    "truncated": 0.002,
    "not_utf8": 0.001,
    "not_json": 0.001,
    "absurd_date": 0.002,
    "late": 0.02,
    REPEATED: 0.01,
    "large_body": 0.0001,
}
"""Shares of an ordinary day; their sum is the share of records that are not as they should be."""

HEAVY: dict[str, float] = {
    kind: 0.0005 if kind == "large_body" else 0.04 if kind == REPEATED else min(10 * share, 0.05)
    for kind, share in LIGHT.items()
}
LEVELS: dict[str, dict[str, float]] = {"none": dict.fromkeys(LIGHT, 0.0), "light": LIGHT, "heavy": HEAVY}

_LATE_HOURS = 48
_YEAR_US = 365 * 24 * HOUR_US
_LARGE_CHARACTERS = 1_000_000
_MOST_WAITING = 5_000  # repeated deliveries kept back at a time, about 10 MB
_NO_DATES = ("yesterday-ish", "2026-13-45T99:00:00Z", "03/15/2026 10:30", "", 1_700_000_000, None, ["2026"])
_NO_OBJECTS = ("Data Engineer", 42, ["title", "Data Engineer"], True)
_NO_JSON = (
    (b"<html><body><h1>502 Bad Gateway</h1></body></html>", "not_json"),
    (b"event_id=1&title=Data+Engineer", "not_json"),
    (b"{'event_id': '1', 'payload': {}}", "not_json"),
    (b'{"event_id": "1", "payload": {"salary_min": NaN}}', "not_json"),
    (b'{"event_id": "1", "payload": {}} {"event_id": "2"}', "not_json"),
    (b"\xef\xbb\xbf{}", "not_json"),
    (b"[1, 2, 3]", "not_object"),
    (b'"a text"', "not_object"),
    (b"null", "not_object"),
    (b" \r\n\t ", "empty"),
)


def shares(level: str, changes: Mapping[str, float]) -> dict[str, float]:
    """The shares of a level (`none`, `light`, `heavy`), some of them replaced.

    Raises:
        ValueError: unknown level or kind, a share outside 0..1, or shares that sum to more than 1.
    """
    if level not in LEVELS:
        raise ValueError(f"expected a chaos level of {', '.join(LEVELS)}; found {level!r}")
    for kind, share in changes.items():
        if kind not in LIGHT:
            raise ValueError(f"expected a kind of chaos of {', '.join(LIGHT)}; found {kind!r}")
        if not 0 <= share <= 1:
            raise ValueError(f"expected a share between 0 and 1 for {kind}; found {share}")
    result = {**LEVELS[level], **changes}
    if sum(result.values()) > 1:
        raise ValueError(f"the shares of chaos must not sum to more than 1; found {sum(result.values()):g}")
    return result


class Chaos:
    """Turns postings into deliveries; the same seed, shares and postings give the same, byte for byte.

    `repeat_within` is the largest number of records after which a repeated delivery comes again.
    """

    def __init__(self, shares: Mapping[str, float], seed: int, repeat_within: int) -> None:
        self._rng = random.Random(f"chaos {seed}")
        self._shares = [(kind, share) for kind, share in shares.items() if share > 0]
        self._repeat_within = max(1, repeat_within)
        self._waiting: list[tuple[int, int, Delivery]] = []  # due after so many records, serial number, delivery
        self._serial = 0

    def deliveries(self, generator: PostingGenerator, event_at_us: Callable[[int], int]) -> Iterator[Delivery]:
        """Endless deliveries; `event_at_us(n)` says when the n-th is observed. Repeats take their turn."""
        n = 0
        while True:
            if self._waiting and (self._waiting[0][0] <= n or len(self._waiting) > _MOST_WAITING):
                yield heapq.heappop(self._waiting)[2]
            else:
                yield self._delivered(generator.posting(event_at_us(n)), n)
            n += 1

    def _delivered(self, posting: Posting, n: int) -> Delivery:
        kind = self._kind()
        if kind == REPEATED:
            delivery = _sound(posting, POSTING)
            due = n + 1 + int(self._rng.random() * self._repeat_within)
            self._serial += 1
            heapq.heappush(self._waiting, (due, self._serial, delivery._replace(kind=REPEATED)))
            return delivery
        return _sound(posting, POSTING) if kind is None else _SPOILERS[kind](posting, self._rng)

    def _kind(self) -> str | None:
        drawn = self._rng.random()
        for kind, share in self._shares:
            drawn -= share
            if drawn < 0:
                return kind
        return None


def _sound(posting: Posting, kind: str) -> Delivery:
    return Delivery(posting.key, orjson.dumps(posting.document()), kind, posting.planted)


def _with_payload(posting: Posting, **changes: Any) -> Posting:
    return posting._replace(payload={**posting.payload, **changes})


def _faulty(posting: Posting, body: bytes | None, kind: str, fault: str) -> Delivery:
    return Delivery(posting.key, body, kind, planted_fault(fault))


def _null_location(posting: Posting, rng: random.Random) -> Delivery:
    nowhere = _with_payload(posting, location=None, is_remote=False)
    return _sound(nowhere._replace(regions=("unknown",)), "null_location")


def _malformed_date(posting: Posting, rng: random.Random) -> Delivery:
    document = posting.document()
    document["timestamp"] = rng.choice(_NO_DATES)
    planted = posting.planted._replace(event_at_us=None)
    return Delivery(posting.key, orjson.dumps(document), "malformed_date", planted)


def _missing_payload(posting: Posting, rng: random.Random) -> Delivery:
    document = posting.document()
    variant = rng.randrange(4)
    if variant == 0:
        return _faulty(posting, None, "missing_payload", "null_value")
    if variant == 1:
        return _faulty(posting, b"", "missing_payload", "empty")
    if variant == 2:
        document["payload"] = None
    else:
        del document["payload"]
    return _faulty(posting, orjson.dumps(document), "missing_payload", "no_payload")


def _wrong_types(posting: Posting, rng: random.Random) -> Delivery:
    variant = rng.randrange(6)
    if variant < 3:
        document = posting.document()
        field, value, fault = (
            ("payload", rng.choice(_NO_OBJECTS), "payload_not_object"),
            ("event_id", rng.choice((12345, None, "", ["a"])), "no_event_id"),
            ("schema_version", rng.choice((9, 2.5, 0)), "unknown_version"),
        )[variant]
        document[field] = value
        return _faulty(posting, orjson.dumps(document), "wrong_types", fault)
    if variant == 3:
        posting = _with_payload(posting, description=["a", "list"], company={"name": posting.payload["company"]})
        return _sound(posting._replace(skills=tuple(sorted(posting.title_skills))), "wrong_types")
    if variant == 4:
        posting = _with_payload(posting, location={"city": "Berlin"}, is_remote="yes", salary=17)
        return _sound(posting._replace(regions=("unknown",)), "wrong_types")
    return _sound(_with_payload(posting, is_remote=1, employment_type=3.5, posted_at={}), "wrong_types")


def _truncated(posting: Posting, rng: random.Random) -> Delivery:
    body = orjson.dumps(posting.document())
    end = rng.randrange(1, len(body))
    while body[end] & 0xC0 == 0x80:  # inside a character: that would be another fault
        end -= 1
    return _faulty(posting, body[:end], "truncated", "not_json")


def _not_utf8(posting: Posting, rng: random.Random) -> Delivery:
    body = orjson.dumps(posting.document())
    middle = body.index(b'"title":"') + 9
    latin = body[:middle] + "Développeur ".encode("latin-1") + body[middle:]
    return _faulty(posting, rng.choice((latin, body.decode().encode("utf-16"))), "not_utf8", "not_utf8")


def _not_json(posting: Posting, rng: random.Random) -> Delivery:
    body, fault = rng.choice(_NO_JSON)
    return _faulty(posting, body, "not_json", fault)


def _absurd_date(posting: Posting, rng: random.Random) -> Delivery:
    years = rng.choice((rng.uniform(-50, -10), rng.uniform(2, 30)))
    return _sound(_moved(posting, int(years * _YEAR_US)), "absurd_date")


def _late(posting: Posting, rng: random.Random) -> Delivery:
    return _sound(_moved(posting, -int(rng.random() * _LATE_HOURS * HOUR_US)), "late")


def _moved(posting: Posting, by_us: int) -> Posting:
    event_at_us = posting.event_at_us + by_us
    return posting._replace(event_at_us=event_at_us - event_at_us % 1000)


def _large_body(posting: Posting, rng: random.Random) -> Delivery:
    filler = "We look forward to hearing from you. "
    description = posting.payload["description"] + "\n" + filler * (_LARGE_CHARACTERS // len(filler))
    return _sound(_with_payload(posting, description=description), "large_body")


_SPOILERS: dict[str, Callable[[Posting, random.Random], Delivery]] = {
    "null_location": _null_location,
    "malformed_date": _malformed_date,
    "missing_payload": _missing_payload,
    "wrong_types": _wrong_types,
    "truncated": _truncated,
    "not_utf8": _not_utf8,
    "not_json": _not_json,
    "absurd_date": _absurd_date,
    "late": _late,
    "large_body": _large_body,
}
