"""The ledger on its own: do its epochs follow each other, and do their sums add up?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from talentpulse.audit.subject import Seen, Subject
from talentpulse.lakehouse.ledger import STREAM, Offsets

ACCOUNTED = ("stream", "gap", "adopt")  # other kinds change readings, not what was read
Lost = Mapping[tuple[int, str], int]
"""Number of offsets given up in `ops.gaps`, per epoch and topic id."""


@dataclass(frozen=True)
class LedgerRow:
    """One row of ops.epochs; the counts are None while it is open."""

    epoch: int
    kind: str
    state: str
    topic_id: str
    start: Offsets
    end: Offsets
    records_read: int | None
    records_counted: int | None
    records_faulty: int | None
    records_duplicate: int | None
    records_canary: int | None


def check_ledger(subject: Subject) -> Seen:
    """Every epoch starts where the one before ended, and what it read is counted, faulty, duplicate or canary."""
    rows = list(_rows(subject))  # before the gaps: an epoch and its gaps become visible together
    lost = {
        (epoch, topic_id): int(offsets)
        for epoch, topic_id, offsets in subject.connection.execute(
            "SELECT epoch, topic_id, sum(end_offset - first_offset) FROM ops.gaps GROUP BY epoch, topic_id"
        )
    }
    return Seen.of(len(rows), list(problems(rows, lost)))


def _rows(subject: Subject) -> Iterator[LedgerRow]:
    """The epochs after `since` and the one before them, as far as the ledger goes."""
    found = subject.connection.execute(
        "SELECT epoch, kind, state, topic_id, start_offsets, end_offsets, records_read, records_counted, records_faulty,"
        " records_duplicate, records_canary FROM ops.epochs WHERE stream = %s AND epoch >= %s ORDER BY epoch",
        (STREAM, subject.since),
    )
    for epoch, kind, state, topic_id, start, end, *counts in found:
        yield LedgerRow(epoch, kind, state, topic_id, _offsets(start), _offsets(end), *counts)


def _offsets(stored: Mapping[str, int]) -> Offsets:
    return {int(partition): offset for partition, offset in stored.items()}


def problems(rows: Iterable[LedgerRow], lost: Lost) -> Iterator[str]:
    """What is wrong in these epochs, oldest first; they are all that the ledger has from the first of them on."""
    kept = list(rows)
    for before, after in pairwise(kept):
        if before.state != "committed":
            yield f"epoch {before.epoch} is open, but epoch {after.epoch} came after it"
        if before.topic_id == after.topic_id:
            yield from _breaks(before, after)
        elif after.kind != "adopt":
            yield f"epoch {after.epoch} reads another log than epoch {before.epoch}, which nobody has adopted"
    for row in kept:
        if row.state == "committed" and row.kind in ACCOUNTED:
            yield from _sums(row, lost.get((row.epoch, row.topic_id), 0))


def _breaks(before: LedgerRow, after: LedgerRow) -> Iterator[str]:
    for partition, end in sorted(before.end.items()):
        start = after.start.get(partition)
        place = f"partition {partition}, between epochs {before.epoch} and {after.epoch}"
        if start is None:
            yield f"{place}: the partition is not in the later one"
        elif start > end:
            yield f"{place}: offsets {end} to {start - 1} are in no epoch"
        elif start < end:
            yield f"{place}: offsets {start} to {end - 1} are in both"


def _sums(row: LedgerRow, lost: int) -> Iterator[str]:
    parts = (row.records_counted, row.records_faulty, row.records_duplicate, row.records_canary)
    if row.records_read is None or None in parts:
        yield f"epoch {row.epoch} is committed without its counts"
        return
    accounted = sum(part or 0 for part in parts)
    if accounted != row.records_read:
        yield (
            f"epoch {row.epoch} read {row.records_read} records, {accounted} are counted, faulty, duplicate or canary"
        )
    offsets = sum(row.end[partition] - row.start.get(partition, 0) for partition in row.end)
    if row.records_read != offsets - lost:
        yield f"epoch {row.epoch} read {row.records_read} records of {offsets} offsets, {lost} of them accepted as lost"
