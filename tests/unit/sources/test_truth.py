"""The truth of a run, against small cases counted by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from talentpulse.sources.delivery import Planted, planted_fault
from talentpulse.sources.truth import Acknowledged, Cell, Counts, Truth, aggregate

HOUR_MS = 3_600_000
NOON_MS = int(datetime(2026, 3, 15, 12, tzinfo=UTC).timestamp() * 1000)
NOON = NOON_MS // 1000


def _record(
    offset: int,
    event_id: str = "a",
    *,
    kafka_at_ms: int = NOON_MS,
    event_at_ms: int | None = NOON_MS,
    partition: int = 0,
    is_backfill: bool = False,
    regions: tuple[str, ...] = ("GB",),
    skills: tuple[str, ...] = ("Python",),
) -> Acknowledged:
    event_at_us = None if event_at_ms is None else event_at_ms * 1000
    return Acknowledged(
        partition, offset, kafka_at_ms, is_backfill, Planted(None, event_id, event_at_us, regions, skills)
    )


def _cell(records: list[Acknowledged], window_start: int = NOON, region: str = "*", skill: str = "*") -> Counts:
    return aggregate(records).cells.get(Cell(window_start, region, skill), Counts())


def test_an_event_counts_once_in_each_region_and_skill_and_once_in_the_star_rows() -> None:
    totals = aggregate([_record(0, regions=("DE", "GB"), skills=("Python", "SQL"))])
    assert set(totals.cells) == {
        Cell(NOON, region, skill) for region in ("*", "DE", "GB") for skill in ("*", "Python", "SQL")
    }
    assert all(counts == Counts(events=1) for counts in totals.cells.values())


def test_an_event_without_skills_counts_in_the_denominators_alone() -> None:
    assert set(aggregate([_record(0, skills=())]).cells) == {Cell(NOON, "*", "*"), Cell(NOON, "GB", "*")}


def test_the_lower_offset_counts_whatever_the_order_of_the_acknowledgements() -> None:
    totals = aggregate([_record(9, event_at_ms=NOON_MS + HOUR_MS), _record(3)])
    assert (totals.counted, totals.duplicates) == (1, 1)
    assert Cell(NOON, "*", "*") in totals.cells


def test_the_same_event_in_another_partition_is_no_duplicate() -> None:
    assert aggregate([_record(0), _record(1, partition=1)]).duplicates == 0


def test_an_event_is_a_duplicate_until_24_kafka_hours_later_and_not_after() -> None:
    same_hour_24_later = NOON_MS + 24 * HOUR_MS + HOUR_MS - 1
    assert aggregate([_record(0), _record(1, kafka_at_ms=same_hour_24_later)]).duplicates == 1
    assert aggregate([_record(0), _record(1, kafka_at_ms=same_hour_24_later + 1)]).duplicates == 0


def test_a_duplicate_extends_the_time_in_which_the_event_is_known() -> None:
    hours = (0, 20, 40)
    records = [_record(n, kafka_at_ms=NOON_MS + hour * HOUR_MS) for n, hour in enumerate(hours)]
    assert aggregate(records).duplicates == 2


def test_faults_are_counted_by_code_and_are_in_no_cell() -> None:
    faulty = [
        Acknowledged(0, n, NOON_MS, False, planted_fault(code)) for n, code in enumerate(("empty", "empty", "not_json"))
    ]
    totals = aggregate(faulty)
    assert totals.faults == {"empty": 2, "not_json": 1}
    assert not totals.cells
    assert totals.deliveries == 3


def test_late_is_more_than_two_hours_after_the_end_of_the_event_hour() -> None:
    border = NOON_MS + 3 * HOUR_MS
    assert _cell([_record(0, kafka_at_ms=border)]).late_events == 0
    assert _cell([_record(0, kafka_at_ms=border + 1)]).late_events == 1


def test_history_is_counted_apart_and_never_late() -> None:
    counts = _cell([_record(0, kafka_at_ms=NOON_MS + 9 * HOUR_MS, is_backfill=True)])
    assert counts == Counts(events=1, late_events=0, backfill_events=1)


def test_the_broker_decides_where_the_event_has_no_time() -> None:
    totals = aggregate([_record(0, event_at_ms=None, kafka_at_ms=NOON_MS + 90)])
    assert Cell(NOON, "*", "*") in totals.cells
    assert totals.broker_timed == 1


def test_the_event_is_believed_up_to_ten_minutes_ahead() -> None:
    ten_minutes_ahead = NOON_MS + HOUR_MS
    assert _cell(
        [_record(0, event_at_ms=ten_minutes_ahead, kafka_at_ms=NOON_MS + HOUR_MS - 600_000)], NOON + 3600
    ).events
    assert _cell([_record(0, event_at_ms=ten_minutes_ahead, kafka_at_ms=NOON_MS + HOUR_MS - 600_001)], NOON).events


def test_the_event_is_believed_up_to_365_days_behind() -> None:
    year_ms = 365 * 24 * HOUR_MS
    assert _cell([_record(0, event_at_ms=NOON_MS - year_ms)], NOON - year_ms // 1000).events == 1
    assert _cell([_record(0, event_at_ms=NOON_MS - year_ms - 1)], NOON).events == 1


def test_the_file_holds_totals_faults_and_cells(tmp_path: Path) -> None:
    truth = Truth()
    truth.add(_record(0))
    truth.add(_record(1))
    truth.add(Acknowledged(0, 2, NOON_MS, False, planted_fault("not_utf8")))
    path = tmp_path / "truth.json"
    truth.write(path)
    document = json.loads(path.read_text())
    assert len(truth) == 3
    assert {key: document[key] for key in ("deliveries", "counted", "duplicates", "faults")} == {
        "deliveries": 3,
        "counted": 1,
        "duplicates": 1,
        "faults": {"not_utf8": 1},
    }
    assert document["cells"][0] == {
        "window_start": "2026-03-15T12:00:00Z",
        "region": "*",
        "skill": "*",
        "events": 1,
        "late_events": 0,
        "backfill_events": 0,
    }
    assert len(document["cells"]) == 4
