"""Sums over measurements: percentiles, medians with their range, phases; pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Spread(NamedTuple):
    """The middle of some measurements and the two ends."""

    median: float
    least: float
    greatest: float


def spread(values: Sequence[float]) -> Spread:
    """Median, least and greatest.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("expected at least one measurement, found none")
    return Spread(statistics.median(values), min(values), max(values))


def percentiles(
    values: Sequence[float] | npt.NDArray[np.float64], shares: Sequence[float] = (50, 95, 99, 100)
) -> dict[str, float]:
    """`p50`, `p95` ... of the values: each is a value that occurred, the smallest that so many percent do not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not len(values):
        raise ValueError("expected at least one measurement, found none")
    found = np.percentile(np.asarray(values, dtype=float), list(shares), method="inverted_cdf")
    return {f"p{share:g}": float(value) for share, value in zip(shares, found, strict=True)}


def phase_medians(batches: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Median seconds of each phase over the batches that had it, in the order of their first appearance."""
    names = dict.fromkeys(name for batch in batches for name in batch)
    return {name: statistics.median(batch[name] for batch in batches if name in batch) for name in names}
