"""Where the stack keeps its state: folders under `Settings.home`, and the two that cannot always lie there."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.settings import Settings

LONGEST_SOCKET = 90  # the kernel's limit is 107 bytes; supervisor adds a process id while it binds
POSTGRES_LOCATION = "postgres.location"


def conf_dir(settings: Settings) -> Path:
    """Rendered configuration, mode 0700: some of it holds passwords."""
    return settings.home / "conf"


def run_dir(settings: Settings) -> Path:
    """Process ids, locks, ready files."""
    return settings.home / "run"


def short_name(settings: Settings) -> str:
    """Name of this stack's folder where home cannot be used."""
    return f"talentpulse-{hashlib.sha256(str(settings.home).encode()).hexdigest()[:10]}"


def socket_path(settings: Settings) -> Path:
    """The supervisor's socket: in home, or in a folder of our own for temporary files where home's path is too long."""
    path = run_dir(settings) / "supervisor.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    return Path(tempfile.gettempdir()) / short_name(settings) / "supervisor.sock"


def ensure_private_folder(path: Path) -> None:
    """Make a folder of mode 0700 that belongs to the caller.

    Raises:
        PulseError: somebody else's folder stands there already.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise PulseError(
            f"{path} belongs to user {found.st_uid}, expected a folder of {os.geteuid()}", f"remove {path}"
        )
    path.chmod(0o700)


def postgres_data(settings: Settings) -> Path:
    """PostgreSQL's data folder: in home unless `record_postgres_data` said otherwise."""
    record = settings.home / POSTGRES_LOCATION
    return Path(record.read_text().strip()) if record.exists() else settings.home / "postgres"


def postgres_fallback(settings: Settings) -> Path:
    """Where PostgreSQL's data lie if its system user cannot reach home."""
    return Path("/var/tmp") / short_name(settings) / "postgres"


def record_postgres_data(settings: Settings, data: Path) -> None:
    """Remember a data folder outside of home, so that status and clean know it."""
    (settings.home / POSTGRES_LOCATION).write_text(f"{data}\n")
