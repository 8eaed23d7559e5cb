"""Which hours the auditor compares cell by cell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from talentpulse.audit import gold
from talentpulse.audit.gold import FINAL_AFTER, OPEN_HOURS_DRAWN, Hour, due_hours
from talentpulse.audit.subject import EARLIEST, Cut, Subject

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
CUT = Cut(9, NOW, "log", {}, NOW, NOW, 9, 1, 1, "")
WHOLE = Subject(None, None, CUT, {}, since=0, sample=200, seed=7)
FINAL = NOW - FINAL_AFTER
HOURS = [Hour(FINAL + timedelta(hours=n), 5, 10, 10, is_different=False) for n in range(-10, 40)]


@pytest.fixture
def compared(monkeypatch):
    """Say up to which epoch and Kafka time cells were compared before."""

    def set_to(epoch, kafka_at):
        monkeypatch.setattr(gold, "last_compared", lambda _: (epoch, kafka_at))

    set_to(0, EARLIEST)
    return set_to


def final_of(due):
    return [hour for hour in due if hour <= FINAL]


def test_the_first_time_all_final_hours_are_due_and_a_few_open_ones_drawn_by_the_seed(compared):
    due = due_hours(WHOLE, HOURS)
    assert len(final_of(due)) == 11
    assert len(due) == 11 + OPEN_HOURS_DRAWN
    assert due == sorted(due) == due_hours(WHOLE, HOURS) != due_hours(replace(WHOLE, seed=8), HOURS)


def test_a_final_hour_is_due_again_only_if_it_changed_or_became_final_since(compared):
    compared(5, NOW - timedelta(hours=2))
    assert final_of(due_hours(WHOLE, HOURS)) == [FINAL - timedelta(hours=1), FINAL]
    revised = [replace(HOURS[0], applied_epoch=6), *HOURS[1:]]
    assert HOURS[0].window_start in due_hours(WHOLE, revised)


def test_between_whole_runs_only_hours_whose_sums_differ_are_due(compared):
    different = replace(HOURS[-1], is_different=True)
    assert due_hours(replace(WHOLE, since=8), [*HOURS[:-1], different]) == [different.window_start]
