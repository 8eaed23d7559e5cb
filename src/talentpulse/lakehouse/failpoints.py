"""Named places where a test lets the stream die as if the plug were pulled, or stand still as if the machine did."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from talentpulse.errors import PulseError
from talentpulse.settings import Settings

NAMES = ("after_start", "before_bronze", "after_bronze", "after_gold", "after_ledger")


def failpoint(settings: Settings) -> Callable[[str], None]:
    """The function that the stream calls at each named place; it kills the process group at the set one.

    `PULSE_FAILPOINT=name` or `name:N` for the N-th passage; `stop` in the place of N stops the group (SIGSTOP) at the
    first. Refused unless the profile is test.
    """
    name, _, count = settings.failpoint.partition(":")
    if not name:
        return lambda _: None
    if settings.profile != "test":
        raise PulseError(f"failpoint {name} is set outside the test profile", "unset PULSE_FAILPOINT")
    if name not in NAMES:
        raise PulseError(
            f"failpoint {name!r} is unknown, expected one of {', '.join(NAMES)}", "correct PULSE_FAILPOINT"
        )
    number = signal.SIGSTOP if count == "stop" else signal.SIGKILL
    left = int(count) if count.isdecimal() else 1

    def pass_by(place: str) -> None:
        nonlocal left
        left -= place == name
        if place == name and left == 0:
            os.killpg(os.getpgrp(), number)

    return pass_by
