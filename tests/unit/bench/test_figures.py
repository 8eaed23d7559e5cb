"""Percentiles, medians, phases."""

import pytest

from talentpulse.bench.figures import Spread, percentiles, phase_medians, spread


def test_percentiles_are_values_that_occurred():
    values = [float(n) for n in range(1, 101)]
    assert percentiles(values) == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "p100": 100.0}


def test_one_slow_record_of_ten_is_the_99th_percentile_but_not_the_median():
    found = percentiles([1.0] * 9 + [30.0])
    assert (found["p50"], found["p99"]) == (1.0, 30.0)


def test_no_measurement_has_no_percentile_and_no_spread():
    with pytest.raises(ValueError, match="found none"):
        percentiles([])
    with pytest.raises(ValueError, match="found none"):
        spread([])


def test_a_spread_is_the_median_and_both_ends():
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)


def test_a_phase_that_some_batches_lack_is_measured_over_the_others():
    assert phase_medians([{"read": 1.0}, {"read": 3.0, "gold": 2.0}]) == {"read": 2.0, "gold": 2.0}
