"""The pace of sending and its end; the producer here only counts, the real one is tested against a broker."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import repeat

from talentpulse.sources.delivery import Delivery
from talentpulse.sources.sending import Sent, send_all, stopping_on_signals

POSTING = Delivery(b"s:1", b"{}", "posting", None)


class CountingProducer:
    """Acknowledges at once and remembers when each delivery came."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.failed = self.unacknowledged = 0
        self.first_failure = None
        self.is_closed = False

    @property
    def acknowledged(self) -> int:
        return len(self.times)

    def send(self, delivery: Delivery, is_backfill: bool) -> bool:
        self.times.append(time.monotonic())
        return True

    def close(self, flush_seconds: float) -> None:
        self.is_closed = True


def _send(deliveries: Iterator[Delivery], rate: float, stop: threading.Event) -> tuple[Sent, CountingProducer]:
    producer = CountingProducer()
    sent = send_all(deliveries, producer, rate=rate, is_backfill=False, stop=stop, on_progress=lambda _: None)
    return sent, producer


def test_everything_is_sent_counted_and_flushed() -> None:
    sent, producer = _send(repeat(POSTING, 5_000), 0, threading.Event())
    assert (sent.sent, sent.bytes, sent.by_kind["posting"]) == (5_000, 10_000, 5_000)
    assert sent.is_complete
    assert producer.is_closed


def test_a_rate_is_kept_without_drift_in_small_slices() -> None:
    sent, producer = _send(repeat(POSTING, 300), 500, threading.Event())
    took = producer.times[-1] - producer.times[0]
    assert 0.5 < took < 1.5
    # between two slices 20 ms pass, so ten records each: no burst carries a third of them
    halfway = sum(1 for at in producer.times if at - producer.times[0] < took / 2)
    assert 75 < halfway < 225
    assert sent.is_complete


def test_stopping_ends_an_endless_run_and_flushes() -> None:
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    sent, producer = _send(repeat(POSTING), 1_000, stop)
    timer.join()
    assert 0 < sent.sent < 1_000
    assert producer.is_closed


def test_sigterm_sets_the_event_and_the_old_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stopping_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(2)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
