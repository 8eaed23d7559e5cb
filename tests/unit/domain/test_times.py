"""Event time: what is readable, what is plausible, and what is late."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.times import HOUR_US, SECOND_US, event_time_us


def us(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * SECOND_US


KAFKA_AT = us(2026, 3, 15, 12)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-15T10:30:00Z", us(2026, 3, 15, 10, 30)),
        ("2026-03-15T10:30:00z", us(2026, 3, 15, 10, 30)),
        ("2026-03-15t10:30:00Z", us(2026, 3, 15, 10, 30)),
        ("2026-03-15 10:30:00Z", us(2026, 3, 15, 10, 30)),
        ("2026-03-15T10:30:00+01:00", us(2026, 3, 15, 9, 30)),
        ("2026-03-14T23:30:00-05:30", us(2026, 3, 15, 5)),
        ("2026-03-15T10:30:00.25Z", us(2026, 3, 15, 10, 30) + 250_000),
        ("2026-03-15T10:30:00.123456789Z", us(2026, 3, 15, 10, 30) + 123_456),
        ("2026-03-15T10:30:00", us(2026, 3, 15, 10, 30)),
        ("2026-03-15T10:30", us(2026, 3, 15, 10, 30)),
        ("2026-03-15", us(2026, 3, 15)),
        (" 2026-03-15T10:30:00Z\n", us(2026, 3, 15, 10, 30)),
    ],
)
def test_a_date_of_rfc_3339_is_the_events_own_time(raw: str, expected: int) -> None:
    assert event_time_us(raw, KAFKA_AT) == (expected, "event")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        True,
        {},
        1773570600,
        1773570600000.0,
        "1773570600",
        "",
        "yesterday-ish",
        "2026-02-30T00:00:00Z",
        "2026-03-15T25:00:00Z",
        "15/03/2026",
        "20260315",
        "2026-W11-7",
        "2026-03-15X10:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-03-15T10:30:00+99:00",
        "2026-03-15" + "0" * 1_000_000,
    ],
    ids=lambda raw: repr(raw)[:40],
)
def test_anything_else_falls_back_to_the_brokers_time(raw: object) -> None:
    assert event_time_us(raw, KAFKA_AT) == (KAFKA_AT, "broker")


@pytest.mark.parametrize(
    ("raw", "source"),
    [
        ("2026-03-15T12:10:00Z", "event"),
        ("2026-03-15T12:10:00.000001Z", "broker"),
        ("2025-03-15T12:00:00Z", "event"),
        ("2025-03-15T11:59:59.999999Z", "broker"),
    ],
)
def test_a_time_is_absurd_beyond_ten_minutes_ahead_or_365_days_behind(raw: str, source: str) -> None:
    assert event_time_us(raw, KAFKA_AT)[1] == source


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+Z-]{0,20}", fullmatch=True))
def test_no_text_raises_and_the_result_is_always_plausible(raw: str) -> None:
    at, _ = event_time_us(raw, KAFKA_AT)
    assert -365 * 24 * HOUR_US <= at - KAFKA_AT <= 600 * SECOND_US
