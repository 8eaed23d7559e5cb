"""Is a service well? Real questions to each, with a time limit, and an answer that says what, where and the mend."""

from __future__ import annotations

import http.client
import io
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import psycopg
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from minio import Minio
from minio.error import MinioException
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError

from talentpulse.errors import PulseError
from talentpulse.lakehouse import trino
from talentpulse.lakehouse.postgres import connect
from talentpulse.settings import Settings

ASK_SECONDS = 5.0
REFUSED = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"})


@dataclass(frozen=True)
class Health:
    """What a probe found; `clock` is the service's own time where it tells it. `hopeless`: waiting will not mend it."""

    ok: bool
    detail: str
    mend: str = ""
    clock: datetime | None = None
    hopeless: bool = False


def _first_line(error: BaseException) -> str:
    """What an error says, without urllib3's account of its retries and psycopg's of its hints."""
    cause = getattr(error, "reason", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]


def postgres(settings: Settings) -> Health:
    """A statement in our database, with our password."""
    try:
        with connect(settings, "health") as connection:
            row = connection.execute("SELECT now(), current_setting('server_version')").fetchone()
    except psycopg.OperationalError as error:
        text = _first_line(error)
        if "password authentication failed" in str(error):
            return Health(
                False, f"wrong password for user {settings.postgres_user}",
                f"restore the password that the data were made with in {settings.secrets_path}, "
                "or start anew with `pulse down` and `pulse clean` (all data are lost)", hopeless=True,
            )  # fmt: skip
        if f'database "{settings.postgres_database}" does not exist' in str(error):
            return Health(
                False, text, "set PULSE_POSTGRES_DATABASE to the name that the data were made with", hopeless=True
            )
        return Health(False, text, "pulse logs postgres")
    if row is None:
        raise AssertionError("SELECT without FROM returned no row")
    return Health(True, f"PostgreSQL {row[1].split()[0]} answers", clock=row[0])


def minio(settings: Settings) -> Health:
    """A round trip of an object in our bucket; before the bucket exists, the question whether it does."""
    client = Minio(
        f"{settings.s3_host}:{settings.s3_port}",
        access_key=settings.s3_access_key.get_secret_value(),
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
        secure=settings.s3_scheme == "https",
        http_client=PoolManager(timeout=ASK_SECONDS, retries=Retry(0, redirect=0)),
    )
    name, body = f"health/{uuid.uuid4()}", b"pulse"
    try:
        if not client.bucket_exists(settings.s3_bucket):
            return Health(True, f"answers; bucket {settings.s3_bucket} is not made yet", clock=_s3_clock(settings))
        client.put_object(settings.s3_bucket, name, io.BytesIO(body), len(body))
        with client.get_object(settings.s3_bucket, name) as response:
            found = response.read()
        client.remove_object(settings.s3_bucket, name)
    except (MinioException, HTTPError, OSError) as error:
        if getattr(error, "code", "") in REFUSED:
            mend = f"correct PULSE_S3_ACCESS_KEY and PULSE_S3_SECRET_KEY in {settings.secrets_path}"
            return Health(False, _first_line(error), mend, hopeless=True)
        return Health(False, _first_line(error), "pulse logs minio")
    if found != body:
        return Health(False, f"an object came back as {found!r}, expected {body!r}", "pulse logs minio")
    return Health(True, f"an object went into bucket {settings.s3_bucket} and came back", clock=_s3_clock(settings))


def _s3_clock(settings: Settings) -> datetime | None:
    with httpx.Client(trust_env=False, timeout=ASK_SECONDS) as client:
        date = client.head(settings.s3_endpoint).headers.get("date")
    return parsedate_to_datetime(date) if date else None


def kafka(settings: Settings) -> Health:
    """The broker's controller validates a new topic (nothing is made), and topics are listed."""
    limit = int(ASK_SECONDS * 1000)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=settings.kafka_bootstrap, request_timeout_ms=limit, bootstrap_timeout_ms=limit
        )
        try:
            admin.create_topics([NewTopic(f"health-{uuid.uuid4()}", 1, 1)], validate_only=True)
            topics = admin.list_topics()
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError) as error:
        return Health(False, f"{type(error).__name__}: {_first_line(error)}", "pulse logs kafka")
    made = "is there" if settings.topic in topics else "is not made yet"
    return Health(True, f"the controller answers; topic {settings.topic} {made}")


def trino_server(settings: Settings) -> Health:
    """A statement, and both catalogs in the list."""
    try:
        with httpx.Client(trust_env=False, timeout=ASK_SECONDS) as client:
            info = client.get(f"http://{settings.trino_host}:{settings.trino_port}/v1/info").json()
        if info.get("starting", True):
            return Health(False, "is starting", "wait, or see `pulse logs trino`")
        trino.query(settings, "SELECT 1")
        found = {str(row[0]) for row in trino.query(settings, "SHOW CATALOGS").rows}
    except PulseError as error:
        return Health(False, error.message, "pulse logs trino")
    except (httpx.HTTPError, ValueError) as error:
        return Health(False, _first_line(error), "pulse logs trino")
    missing = {settings.catalog_name, "ops"} - found
    if missing:
        return Health(False, f"catalog {', '.join(sorted(missing))} is missing", "pulse down, then pulse up")
    return Health(True, f"Trino {info['nodeVersion']['version']} answers; catalogs {settings.catalog_name}, ops")


@dataclass(frozen=True)
class Probe:
    """Where a service is and how it is asked."""

    host: str
    port: int
    ask: Callable[[Settings], Health]


def probes(settings: Settings) -> dict[str, Probe]:
    """All services by name, those on other hosts too."""
    return {
        "postgres": Probe(settings.postgres_host, settings.postgres_port, postgres),
        "minio": Probe(settings.s3_host, settings.s3_port, minio),
        "kafka": Probe(settings.kafka_host, settings.kafka_port, kafka),
        "trino": Probe(settings.trino_host, settings.trino_port, trino_server),
    }


def require(settings: Settings, name: str) -> None:
    """Go on only if the service is well.

    Raises:
        PulseError: it is not; says how to mend it.
    """
    found = probe(settings, name)
    if not found.ok:
        raise PulseError(f"{name}: {found.detail}", found.mend)


def probe(settings: Settings, name: str) -> Health:
    """Ask one service: first whether anybody listens (at once), then the real question."""
    target = probes(settings)[name]
    where = f"{target.host}:{target.port}"
    try:
        socket.create_connection((target.host, target.port), timeout=ASK_SECONDS).close()
    except OSError as error:
        return Health(False, f"nobody answers at {where} ({_first_line(error)})", "pulse up")
    try:
        found = target.ask(settings)
    except (OSError, http.client.HTTPException, httpx.HTTPError) as error:  # it went away between two questions
        return Health(False, f"{where} broke off: {_first_line(error)}", f"pulse logs {name}")
    return found if found.ok else replace(found, detail=f"{where}: {found.detail}")
