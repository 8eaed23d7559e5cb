"""What every long-running process does: plain log lines in UTC, a file that says it is ready, folders of its own."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from talentpulse.settings import Settings


def start_logging() -> None:
    """Log to standard error: instant, level, message."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )  # fmt: skip
    for chatty in ("kafka", "py4j", "pyiceberg", "trino"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def fresh_folder(path: Path) -> Path:
    """An empty folder at `path`; what was there is gone."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def ready_path(settings: Settings, name: str) -> Path:
    """Where the process `name` says that it is ready; the file holds its process id."""
    return settings.home / "run" / f"{name}.ready"


@contextmanager
def ready_file(settings: Settings, name: str) -> Iterator[None]:
    """Say that the process is ready for as long as the block runs."""
    path = ready_path(settings, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
