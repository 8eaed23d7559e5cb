"""Promises that cost too much to check for every record: a sample, drawn by the run's seed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from talentpulse.audit.subject import EARLIEST, Seen, Subject
from talentpulse.domain.duplicates import HOURS_BEFORE
from talentpulse.domain.reader import READER_VERSION, Reading, read_posting
from talentpulse.lakehouse.ledger import STREAM

EPOCHS_DRAWN = 8  # as many as the question has places for
MICROSECOND = timedelta(microseconds=1)


def check_readings(subject: Subject) -> Seen:
    """Bodies that today's reader has read, read again, give the header that stands beside them."""
    epochs = subject.connection.execute(
        "SELECT epoch, records_read FROM ops.epochs WHERE stream = %s AND state = 'committed' AND kind = 'stream'"
        " AND reader_version = %s AND records_read > 0 AND epoch > %s AND epoch <= %s ORDER BY epoch",
        (STREAM, READER_VERSION, subject.since, subject.cut.epoch),
    ).fetchall()
    if not epochs:
        return Seen.nothing(f"today's reader {READER_VERSION} has read nothing of it")
    drawn = {f"epoch_{n}": epoch for n, epoch in enumerate(_draw(epochs, subject.seed), start=1)}
    rows = subject.ask(
        "readings", **drawn, reader_version=READER_VERSION, seed=subject.seed, sample=subject.sample
    )  # fmt: skip
    return Seen.of(len(rows), [said for row in rows if (said := _difference(*row))])


def _draw(epochs: list[tuple[int, int]], seed: int) -> list[int]:
    """Eight epochs, likelier the more they read; all of them, some repeated, where there are no more."""
    numbers = [number for number, _ in epochs]
    if len(numbers) <= EPOCHS_DRAWN:
        return [numbers[n % len(numbers)] for n in range(EPOCHS_DRAWN)]
    return random.Random(seed).choices(numbers, weights=[read for _, read in epochs], k=EPOCHS_DRAWN)


def _difference(
    partition: int, offset: int, epoch: int, kafka_at: datetime, body: bytes | None, fault: str | None,
    event_id: str | None, event_at: datetime, *more: Any,
) -> str:  # fmt: skip
    """Which columns of a row are not what its body says; empty if all are."""
    kept = Reading(fault, event_id, _micros(event_at), *more)  # type: ignore[arg-type]
    read = read_posting(body, _micros(kafka_at))
    wrong = [name for name in Reading._fields if getattr(kept, name) != getattr(read, name)]
    if not wrong:
        return ""
    # no values: a body may hold personal data, and what was found goes to a table and a log
    names = ", ".join(name.removesuffix("_us") for name in wrong)
    return f"partition {partition}, offset {offset}, epoch {epoch}: the body says something else for {names}"


def _micros(instant: datetime) -> int:
    return (instant - EARLIEST) // MICROSECOND


def check_duplicates(subject: Subject) -> Seen:
    """`is_duplicate` is what the rule says, for a sample of events.

    Whether an event was there before can only be said with 24 h of Kafka time at hand, so that what is new is judged
    a Kafka hour at a time, once it is over.
    """
    cut = subject.cut
    first_hour, end_hour = EARLIEST, _hour(cut.newest_kafka_at) + timedelta(hours=1)
    if not subject.is_whole:
        first_hour, end_hour = _hour(_newest_kafka_at(subject, subject.since)), _hour(cut.newest_kafka_at)
        if first_hour >= end_hour:
            return Seen.nothing("no Kafka hour is over since the last run")
    records = subject.connection.execute(
        "SELECT sum(records_read) FROM ops.epochs WHERE stream = %s AND state = 'committed' AND newest_kafka_at >= %s"
        " AND oldest_kafka_at < %s",
        (STREAM, first_hour, end_hour),
    ).fetchone()
    shares = max(1, int(records[0] or 0) // max(1, subject.sample)) if records else 1
    kafka_from = EARLIEST if subject.is_whole else first_hour - timedelta(hours=HOURS_BEFORE)
    return subject.tally(
        "duplicates", kafka_from=kafka_from, first_hour=first_hour, end_hour=end_hour, epoch=cut.epoch, shares=shares,
        share=subject.seed % shares,
    )  # fmt: skip


def _newest_kafka_at(subject: Subject, epoch: int) -> datetime:
    row = subject.connection.execute(
        "SELECT max(newest_kafka_at) FROM ops.epochs WHERE stream = %s AND epoch <= %s", (STREAM, epoch)
    ).fetchone()
    return row[0] if row and row[0] else EARLIEST


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
