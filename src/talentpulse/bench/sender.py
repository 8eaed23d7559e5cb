"""Generated postings at a steady rate, in a process of its own; keeps when each acknowledged record was sent.

Run by `pulse bench freshness`: python -m talentpulse.bench.sender --rate 500 --seconds 180 --out FILE
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from talentpulse.settings import load_settings
from talentpulse.sources.chaos import LEVELS, Chaos
from talentpulse.sources.delivery import Delivery
from talentpulse.sources.postings import PostingGenerator
from talentpulse.sources.producer import Acknowledgement, PostingProducer
from talentpulse.sources.sending import send_all, stopping_on_signals

Longs = npt.NDArray[np.int64]
CHAOS = "light"
SEED = 23


class Stamps(NamedTuple):
    """Acknowledged records, one array element each: where they lie and when `send` was called (ns since 1970)."""

    partition: Longs
    offset: Longs
    sent_ns: Longs

    @classmethod
    def load(cls, path: Path) -> Stamps:
        """What a sender left in a file."""
        return cls(*np.load(path))


class _Stamping:
    """Notes the time at which each delivery is taken to be sent, and moves it to the record at its acknowledgement."""

    def __init__(self) -> None:
        self._taken: dict[int, int] = {}
        self._done: list[tuple[int, int, int]] = []

    def stamp(self, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
        for delivery in deliveries:
            # by identity: a repeated delivery equals the first one; the producer keeps it alive until `acknowledge`
            self._taken[id(delivery)] = time.time_ns()
            yield delivery

    def acknowledge(self, ack: Acknowledgement) -> None:
        self._done.append((ack.partition, ack.offset, self._taken.pop(id(ack.delivery))))

    def stamps(self) -> Longs:
        """Three rows: partition, offset, time."""
        return np.asarray(self._done, dtype=np.int64).reshape(-1, 3).T


def main() -> int:
    """Send, write the stamps, print the run's sums as JSON; exit code 0 if everything is acknowledged."""
    logging.getLogger("kafka").setLevel(logging.ERROR)
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, required=True, help="records a second")
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--out", type=Path, required=True, help="file of the stamps (.npy)")
    chosen = options.parse_args()

    settings, stamping = load_settings(), _Stamping()
    count = round(chosen.rate * chosen.seconds)
    # what is repeated comes again within the run
    chaos = Chaos(LEVELS[CHAOS], SEED, max(1, count // 3))
    postings = PostingGenerator(SEED, str(time.time_ns()))
    deliveries = islice(chaos.deliveries(postings, lambda _: time.time_ns() // 1000), count)
    with stopping_on_signals() as stop:
        producer = PostingProducer(settings.kafka_bootstrap, settings.topic, stop, stamping.acknowledge)
        sent = send_all(
            stamping.stamp(deliveries),
            producer,
            rate=chosen.rate,
            is_backfill=False,
            stop=stop,
            on_progress=lambda _: None,
        )
    np.save(chosen.out, stamping.stamps())
    print(json.dumps({"sent": sent.sent, "bytes": sent.bytes, "seconds": sent.seconds}))
    return 0 if sent.is_complete else 1


if __name__ == "__main__":
    sys.exit(main())
