"""How the auditor names offsets that are wrong."""

import pytest

from talentpulse.audit.bronze import describe_offsets, describe_ranges


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([10, 11, 12, 13], ""),
        ([10, 12], "missing: 11, 13"),
        ([10, 11, 11, 12, 13, 13], "twice or more: 11, 13"),
        ([9, 10, 11, 12, 13], "not of its range: 9"),
        ([], "missing: 10 to 13"),
    ],
)
def test_offsets_are_compared_with_the_range_of_the_epoch(found, said):
    assert describe_offsets(found, (10, 14), []) == said


def test_what_was_accepted_as_lost_is_not_missing_and_must_not_be_there():
    assert describe_offsets([12, 13], (10, 14), [(10, 12)]) == ""
    assert describe_offsets([11, 12, 13], (10, 14), [(10, 12)]) == "accepted as lost, but there: 11"


def test_neighbours_are_told_as_a_range_and_no_more_than_five_ranges():
    assert describe_ranges([3, 1, 2, 9]) == "1 to 3, 9"
    assert describe_ranges(range(0, 14, 2)) == "0, 2, 4, 6, 8 and 2 more ranges"
