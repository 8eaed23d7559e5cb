"""Resident memory of a running stack."""

from __future__ import annotations

import contextlib
from collections import defaultdict

import psutil

from talentpulse.settings import Settings
from talentpulse.stack.supervise import Supervisor


class MemoryPeaks:
    """The greatest resident memory in bytes of all looks: per program with its children, and of all together."""

    def __init__(self, settings: Settings) -> None:
        self._supervisor = Supervisor(settings)
        self.of_program: dict[str, int] = defaultdict(int)
        self.of_all = 0

    def look(self) -> None:
        """Look at what runs now."""
        now = {p.name: resident_bytes(p.pid) for p in self._supervisor.programs().values() if p.pid}
        supervisor = self._supervisor.pid()
        now["supervisor"] = _own_bytes(supervisor) if supervisor else 0
        for name, size in now.items():
            self.of_program[name] = max(self.of_program[name], size)
        self.of_all = max(self.of_all, sum(now.values()))


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
