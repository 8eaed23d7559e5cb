"""Shares, their intervals and their promises."""

import pytest

from talentpulse.evaluation.measures import F1, Share


def test_a_share_has_its_wilson_interval():
    low, high = Share("precision", 8, 10).interval
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert Share("precision", 0, 0).interval == (0.0, 1.0)


def test_a_promise_is_kept_or_missed_or_was_not_made():
    assert Share("recall", 95, 100, reach=0.95).is_reached
    assert not Share("recall", 94, 100, reach=0.95).is_reached
    assert Share("recall", 94, 100).is_reached is None
    assert F1("f1", Share("p", 1, 2), Share("r", 1, 1), reach=0.6).is_reached
    assert F1("f1", Share("p", 0, 2), Share("r", 0, 1), reach=0.6).value == 0
