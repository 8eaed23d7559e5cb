"""Which loss an operator has accepted, and which not."""

import pytest

from talentpulse.lakehouse.requests import Request, describe, lost_of


@pytest.mark.parametrize(
    ("oldest", "lost"),
    [
        ({0: 10, 1: 0}, {}),
        ({0: 14, 1: 0}, {0: (10, 14)}),
        ({0: 99, 1: 3}, {0: (10, 20), 1: (0, 3)}),
        ({1: 0}, {}),
        ({0: 10, 1: 0, 2: 3}, {2: (0, 3)}),
    ],
)
def test_what_lies_before_the_broker_s_oldest_offset_is_lost_and_no_more_than_the_range(oldest, lost):
    assert lost_of({0: 10, 1: 0}, {0: 20, 1: 5, 2: 7}, oldest) == lost


def gap_request(lost):
    return Request(1, "accept_gap", {"topic_id": "t", "lost": lost})


def test_an_acceptance_covers_what_was_shown_and_nothing_beyond_it():
    request = gap_request({"0": [10, 20], "1": [0, 5]})
    assert request.accepts("t", {0: (10, 20)})
    assert request.accepts("t", {0: (12, 15), 1: (0, 5)})
    assert not request.accepts("t", {0: (10, 21)})
    assert not request.accepts("t", {0: (9, 20)})
    assert not request.accepts("t", {2: (0, 1)})
    assert not request.accepts("another log", {0: (10, 20)})


def test_an_adoption_names_one_log_and_is_no_acceptance_of_a_gap():
    request = Request(1, "adopt_topic", {"topic_id": "new", "lost": {"0": [3, 4]}})
    assert request.adopts("new")
    assert not request.adopts("newer")
    assert not request.accepts("new", {0: (3, 4)})
    assert not gap_request({}).adopts("t")


def test_ranges_are_told_with_their_last_offset():
    assert describe({1: (0, 5), 0: (17, 42)}) == "partition 0: 17 to 41, partition 1: 0 to 4"
