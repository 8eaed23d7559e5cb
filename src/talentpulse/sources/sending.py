"""Deliveries to the topic at a steady rate, with a way to stop that loses nothing."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from talentpulse.sources.delivery import Delivery
from talentpulse.sources.producer import PostingProducer

SLICE_SECONDS = 0.02  # records leave in 50 slices a second
_BURST = 1_000  # records between two looks at clock and stop where no rate is set
_MAX_BEHIND_SECONDS = 60.0  # after a longer stand-still (a laptop that slept) the missed records are not made up for


@dataclass(slots=True)
class Sent:
    """What a run sent and what became of it; `by_kind` counts what was handed over, in records."""

    sent: int = 0
    acknowledged: int = 0
    failed: int = 0
    unacknowledged: int = 0
    first_failure: str | None = None
    bytes: int = 0
    seconds: float = 0.0
    by_kind: Counter[str] = field(default_factory=Counter)

    @property
    def is_complete(self) -> bool:
        """Whether the broker has acknowledged everything."""
        return self.acknowledged == self.sent

    @property
    def rate(self) -> float:
        """Records a second over the whole run, the last flush included."""
        return self.sent / self.seconds if self.seconds else 0.0


def send_all(
    deliveries: Iterable[Delivery],
    producer: PostingProducer,
    *,
    rate: float,
    is_backfill: bool,
    stop: threading.Event,
    on_progress: Callable[[Sent], None],
    flush_seconds: float = 30.0,
) -> Sent:
    """Send until `deliveries` end or `stop` is set, `rate` records a second (0: no limit), then flush.

    The n-th record is due n / rate seconds after the start, so that small delays do not add up. `on_progress`
    is called after every slice.
    """
    sent = Sent()
    source = iter(deliveries)
    began = schedule = time.monotonic()
    is_over = False
    while not is_over and not stop.is_set():
        now = time.monotonic()
        if rate and now - schedule - sent.sent / rate > _MAX_BEHIND_SECONDS:
            schedule = now - sent.sent / rate
        due = int((now - schedule) * rate) + 1 - sent.sent if rate else _BURST
        is_over = not _send_slice(source, max(0, due), producer, is_backfill, sent)
        sent.acknowledged, sent.failed = producer.acknowledged, producer.failed
        sent.seconds = time.monotonic() - began
        on_progress(sent)
        if rate and not is_over:
            stop.wait(max(SLICE_SECONDS - (time.monotonic() - now), 0.0))
    producer.close(flush_seconds)
    sent.acknowledged, sent.failed = producer.acknowledged, producer.failed
    sent.unacknowledged, sent.first_failure = producer.unacknowledged, producer.first_failure
    sent.seconds = time.monotonic() - began
    return sent


def _send_slice(source: Iterator[Delivery], due: int, producer: PostingProducer, is_backfill: bool, sent: Sent) -> bool:
    """Send the next `due` deliveries; False where there were fewer or the producer was stopped."""
    for _ in range(due):
        delivery = next(source, None)
        if delivery is None or not producer.send(delivery, is_backfill):
            return False
        sent.sent += 1
        sent.bytes += len(delivery.body or b"")
        sent.by_kind[delivery.kind] += 1
    return True


@contextmanager
def stopping_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set. A second Ctrl-C interrupts as usual. Main thread only."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
