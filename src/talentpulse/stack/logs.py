"""The programs' logs: the last lines, and what comes."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator

from talentpulse.errors import PulseError
from talentpulse.settings import Settings

FOLLOW_PAUSE = 0.3
LAST_WORDS = 12
LONGEST_LINE = 300


def last_words(settings: Settings, name: str) -> str:
    """The end of a program's log, ready to be put under an error; empty if it has written nothing."""
    path = settings.log_dir / f"{name}.log"
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = deque(file, maxlen=LAST_WORDS)
    return f"\n  last lines of {path}:" + "".join(f"\n    {line.rstrip()[:LONGEST_LINE]}" for line in lines)


def log_lines(settings: Settings, name: str, lines: int, *, follow: bool) -> Iterator[str]:
    """The last lines of a program's log, and with `follow` those that come.

    Raises:
        PulseError: there is no such log.
    """
    path = settings.log_dir / f"{name}.log"
    if not path.exists():
        known = sorted(found.stem for found in settings.log_dir.glob("*.log"))
        raise PulseError(
            f"there is no log {path}; there are {', '.join(known) or 'none yet'}",
            f"pulse logs {known[0] if known else ''}".strip() if known else "pulse up",
        )
    file = path.open(encoding="utf-8", errors="replace")
    try:
        yield from (line.rstrip("\n") for line in deque(file, maxlen=lines))
        while follow:
            if line := file.readline():
                yield line.rstrip("\n")
            elif path.exists() and path.stat().st_ino != os.fstat(file.fileno()).st_ino:  # rotated
                file.close()
                file = path.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(FOLLOW_PAUSE)
    finally:
        file.close()
