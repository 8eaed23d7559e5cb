"""From the producer's stamp to visible in Trino, record by record, at several rates."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import trino.dbapi

from talentpulse.bench.figures import percentiles, phase_medians
from talentpulse.bench.memory import MemoryPeaks
from talentpulse.bench.repeating import Repeating
from talentpulse.bench.sender import Stamps
from talentpulse.lakehouse.ledger import Offsets
from talentpulse.lakehouse.postgres import connect as connect_postgres
from talentpulse.lakehouse.trino import connect as connect_trino
from talentpulse.settings import PROJECT_ROOT, Settings

WARM_UP_SECONDS = 30.0
POLL_SECONDS = 0.25
TOP_FIVE_SECONDS = 5.0
MEMORY_SECONDS = 1.0
DRAIN_SECONDS = 180.0  # how long the last records may take to become visible
VISIBLE = "SELECT max(applied_epoch) FROM gold.skill_trends WHERE window_start >= ?"
TOP_FIVE = """
SELECT skill, sum(events) AS events FROM gold.skill_trends
WHERE window_start >= ? AND region = '*' AND skill <> '*' GROUP BY skill ORDER BY events DESC LIMIT 5
"""


class Poll(NamedTuple):
    """One answer of Trino: when it was there (ns since 1970) and the newest epoch that it showed."""

    answered_ns: int
    epoch: int


class EpochRange(NamedTuple):
    """An epoch of the ledger: records from `start` (inclusive) to `end` (exclusive) in each partition."""

    number: int
    start: Offsets
    end: Offsets


def latencies(stamps: Stamps, epochs: Sequence[EpochRange], polls: Sequence[Poll]) -> npt.NDArray[np.float64]:
    """Seconds from each record's stamp to the first answer that showed its epoch or a later one.

    `epochs` and `polls` are in their order of time. Epochs become visible one after the other, so that a later one
    shows that the earlier ones are there.

    Raises:
        ValueError: a record lies in no epoch, or its epoch was never seen.
    """
    shown = np.maximum.accumulate([poll.epoch for poll in polls])
    answered = np.asarray([poll.answered_ns for poll in polls], dtype=np.int64)
    first = np.searchsorted(shown, [epoch.number for epoch in epochs])  # the poll that showed each epoch first
    seconds = np.empty(len(stamps.offset))
    for partition in np.unique(stamps.partition):
        mine = stamps.partition == partition
        ends = np.asarray([epoch.end.get(int(partition), 0) for epoch in epochs])
        of_epoch = np.searchsorted(ends, stamps.offset[mine], side="right")
        if (of_epoch == len(epochs)).any() or stamps.offset[mine].min() < epochs[0].start.get(int(partition), 0):
            raise ValueError(f"records of partition {partition} lie in none of the {len(epochs)} epochs")
        if (first[of_epoch] == len(polls)).any():
            raise ValueError(f"epochs were never seen in Trino, up to {epochs[int(of_epoch.max())].number}")
        seconds[mine] = (answered[first[of_epoch]] - stamps.sent_ns[mine]) / 1e9
    return seconds


def _ask(connection: trino.dbapi.Connection, sql: str, hours: int) -> Any:
    """First column of the first row; `sql` has one parameter, the first event hour that counts."""
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql, [since])
        rows = cursor.fetchall()
    return rows[0][0] if rows else None


class Load:
    """One run of the generator against a running stream, watched from outside."""

    def __init__(self, settings: Settings, rate: float, seconds: float) -> None:
        self.settings, self.rate, self.seconds = settings, rate, seconds
        self.polls: list[Poll] = []
        self.top_five_seconds: list[float] = []
        self.stamps_path = settings.home / "bench-stamps.npy"

    def _poll(self, connection: trino.dbapi.Connection) -> None:
        epoch = _ask(connection, VISIBLE, hours=2)
        if epoch is not None:
            self.polls.append(Poll(time.time_ns(), epoch))

    def _top_five(self, connection: trino.dbapi.Connection) -> None:
        begin = time.perf_counter()
        _ask(connection, TOP_FIVE, hours=24)
        self.top_five_seconds.append(time.perf_counter() - begin)

    def run(self) -> dict[str, Any]:
        """Send, wait until everything is visible, and say what was seen."""
        before = _last_epoch(self.settings)
        memory = MemoryPeaks(self.settings)
        with (
            closing(connect_trino(self.settings)) as polled,
            closing(connect_trino(self.settings)) as asked,
            Repeating(MEMORY_SECONDS, memory.look),
            Repeating(POLL_SECONDS, partial(self._poll, polled)) as poller,
            Repeating(TOP_FIVE_SECONDS, partial(self._top_five, asked)),
        ):
            sent = self._send()
            stamps = Stamps.load(self.stamps_path)
            self._drain(stamps, poller)
        epochs, batches = _epochs_after(self.settings, before)
        waited = latencies(stamps, epochs, self.polls)
        return {
            "rate": self.rate,
            "seconds": self.seconds,
            "latency": percentiles(waited),
            "records": len(waited),
            "mean_bytes": sent["bytes"] / sent["sent"],
            "sent_per_second": sent["sent"] / sent["seconds"],
            "polls": len(self.polls),
            "epochs": len(epochs),
            "phases": phase_medians(batches),
            "top_five_seconds": statistics.median(self.top_five_seconds),
            "memory": dict(memory.of_program),
            "memory_of_all": memory.of_all,
        }

    def _send(self) -> dict[str, Any]:
        command = [sys.executable, "-m", "talentpulse.bench.sender", "--out", str(self.stamps_path)]
        command += ["--rate", str(self.rate), "--seconds", str(self.seconds)]
        done = subprocess.run(
            command, env=_environment(self.settings), cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        sent: dict[str, Any] = json.loads(done.stdout)
        return sent

    def _drain(self, stamps: Stamps, poller: Repeating) -> None:
        """Wait until the ledger has passed every record and Trino has shown the epoch that did."""
        wanted = {int(p): int(stamps.offset[stamps.partition == p].max()) for p in np.unique(stamps.partition)}
        end = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < end:
            poller.check()
            last = _last_epoch(self.settings)
            if last and all(last.end.get(p, 0) > o for p, o in wanted.items()) and self.polls[-1].epoch >= last.number:
                return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"records were not visible {DRAIN_SECONDS:.0f} s after the last was sent: pulse logs stream")


def _environment(settings: Settings) -> dict[str, str]:
    """Of a child that loads equal settings: a PULSE_ variable of the caller's must not reach it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PULSE_")}
    return environment | settings.environment()


