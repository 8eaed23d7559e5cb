"""Steps that run side by side: a live table on a terminal, plain timed lines without one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

PLAIN_PAUSE = 10.0  # seconds between two plain lines of one step


@dataclass
class _Step:
    detail: str
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    failed: bool = False
    printed: float = 0.0

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.started


class Progress:
    """Says what runs, how far it is and how long it took. May be told things by several threads."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._lock = threading.Lock()
        self._steps: dict[str, _Step] = {}
        self._spinners: dict[str, Spinner] = {}
        self._live = (
            Live(get_renderable=self._table, console=self._console, refresh_per_second=8)
            if self._console.is_terminal
            else None
        )

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def start(self, name: str, detail: str) -> None:
        """A step begins; `detail` says what it waits for or does."""
        with self._lock:
            self._steps[name] = _Step(detail)
            self._spinners[name] = Spinner("dots")
        self._print(name, force=True)

    def say(self, name: str, detail: str) -> None:
        """How far a running step is."""
        with self._lock:
            self._steps[name].detail = detail
        self._print(name, force=False)

    def done(self, name: str, detail: str) -> None:
        """A step has ended well."""
        self._end(name, detail, failed=False)

    def fail(self, name: str, detail: str) -> None:
        """A step has failed; the error itself is raised by who ran it."""
        self._end(name, detail, failed=True)

    def note(self, text: str) -> None:
        """A line that belongs to no step."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _end(self, name: str, detail: str, *, failed: bool) -> None:
        with self._lock:
            step = self._steps[name]
            step.detail, step.failed, step.ended = detail, failed, time.monotonic()
        self._print(name, force=True)

    def _print(self, name: str, *, force: bool) -> None:
        step = self._steps[name]
        now = time.monotonic()
        if self._live or not (force or now - step.printed > PLAIN_PAUSE):
            return
        step.printed = now
        sign = "..." if step.ended is None else "FAILED" if step.failed else "ok"
        self.note(f"{name:<10} {sign:<6} {step.seconds:6.1f} s  {step.detail}")

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for name, step in self._steps.items():
                sign = self._spinners[name] if step.ended is None else Text("✗" if step.failed else "✓")
                table.add_row(sign, name, f"{step.seconds:.1f} s", Text(step.detail, overflow="ellipsis", no_wrap=True))
        return table
