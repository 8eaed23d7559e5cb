"""Configuration files of the services, rendered from the settings and the templates under infra/."""

from __future__ import annotations

import hashlib
import os
import shlex
from pathlib import Path
from string import Template

from pydantic import SecretStr

from talentpulse.settings import PROJECT_ROOT, Settings
from talentpulse.stack import parts, places
from talentpulse.stack.services import Service

INFRA = PROJECT_ROOT / "infra"
MARK = "TALENTPULSE_STACK"  # in the environment of every process of a stack: its home
STOP_SECONDS = 30


def values(settings: Settings) -> dict[str, str]:
    """What a template may name: every setting (secrets in clear), and places derived from them."""
    fields = {name: getattr(settings, name) for name in type(settings).model_fields}
    known = {name: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for name, v in fields.items()}
    return known | {
        "conf": str(places.conf_dir(settings)),
        "log_dir": str(settings.log_dir),
        "socket": str(places.socket_path(settings)),
        "trino_home": str(parts.trino_home(settings)),
        "s3_endpoint": settings.s3_endpoint,
        "warehouse": settings.warehouse,
        "postgres_jdbc_url": settings.postgres_jdbc_url,
    }


def _fill(template: str, known: dict[str, str]) -> str:
    return Template((INFRA / template).read_text("utf-8")).substitute(known)


def service_files(settings: Settings) -> dict[str, str]:
    """Configuration of the services: path below `home/conf` -> content."""
    known = values(settings)
    lake = _fill(f"trino/catalog/lake.{settings.catalog_type}.properties", known)
    trino = ("config.properties", "log.properties", "jvm.config")
    return {
        "kafka.properties": _fill("native/kafka.properties", known),
        "minio.env": _fill("native/minio.env", known),
        **{f"trino/{name}": _fill(f"trino/{name}", known) for name in trino},
        f"trino/catalog/{settings.catalog_name}.properties": lake + _fill("trino/catalog/s3.properties", known),
        "trino/catalog/ops.properties": _fill("trino/catalog/ops.properties", known),
    }


def postgres_conf(settings: Settings) -> str:
    """PostgreSQL's own file; it goes into the data folder, which its system user can read."""
    return _fill("native/postgresql.conf", values(settings))


def supervisor_conf(settings: Settings, services: list[Service]) -> str:
    """The supervisor's file: its socket and one section a program; no password in it."""
    known = values(settings) | {"user_line": "user=root" if os.geteuid() == 0 else ""}
    files = service_files(settings) | {"postgresql.conf": postgres_conf(settings)}
    return _fill("native/supervisord.conf", known) + "".join(
        _program(settings, service, [text for path, text in files.items() if path.startswith(service.name)])
        for service in services
    )


def _program(settings: Settings, service: Service, files: list[str]) -> str:
    environment = {
        **service.environment,
        MARK: str(settings.home),
        # a changed configuration file changes the program too, so that the next `up` restarts it
        "TALENTPULSE_CONFIGURATION": hashlib.sha256("".join(files).encode()).hexdigest()[:16],
    }
    return _fill(
        "native/program.conf",
        {
            "name": service.name,
            "command": shlex.join(service.command).replace("%", "%%"),
            "environment": ",".join(f'{key}="{value}"' for key, value in environment.items()).replace("%", "%%"),
            "directory": str(service.directory),
            "stop_signal": service.stop_signal,
            "stop_seconds": str(STOP_SECONDS),
            "log_file": str(settings.log_dir / f"{service.name}.log"),
            "user_line": f"user={service.user}" if service.user else "",
        },
    )


def write_private(path: Path, content: str) -> None:
    """Write a file of mode 0600; it is never readable by others, not even for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(content)
    draft.rename(path)


def write_configuration(settings: Settings, services: list[Service]) -> Path:
    """Render everything into `home/conf`; returns the supervisor's file."""
    conf = places.conf_dir(settings)
    places.ensure_private_folder(conf)
    (conf / "minio-certs").mkdir(exist_ok=True)
    files = service_files(settings)
    for stale in (conf / "trino" / "catalog").glob("*.properties"):
        if f"trino/catalog/{stale.name}" not in files:
            stale.unlink()  # a catalog of another name or kind
    for name, content in files.items():
        write_private(conf / name, content)
    write_private(conf / "supervisord.conf", supervisor_conf(settings, services))
    return conf / "supervisord.conf"
