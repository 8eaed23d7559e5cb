"""Which answer of Trino closes which record."""

import numpy as np
import pytest

from talentpulse.bench.freshness import EpochRange, Poll, latencies
from talentpulse.bench.sender import Stamps

SECOND = 1_000_000_000
EPOCHS = [EpochRange(7, {0: 0, 1: 0}, {0: 2, 1: 1}), EpochRange(8, {0: 2, 1: 1}, {0: 3, 1: 1})]


def stamps(*records):
    return Stamps(*np.asarray(records, dtype=np.int64).T)


def test_a_record_is_visible_with_the_first_answer_that_shows_its_epoch():
    sent = stamps((0, 0, 1 * SECOND), (0, 1, 2 * SECOND), (1, 0, 3 * SECOND), (0, 2, 4 * SECOND))
    polls = [Poll(4 * SECOND, 6), Poll(5 * SECOND, 7), Poll(6 * SECOND, 7), Poll(8 * SECOND, 8)]
    assert latencies(sent, EPOCHS, polls).tolist() == [4.0, 3.0, 2.0, 4.0]


def test_a_later_epoch_shows_that_the_earlier_ones_are_there():
    sent = stamps((0, 0, 0), (0, 2, 0))
    assert latencies(sent, EPOCHS, [Poll(SECOND, 6), Poll(3 * SECOND, 8)]).tolist() == [3.0, 3.0]


def test_a_record_beyond_the_last_epoch_is_an_error_and_not_a_small_latency():
    with pytest.raises(ValueError, match="partition 0 lie in none of the 2 epochs"):
        latencies(stamps((0, 3, 0)), EPOCHS, [Poll(SECOND, 8)])


def test_a_record_before_the_first_epoch_is_an_error():
    later = [EpochRange(8, {0: 2}, {0: 3})]
    with pytest.raises(ValueError, match="partition 0 lie in none of the 1 epochs"):
        latencies(stamps((0, 1, 0)), later, [Poll(SECOND, 8)])


def test_an_epoch_that_trino_never_showed_is_an_error():
    with pytest.raises(ValueError, match="never seen in Trino, up to 8"):
        latencies(stamps((0, 2, 0)), EPOCHS, [Poll(SECOND, 7)])


def test_a_partition_without_records_in_an_epoch_is_closed_by_the_epoch_that_has_them():
    epochs = [EpochRange(1, {0: 0}, {0: 5}), EpochRange(2, {0: 5, 1: 0}, {0: 5, 1: 4})]
    polls = [Poll(SECOND, 1), Poll(2 * SECOND, 2)]
    assert latencies(stamps((0, 4, 0), (1, 0, 0)), epochs, polls).tolist() == [1.0, 2.0]
