"""Waiting until what the stream stands on answers: the only place where a job waits for a service."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg
from kafka.errors import KafkaError
from minio.error import MinioException
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential
from urllib3.exceptions import HTTPError

from talentpulse.errors import PulseError
from talentpulse.lakehouse.object_store import object_store
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.topics import topic_id
from talentpulse.settings import Settings

log = logging.getLogger(__name__)
ABSENT = (OSError, psycopg.OperationalError, KafkaError, MinioException, HTTPError)
LONGEST_PAUSE = 15.0


def _ask_postgres(settings: Settings) -> None:
    connect(settings, "readiness").close()


def _ask_store(settings: Settings) -> None:
    if not object_store(settings).bucket_exists(settings.s3_bucket):
        raise PulseError(f"bucket {settings.s3_bucket} does not exist at {settings.s3_endpoint}", "pulse up")


def _ask_kafka(settings: Settings) -> None:
    topic_id(settings)


def wait_for_services(settings: Settings, longest: float = float("inf")) -> None:
    """Return once PostgreSQL, the object store and Kafka answer; the pause grows from 0.5 to 15 seconds.

    Raises:
        PulseError: `longest` seconds have passed, or a service answers that it was never set up.
    """
    services: dict[str, tuple[str, Callable[[Settings], None]]] = {
        "PostgreSQL": (f"{settings.postgres_host}:{settings.postgres_port}", _ask_postgres),
        "the object store": (settings.s3_endpoint, _ask_store),
        "Kafka": (settings.kafka_bootstrap, _ask_kafka),
    }
    for name, (address, ask) in services.items():

        def report(state: RetryCallState, name: str = name, address: str = address) -> None:
            problem = state.outcome.exception() if state.outcome else None
            pause = state.next_action.sleep if state.next_action else 0.0
            log.warning("waiting for %s at %s (%s), next try in %.1f s", name, address, _first_line(problem), pause)

        retrying = Retrying(
            retry=retry_if_exception_type(ABSENT),
            wait=wait_exponential(multiplier=0.5, max=LONGEST_PAUSE),
            stop=stop_after_delay(longest),
            before_sleep=report,
            reraise=True,
        )
        try:
            retrying(ask, settings)
        except ABSENT as problem:
            raise PulseError(
                f"{name} does not answer at {address}: {_first_line(problem)}", "pulse status"
            ) from problem


def _first_line(problem: BaseException | None) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]
