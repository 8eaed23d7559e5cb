"""What a service needs before its first start: PostgreSQL a cluster with our database, Kafka a formatted log.

Each is made beside its place and renamed, so that an interrupted first start begins anew.
"""

from __future__ import annotations

import base64
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.settings import Settings
from talentpulse.stack import places, rendering
from talentpulse.stack.services import kafka_java, postgres_program, postgres_user, run_as


def settle_postgres_data(settings: Settings) -> None:
    """Decide, once and before anything names it, where PostgreSQL's data lie.

    That is `home/postgres`, or a folder under /var/tmp where the system user may not pass through home's parents.

    Raises:
        PulseError: data of an earlier stack are in that folder, whose home was removed by hand.
    """
    data, user, aside = places.postgres_data(settings), postgres_user(), places.postgres_fallback(settings)
    if data == aside or data.exists() or user is None:
        return
    if run_as(user, ["test", "-x", str(settings.home)]).returncode == 0:
        return
    if aside.exists():
        raise PulseError(f"{aside} holds the database of an earlier stack of {settings.home}", f"remove {aside.parent}")
    aside.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    places.record_postgres_data(settings, aside)


def prepare_postgres(settings: Settings) -> None:
    """Make PostgreSQL's data folder where it is missing, and put our configuration into it."""
    user = postgres_user()
    data = places.postgres_data(settings)
    if not (data / "PG_VERSION").exists():
        draft = data.with_name(f"{data.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        _give(draft, user)
        _make_cluster(settings, draft, user)
        draft.rename(data)
    conf = data / "postgresql.conf"
    conf.write_text(rendering.postgres_conf(settings), "utf-8")
    _give(conf, user)


def _give(path: Path, user: str | None) -> None:
    if user:
        shutil.chown(path, user, pwd.getpwnam(user).pw_gid)


def _make_cluster(settings: Settings, data: Path, user: str | None) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="talentpulse-") as password:  # mode 0600
        password.write(settings.postgres_password.get_secret_value())
        password.flush()
        _give(Path(password.name), user)
        initdb = [
            postgres_program("initdb"), "-D", str(data), "--username", settings.postgres_user, "--pwfile",
            password.name, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        ]  # fmt: skip
        _must(run_as(user, initdb), "initdb")
    single = [postgres_program("postgres"), "--single", "-D", str(data), "postgres"]
    if settings.postgres_database != "postgres":
        _must(run_as(user, single, f'CREATE DATABASE "{settings.postgres_database}"\n'), "CREATE DATABASE")


def _must(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode != 0 or "ERROR:" in done.stderr:
        said = (done.stderr or done.stdout).strip()[-1500:]
        raise PulseError(f"PostgreSQL: {what} failed with exit code {done.returncode}: {said}", "pulse doctor")


def prepare_kafka(settings: Settings) -> None:
    """Format the broker's log folder where that was not done."""
    log = settings.home / "kafka"
    if (log / "meta.properties").exists():
        return
    # an id must not begin with "-"
    cluster_id = "t" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
    conf = places.conf_dir(settings) / "kafka.properties"
    command = kafka_java(
        settings, "kafka.tools.StorageTool", "format", "--cluster-id", cluster_id,
        "--config", str(conf), "--ignore-formatted",
    )  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-1500:]
        raise PulseError(f"Kafka: its log folder {log} could not be formatted: {said}", "pulse doctor")
