"""The whole pipeline against a bare Kafka-to-Iceberg append of the same records, interleaved round by round."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import SparkSession

from talentpulse.bench.batches import (
    BRONZE,
    CHAOS,
    GOLD,
    NOT_RAW,
    READINGS,
    Range,
    cut,
    declared_table,
    empty_table,
    fill_topic,
    raw,
    schema,
    timed,
)
from talentpulse.bench.figures import phase_medians, spread
from talentpulse.domain.duplicates import DuplicateIndex
from talentpulse.domain.reader import READER_VERSION
from talentpulse.lakehouse.ledger import Ledger
from talentpulse.lakehouse.log_source import read_range
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.spark import open_session
from talentpulse.lakehouse.topics import LogObserver
from talentpulse.lakehouse.writers import append_bronze
from talentpulse.pipelines.ingest import Target, process_batch
from talentpulse.pipelines.warm_up import warm_up
from talentpulse.settings import Settings

SMALLER = 4  # the smaller size of batch is a quarter of the larger
UNCOUNTED = 2  # rounds at the start whose figures are thrown away: both sides still warm up


@dataclass
class Rounds:
    """What was measured with one size of batch, one element a round; seconds."""

    size: int
    records: list[int] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    pipeline: list[float] = field(default_factory=list)
    bare_cpu: list[float] = field(default_factory=list)
    pipeline_cpu: list[float] = field(default_factory=list)
    phases: list[dict[str, float]] = field(default_factory=list)

    def last(self) -> str:
        """The newest round in a line."""
        bare, whole = self.bare[-1], self.pipeline[-1]
        phases = " ".join(f"{name} {seconds:.2f}" for name, seconds in self.phases[-1].items())
        times = f"bare {bare:.2f} s, pipeline {whole:.2f} s ({phases})"
        return f"{self.records[-1]:,} records, {times}, ratio {bare / whole:.2f}"

    def summary(self) -> dict[str, Any]:
        """Ratio and records a second as (median, least, greatest), seconds by phase as medians."""
        return {
            "size": self.size,
            "rounds": len(self.bare),
            "ratio": spread([bare / whole for bare, whole in zip(self.bare, self.pipeline, strict=True)]),
            "pipeline_per_second": spread([n / s for n, s in zip(self.records, self.pipeline, strict=True)]),
            "bare_per_second": spread([n / s for n, s in zip(self.records, self.bare, strict=True)]),
            "pipeline_seconds": spread(self.pipeline),
            "bare_seconds": spread(self.bare),
            "cpu_ratio": spread([a / b for a, b in zip(self.bare_cpu, self.pipeline_cpu, strict=True)]),
            "pipeline_cpu_seconds": spread(self.pipeline_cpu),
            "bare_cpu_seconds": spread(self.bare_cpu),
            "phases": phase_medians(self.phases),
        }


def measure(settings: Settings, records: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the bench on running services (no stream beside it) and return its figures.

    Every round takes records of its own, the same ones on both sides; which side is first changes with every round.
    """
    sizes = [records // SMALLER, records]
    wanted = sizes * (rounds + UNCOUNTED)
    mean_bytes = fill_topic(settings, sum(wanted), say)
    observer = LogObserver(settings)
    log = observer.ends()
    observer.close()
    ranges = cut(log.starts, log.ends, wanted)

    spark = open_session(settings, "bench")
    with connect(settings, "bench") as connection:
        ledger = Ledger(connection, f"bench {time.time_ns()}", READER_VERSION)
        bronze, readings, gold = (declared_table(spark, settings, table) for table in (BRONZE, READINGS, GOLD))
        target = Target(bronze, readings, gold, ledger, DuplicateIndex())
        bare = empty_table(spark, settings, "bare", schema(BRONZE, leave_out=NOT_RAW), BRONZE)
        warm_up(spark, target)
        bench = _Bench(spark, settings, target, bare, log.topic_id)
        found = {size: Rounds(size) for size in sizes}
        for n, batch in enumerate(ranges):
            number, of = n // len(sizes) - UNCOUNTED + 1, found[wanted[n]]
            _round(bench, batch, of, is_bare_first=number % 2 == 0)
            say(f"round {number} of {rounds}: {of.last()}")
            if number <= 0:
                found[of.size] = Rounds(of.size)
    spark.stop()
    return {
        "chaos": CHAOS,
        "mean_bytes": mean_bytes,
        "warm_up_rounds": UNCOUNTED,
        "sizes": [of.summary() for of in found.values()],
    }


def _round(bench: _Bench, batch: Range, into: Rounds, *, is_bare_first: bool) -> None:
    sides = (bench.append_bare, bench.process)
    for side in sides if is_bare_first else reversed(sides):
        side(batch, into)
    into.records.append(batch.records)


@dataclass(frozen=True)
class _Bench:
    """The two sides, ready to take one batch each."""

    spark: SparkSession
    settings: Settings
    target: Target
    bare_table: str
    topic_id: str

    def append_bare(self, batch: Range, into: Rounds) -> None:
        with timed(into.bare, into.bare_cpu):
            records = read_range(self.spark, self.settings, batch.start, batch.end)
            append_bronze(raw(records), self.bare_table, epoch=0, count=batch.records)

    def process(self, batch: Range, into: Rounds) -> None:
        with timed(into.pipeline, into.pipeline_cpu):
            epoch = self.target.ledger.start(self.topic_id, None, batch.start, batch.end)
            records = read_range(self.spark, self.settings, batch.start, batch.end)
            done = process_batch(records, epoch, self.target)
        phases = dict(done["phases"])
        phases["ledger"] = into.pipeline[-1] - phases.pop("total")
        into.phases.append(phases)
