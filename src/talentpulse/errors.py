"""The one error that users see: what was expected and found, and the command that mends it."""

from __future__ import annotations


class PulseError(Exception):
    """Something the user can mend; printed without a traceback."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} (mend: {self.mend})"
