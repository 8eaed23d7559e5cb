"""Duplicates: the index agrees with a naive reading of the rule, however the log is cut into batches."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talentpulse.domain.duplicates import DuplicateIndex


class Row(NamedTuple):
    partition: int
    offset: int
    hour: int
    key: int
    is_readable: bool


def arrays(rows: list[Row]) -> tuple[np.ndarray, ...]:
    return (
        np.array([row.partition for row in rows], dtype=np.int32),
        np.array([row.offset for row in rows], dtype=np.int64),
        np.array([row.hour for row in rows], dtype=np.int64),
        np.array([row.key for row in rows], dtype=np.int64),
        np.array([row.is_readable for row in rows], dtype=np.bool_),
    )


def naive(log: list[Row]) -> dict[tuple[int, int], bool]:
    """The rule as written, by comparing each record with every other."""
    return {
        (row.partition, row.offset): row.is_readable
        and any(
            other.is_readable
            and other.key == row.key
            and other.partition == row.partition
            and other.offset < row.offset
            and row.hour - 24 <= other.hour <= row.hour
            for other in log
        )
        for row in log
    }


# few keys and hours, so that most records meet another; hours may go back, as a broker's clock may
ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(490_000, 490_060) | st.sampled_from([490_000, 490_024, 490_025]),
        st.integers(-3, 3),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(ENTRIES, st.lists(st.integers(0, 40), max_size=6), st.randoms(use_true_random=False))
def test_any_split_of_a_log_marks_what_the_rule_says(entries: list, cuts: list[int], random) -> None:
    log = [Row(p, offset, hour, key, ok) for offset, (p, hour, key, ok) in enumerate(entries)]
    index = DuplicateIndex()
    marked: dict[tuple[int, int], bool] = {}
    bounds = [0, *sorted(min(cut, len(log)) for cut in cuts), len(log)]
    for begin, end in pairwise(bounds):
        batch = log[begin:end]
        random.shuffle(batch)
        flags = index.mark(*arrays(batch))
        marked.update({(row.partition, row.offset): bool(flag) for row, flag in zip(batch, flags, strict=True)})
        index.add(*arrays(batch))
    assert marked == naive(log)
    assert len(index) == len({(row.partition, row.hour, row.key) for row in log if row.is_readable})


def row(offset: int, hour: int, key: int = 7, partition: int = 0, is_readable: bool = True) -> Row:
    return Row(partition, offset, hour, key, is_readable)


def seen(*rows: Row) -> DuplicateIndex:
    index = DuplicateIndex()
    index.add(*arrays(list(rows)))
    return index


@pytest.mark.parametrize(("hour", "is_duplicate"), [(100, True), (124, True), (125, False), (99, False)])
def test_a_key_is_remembered_for_its_hour_and_the_24_after(hour: int, is_duplicate: bool) -> None:
    assert seen(row(1, 100)).mark(*arrays([row(2, hour)])).tolist() == [is_duplicate]


def test_a_repeated_delivery_prolongs_the_memory() -> None:
    index = seen(row(1, 100), row(2, 120))
    assert index.mark(*arrays([row(3, 140)])).tolist() == [True]


def test_another_partition_is_another_log() -> None:
    assert seen(row(1, 100)).mark(*arrays([row(2, 100, partition=1)])).tolist() == [False]


def test_unreadable_records_are_neither_marked_nor_remembered() -> None:
    index = seen(row(1, 100, is_readable=False))
    assert len(index) == 0
    index = seen(row(1, 100))
    assert index.mark(*arrays([row(2, 100, is_readable=False)])).tolist() == [False]


def test_marking_changes_nothing() -> None:
    index = DuplicateIndex()
    batch = arrays([row(1, 100)])
    assert index.mark(*batch).tolist() == index.mark(*batch).tolist() == [False]
    assert len(index) == 0


def test_offsets_decide_within_a_batch_whatever_the_order_of_its_rows() -> None:
    assert DuplicateIndex().mark(*arrays([row(9, 100), row(3, 100), row(5, 100)])).tolist() == [
        True,
        False,
        True,
    ]


def test_forgotten_hours_free_their_memory() -> None:
    index = seen(row(1, 100), row(2, 101, key=8))
    assert (len(index), index.memory_bytes) == (2, 16)
    index.forget_before(101)
    assert (len(index), index.memory_bytes) == (1, 8)
    assert index.mark(*arrays([row(3, 101, key=7), row(4, 101, key=8)])).tolist() == [False, True]


def test_few_keys_after_many_are_found_beside_them_and_counted_once() -> None:
    many = [row(offset, 100, key=offset) for offset in range(1000)]
    index = seen(*many)
    index.add(*arrays([row(1000, 100, key=5000), row(1001, 100, key=5)]))
    index.add(*arrays([row(1002, 100, key=5001)]))
    later = [row(2000 + i, 101, key=key) for i, key in enumerate([5000, 5001, 5, 999, 5002, -1])]
    assert index.mark(*arrays(later)).tolist() == [True, True, True, True, False, False]
    assert len(index) == 1002


def test_an_empty_batch_is_fine() -> None:
    index = seen(row(1, 100))
    index.add(*arrays([]))
    assert index.mark(*arrays([])).tolist() == []
