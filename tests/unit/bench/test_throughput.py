"""How a topic is cut into batches, and how rounds become a ratio."""

from itertools import pairwise

from talentpulse.bench.batches import cut
from talentpulse.bench.throughput import Rounds


def test_the_ranges_of_a_topic_follow_each_other_and_are_the_whole():
    starts, ends = {0: 10, 1: 0}, {0: 110, 1: 103}
    ranges = cut(starts, ends, [50, 150, 3])
    assert ranges[0].start == starts
    assert ranges[-1].end == ends
    assert all(before.end == after.start for before, after in pairwise(ranges))


def test_a_range_has_its_share_of_every_partition():
    ranges = cut({0: 0, 1: 0}, {0: 100, 1: 100}, [50, 150])
    assert [r.records for r in ranges] == [50, 150]
    assert ranges[0].end == {0: 25, 1: 25}


def test_the_ratio_is_of_the_same_round_and_not_of_the_medians():
    rounds = Rounds(100, [100, 100, 100], [1.0, 2.0, 9.0], [2.0, 2.0, 10.0], [1.0] * 3, [4.0] * 3, [{"read": 1.0}] * 3)
    assert rounds.summary()["ratio"] == (0.9, 0.5, 1.0)
    assert rounds.summary()["cpu_ratio"] == (0.25, 0.25, 0.25)
