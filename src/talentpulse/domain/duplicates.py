"""Which deliveries repeat an event that was read before: exact, by Kafka's own order, independent of batches.

A record is a duplicate if its event_id occurs at a lower offset of the same partition, in its own Kafka hour
or one of the 24 before. The earlier occurrence may itself be a duplicate. An event_id is held as a 64-bit hash
that the caller makes: among the 90 million keys of 25 hours at 1,000 records/s two different ones meet with a
probability of about 1 in 5,000.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HOURS_BEFORE = 24
HOURS_KEPT = HOURS_BEFORE + 1  # a broker's clock may go back across an hour
_MERGE_SHARE = (
    8  # pending keys are merged once they are an eighth of the sorted ones: little copying, two short lookups
)
_NO_KEYS: Longs = np.empty(0, dtype=np.int64)


class _Keys:
    """The keys of one partition and Kafka hour: a large sorted array and a small one of what came since."""

    __slots__ = ("pending", "settled")

    def __init__(self) -> None:
        self.settled = _NO_KEYS
        self.pending = _NO_KEYS

    def add(self, keys: Longs) -> None:
        self.pending = np.unique(np.concatenate((self.pending, keys)))
        if len(self.pending) * _MERGE_SHARE > len(self.settled):
            self.settled = np.unique(np.concatenate((self.settled, self.pending)))
            self.pending = _NO_KEYS

    def hold(self, keys: Longs) -> Flags:
        return _is_in(self.settled, keys) | _is_in(self.pending, keys)

    @property
    def nbytes(self) -> int:
        return self.settled.nbytes + self.pending.nbytes

    def __len__(self) -> int:
        repeated = int(_is_in(self.settled, self.pending).sum())
        return len(self.settled) + len(self.pending) - repeated


class DuplicateIndex:
    """The event keys seen per partition and Kafka hour, 8 bytes each.

    Records must be added in the order of their offsets within each partition; `mark` is asked about records
    above all that were added. All array arguments have shape (n,), one element a record, in any order within
    the batch: `partition`, `offset`, `kafka_hour` (hours since 1970), `key` (64-bit hash of the event_id) and `is_readable`
    (False: the record has no event_id, is never a duplicate and is never remembered).
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[int, int], _Keys] = {}

    def mark(
        self,
        partition: npt.NDArray[np.integer],
        offset: Longs,
        kafka_hour: Longs,
        key: Longs,
        is_readable: Flags,
    ) -> Flags:
        """Which records of one batch are duplicates, shape (n,), in the order given. Changes nothing."""
        is_duplicate = np.zeros(len(key), dtype=np.bool_)
        rows = np.flatnonzero(is_readable)
        # within a partition by hour and key: an index hour concerns one slice of it, and sorted lookups are
        # quick
        rows = rows[np.lexsort((key[rows], kafka_hour[rows], partition[rows]))]
        hours, keys, partitions = kafka_hour[rows], key[rows], partition[rows]
        found = np.zeros(len(rows), dtype=np.bool_)
        for (its_partition, its_hour), seen in self._keys.items():
            first, last = np.searchsorted(partitions, [its_partition, its_partition + 1])
            its_hours = hours[first:last]
            begin = first + np.searchsorted(its_hours, its_hour)
            end = first + np.searchsorted(its_hours, its_hour + HOURS_BEFORE, side="right")
            if begin < end:
                found[begin:end] |= seen.hold(keys[begin:end])
        is_duplicate[rows] = found
        return is_duplicate | _repeated_in_batch(partition, offset, kafka_hour, key, is_readable)

    def add(
        self,
        partition: npt.NDArray[np.integer],
        offset: Longs,
        kafka_hour: Longs,
        key: Longs,
        is_readable: Flags,
    ) -> None:
        """Remember every readable record, duplicates too, each in its own Kafka hour."""
        rows = np.flatnonzero(is_readable)
        rows = rows[np.lexsort((kafka_hour[rows], partition[rows]))]
        partitions, hours, keys = partition[rows], kafka_hour[rows], key[rows]
        is_first = (np.diff(partitions) != 0) | (np.diff(hours) != 0)
        for group in np.split(np.arange(len(rows)), np.flatnonzero(is_first) + 1):
            if len(group):
                self.add_hour(int(partitions[group[0]]), int(hours[group[0]]), keys[group])

    def add_hour(self, partition: int, kafka_hour: int, key: Longs) -> None:
        """Remember readable records of one partition and Kafka hour: what a start reads from Bronze."""
        self._keys.setdefault((partition, kafka_hour), _Keys()).add(key)

    def forget_before(self, hour: int) -> None:
        """Drop all Kafka hours before `hour` (hours since 1970)."""
        self._keys = {place: keys for place, keys in self._keys.items() if place[1] >= hour}

    @property
    def memory_bytes(self) -> int:
        """Bytes of the key arrays."""
        return sum(keys.nbytes for keys in self._keys.values())

    def __len__(self) -> int:
        """Distinct keys per partition and Kafka hour, summed."""
        return sum(len(keys) for keys in self._keys.values())


def _is_in(ordered: Longs, keys: Longs) -> Flags:
    if not len(ordered):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.searchsorted(ordered, keys)
    places[places == len(ordered)] = 0
    return np.asarray(ordered[places] == keys)


def _repeated_in_batch(
    partition: npt.NDArray[np.integer], offset: Longs, kafka_hour: Longs, key: Longs, is_readable: Flags
) -> Flags:
    is_duplicate = np.zeros(len(key), dtype=np.bool_)
    rows = np.flatnonzero(is_readable)
    rows = rows[np.lexsort((offset[rows], key[rows], partition[rows]))]
    partitions, keys, hours = partition[rows], key[rows], kafka_hour[rows]
    # compare each record with the one before it of the same key, then the one before that ...: one round is
    # enough unless the broker's clock went back
    open_rows = np.arange(1, len(rows))
    back = 1
    while len(open_rows):
        earlier = open_rows - back
        is_same = (keys[open_rows] == keys[earlier]) & (partitions[open_rows] == partitions[earlier])
        age = hours[open_rows] - hours[earlier]
        is_hit = is_same & (age >= 0) & (age <= HOURS_BEFORE)
        is_duplicate[rows[open_rows[is_hit]]] = True
        back += 1
        open_rows = open_rows[is_same & ~is_hit & (open_rows >= back)]
    return is_duplicate
