"""What the lake must show after a generated run: cells, faults and duplicates, counted from what was planted.

An implementation of its own of the rules in docs/architecture.md (the event, time, duplicates), simple rather
than quick, so that a test can compare Gold with something that shares no code with it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from talentpulse.sources.delivery import Planted

HOUR_MS = 3_600_000
MAX_AHEAD_MS = 10 * 60_000
MAX_BEHIND_MS = 365 * 24 * HOUR_MS
LATE_AFTER_MS = 2 * HOUR_MS
ANY = "*"


class Acknowledged(NamedTuple):
    """One acknowledged delivery: where the broker put it and when (LogAppendTime, ms since 1970 UTC)."""

    partition: int
    offset: int
    kafka_at_ms: int
    is_backfill: bool
    planted: Planted


class Cell(NamedTuple):
    """Key of a cell of gold.skill_trends: start of the event hour (seconds since 1970 UTC), region, skill."""

    window_start: int
    region: str
    skill: str


@dataclass(slots=True)
class Counts:
    """Measures of one cell: distinct events, and of these the late ones and those delivered as history."""

    events: int = 0
    late_events: int = 0
    backfill_events: int = 0


@dataclass(slots=True)
class Totals:
    """What acknowledged deliveries must become; deliveries = counted + duplicates + sum of faults."""

    cells: dict[Cell, Counts] = field(default_factory=lambda: defaultdict(Counts))
    faults: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    counted: int = 0
    duplicates: int = 0
    broker_timed: int = 0

    def headline(self) -> dict[str, int]:
        """The sums without faults by code and cells."""
        return {
            "deliveries": self.deliveries,
            "counted": self.counted,
            "duplicates": self.duplicates,
            "faulty": self.faults.total(),
            "broker_timed": self.broker_timed,
            "cells": len(self.cells),
        }

    def as_json(self) -> dict[str, object]:
        """A JSON document: totals, `faults` by code, `cells` as a sorted list of flat objects."""
        return {
            "deliveries": self.deliveries,
            "counted": self.counted,
            "duplicates": self.duplicates,
            "broker_timed": self.broker_timed,
            "faults": dict(sorted(self.faults.items())),
            "cells": [
                {
                    "window_start": datetime.fromtimestamp(cell.window_start, UTC).isoformat().replace("+00:00", "Z"),
                    "region": cell.region,
                    "skill": cell.skill,
                    "events": counts.events,
                    "late_events": counts.late_events,
                    "backfill_events": counts.backfill_events,
                }
                for cell, counts in sorted(self.cells.items())
            ],
        }


class Truth:
    """Collects acknowledged deliveries, about 500 bytes each: for runs that ask for the truth."""

    def __init__(self) -> None:
        self._records: list[Acknowledged] = []

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: Acknowledged) -> None:
        """Keep one acknowledged delivery; called in any order, from the producer's thread."""
        self._records.append(record)

    def aggregate(self) -> Totals:
        """Everything that the lake must show of the deliveries so far."""
        return aggregate(self._records)

    def write(self, path: Path) -> Totals:
        """Write the aggregate as JSON and return it. The folder must exist."""
        totals = self.aggregate()
        path.write_text(json.dumps(totals.as_json(), indent=1) + "\n", encoding="utf-8")
        return totals


def aggregate(records: Iterable[Acknowledged]) -> Totals:
    """Count deliveries as the rules say: faults by code, duplicates by Kafka's order, the rest into cells."""
    totals = Totals()
    hours_seen: dict[tuple[int, str], set[int]] = defaultdict(set)  # Kafka hours of (partition, event_id)
    for record in sorted(records, key=lambda record: (record.partition, record.offset)):
        totals.deliveries += 1
        planted = record.planted
        if planted.fault is not None or planted.event_id is None:
            totals.faults[planted.fault or "no_event_id"] += 1
            continue
        kafka_hour = record.kafka_at_ms // HOUR_MS
        seen = hours_seen[record.partition, planted.event_id]
        is_duplicate = any(hour in seen for hour in range(kafka_hour - 24, kafka_hour + 1))
        seen.add(kafka_hour)
        if is_duplicate:
            totals.duplicates += 1
        else:
            _count(record, totals)
    return totals


def believed_event_at_us(event_at_us: int | None, kafka_at_ms: int) -> int:
    """The event's own time, or the broker's where it states none or one that is absurd (microseconds)."""
    broker_us = kafka_at_ms * 1000
    if event_at_us is None:
        return broker_us
    is_absurd = event_at_us > broker_us + MAX_AHEAD_MS * 1000 or event_at_us < broker_us - MAX_BEHIND_MS * 1000
    return broker_us if is_absurd else event_at_us


def _count(record: Acknowledged, totals: Totals) -> None:
    planted = record.planted
    event_at_us = believed_event_at_us(planted.event_at_us, record.kafka_at_ms)
    window_ms = event_at_us // (HOUR_MS * 1000) * HOUR_MS
    is_late = not record.is_backfill and record.kafka_at_ms > window_ms + HOUR_MS + LATE_AFTER_MS
    totals.counted += 1
    totals.broker_timed += event_at_us != planted.event_at_us
    for region in {ANY, *planted.regions}:
        for skill in {ANY, *planted.skills}:
            counts = totals.cells[Cell(window_ms // 1000, region, skill)]
            counts.events += 1
            counts.late_events += is_late
            counts.backfill_events += record.is_backfill
