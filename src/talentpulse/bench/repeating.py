"""Something done again and again beside what is measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType


class Repeating:
    """Calls `do` every `pause` seconds in a thread while the block runs; what ended the thread is raised at the end."""

    def __init__(self, pause: float, do: Callable[[], None]) -> None:
        self._pause, self._do = pause, do
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                begin = time.monotonic()
                self._do()
                self._stop.wait(max(0.0, self._pause - (time.monotonic() - begin)))
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            self._error = error

    def check(self) -> None:
        """Raise what has ended the thread."""
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Repeating:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if error is None:
            self.check()
