"""The first look: a stack with a day of history behind it and postings flowing, and the first number from Trino."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import islice

from talentpulse.errors import PulseError
from talentpulse.lakehouse.topics import LogEnds, LogObserver
from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT, Settings
from talentpulse.sources.chaos import LEVELS, Chaos
from talentpulse.sources.postings import PostingGenerator
from talentpulse.sources.producer import PostingProducer
from talentpulse.sources.schedule import schedule
from talentpulse.sources.sending import Sent, send_all
from talentpulse.stack import lifecycle
from talentpulse.stack.progress import Progress

SEED = 7
PAST = timedelta(hours=24)
PAST_RECORDS = 12_000
NUMBER_WITHIN = 180.0  # seconds

TOP_SKILLS = PROJECT_ROOT / "sql" / "queries" / "top_skills.sql"
# as old as the newest posting that Trino can see
AGE = "SELECT date_diff('millisecond', max(last_counted_at), current_timestamp) / 1000e0 FROM lake.gold.skill_trends"


def start(settings: Settings) -> Settings:
    """Bring everything up with a day of history and live postings; interrupted anywhere, it goes on from there."""
    ends: dict[int, int] = {}

    def send_past(ready: Settings, progress: Progress) -> None:
        ends.update(_send_past(ready, progress))
        lifecycle.start(ready, "generator")  # already now, so that the first numbers are of the present, too

    settings = lifecycle.up(settings, meanwhile=send_past)
    with Progress() as progress:
        progress.start("trino", "waiting until the past is counted")
        _wait_until_counted(settings, ends)
        progress.done("trino", "the past is counted")
    return settings


def top_skills(settings: Settings) -> list[tuple[str, int, float]]:
    """The ten most wanted skills of the last 24 h as Trino has them: `(skill, postings, share of all postings)`."""
    rows = query(settings, TOP_SKILLS.read_text("utf-8")).rows
    return [(skill, int(postings), float(share)) for _, skill, postings, share, _ in rows]


def age_seconds(settings: Settings) -> float:
    """How old the newest counted posting is, as Trino has it."""
    return float(query(settings, AGE).rows[0][0])


def _send_past(settings: Settings, progress: Progress) -> dict[int, int]:
    """Send the last 24 h once, as history; returns the log's ends afterwards.

    The start is written down before the first record: what an interrupted run has sent already is sent again with the
    same event ids, and counts once.
    """
    begun, done = (settings.home / "run" / f"demo-past.{word}" for word in ("start", "done"))
    log = _log_ends(settings)
    if not done.exists() or done.read_text() != log.topic_id:  # a recreated topic has no past yet
        begun.parent.mkdir(parents=True, exist_ok=True)
        if not begun.exists() or done.exists():
            begun.write_text((datetime.now(UTC) - PAST).isoformat())
        progress.start("past", f"{PAST_RECORDS:,} postings of the last 24 hours")
        sent = _send(settings, datetime.fromisoformat(begun.read_text()), progress)
        if not sent.is_complete:
            reason = sent.first_failure or "the broker stopped answering"
            raise PulseError(f"{sent.acknowledged} of {sent.sent} postings were acknowledged: {reason}", "make demo")
        progress.done("past", f"{sent.acknowledged:,} postings sent, {sent.rate:,.0f} a second")
        done.write_text(log.topic_id)
    return _log_ends(settings).ends


def _send(settings: Settings, begin: datetime, progress: Progress) -> Sent:
    plan = schedule(
        rate=0, count=PAST_RECORDS, seconds=None, start=begin, speed=None, span=PAST, now=datetime.now(UTC)
    )  # fmt: skip
    chaos = Chaos(LEVELS["light"], SEED, plan.repeat_within)
    deliveries = islice(chaos.deliveries(PostingGenerator(SEED, plan.run), plan.event_at_us), plan.count)
    stop = threading.Event()
    producer = PostingProducer(settings.kafka_bootstrap, settings.topic, stop)

    def say(sent: Sent) -> None:
        progress.say("past", f"{sent.sent:,} of {PAST_RECORDS:,} postings of the last 24 hours")

    return send_all(deliveries, producer, rate=0, is_backfill=True, stop=stop, on_progress=say)


def _log_ends(settings: Settings) -> LogEnds:
    observer = LogObserver(settings)
    try:
        return observer.ends()
    finally:
        observer.close()


def _wait_until_counted(settings: Settings, ends: dict[int, int]) -> None:
    limit = time.monotonic() + NUMBER_WITHIN
    while True:
        rows = query(settings, 'SELECT "partition", committed_offset FROM lake.gold.v_lag').rows
        committed = dict(rows)
        if committed and all(committed.get(partition, 0) >= end for partition, end in ends.items()):
            return
        if time.monotonic() > limit:
            raise PulseError(
                f"the stream has not counted the past within {NUMBER_WITHIN:.0f} s: ledger {committed}, log {ends}",
                "pulse logs stream",
            )
        time.sleep(0.3)
