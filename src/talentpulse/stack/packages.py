"""System packages that the stack stands on: found, or installed where that is ours to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.lakehouse.java import find_jdk17
from talentpulse.settings import Settings
from talentpulse.stack.services import postgres_program


def _maven() -> None:
    if not shutil.which("mvn"):
        raise PulseError("Maven was not found", "pulse setup")


def missing_packages(settings: Settings) -> list[str]:
    """Debian's names of what is not there: Java 17, PostgreSQL, Maven."""
    needs: dict[str, Callable[[], object]] = {
        "openjdk-17-jre-headless": lambda: find_jdk17(settings),
        "postgresql": lambda: postgres_program("initdb"),
        "maven": _maven,
    }
    missing = []
    for package, look in needs.items():
        try:
            look()
        except PulseError:
            missing.append(package)
    return missing


def install(packages: list[str], log: Path) -> None:
    """Install packages with apt; only root on Debian or Ubuntu can.

    Raises:
        PulseError: it is not ours to do (the mend is the exact command), or apt failed.
    """
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise PulseError(
            f"missing: {', '.join(packages)} (Debian's names)",
            "install them with your package manager, then `pulse setup`",
        )
    if os.geteuid() != 0:
        raise PulseError(f"missing: {', '.join(packages)}", f"sudo {' '.join(command)}, then `pulse setup`")
    with log.open("w") as file:
        for step in (["apt-get", "update"], command):
            done = subprocess.run(
                step, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )  # fmt: skip
            if done.returncode != 0:
                raise PulseError(f"`{' '.join(step)}` failed with exit code {done.returncode}", f"see {log}")