_EPOCHS = "SELECT epoch, start_offsets, end_offsets, phases FROM ops.epochs WHERE state = 'committed'"


def _range(number: int, start: dict[str, int], end: dict[str, int]) -> EpochRange:
    return EpochRange(number, {int(p): at for p, at in start.items()}, {int(p): at for p, at in end.items()})


def _last_epoch(settings: Settings) -> EpochRange | None:
    with connect_postgres(settings, "bench") as connection:
        row = connection.execute(f"{_EPOCHS} ORDER BY epoch DESC LIMIT 1").fetchone()
    return _range(*row[:3]) if row else None


def _epochs_after(settings: Settings, before: EpochRange | None) -> tuple[list[EpochRange], list[dict[str, float]]]:
    """Committed epochs after one, and their seconds by phase."""
    with connect_postgres(settings, "bench") as connection:
        rows = connection.execute(
            f"{_EPOCHS} AND epoch > %s ORDER BY epoch", (before.number if before else 0,)
        ).fetchall()
    return [_range(*row[:3]) for row in rows], [row[3] for row in rows]


def measure(settings: Settings, rates: Sequence[float], seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the bench on a running stack with its stream and return the figures, one entry of `loads` a rate."""
    say(f"warming up: {max(rates):g} postings/s for {WARM_UP_SECONDS:.0f} s")
    warm = Load(settings, max(rates), WARM_UP_SECONDS).run()
    loads = []
    for rate in rates:
        say(f"{rate:g} postings/s for {seconds:g} s")
        found = Load(settings, rate, seconds).run()
        loads.append(found)
        p = found["latency"]
        say(f"  visible after p50 {p['p50']:.2f}, p95 {p['p95']:.2f}, p99 {p['p99']:.2f}, at most {p['p100']:.2f} s")
    return {"warm_up": warm, "loads": loads}
