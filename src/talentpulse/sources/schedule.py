"""How many records a generated run sends, and when each of their events happened."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPEAT_WITHIN_SECONDS = 6 * 3600
_REPEAT_WITHIN_MOST = 1_000_000


class ScheduleError(ValueError):
    """Options of a run that contradict each other or leave something open; the message says which."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`count` records (None: endless), events `step_us` apart from `start_us` on, or at the clock's time.

    `run` names this run: repeating a history with a stated start repeats its events, all else is new.
    """

    count: int | None
    start_us: int | None
    step_us: float
    repeat_within: int
    run: str

    @property
    def is_history(self) -> bool:
        """Whether events are placed in the past, and so carry the backfill header by default."""
        return self.start_us is not None

    def event_at_us(self, n: int) -> int:
        """Event time of the n-th record in microseconds since 1970 UTC; reads the clock in a live run."""
        if self.start_us is None:
            return time.time_ns() // 1000
        return self.start_us + int(n * self.step_us)


def schedule(
    *,
    rate: float,
    count: int | None,
    seconds: float | None,
    start: datetime | None,
    speed: float | None,
    span: timedelta | None,
    now: datetime,
) -> Schedule:
    """Work out a run from its options; all instants are aware.

    `span` squeezes that much event time, by default the time up to `now`, into the run; `start` with `speed`
    lets event time run `speed` times as fast as the clock; neither: events happen when they are sent.

    Raises:
        ScheduleError: the options contradict each other or leave something open.
    """
    if rate < 0 or (count is not None and count < 0):
        raise ScheduleError("--rate and --count must not be negative")
    if count is not None and seconds is not None:
        raise ScheduleError("give --count or --seconds, not both")
    if seconds is not None:
        if not rate:
            raise ScheduleError("--seconds needs a --rate above 0; give --count instead")
        count = round(seconds * rate)
    within = min(_repeat_within(count, rate), _REPEAT_WITHIN_MOST)
    if span is not None:
        if speed is not None:
            raise ScheduleError("give --span or --speed, not both")
        if not count:
            raise ScheduleError("--span needs --count or --seconds: how many records share it")
        first_us = _us(start or now - span)
        return Schedule(count, first_us, span / _MICROSECOND / count, within, run=str(first_us))
    if start is None:
        if speed is not None:
            raise ScheduleError("--speed needs --start; to squeeze the past into a run give --span")
        return Schedule(count, None, 0.0, within, run=f"live {_us(now)}")
    if not rate:
        raise ScheduleError("--start needs a --rate above 0 or a --span: how far apart events are")
    return Schedule(count, _us(start), (speed or 1.0) * 1e6 / rate, within, run=str(_us(start)))


def _repeat_within(count: int | None, rate: float) -> int:
    """After how many records at most a repeated delivery comes again: 6 h, or a third of a short run."""
    hours = int(rate * _REPEAT_WITHIN_SECONDS) if rate else _REPEAT_WITHIN_MOST
    return max(1, hours if count is None else min(hours, count // 3))


def _us(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
