"""Endless postings to the topic at a steady rate: the source that `pulse up` keeps running for the demo.

SIGTERM and Ctrl-C end it after everything that was sent is acknowledged.
"""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime

from talentpulse.settings import load_settings
from talentpulse.sources.chaos import LEVELS, Chaos
from talentpulse.sources.postings import PostingGenerator
from talentpulse.sources.producer import KafkaUnavailableError, PostingProducer
from talentpulse.sources.schedule import schedule
from talentpulse.sources.sending import Sent, send_all, stopping_on_signals

REPORT_EVERY_SECONDS = 30.0
CONNECT_SECONDS = 24 * 3600.0  # a stack that is still starting is waited for
FLUSH_SECONDS = 20.0  # less than the supervisor waits before it kills

log = logging.getLogger("generate_postings")


def main() -> int:
    """Run until a signal; exit code 0 if everything that was sent is acknowledged."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.ERROR)
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=100.0, help="records a second")
    options.add_argument("--seed", type=int, default=None, help="by default another one at every start")
    options.add_argument("--chaos", choices=LEVELS, default="light")
    chosen = options.parse_args()

    settings = load_settings()
    now = datetime.now(UTC)
    # after a restart the same seed would repeat event ids that have been counted already
    seed = chosen.seed if chosen.seed is not None else int(now.timestamp())
    plan = schedule(rate=chosen.rate, count=None, seconds=None, start=None, speed=None, span=None, now=now)
    chaos = Chaos(LEVELS[chosen.chaos], seed, plan.repeat_within)
    next_report = 0.0

    def report(sent: Sent) -> None:
        nonlocal next_report
        if sent.seconds >= next_report:
            next_report = sent.seconds + REPORT_EVERY_SECONDS
            log.info("sent %d, acknowledged %d, failed %d", sent.sent, sent.acknowledged, sent.failed)

    with stopping_on_signals() as stop:
        log.info(
            "%g postings/s, seed %d, to %s on %s", chosen.rate, seed, settings.topic, settings.kafka_bootstrap
        )
        try:
            producer = PostingProducer(
                settings.kafka_bootstrap, settings.topic, stop, connect_seconds=CONNECT_SECONDS
            )
        except KafkaUnavailableError as error:
            log.error("%s", error)
            return 0 if stop.is_set() else 1
        sent = send_all(
            chaos.deliveries(PostingGenerator(seed), plan.event_at_us),
            producer,
            rate=chosen.rate,
            is_backfill=False,
            stop=stop,
            on_progress=report,
            flush_seconds=FLUSH_SECONDS,
        )
    log.info("ended: sent %d, acknowledged %d, failed %d", sent.sent, sent.acknowledged, sent.failed)
    return 0 if sent.is_complete else 1


if __name__ == "__main__":
    sys.exit(main())
