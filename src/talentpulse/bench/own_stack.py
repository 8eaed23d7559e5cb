"""A stack of the bench's own: its ports, its folder, nothing left of it afterwards; may run beside a demo."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from talentpulse.settings import PROJECT_ROOT, Settings, load_settings
from talentpulse.stack import lifecycle

HOME = PROJECT_ROOT / ".pulse-bench"
PORT_SHIFT = 21_000  # below the ports that the system hands out by itself
PORTS = (
    "kafka_port",
    "kafka_controller_port",
    "s3_port",
    "s3_console_port",
    "postgres_port",
    "trino_port",
    "spark_ui_port",
)


@contextmanager
def own_stack(*, with_stream: bool, **changes: Any) -> Iterator[Settings]:
    """Settings of a running, empty stack; it is stopped and its data are removed at the end, also after SIGTERM.

    `changes` are settings that differ from the defaults.
    """
    ports = {name: Settings.model_fields[name].default + PORT_SHIFT for name in PORTS}
    settings = load_settings(home=HOME, profile="test", **ports, **changes)
    _remove(settings)  # what an interrupted run may have left
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield lifecycle.up(settings, with_stream=with_stream)
    finally:
        _remove(settings)
        signal.signal(signal.SIGTERM, before)


def _remove(settings: Settings) -> None:
    lifecycle.down(settings)
    shutil.rmtree(HOME, ignore_errors=True)
