"""The observer: writes the broker's offsets to ops.log_ends every few seconds, so that lag is plain SQL.

It is a process of its own, so that lag can be read also when the stream is dead.
"""

from __future__ import annotations

import signal
import sys
import threading

from talentpulse.lakehouse.log_ends import LogEndsWriter
from talentpulse.lakehouse.readiness import wait_for_services
from talentpulse.lakehouse.topics import LogObserver
from talentpulse.process import ready_file, start_logging
from talentpulse.settings import load_settings


def main() -> int:
    """Observe until told to stop; any failure ends the process and the supervisor starts it again."""
    start_logging()
    settings = load_settings()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    wait_for_services(settings)
    observer, writer = LogObserver(settings), LogEndsWriter(settings)
    with ready_file(settings, "observer"):
        while not stop.wait(settings.observer_seconds):
            writer.write(observer.ends())
    observer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
