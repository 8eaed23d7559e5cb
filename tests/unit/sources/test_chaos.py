"""What goes wrong: each kind in its share, and what is planted is what the reader makes of it."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import orjson
import pytest

from talentpulse.domain.reader import Reading, read_posting
from talentpulse.sources.chaos import HEAVY, LIGHT, REPEATED, Chaos, shares
from talentpulse.sources.delivery import Delivery
from talentpulse.sources.postings import PostingGenerator
from talentpulse.sources.truth import believed_event_at_us

START_US = 1_772_000_000_000_000
HOUR_US = 3_600_000_000


def _deliveries(count: int, chosen: dict[str, float], seed: int = 7, repeat_within: int = 500) -> list[Delivery]:
    chaos = Chaos(chosen, seed, repeat_within)
    endless = chaos.deliveries(PostingGenerator(seed), lambda n: START_US + n * 1_000_000)
    return list(islice(endless, count))


def _all(kind: str, count: int = 300) -> list[Delivery]:
    """Deliveries of one kind only."""
    return _deliveries(count, shares("none", {kind: 1.0}))


def _read(delivery: Delivery) -> Reading:
    return read_posting(delivery.body, START_US)


@pytest.mark.parametrize("kind", [kind for kind in LIGHT if kind not in (REPEATED, "large_body")])
def test_what_is_planted_is_what_the_reader_finds(kind: str) -> None:
    for delivery in _all(kind):
        planted, reading = delivery.planted, _read(delivery)
        assert planted is not None
        assert delivery.kind == kind
        assert (reading.fault, tuple(reading.regions), tuple(reading.skills)) == (
            planted.fault,
            planted.regions,
            planted.skills,
        )
        if planted.fault is None:
            assert reading.event_id == planted.event_id
            assert reading.event_at_us == believed_event_at_us(planted.event_at_us, START_US // 1000)


@pytest.mark.parametrize(
    ("kind", "faults"),
    [
        ("missing_payload", {"null_value", "empty", "no_payload"}),
        ("wrong_types", {None, "payload_not_object", "no_event_id", "unknown_version"}),
        ("truncated", {"not_json"}),
        ("not_utf8", {"not_utf8"}),
        ("not_json", {"not_json", "not_object", "empty"}),
        ("null_location", {None}),
        ("malformed_date", {None}),
        ("absurd_date", {None}),
        ("late", {None}),
    ],
)
def test_each_kind_leads_to_its_faults(kind: str, faults: set[str | None]) -> None:
    assert {_read(delivery).fault for delivery in _all(kind)} == faults


def test_a_null_location_is_an_unknown_region() -> None:
    assert {tuple(_read(delivery).regions) for delivery in _all("null_location", 50)} == {("unknown",)}


@pytest.mark.parametrize("kind", ["malformed_date", "absurd_date"])
def test_without_a_believable_date_the_broker_decides(kind: str) -> None:
    assert {_read(delivery).event_at_source for delivery in _all(kind, 100)} == {"broker"}


def test_absurd_dates_are_years_ahead_or_decades_behind() -> None:
    years = [(_planted_time(d) - START_US) / (365 * 24 * HOUR_US) for d in _all("absurd_date", 200)]
    assert min(years) < -10
    assert max(years) > 2
    assert all(year < -9.9 or year > 1.9 for year in years)


def test_late_events_are_up_to_48_hours_old() -> None:
    hours = [(START_US + n * 1_000_000 - _planted_time(d)) / HOUR_US for n, d in enumerate(_all("late", 500))]
    assert 0 <= min(hours) < 2
    assert 46 < max(hours) <= 48.001


def _planted_time(delivery: Delivery) -> int:
    assert delivery.planted is not None
    assert delivery.planted.event_at_us is not None
    return delivery.planted.event_at_us


def test_a_repeated_delivery_is_the_same_bytes_under_the_same_key_later() -> None:
    deliveries = _deliveries(3_000, shares("none", {REPEATED: 0.1}), repeat_within=200)
    first_seen: dict[bytes, int] = {}
    waits = []
    for n, delivery in enumerate(deliveries):
        assert delivery.body is not None
        if delivery.kind == REPEATED:
            assert deliveries[first_seen[delivery.body]].key == delivery.key
            waits.append(n - first_seen[delivery.body])
        else:
            assert delivery.body not in first_seen
            first_seen[delivery.body] = n
    assert 150 < len(waits) < 450
    assert 1 <= min(waits) < 20
    assert 150 < max(waits) < 260


def test_at_most_five_thousand_repeats_wait() -> None:
    deliveries = _deliveries(7_000, shares("none", {REPEATED: 1.0}), repeat_within=10**12)
    kinds = [delivery.kind for delivery in deliveries]
    assert REPEATED not in kinds[:5_000]
    assert 900 < kinds.count(REPEATED) < 1_100


def test_a_large_body_has_a_megabyte_and_its_skills_are_found() -> None:
    for delivery in _all("large_body", 3):
        assert delivery.body is not None
        assert delivery.planted is not None
        assert 1_000_000 < len(delivery.body) < 1_100_000
        assert tuple(_read(delivery).skills) == delivery.planted.skills


def test_shares_are_kept() -> None:
    kinds = Counter(delivery.kind for delivery in _deliveries(10_000, HEAVY))
    for kind, share in HEAVY.items():
        assert share * 10_000 * 0.5 - 10 < kinds[kind] < share * 10_000 * 1.5 + 10


def test_without_chaos_every_delivery_is_a_sound_posting() -> None:
    deliveries = _deliveries(500, shares("none", {}))
    assert {delivery.kind for delivery in deliveries} == {"posting"}
    assert {_read(delivery).fault for delivery in deliveries} == {None}


def test_the_same_seed_gives_the_same_deliveries_byte_for_byte() -> None:
    assert _deliveries(2_000, HEAVY) == _deliveries(2_000, HEAVY)


def test_the_key_is_source_and_job_id() -> None:
    delivery = _deliveries(1, shares("none", {}))[0]
    assert delivery.body is not None
    event = orjson.loads(delivery.body)
    assert delivery.key.decode() == f"{event['source']}:{event['payload']['job_id']}"


@pytest.mark.parametrize(
    ("level", "changes", "message"),
    [
        ("extreme", {}, "none, light, heavy"),
        ("none", {"lateness": 0.1}, "found 'lateness'"),
        ("none", {"late": 1.5}, "between 0 and 1"),
        ("light", {"late": 0.9, "truncated": 0.5}, "more than 1"),
    ],
)
def test_wrong_shares_are_refused_with_what_was_expected(level: str, changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shares(level, changes)


def test_a_share_replaces_that_of_its_level() -> None:
    assert shares("light", {"late": 0.5}) == {**LIGHT, "late": 0.5}
