"""The stream: Kafka -> bronze.postings (append) -> gold.skill_trends (MERGE), epoch by epoch, exactly once.

Run by the supervisor (`pulse up`) or by hand: python streaming/ingest_postings.py
"""

from __future__ import annotations

import logging
import signal
import sys
import threading

from talentpulse.domain.duplicates import DuplicateIndex
from talentpulse.domain.reader import READER_VERSION
from talentpulse.errors import PulseError
from talentpulse.lakehouse.failpoints import failpoint
from talentpulse.lakehouse.ledger import STREAM, Ledger, take_lease
from talentpulse.lakehouse.log_source import stream_records
from talentpulse.lakehouse.readiness import wait_for_services
from talentpulse.lakehouse.spark import open_session
from talentpulse.lakehouse.topics import LogObserver
from talentpulse.pipelines.heal import heal_waiting
from talentpulse.pipelines.ingest import Target
from talentpulse.pipelines.recovery import resume
from talentpulse.pipelines.stream import EpochRunner
from talentpulse.pipelines.warm_up import warm_up
from talentpulse.process import fresh_folder, ready_file, start_logging
from talentpulse.settings import Settings, load_settings

TABLES = ["bronze.postings", "bronze.readings", "gold.skill_trends"]
LEASED = ["bronze.postings", "gold.skill_trends"]  # readings are prepared by whoever asks for them
STOP_SECONDS = 15.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Recover, then stream until told to stop; any failure ends the process and the next start recovers."""
    wait_for_services(settings)
    lease = take_lease(settings, STREAM, LEASED)
    spark = open_session(settings, STREAM, fence=lease.fence)
    bronze, readings, gold = (f"{settings.catalog_name}.{name}" for name in TABLES)
    ledger = Ledger(lease.connection, STREAM, READER_VERSION)
    target = Target(bronze, readings, gold, ledger, DuplicateIndex(), failpoint(settings))

    broker = LogObserver(settings)
    committed = resume(spark, settings, target, broker.ends())
    broker.close()
    warm_up(spark, target)

    checkpoint = fresh_folder(settings.home / "spark" / "checkpoint")
    runner = EpochRunner(
        target, settings.topic, broker.topic_id, checkpoint, committed, between=lambda: heal_waiting(spark, target)
    )
    query = (
        stream_records(spark, settings, committed)
        .writeStream.foreachBatch(runner)
        .trigger(processingTime=f"{settings.trigger_seconds} seconds")
        .option("checkpointLocation", str(checkpoint))
        .start()
    )
    with ready_file(settings, "stream"):
        while query.isActive and not stop.wait(0.5):
            runner.rest()
        if stop.is_set():
            finished = runner.stop(STOP_SECONDS)
            logging.info("stopped; the last batch %s", "is committed" if finished else "is left to the next start")
            query.stop()
        else:
            query.awaitTermination()  # raises what ended the query


def main() -> int:
    """Set up the process; the exit code tells the supervisor to start it again."""
    start_logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        run(load_settings(), stop)
    except PulseError as error:
        logging.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
