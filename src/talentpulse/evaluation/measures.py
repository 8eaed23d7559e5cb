"""What an evaluation found: shares with their intervals, held against what is to be reached."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

_Z = 1.959964  # both sides of 95 %


class Share(NamedTuple):
    """A share of cases, e.g. a precision: `right` of `of`; `reach` is the least that was promised."""

    name: str
    right: float
    of: float
    reach: float | None = None

    @property
    def value(self) -> float:
        """The share; 0 where there was no case."""
        return self.right / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of a proportion (Wilson 1927)."""
        if not self.of:
            return 0.0, 1.0
        share, n = self.value, self.of
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def is_reached(self) -> bool | None:
        """Whether the promise is kept; None without one."""
        return None if self.reach is None else self.value >= self.reach


class F1(NamedTuple):
    """The harmonic mean of a precision and a recall; `reach` is the least that was promised."""

    name: str
    precision: Share
    recall: Share
    reach: float | None = None

    @property
    def value(self) -> float:
        """2PR / (P + R); 0 where nothing was right."""
        total = self.precision.value + self.recall.value
        return 2 * self.precision.value * self.recall.value / total if total else 0.0

    @property
    def is_reached(self) -> bool | None:
        """Whether the promise is kept; None without one."""
        return None if self.reach is None else self.value >= self.reach


@dataclasses.dataclass
class Evaluation:
    """One field measured on one set. `failures` are lines for people who mend: what was expected, found, and where."""

    field: str
    set_name: str
    rows: int
    measures: list[Share | F1]
    failures: list[str] = dataclasses.field(default_factory=list)
