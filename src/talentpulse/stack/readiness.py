"""Is the stream ready? It says so in a file that holds its process id; a file of an earlier process does not count."""

from __future__ import annotations

from talentpulse.process import ready_path
from talentpulse.settings import Settings


def is_ready(settings: Settings, pid: int) -> bool:
    """Has the stream with this process id recovered, warmed up and begun?"""
    try:
        return ready_path(settings, "stream").read_text().strip() == str(pid)
    except FileNotFoundError:
        return False
