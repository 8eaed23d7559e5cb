"""A soak: postings flow, random faults strike one after the other, maintenance runs, and at the end everything must be right.

Each fault ends or is undone; the lake must be back at the broker's end by itself, and the next one strikes a while later.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import STREAM, Ledger, Offsets
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.topics import LogObserver
from talentpulse.settings import PROJECT_ROOT, Settings
from talentpulse.stack.health import probe
from talentpulse.stack.supervise import Supervisor

RATE = 200  # postings/s
RECOVERY_SECONDS = 120.0  # promise I6, after a fault of up to 60 s
GIVE_UP_SECONDS = 300.0
STANDSTILL_SECONDS = (5, 30)
MAINTENANCE_SECONDS = 150
SERVICES = ("kafka", "minio", "postgres", "trino")


@dataclass(frozen=True)
class Strike:
    """One fault that struck, and how long after its end the lake was back."""

    fault: str
    seconds_to_recover: float

    @property
    def is_in_time(self) -> bool:
        """Whether promise I6 was kept."""
        return self.seconds_to_recover <= RECOVERY_SECONDS


@dataclass
class Soak:
    """A running stack under load, and the dice that choose what breaks next."""

    settings: Settings
    dice: random.Random
    say: Callable[[str], None]

    def run(self, minutes: float, pause_seconds: float) -> list[Strike]:
        """Let faults strike for so long; then let the load end and the stream catch up.

        Raises:
            PulseError: the lake did not come back.
        """
        end = time.monotonic() + 60 * minutes
        strikes: list[Strike] = []
        load = self._job("streaming/generate_postings.py", "--rate", str(RATE), "--chaos", "heavy")
        upkeep, looked = self._maintenance(), time.monotonic()
        try:
            while time.monotonic() < end:
                until = min(end, time.monotonic() + pause_seconds)
                while time.monotonic() < until:
                    time.sleep(1)
                    if upkeep.poll() is not None and time.monotonic() - looked > MAINTENANCE_SECONDS:
                        upkeep, looked = self._maintenance(), time.monotonic()
                strikes.append(self.strike())
        finally:
            for process in (load, upkeep):
                process.terminate()
            load.wait(60)
            upkeep.wait(60)
        self._until_caught_up()
        return strikes

    def strike(self) -> Strike:
        """Choose a fault, let it strike and wait until the lake is back."""
        kind = self.dice.choice(("kill", "kill", "stand still", "lose the checkpoint"))
        if kind == "lose the checkpoint":
            fault = kind
            shutil.rmtree(self.settings.home / "spark" / "checkpoint", ignore_errors=True)
        else:
            name = self.dice.choice((*SERVICES, "stream", "stream"))
            seconds = self.dice.randint(*STANDSTILL_SECONDS) if kind == "stand still" else 0
            fault = f"{name} killed" if kind == "kill" else f"{name} stands still for {seconds} s"
            self._hit(name, seconds)
        begin = time.monotonic()
        self._until_caught_up()
        found = Strike(fault, time.monotonic() - begin)
        self.say(f"{fault}: back after {found.seconds_to_recover:.0f} s")
        return found

    def _hit(self, name: str, seconds: int) -> None:
        """Kill a program and all that it started, or stop them for some seconds."""
        program = Supervisor(self.settings).programs()[name]
        if not program.pid:
            return  # it is on its way back from the fault before
        top = psutil.Process(program.pid)
        family = [top, *top.children(recursive=True)]
        for number in (signal.SIGSTOP, signal.SIGCONT) if seconds else (signal.SIGKILL,):
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
            if number == signal.SIGSTOP:
                time.sleep(seconds)

    def _until_caught_up(self) -> None:
        """Wait until the ledger is where the broker's end was when the services answered again."""
        end = time.monotonic() + GIVE_UP_SECONDS
        goal: Offsets | None = None
        while time.monotonic() < end:
            if all(probe(self.settings, name).ok for name in ("kafka", "minio", "postgres")):
                goal = goal or self._broker_ends()
                committed = self._committed()
                if all(committed.get(p, 0) >= offset for p, offset in goal.items()):
                    return
            time.sleep(0.5)
        raise PulseError(f"the lake was not back after {GIVE_UP_SECONDS:.0f} s", "pulse logs stream")

    def _broker_ends(self) -> Offsets:
        with closing(LogObserver(self.settings)) as observer:
            return observer.ends().ends

    def _committed(self) -> Offsets:
        with connect(self.settings, "soak") as connection:
            last = Ledger(connection, STREAM, "").last()
        return last.committed_end if last is not None else {}

    def _maintenance(self) -> subprocess.Popen[bytes]:
        """Compacts every hour, the newest too, and keeps snapshots for a minute: harder than any real one."""
        return self._job("batch/maintain_tables.py", "--before", "2100-01-01T00:00+00:00", "--keep-hours", "0.02")

    def _job(self, script: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.settings.log_dir / f"soak-{Path(script).stem}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(PROJECT_ROOT / script), *arguments],
                cwd=PROJECT_ROOT, env={**os.environ, **self.settings.environment()}, stdout=log, stderr=log,
            )  # fmt: skip
