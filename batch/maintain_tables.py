"""Maintenance: joins the small files of closed hours and forgets old snapshots; changes no row, the stream goes on.

Run by hand: python batch/maintain_tables.py
"""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime, timedelta

from talentpulse.errors import PulseError
from talentpulse.lakehouse.readiness import wait_for_services
from talentpulse.lakehouse.spark import open_session
from talentpulse.pipelines.maintenance import compact, expire
from talentpulse.process import start_logging
from talentpulse.settings import Settings, load_settings

TABLES = ("bronze.postings", "bronze.readings", "gold.skill_trends")


def run(settings: Settings, before: datetime, older_than: datetime) -> None:
    """Compact the hours before `before`, expire the snapshots older than `older_than`."""
    wait_for_services(settings)
    spark = open_session(settings, "maintain_tables", role="maintenance")
    for table in TABLES:
        compact(spark, table, before)
        expire(spark, table, older_than)
    spark.stop()


def main() -> int:
    """Set up the process from its arguments."""
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--before", type=datetime.fromisoformat, default=hour - timedelta(hours=1),
        help="compact the hours before this instant with zone; without it all but this one and the last",
    )  # fmt: skip
    parser.add_argument(
        "--keep-hours", type=float, help="how long snapshots are kept; without it PULSE_AUDIT_HOURS, the audit window"
    )
    chosen = parser.parse_args()
    start_logging()
    settings = load_settings()
    keep = settings.audit_hours if chosen.keep_hours is None else chosen.keep_hours
    try:
        run(settings, chosen.before, now - timedelta(hours=keep))
    except PulseError as error:
        logging.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
