"""One fault against the real stream: kept alive as its supervisor would, timed, and checked when it has recovered."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from talentpulse.lakehouse.object_store import object_store
from talentpulse.stack import health
from talentpulse.stack.supervise import Supervisor
from tests.lake import Stream, broker_ends, check_promises, committed, generate, wait_until

PAUSE = 1.0  # seconds that the supervisor waits before it starts a program again


def pid_of(lake, service):
    return Supervisor(lake).programs()[service].pid


def kill(lake, service):
    """kill -9; returns when the supervisor has started the service again and it answers."""
    victim = pid_of(lake, service)
    os.kill(victim, signal.SIGKILL)
    wait_back(lake, service, victim)


def wait_back(lake, service, victim):
    wait_until(lambda: pid_of(lake, service) not in (0, victim), f"{service} is started again", 60)
    wait_until(lambda: health.probe(lake, service).ok, f"{service} answers again", 90)


class FaultRun:
    """The stream under one row of the fault matrix, with what the report of the matrix prints of it.

    `via` are the settings that lead the stream through a proxy; everything that checks it goes the direct way.
    """

    def __init__(self, lake, record_property, fault, via=None):
        self.lake = lake
        self.starts = 0
        self._settings = lake.model_copy(update=via or {})
        self._record = record_property
        self._sent = 0
        self._healed_at = self.seconds_to_recover = None
        self._to_read = {}
        record_property("fault", fault)

    def __enter__(self):
        self._files = self._objects()
        self._start()
        return self

    def __exit__(self, *_):
        self.stream.__exit__()

    def _start(self):
        self.starts += 1
        self.stream = Stream(self._settings)

    def send(self, count, *more):
        """Put postings on the log; the truth of these alone."""
        self._sent += 1
        return generate(self.lake, self.lake.home / "truth.json", count, "--seed", str(40 + self._sent), *more)

    @contextmanager
    def load(self, seconds, rate=100):
        """Postings arrive while the block runs, longer than it if it takes less; yields the future truth."""
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(self.send, seconds * rate, "--rate", str(rate), "--chaos", "none")
            yield sending
            self.until(sending.done, "all postings are acknowledged")
            sending.result()

    def begin(self):
        """An epoch without a fault, and rest: from here on the stream does only what the fault is meant for."""
        self.send(500)
        self.stream.wait_ready().wait_caught_up()
        self._files = self._objects()

    def until(self, condition, what, seconds=240.0, pause=0.2):
        """Wait for `condition`; meanwhile a stream that ends is started again, and the end of a recovery is noted."""

        def holds():
            if self.stream.process.poll() is not None:
                time.sleep(PAUSE)
                self._start()
            if self._healed_at is not None and self.seconds_to_recover is None:
                done = committed(self.lake)
                if all(done.get(partition, 0) >= end for partition, end in self._to_read.items()):
                    self.seconds_to_recover = time.monotonic() - self._healed_at
            return condition()

        what = f"{what}; stream started {self.starts} times, see {self.stream.log}"
        return wait_until(holds, what, seconds, pause)

    def lasts(self, seconds):
        """The fault goes on for so long."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end, "time passes", seconds + 60)

    def healed(self):
        """The fault is over: the stream has recovered when it has read what is on the log now."""
        self._healed_at, self.seconds_to_recover = time.monotonic(), None
        self._to_read = broker_ends(self.lake)

    def recovers(self, most_starts, seconds=240.0):
        """The stream comes back by itself, every promise holds, and nothing was deleted that anybody may refer to."""
        assert self._healed_at is not None
        self.until(
            lambda: self.seconds_to_recover is not None and committed(self.lake) == broker_ends(self.lake),
            "the ledger is at the broker's end",
            seconds,
        )
        assert self.starts <= most_starts, f"a crash loop: {self.starts} starts"
        self.stream.kill()  # what it has done stands in the ledger
        check_promises(self.lake)
        # Iceberg drops old metadata files after a commit (delete-after-commit); the stream deletes nothing else
        deleted = {name for name in self._files - self._objects() if not name.endswith(".metadata.json")}
        assert not deleted, f"files that were there before the fault are gone: {sorted(deleted)}"
        self._record("found", f"exact; no file deleted; restarts: {self.starts - 1}")
        self._record("seconds_to_recover", round(self.seconds_to_recover, 1))

    def _objects(self):
        objects = object_store(self.lake).list_objects(self.lake.s3_bucket, recursive=True)
        return {item.object_name for item in objects}
