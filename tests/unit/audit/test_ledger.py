"""What the auditor says of a ledger's rows."""

from dataclasses import replace

import pytest

from talentpulse.audit.ledger import LedgerRow, problems


def row(epoch, start, end, **changes):
    read = sum(end[p] - start.get(p, 0) for p in end)
    whole = LedgerRow(epoch, "stream", "committed", "log", start, end, read, read, 0, 0, 0)
    return replace(whole, **changes)


FIRST, SECOND, THIRD = (
    row(1, {0: 0, 1: 0}, {0: 10, 1: 5}),
    row(2, {0: 10, 1: 5}, {0: 20, 1: 5}),
    row(4, {0: 20, 1: 5}, {0: 21, 1: 9}),
)
OPEN = LedgerRow(5, "stream", "started", "log", {0: 21, 1: 9}, {0: 30, 1: 9}, None, None, None, None, None)


def test_epochs_that_follow_each_other_are_right_also_with_an_open_one_at_the_end_and_numbers_left_out():
    assert list(problems([FIRST, SECOND, THIRD, OPEN], {})) == []


def test_a_row_that_is_gone_leaves_offsets_in_no_epoch():
    assert list(problems([FIRST, THIRD], {})) == [
        "partition 0, between epochs 1 and 4: offsets 10 to 19 are in no epoch"
    ]


def test_a_range_that_is_there_twice_is_named():
    again = row(2, {0: 7, 1: 5}, {0: 20, 1: 5})
    assert list(problems([FIRST, again], {})) == ["partition 0, between epochs 1 and 2: offsets 7 to 9 are in both"]


def test_an_open_epoch_that_is_not_the_newest_is_named():
    assert "epoch 5 is open, but epoch 6 came after it" in problems([OPEN, row(6, OPEN.end, OPEN.end)], {})


@pytest.mark.parametrize(("kind", "count"), [("adopt", 0), ("stream", 1)])
def test_another_log_must_be_adopted(kind, count):
    other = row(2, {0: 0}, {0: 0}, kind=kind, topic_id="other")
    assert len(list(problems([FIRST, other], {}))) == count


def test_what_was_read_is_counted_faulty_duplicate_or_canary():
    wrong = replace(FIRST, records_faulty=1)
    assert list(problems([wrong], {})) == ["epoch 1 read 15 records, 16 are counted, faulty, duplicate or canary"]


def test_an_accepted_gap_is_read_as_nothing_and_an_unaccepted_one_is_named():
    gap = row(2, {0: 10, 1: 5}, {0: 14, 1: 5}, kind="gap", records_read=0, records_counted=0)
    assert list(problems([FIRST, gap], {(2, "log"): 4})) == []
    assert list(problems([FIRST, gap], {})) == ["epoch 2 read 0 records of 4 offsets, 0 of them accepted as lost"]


def test_epochs_of_other_kinds_are_not_summed_up_but_must_follow():
    heal = row(2, FIRST.end, FIRST.end, kind="heal", records_read=7, records_counted=3)
    assert list(problems([FIRST, heal, row(3, FIRST.end, {0: 11, 1: 5})], {})) == []
