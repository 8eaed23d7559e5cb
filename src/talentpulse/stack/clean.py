"""Removing a stack's state: first the list, then, if wanted, the removal. What is not ours stays."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.settings import SECRETS_FILE, Settings
from talentpulse.stack import places
from talentpulse.stack.supervise import own_processes

# What this project writes below home; anything else there is somebody's, and stays.
OURS = (
    "conf", "kafka", "logs", "minio", "postgres", "postgres.draft", places.POSTGRES_LOCATION, "run", SECRETS_FILE, "spark",
    "sql_history", "trino",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A file or folder that `clean` would remove, and its size in bytes."""

    path: Path
    size: int


def removable(settings: Settings) -> list[Item]:
    """Everything of this stack on disk, but not the cache of fetched parts.

    Raises:
        PulseError: the stack is running.
    """
    if running := own_processes(settings):
        raise PulseError(f"the stack is running ({len(running)} processes)", "pulse down")
    paths = [settings.home / name for name in OURS]
    outside = {places.postgres_data(settings).parent, places.socket_path(settings).parent}
    # folders outside of home bear its name, so they are this stack's alone
    paths += [path for path in outside if path.name == places.short_name(settings)]
    return [Item(path, _size(path)) for path in paths if path.exists()]


def _size(path: Path) -> int:
    members = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(member.lstat().st_size for member in members if not member.is_dir())


def remove(settings: Settings, items: list[Item]) -> None:
    """Remove these, and home itself if nothing is left in it."""
    for item in items:
        shutil.rmtree(item.path) if item.path.is_dir() else item.path.unlink()
    if settings.home.is_dir() and not any(settings.home.iterdir()):
        settings.home.rmdir()
