"""How a run is worked out from its options."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from talentpulse.sources.schedule import Schedule, ScheduleError, schedule

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
HOUR_US = 3_600_000_000


def _schedule(**options: Any) -> Schedule:
    given = {"rate": 100.0, "count": None, "seconds": None, "start": None, "speed": None, "span": None, "now": NOW}
    return schedule(**{**given, **options})


def test_a_live_run_takes_its_event_times_from_the_clock_and_is_no_history() -> None:
    plan = _schedule()
    before = time.time_ns() // 1000
    assert before <= plan.event_at_us(5) <= time.time_ns() // 1000
    assert (plan.count, plan.is_history) == (None, False)


def test_a_span_ends_now_and_is_spread_over_the_count() -> None:
    plan = _schedule(rate=0, count=240, span=timedelta(hours=24))
    assert plan.event_at_us(0) == NOW_US - 24 * HOUR_US
    assert plan.event_at_us(1) - plan.event_at_us(0) == HOUR_US // 10
    assert plan.event_at_us(240) == NOW_US
    assert plan.is_history


def test_seconds_times_rate_is_the_count() -> None:
    assert _schedule(seconds=2.5).count == 250


def test_speed_lets_event_time_run_faster_than_the_clock() -> None:
    plan = _schedule(start=NOW, speed=60)
    assert plan.event_at_us(100) - plan.event_at_us(0) == 60_000_000


def test_a_repeated_history_has_the_same_run_and_live_runs_never() -> None:
    assert _schedule(start=NOW).run == _schedule(start=NOW, now=NOW + timedelta(hours=1)).run
    assert _schedule().run != _schedule(now=NOW + timedelta(hours=1)).run
    assert _schedule(start=NOW).run != _schedule(now=NOW).run


def test_repeated_deliveries_come_within_six_hours_or_a_third_of_a_short_run() -> None:
    assert _schedule(rate=1).repeat_within == 21_600
    assert _schedule(count=300).repeat_within == 100
    assert _schedule(count=1).repeat_within == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 1, "seconds": 1.0}, "not both"),
        ({"rate": 0.0, "seconds": 1.0}, "rate above 0"),
        ({"span": timedelta(hours=1)}, "--span needs --count"),
        ({"span": timedelta(hours=1), "count": 5, "speed": 2.0}, "--span or --speed"),
        ({"speed": 2.0}, "--speed needs --start"),
        ({"start": NOW, "rate": 0.0}, "--start needs a --rate"),
        ({"rate": -1.0}, "negative"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        _schedule(**options)
