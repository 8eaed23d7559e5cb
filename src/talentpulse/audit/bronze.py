"""Bronze against the ledger and against what the broker still holds: each record once, and all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing

from talentpulse.audit.subject import BRONZE, EXAMPLES, Seen, Subject
from talentpulse.lakehouse.ledger import STREAM
from talentpulse.lakehouse.topics import LogObserver

SHOWN_RANGES = 5
PLACES_SHOWN = 3  # epoch and partition with something wrong: of so many the offsets are fetched
Range = tuple[int, int]
"""First offset and the one after the last."""


def check_positions(subject: Subject) -> Seen:
    """Bronze has each offset of each committed epoch's range once, and none besides; accepted gaps are left out."""
    cut = subject.cut
    wrong = subject.ask("positions", since=subject.since, epoch=cut.epoch, greatest_epoch=cut.greatest_epoch)
    read = subject.connection.execute(
        "SELECT coalesce(sum(records_read), 0) FROM ops.epochs WHERE stream = %s AND state = 'committed'"
        " AND kind = 'stream' AND epoch > %s AND epoch <= %s",
        (STREAM, subject.since, cut.epoch),
    ).fetchone()
    examples = []
    for number, (epoch, topic_id, partition, start, end, records, _) in enumerate(wrong):
        place = f"epoch {epoch}, partition {partition}"
        if start is None:
            examples.append(f"{place}: {records} records in Bronze of an epoch that the ledger has not got")
        elif number < PLACES_SHOWN:
            asked = subject.ask("positions_of_epoch", epoch=epoch, topic_id=topic_id, partition=partition)
            lost = _lost(subject, topic_id, partition, (start, end))
            said = describe_offsets((offset for (offset,) in asked), (start, end), lost)
            examples.append(f"{place} ({start} to {end - 1}): {said}")
        else:
            examples.append(f"{place} ({start} to {end - 1}): {records} records in Bronze")
    findings = wrong[0][-1] if wrong else 0
    return Seen(int(read[0]) if read else 0, findings, tuple(examples[:EXAMPLES]))


def describe_offsets(offsets: Iterable[int], expected: Range, lost: Iterable[Range]) -> str:
    """What is wrong with the offsets found for one epoch and partition, the first few ranges in words."""
    found = Counter(offsets)
    wanted = set(range(*expected)).difference(*(range(*accepted) for accepted in lost))
    said = {
        "missing": wanted - found.keys(),
        "twice or more": {offset for offset, times in found.items() if times > 1},
        "not of its range": found.keys() - set(range(*expected)),
        "accepted as lost, but there": (found.keys() & set(range(*expected))) - wanted,
    }
    return "; ".join(f"{what}: {describe_ranges(which)}" for what, which in said.items() if which)


def describe_ranges(offsets: Iterable[int]) -> str:
    """Offsets as ranges, such as `3, 7 to 9`; no more than the first five."""
    ranges: list[list[int]] = []
    for offset in sorted(offsets):
        if ranges and ranges[-1][1] == offset - 1:
            ranges[-1][1] = offset
        else:
            ranges.append([offset, offset])
    shown = [str(first) if first == last else f"{first} to {last}" for first, last in ranges[:SHOWN_RANGES]]
    more = len(ranges) - len(shown)
    return ", ".join(shown) + (f" and {more} more ranges" if more else "")


def _lost(subject: Subject, topic_id: str, partition: int, within: Range) -> list[Range]:
    """Accepted gaps of a partition, cut to a range."""
    rows = subject.connection.execute(
        "SELECT greatest(first_offset, %(first)s), least(end_offset, %(end)s) FROM ops.gaps WHERE topic_id = %(topic_id)s"
        " AND partition = %(partition)s AND first_offset < %(end)s AND end_offset > %(first)s",
        {"topic_id": topic_id, "partition": partition, "first": within[0], "end": within[1]},
    )
    return [(first, end) for first, end in rows.fetchall()]


def check_counts(subject: Subject) -> Seen:
    """Read, faulty, duplicate and canary records of each epoch are as many in Bronze as the ledger says."""
    return subject.tally("counts", since=subject.since, epoch=subject.cut.epoch)


def check_broker(subject: Subject) -> Seen:
    """What the broker still holds below the cut's end is in Bronze, as many records per partition."""
    cut = subject.cut
    with closing(LogObserver(subject.settings)) as observer:
        held = observer.ends()
    if held.topic_id != cut.topic_id:
        return Seen.nothing(f"the broker's topic has id {held.topic_id}, epoch {cut.epoch} is of {cut.topic_id}")
    begin = _ends_before(subject)
    ranges = {p: (max(held.starts.get(p, 0), begin.get(p, 0)), end) for p, end in cut.ends.items()}
    ranges = {p: (first, end) for p, (first, end) in sorted(ranges.items()) if first < end}
    problems = [
        f"partition {p}: the ledger ends at {end}, the broker at {held.ends.get(p, 0)}"
        for p, end in cut.ends.items()
        if held.ends.get(p, 0) < end
    ]
    if not ranges:
        return Seen.of(0, problems)
    firsts, ends = zip(*ranges.values(), strict=True)
    rows = subject.ask(
        "broker", partitions=list(ranges), first_offsets=list(firsts), end_offsets=list(ends), topic_id=cut.topic_id,
        epoch=cut.epoch,
    )  # fmt: skip
    for partition, first, end, records in rows:
        lost = sum(behind - begins for begins, behind in _lost(subject, cut.topic_id, partition, (first, end)))
        if records != end - first - lost:
            problems.append(
                f"partition {partition}, offsets {first} to {end - 1}: {end - first - lost} records on the broker,"
                f" {records} in {BRONZE}"
            )
    return Seen.of(sum(end - first for first, end in ranges.values()), problems)


def _ends_before(subject: Subject) -> dict[int, int]:
    """Where the epochs that are looked at begin, per partition of the cut's log."""
    row = subject.connection.execute(
        "SELECT end_offsets FROM ops.epochs WHERE stream = %s AND topic_id = %s AND epoch = %s",
        (STREAM, subject.cut.topic_id, subject.since),
    ).fetchone()
    return {int(partition): end for partition, end in row[0].items()} if row else {}
