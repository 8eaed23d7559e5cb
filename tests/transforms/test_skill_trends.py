"""gold.skill_trends: what counts, in which cells, and how late and history are told apart."""

from datetime import UTC, datetime, timedelta

from talentpulse.transforms.skill_trends import skill_trends

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


def cells(frame, measure="events"):
    rows = skill_trends(frame).collect()
    return {(row.window_start.replace(tzinfo=UTC), row.region, row.skill): row[measure] for row in rows}


def test_an_event_counts_once_in_each_region_and_skill_and_once_anywhere(bronze):
    found = cells(bronze({"regions": ["DE", "GB"], "skills": ["Python", "SQL"]}))
    assert found == {(NOON, region, skill): 1 for region in ("DE", "GB", "*") for skill in ("Python", "SQL", "*")}


def test_an_event_without_skills_counts_in_the_denominator_only(bronze):
    assert cells(bronze({"skills": []})) == {(NOON, "GB", "*"): 1, (NOON, "*", "*"): 1}


def test_faulty_duplicate_and_canary_records_are_in_no_cell(bronze):
    rows = [
        {"fault": "not_json", "regions": [], "skills": []},
        {"is_duplicate": True},
        {"source": "pulse_canary"},
    ]
    assert cells(bronze(*rows)) == {}


def test_an_event_without_a_source_counts(bronze):
    assert cells(bronze({"source": None}))[NOON, "*", "*"] == 1


def test_every_event_counts_in_its_own_hour_however_late(bronze):
    old = NOON - timedelta(hours=47, minutes=1)
    found = cells(bronze({"event_at": old, "kafka_at": NOON}))
    assert found[old.replace(minute=0), "*", "*"] == 1


def test_late_means_more_than_two_hours_after_the_event_hour_ended(bronze):
    just = {"event_at": NOON + timedelta(minutes=59), "kafka_at": NOON + timedelta(hours=3)}
    late = {"event_at": NOON, "kafka_at": NOON + timedelta(hours=3, microseconds=1)}
    assert cells(bronze(just), "late_events")[NOON, "*", "*"] == 0
    assert cells(bronze(late), "late_events")[NOON, "*", "*"] == 1


def test_history_is_counted_apart_from_late(bronze):
    history = {"headers": [("trace", b"x"), ("backfill", b"1")], "kafka_at": NOON + timedelta(days=30)}
    frame = bronze(history)
    assert cells(frame, "late_events")[NOON, "*", "*"] == 0
    assert cells(frame, "backfill_events")[NOON, "*", "*"] == 1
    assert cells(frame)[NOON, "*", "*"] == 1


def test_a_cell_tells_its_first_and_last_event_and_the_readers_that_counted(bronze):
    rows = [
        {"event_at": NOON + timedelta(minutes=5), "reader_version": "001.002", "epoch": 3},
        {"event_at": NOON + timedelta(minutes=1), "kafka_at": NOON + timedelta(hours=1), "reader_version": "001.010"},
    ]
    (cell,) = skill_trends(bronze(*rows)).where("region = '*' and skill = '*'").collect()
    assert cell.first_event_at.replace(tzinfo=UTC) == NOON + timedelta(minutes=1)
    assert cell.last_event_at.replace(tzinfo=UTC) == NOON + timedelta(minutes=5)
    assert cell.last_counted_at.replace(tzinfo=UTC) == NOON + timedelta(hours=1)
    assert (cell.least_reader_version, cell.greatest_reader_version) == ("001.002", "001.010")
    assert cell.applied_epoch == 3
