"""The only producer to the topic of postings: idempotent, and it knows what the broker acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_exponential,
)

from talentpulse.errors import PulseError
from talentpulse.sources.delivery import Delivery

BACKFILL_HEADER = ("backfill", b"1")

_MAX_REQUEST_BYTES = 16 * 1024 * 1024  # what the topic accepts
_MAX_UNACKNOWLEDGED_BYTES = 64 * 1024 * 1024  # kafka-python 3 has no bound: memory would fill
_DELIVERY_TIMEOUT_MS = 24 * 3_600_000  # outages are waited out


class Acknowledgement(NamedTuple):
    """Where the broker put a delivery and when: LogAppendTime in milliseconds since 1970 UTC."""

    delivery: Delivery
    is_backfill: bool
    partition: int
    offset: int
    kafka_at_ms: int


class KafkaUnavailableError(PulseError):
    """The broker did not answer, or has no such topic; the message says which and what to do."""


class PostingProducer:
    """Sends deliveries and counts what became of them: sent = acknowledged + failed + unacknowledged.

    `on_acknowledged` is called once per acknowledged delivery, from the producer's own thread. While the
    broker is away deliveries wait (64 MiB of them, then `send` waits); they are tried again with pauses.

    Raises:
        KafkaUnavailableError: no broker within `connect_seconds` or before `stop` was set, or no such topic.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        stop: threading.Event,
        on_acknowledged: Callable[[Acknowledgement], None] | None = None,
        connect_seconds: float = 60.0,
    ) -> None:
        self.sent = 0
        self.acknowledged = 0
        self.failed = 0
        self.first_failure: str | None = None
        self._topic = topic
        self._stop = stop
        self._on_acknowledged = on_acknowledged
        self._bytes_sent = 0
        self._bytes_done = 0
        self._kafka = _connected(bootstrap, topic, stop, connect_seconds)

    @property
    def unacknowledged(self) -> int:
        """Deliveries of which nothing is known yet."""
        return self.sent - self.acknowledged - self.failed

    def send(self, delivery: Delivery, is_backfill: bool) -> bool:
        """Hand one delivery over; False if it was not, because `stop` was set while the broker was slow."""
        while self._bytes_sent - self._bytes_done > _MAX_UNACKNOWLEDGED_BYTES:
            if self._stop.wait(0.01):
                return False
        size = len(delivery.body or b"")
        headers = [BACKFILL_HEADER] if is_backfill else None
        self.sent += 1
        self._bytes_sent += size
        try:
            future = self._kafka.send(self._topic, key=delivery.key, value=delivery.body, headers=headers)
        except MessageSizeTooLargeError as error:
            self._on_failure(size, error)
            return True
        future.add_callback(partial(self._on_success, delivery, is_backfill, size))
        future.add_errback(partial(self._on_failure, size))
        return True

    def close(self, flush_seconds: float) -> None:
        """Wait at most `flush_seconds` until all is acknowledged, then end; `unacknowledged` is the rest."""
        try:
            self._kafka.flush(timeout=flush_seconds)
            self._kafka.close()
        except KafkaTimeoutError:
            self._abandon()

    def _abandon(self) -> None:
        try:
            self._kafka.close(timeout=0)
        except KafkaTimeoutError as error:  # close() flushes once more before it gives up
            self.first_failure = self.first_failure or f"not acknowledged in time: {error}"

    def _on_success(self, delivery: Delivery, is_backfill: bool, size: int, metadata: Any) -> None:
        self.acknowledged += 1
        self._bytes_done += size
        if self._on_acknowledged is not None:
            self._on_acknowledged(
                Acknowledgement(delivery, is_backfill, metadata.partition, metadata.offset, metadata.timestamp)
            )

    def _on_failure(self, size: int, error: BaseException) -> None:
        self.failed += 1
        self._bytes_done += size
        self.first_failure = self.first_failure or f"{type(error).__name__}: {error}"


def _connected(bootstrap: str, topic: str, stop: threading.Event, seconds: float) -> KafkaProducer:
    began = time.monotonic()
    attempts = Retrying(
        retry=retry_if_exception_type(KafkaError),
        wait=wait_exponential(multiplier=0.5, max=10),
        stop=stop_after_delay(seconds) | stop_when_event_set(stop),
        sleep=sleep_using_event(stop),
        reraise=True,
    )
    try:
        producer = attempts(_producer, bootstrap)
    except KafkaError as error:
        waited = f"{time.monotonic() - began:.0f} s ({type(error).__name__})"
        raise KafkaUnavailableError(f"Kafka at {bootstrap} did not answer within {waited}", mend="pulse up") from error
    try:
        producer.partitions_for(topic)
    except KafkaTimeoutError as error:
        producer.close(timeout=0)
        raise KafkaUnavailableError(f"Kafka at {bootstrap} has no topic {topic!r}", mend="pulse up") from error
    return producer


def _producer(bootstrap: str) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_in_flight_requests_per_connection=5,
        delivery_timeout_ms=_DELIVERY_TIMEOUT_MS,
        retry_backoff_ms=200,
        reconnect_backoff_ms=100,
        reconnect_backoff_max_ms=2_000,
        bootstrap_timeout_ms=5_000,
        max_block_ms=10_000,  # how long the topic may take to appear
        max_request_size=_MAX_REQUEST_BYTES,
        batch_size=256 * 1024,
        linger_ms=30,
        compression_type="lz4",
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
