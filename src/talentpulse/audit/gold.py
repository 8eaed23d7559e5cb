"""Gold against a GROUP BY of what Bronze counted, through Trino: all hours by their sums, some cell by cell.

An event stands in (regions + 1) x (skills + 1) cells of its hour. So the sums over an hour's cells are known from the
headers alone, and one pass over them finds any single wrong, missing or surplus cell in any hour: that is done for every
hour in every whole run. Only errors that cancel each other stay hidden, so cells are compared one by one as well:

- of every hour whose sums differ, to name them;
- of every final hour that has changed, or become final, since cells were last compared without a finding. What was
  compared is remembered in ops.audits, whoever ran the audit;
- of a few open hours, drawn by the run's seed.

Between two whole runs only the sums of the newest hours are compared.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from talentpulse.audit.results import last_compared
from talentpulse.audit.subject import EARLIEST, EXAMPLES, Seen, Subject

FINAL_AFTER = timedelta(hours=49)  # 48 h after the end of the hour
NEWEST_HOURS = timedelta(hours=2)  # before the present one; what comes later is late
AHEAD = timedelta(hours=1)  # an event is never so far ahead of the broker's time: reading takes that for absurd
OPEN_HOURS_DRAWN = 5
HOURS_A_QUESTION = 24


@dataclass(frozen=True)
class Hour:
    """One event hour: the newest epoch of its cells, the sums of their events, and whether any sum differs."""

    window_start: datetime
    applied_epoch: int
    bronze_events: int
    gold_events: int
    is_different: bool


@functools.lru_cache(maxsize=1)
def _hours(subject: Subject) -> list[Hour]:
    """Asked once a run; two checks need it."""
    first_hour = kafka_from = EARLIEST
    if not subject.is_whole:
        present = subject.cut.newest_kafka_at.replace(minute=0, second=0, microsecond=0)
        first_hour, kafka_from = present - NEWEST_HOURS, present - NEWEST_HOURS - AHEAD
    rows = subject.ask("gold_hours", epoch=subject.cut.epoch, kafka_from=kafka_from, first_hour=first_hour)
    return [Hour(*row) for row in rows]


def check_gold_hours(subject: Subject) -> Seen:
    """The cells of each event hour add up to what Bronze counted, in all counting columns."""
    if subject.cut.gold_snapshot is None:
        return Seen.nothing(subject.cut.gold_remark)
    hours = _hours(subject)
    wrong = [
        f"{hour.window_start:%Y-%m-%d %H:%M}: cells add up to {hour.gold_events} events in Gold, {hour.bronze_events}"
        f" in Bronze{'' if hour.gold_events != hour.bronze_events else '; another column differs'}"
        for hour in hours
        if hour.is_different
    ]
    return Seen.of(len(hours), wrong)


def check_gold_cells(subject: Subject) -> Seen:
    """Cells are what a GROUP BY says, in both directions and all counting columns; which hours stands above."""
    if subject.cut.gold_snapshot is None:
        return Seen.nothing(subject.cut.gold_remark)
    due = due_hours(subject, _hours(subject))
    total = Seen(0)
    for begin in range(0, len(due), HOURS_A_QUESTION):
        hours = due[begin : begin + HOURS_A_QUESTION]
        seen = subject.tally(
            "gold_cells", epoch=subject.cut.epoch, kafka_from=max(EARLIEST, hours[0] - AHEAD), first_hour=hours[0],
            end_hour=hours[-1] + timedelta(hours=1), hours=hours,
        )  # fmt: skip
        examples = (*total.examples, *seen.examples)[:EXAMPLES]
        total = Seen(total.checked + seen.checked, total.findings + seen.findings, examples)
    return total if due else Seen.nothing("the sums of all hours agree, and no final hour has changed")


def due_hours(subject: Subject, hours: Sequence[Hour]) -> list[datetime]:
    """The hours whose cells are compared, in order."""
    due = {hour.window_start for hour in hours if hour.is_different}
    if subject.is_whole:
        final = {hour.window_start for hour in hours if hour.window_start + FINAL_AFTER <= subject.cut.kafka_at}
        known_epoch, known_at = last_compared(subject.connection)
        due |= {
            hour.window_start
            for hour in hours
            if hour.window_start in final
            and (hour.applied_epoch > known_epoch or hour.window_start + FINAL_AFTER > known_at)
        }
        still_open = [hour.window_start for hour in hours if hour.window_start not in final]
        due.update(random.Random(subject.seed).sample(still_open, min(OPEN_HOURS_DRAWN, len(still_open))))
    return sorted(due)
