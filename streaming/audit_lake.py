"""The auditor: compares ledger, Bronze, Gold, broker and store all the time, as of one committed epoch a run.

Each run looks at what is new since the last clean one, and once an hour at the whole lake. A finding is an error in the
log and a row in ops.audits. A service that does not answer is waited for: auditing is nobody's way to data.
"""

from __future__ import annotations

import logging
import signal
import sys
import time

from kafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from talentpulse.audit.run import Run, due_since, run_audit
from talentpulse.errors import PulseError
from talentpulse.lakehouse.readiness import ABSENT, wait_for_services
from talentpulse.process import ready_file, start_logging
from talentpulse.settings import Settings, load_settings

SAMPLE = 200
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
UNANSWERED = (PulseError, KafkaError, SQLAlchemyError, *ABSENT)

log = logging.getLogger("audit_lake")


def report(run: Run | None, seconds: float) -> None:
    """One line a run, one a finding."""
    if run is None:
        log.info("no epoch is committed yet: there is nothing to audit")
        return
    for outcome in run.outcomes:
        for example in outcome.seen.examples:
            log.error("%s: %s", outcome.check, example)
    looked_at = ", ".join(f"{outcome.check} {outcome.seen.checked}" for outcome in run.outcomes)
    since = f"since epoch {run.since}" if run.since else "the whole lake"
    log.info(
        "audit %d as of epoch %d, %s: %d found; looked at: %s; %.1f s",
        run.number, run.cut.epoch, since, run.findings, looked_at, seconds,
    )  # fmt: skip


def audit_for_ever(settings: Settings) -> None:
    """Audit, pause, audit; after a failure the pause is short, grows, and the next run looks at the whole lake."""
    pause, was_unanswered = 0.0, False
    while True:
        begin = time.monotonic()
        try:
            since = 0 if was_unanswered else due_since(settings)
            report(
                run_audit(settings, sample=SAMPLE, seed=time.time_ns() % 1_000_000, since=since),
                time.monotonic() - begin,
            )
            pause, was_unanswered = settings.audit_seconds, False
        except UNANSWERED as problem:
            pause = min(2 * pause, LONGEST_PAUSE) if was_unanswered else FIRST_PAUSE
            was_unanswered = True
            said = str(problem).strip() or type(problem).__name__
            log.warning("not audited: %s; next try in %.0f s", said.splitlines()[0], pause)
        time.sleep(pause)


def main() -> int:
    """Audit until told to stop. Nothing is lost when a run is broken off: it writes its outcomes at its end."""
    start_logging()
    settings = load_settings()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    wait_for_services(settings)
    with ready_file(settings, "auditor"):
        audit_for_ever(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
