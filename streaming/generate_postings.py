"""The demo's source: endless generated postings to the topic at a steady rate.

Run by the supervisor (`pulse up`) or by hand: python streaming/generate_postings.py --rate 100
SIGTERM and Ctrl-C end it once everything that was sent is acknowledged.
"""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime

from talentpulse.process import start_logging
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
    start_logging()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="records a second")
    parser.add_argument("--seed", type=int, default=7, help="decides employers and what is asked for")
    parser.add_argument("--chaos", choices=LEVELS, default="light", help="how much goes wrong")
    options = parser.parse_args()

    settings = load_settings()
    now = datetime.now(UTC)
    plan = schedule(rate=options.rate, count=None, seconds=None, start=None, speed=None, span=None, now=now)
    chaos = Chaos(LEVELS[options.chaos], options.seed, plan.repeat_within)
    deliveries = chaos.deliveries(PostingGenerator(options.seed, plan.run), plan.event_at_us)
    next_report = 0.0

    def report(sent: Sent) -> None:
        nonlocal next_report
        if sent.seconds >= next_report:
            next_report = sent.seconds + REPORT_EVERY_SECONDS
            log.info("sent %d, acknowledged %d, failed %d", sent.sent, sent.acknowledged, sent.failed)

    with stopping_on_signals() as stop:
        log.info("%g postings/s to %s at %s", options.rate, settings.topic, settings.kafka_bootstrap)
        try:
            producer = PostingProducer(settings.kafka_bootstrap, settings.topic, stop, connect_seconds=CONNECT_SECONDS)
        except KafkaUnavailableError as error:
            log.error("%s", error)
            return 0 if stop.is_set() else 1
        sent = send_all(
            deliveries,
            producer,
            rate=options.rate,
            is_backfill=False,
            stop=stop,
            on_progress=report,
            flush_seconds=FLUSH_SECONDS,
        )
    log.info("ended: sent %d, acknowledged %d, failed %d", sent.sent, sent.acknowledged, sent.failed)
    return 0 if sent.is_complete else 1


if __name__ == "__main__":
    sys.exit(main())
