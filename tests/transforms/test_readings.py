"""bronze.readings: what was healed late counts once, whatever was counted from other deliveries meanwhile."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql.types import StructType

from talentpulse.contracts import compiled
from talentpulse.transforms.readings import READINGS, delivered, mark_healed

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def readings(spark):
    """Makes readings from what matters to a test."""
    schema = StructType.fromDDL(compiled.spark_schema(READINGS))
    plain = dict.fromkeys(READINGS.column_names) | {
        "replay_id": 1, "topic_id": "t", "topic": "job.postings.v1", "partition": 0, "kafka_at": NOON, "event_at": NOON,
        "event_at_source": "event", "source": "board", "regions": ["GB"], "skills": ["Python"], "reader_version": "002.001",
    }  # fmt: skip

    def make(*rows):
        return spark.createDataFrame(
            [tuple((plain | row)[name] for name in READINGS.column_names) for row in rows], schema
        )

    return make


def marks(rows):
    return {row["offset"]: row["is_duplicate"] for row in rows.collect()}


def at(hours):
    return NOON + timedelta(hours=hours)


def test_a_healed_record_repeats_an_event_that_was_counted_before_or_after_it_within_24_hours(bronze, readings):
    others = delivered(
        bronze(
            {"offset": 10, "event_id": "earlier", "kafka_at": at(-24)},
            {"offset": 11, "event_id": "too early", "kafka_at": at(-25)},
            {"offset": 90, "event_id": "later", "kafka_at": at(24)},
            {"offset": 91, "event_id": "too late", "kafka_at": at(25)},
            {"offset": 92, "event_id": "elsewhere", "partition": 1},
            {"offset": 93, "event_id": "other log", "topic_id": "u"},
            {"offset": 94, "event_id": "probe", "source": "pulse_canary"},
            {"offset": 95, "event_id": None, "fault": "not_json"},
        ),
        readings(
            {"replay_id": 7, "offset": 20, "event_id": "healed before", "epoch": 3, "is_duplicate": False},
            {"replay_id": 8, "offset": 21, "event_id": "only prepared"},
        ),
    )
    names = [
        "earlier", "too early", "later", "too late", "elsewhere", "other log", "probe", "healed before", "only prepared",
    ]  # fmt: skip
    prepared = readings(*({"offset": 50 + n, "event_id": name} for n, name in enumerate(names)))
    healed = mark_healed(prepared, others, 9)
    repeated = {names[offset - 50] for offset, is_duplicate in marks(healed).items() if is_duplicate}
    assert repeated == {"earlier", "later", "healed before"}
    assert {row["epoch"] for row in healed.collect()} == {9}
    assert healed.columns == READINGS.column_names


def test_of_several_healed_deliveries_of_an_event_the_first_one_counts(bronze, readings):
    prepared = readings(
        {"offset": 7, "event_id": "e", "kafka_at": at(1)},
        {"offset": 5, "event_id": "e"},
        {"offset": 9, "event_id": "e", "kafka_at": at(26)},
        {"offset": 6, "event_id": "e", "source": "pulse_canary"},
    )
    assert marks(mark_healed(prepared, delivered(bronze(), readings()), 9)) == {5: False, 6: False, 7: True, 9: False}


def test_the_marks_are_those_of_a_plain_loop_over_the_rule(bronze, readings):
    dice = random.Random(4)
    rows = [
        {"offset": n, "event_id": f"e{dice.randrange(40)}", "partition": dice.randrange(2), "kafka_at": at(n // 4)}
        for n in range(240)
    ]
    late = [row for row in rows if dice.random() < 0.3]
    counted = [row for row in rows if row not in late]
    expected = {}
    for row in late:
        same = [o for o in rows if o is not row and all(o[k] == row[k] for k in ("event_id", "partition"))]
        hours = {o["offset"]: (row["kafka_at"] - o["kafka_at"]) / timedelta(hours=1) for o in same}
        expected[row["offset"]] = any(
            abs(hours[o["offset"]]) <= 24 if o in counted else o["offset"] < row["offset"] and hours[o["offset"]] <= 24
            for o in same
        )
    assert marks(mark_healed(readings(*late), delivered(bronze(*counted), readings()), 9)) == expected
