"""How rounds become the price of the guards and its course."""

import pytest

from talentpulse.bench.overhead import Rounds, slope


def test_the_ratio_is_of_the_same_round():
    found = Rounds([2.0, 3.0, 9.0], [2.0, 2.0, 6.0], [1.0, 1.0, 3.0]).summary()
    assert found["overhead"] == (1.5, 1.0, 1.5)
    assert found["to_bare"] == (3.0, 2.0, 3.0)


def test_a_steady_growth_is_a_share_of_the_median_for_each_hundred_rounds_and_one_slow_batch_is_none():
    steady = [2.0 + 0.001 * n for n in range(201)]
    assert slope(steady) == pytest.approx(0.1 / 2.1)
    assert slope([2.0] * 100 + [50.0] + [2.0] * 100) == 0
    assert slope([2.0]) == 0
