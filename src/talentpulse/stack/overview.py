"""What the stack looks like from outside: its programs, their health, memory and addresses."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import psutil

from talentpulse.settings import Settings
from talentpulse.stack import health
from talentpulse.stack.readiness import is_ready
from talentpulse.stack.services import jobs, native_services
from talentpulse.stack.supervise import Program, Supervisor


@dataclass(frozen=True)
class Row:
    """One program of the stack; `ok` is None where nothing is expected of it (stopped on purpose)."""

    service: str
    state: str
    pid: int | None
    uptime_seconds: int
    memory_bytes: int
    ok: bool | None
    health: str
    ports: list[int]

    def as_json(self) -> dict[str, object]:
        """The row as plain values."""
        return asdict(self)


def status(settings: Settings) -> list[Row]:
    """Every program of the stack, asked side by side; `memory_bytes` is resident, children included."""
    programs = Supervisor(settings).programs()
    ports = {s.name: [port.number for port in s.ports] for s in native_services(settings) + jobs(settings)}
    names = list(health.probes(settings)) + [name for name in ports if name not in health.probes(settings)]
    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: _row(settings, name, programs.get(name), ports.get(name)), names))


def _row(settings: Settings, name: str, program: Program | None, ports: list[int] | None) -> Row:
    if ports is None:  # the settings place it on another host
        found = health.probe(settings, name)
        return Row(name, "ELSEWHERE", None, 0, 0, found.ok, found.detail, [health.probes(settings)[name].port])
    if program is None or not program.is_up:
        ok = None if program is None or program.state == "STOPPED" else False
        return Row(
            name, program.state if program else "STOPPED", None, 0, 0, ok, program.message if program else "", ports
        )
    if name in health.probes(settings):
        found = health.probe(settings, name)
    elif name == "stream" and not is_ready(settings, program.pid):
        found = health.Health(False, "not ready: recovering, warming up, or waiting for a service")
    else:
        found = health.Health(program.state == "RUNNING", "runs" if program.state == "RUNNING" else program.message)
    memory = _memory(program.pid)
    return Row(name, program.state, program.pid, program.uptime_seconds, memory, found.ok, found.detail, ports)


def _memory(pid: int) -> int:
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += member.memory_info().rss
    return total


@dataclass(frozen=True)
class Address:
    """Where something can be reached and by whom; `password` names the line of the secrets file."""

    name: str
    url: str
    user: str = ""
    password: str = ""


def addresses(settings: Settings) -> list[Address]:
    """All addresses of the stack; passwords stay in their file."""
    console = f"{settings.s3_scheme}://{settings.s3_host}:{settings.s3_console_port}"
    key = settings.s3_access_key.get_secret_value()
    database = f"postgresql://{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_database}"
    return [
        Address("Trino (SQL, its page)", f"http://{settings.trino_host}:{settings.trino_port}", settings.trino_user),
        Address("MinIO console", console, key, "PULSE_S3_SECRET_KEY"),
        Address("S3", settings.s3_endpoint, key, "PULSE_S3_SECRET_KEY"),
        Address("Spark page (stream)", f"http://{settings.bind_host}:{settings.spark_ui_port}"),
        Address("Kafka", settings.kafka_bootstrap),
        Address("PostgreSQL", database, settings.postgres_user, "PULSE_POSTGRES_PASSWORD"),
    ]
