"""Resident memory of a running stack, looked at once a second."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from types import TracebackType

import psutil

from talentpulse.settings import Settings
from talentpulse.stack.supervise import Supervisor

PAUSE = 1.0


class MemoryWatch:
    """Greatest resident memory in bytes while the block runs: per program with its children, and of all together."""

    def __init__(self, settings: Settings) -> None:
        self._supervisor = Supervisor(settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self.peaks: dict[str, int] = defaultdict(int)
        self.peak_of_all = 0

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(PAUSE):
            now = {p.name: resident_bytes(p.pid) for p in self._supervisor.programs().values() if p.pid}
            supervisor = self._supervisor.pid()
            now["supervisor"] = _own_bytes(supervisor) if supervisor else 0
            for name, size in now.items():
                self.peaks[name] = max(self.peaks[name], size)
            self.peak_of_all = max(self.peak_of_all, sum(now.values()))


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and all its descendants; 0 if it has ended."""
    try:
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return 0
    return sum(_own_bytes(member) for member in family)


def _own_bytes(pid: int) -> int:
    # shared pages divided among those who share them: a JVM that starts a program is two of its size for a moment, and
    # every backend of PostgreSQL has the same buffers
    with contextlib.suppress(psutil.NoSuchProcess):
        found = psutil.Process(pid).memory_full_info()
        return int(getattr(found, "pss", found.rss))  # only Linux knows shares
    return 0
