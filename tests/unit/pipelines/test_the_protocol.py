"""The exactly-once protocol under thousands of schedules of crashes, lost replies, zombies and maintenance, in memory.

A state machine drives the model in `protocol_model.py` and checks the promises of docs/architecture.md after every step.
Variants with one rule of the protocol broken follow: each must be found wrong, or the machine would prove nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from talentpulse.domain.duplicates import HOURS_BEFORE, DuplicateIndex
from tests.unit.pipelines.protocol_model import (
    Account,
    Body,
    Driver,
    Epoch,
    Offsets,
    ProcessEnds,
    Record,
    Row,
    Steps,
    StoppedLoudly,
    World,
    arrays,
    group_by,
    planned_end,
    remember,
)

PARTITIONS = 3
# few events and hours, so that most records meet an earlier delivery or a cell that is there
# and drawn as one choice a record, because drawing is what most of the time goes into
DELIVERIES = st.lists(
    st.sampled_from(
        list(product(range(PARTITIONS), (None, 1, 2, 3, 4, 5, 6), (0, 1, 2), ("python", "sql"), (0, 0, 1)))
    ),
    min_size=1,
    max_size=6,
)
# around the edge of the duplicates' window
HOURS = st.sampled_from([0, 0, 1, HOURS_BEFORE, HOURS_BEFORE + 1])


class Protocol(RuleBasedStateMachine):
    """Everything that may happen to the stream, in any order."""

    def __init__(self, driver: type[Driver] = Driver) -> None:
        super().__init__()
        self.driver_type = driver
        self.world = World()
        self.process: Driver | None = None
        self.steps: Steps = iter(())
        self.zombies: list[Steps] = []
        self.old_checkpoint: Offsets | None = None
        self.log_was_lost = False
        self.highest_end: Offsets = {}

    # --- the world outside

    @initialize(partitions=st.integers(1, 2))
    def create_topic(self, partitions: int) -> None:
        for _ in range(partitions):
            self.world.add_partition()

    @rule(hours=HOURS, deliveries=DELIVERIES)
    def produce(self, hours: int, deliveries: list[tuple[int, int | None, int, str, int]]) -> None:
        self.world.clock += hours
        for partition, event_id, hour, skill, clock_back in deliveries:
            # a producer may stamp a repeated delivery anew: the first one counts
            body = Body(event_id, 489_990 + hour, skill)
            self.world.produce(partition % len(self.world.history), body, clock_back)

    @precondition(lambda self: len(self.world.history) < PARTITIONS)
    @rule()
    def add_partition(self) -> None:
        self.world.add_partition()

    @precondition(lambda self: len(self.world.bronze_marks) > 1)
    @rule()
    def expire_snapshots(self) -> None:
        self.world.expire_snapshots()

    @precondition(lambda self: self.world.ledger)  # before the first epoch there is nothing to miss
    @rule(unread_too=st.sampled_from([None, None, *range(PARTITIONS)]))
    def delete_old_records(self, unread_too: int | None) -> None:
        unread = {p: end for p, end in self.world.log_end.items() if p == unread_too}
        self.world.delete_log(self.world.committed_end | unread)

    # --- the process

    @rule(batch_size=st.integers(1, 6), has_old_checkpoint=st.sampled_from([False, False, True]))
    def start(self, batch_size: int, has_old_checkpoint: bool) -> None:
        """After a crash or in the place of one: what the former process had in memory is gone."""
        checkpoint = self.old_checkpoint if has_old_checkpoint else None
        self.process = self.driver_type(self.world, batch_size, checkpoint)
        self.steps = self.process.run()

    @precondition(lambda self: self.process is not None)
    @rule(steps=st.integers(1, 12))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            if not self._step():
                break

    @precondition(lambda self: self.process is not None)
    @rule()
    def crash(self) -> None:
        self.process = None

    @precondition(lambda self: self.process is not None)
    @rule(fate=st.sampled_from(["lost", "never applied"]), steps=st.integers(1, 6))
    def lose_a_reply(self, fate: str, steps: int) -> None:
        self.world.next_reply = fate
        self.go_on(steps)

    @precondition(lambda self: self.process is not None)
    @rule()
    def become_a_zombie(self) -> None:
        """The process sleeps, its session in PostgreSQL dies, and with it the lock that keeps others away."""
        assert self.process is not None
        self.process.has_ledger = False
        self.zombies.append(self.steps)
        self.process = None

    @precondition(lambda self: self.zombies)
    @rule(steps=st.integers(1, 4))
    def a_zombie_wakes(self, steps: int) -> None:
        zombie = self.zombies.pop(0)
        for _ in range(steps):
            try:
                next(zombie)
            except ProcessEnds:
                return
        self.zombies.append(zombie)

    @precondition(lambda self: self.world.checkpoint != self.old_checkpoint)
    @rule()
    def copy_the_checkpoint(self) -> None:
        self.old_checkpoint = self.world.checkpoint

    def _step(self) -> bool:
        """One step of the living process; False if it ended."""
        try:
            return next(self.steps) != "idle"
        except StoppedLoudly:
            self.process = None
            assert self._something_is_lost(), "I6: the stream stopped for good although nothing is lost"
        except ProcessEnds:
            self.process = None
        return False

    def _something_is_lost(self) -> bool:
        """Retention has deleted what the stream has not read. The open epoch is read once Bronze has it."""
        world = self.world
        read = dict.fromkeys(world.history, 0) if world.ledger else world.log_start
        read = {**read, **world.committed_end}
        return any(start > read.get(p, 0) for p, start in world.log_start.items())

    # --- replays

    @precondition(lambda self: self.world.bronze)
    @rule(batch_size=st.integers(1, 6), from_log=st.booleans())
    def replay(self, batch_size: int, from_log: bool) -> None:
        """Another reading of all that is committed, in other batches, decides the same."""
        rows = {(row.record.partition, row.record.offset): row for row in self._committed_rows()}
        source = {p: [row.record for (q, _), row in sorted(rows.items()) if q == p] for p in self.world.history}
        if from_log:
            if any(self.world.log_start.values()):
                return  # retention has been there: Bronze is what is left to replay from
            source = {p: self.world.history[p][:end] for p, end in self.world.committed_end.items()}
        for record, is_duplicate in _read_in_batches(source, batch_size):
            held = rows[record.partition, record.offset]
            assert held.record == record, f"I1: Bronze has {held.record}, the log had {record}"
            assert held.is_duplicate == is_duplicate, f"a replay decides otherwise about {held}"

    # --- promises

    def bronze_is_exact(self) -> None:
        """I1: every committed position once; beyond them the open epoch, all of it or nothing; bodies as produced."""
        held = Counter((row.record.partition, row.record.offset) for row in self.world.bronze)
        expected = {(p, o) for p, end in self.world.committed_end.items() for o in range(end)}
        if (epoch := self.world.open_epoch) and any(row.epoch == epoch.number for row in self.world.bronze):
            expected |= {(p, o) for p, end in epoch.end.items() for o in range(epoch.start[p], end)}
        assert held == Counter(expected), f"I1: Bronze against the log: {dict(held)}, expected {sorted(expected)}"
        for row in self.world.bronze:
            produced = self.world.history[row.record.partition][row.record.offset]
            assert row.record == produced, f"I1: Bronze has {row.record}, the log had {produced}"

    def duplicates_are_those_of_the_rule(self) -> None:
        """A delivery is a duplicate by Kafka's order alone: no epoch, batch or crash enters."""
        for row in self.world.bronze:
            is_duplicate = self.world.truly_duplicate[row.record.partition, row.record.offset]
            assert row.is_duplicate == is_duplicate, f"duplicates: {row} should have {is_duplicate}"

    def gold_is_a_function_of_bronze(self) -> None:
        """I2: Gold is the GROUP BY of the committed rows, with or without the open epoch, if that can be read again."""
        committed = group_by(self._committed_rows())
        gold = Counter({cell: n for cell, (n, _) in self.world.gold.items()})
        explanations = [committed]
        if (epoch := self.world.open_epoch) is not None:
            explanations.append(committed + group_by(self._rows_or_records(epoch)))
        assert gold in explanations, f"I2: Gold counts {dict(gold)}, explained would be {explanations}"

    def everything_is_accounted_for(self) -> None:
        """I3: read = counted + faulty + duplicate, as Bronze has it."""
        rows: dict[int, list[Row]] = defaultdict(list)
        for row in self.world.bronze:
            rows[row.epoch].append(row)
        for epoch in self.world.ledger:
            if (account := epoch.account) is not None:
                assert account == Account.of(rows[epoch.number]), f"I3: epoch {epoch.number}: {account}"
                assert account.read == account.counted + account.faulty + account.duplicate

    def progress_never_goes_back(self) -> None:
        """I5: the ledger's ends only grow, one epoch at a time is open."""
        end = self.world.committed_end
        assert all(end.get(p, -1) >= offset for p, offset in self.highest_end.items()), "I5: the ledger's end went back"
        self.highest_end = end
        assert all(epoch.is_committed for epoch in self.world.ledger[:-1]), "I5: an epoch was left open"

    def teardown(self) -> None:
        """The faults end: the stream recovers by itself and reads to the log's end, unless the log has lost records."""
        self.world.next_reply = None
        while self.zombies:
            self.a_zombie_wakes(12)
            self.zombies = self.zombies[1:]
        for _ in range(3):  # a living process may end once more, of a fault before; two more starts are enough
            if self.process is None:
                self.start(4, False)
            while self._step():
                self.promises_are_kept()
            self.promises_are_kept()
            if self.process is not None:
                break
        if not self._something_is_lost():
            read = {p: self.world.committed_end.get(p, 0) for p in self.world.history}
            assert read == self.world.log_end, "I6: the stream does not get to the log's end"

    @invariant()
    def promises_are_kept(self) -> None:
        self.bronze_is_exact()
        self.duplicates_are_those_of_the_rule()
        self.gold_is_a_function_of_bronze()
        self.everything_is_accounted_for()
        self.progress_never_goes_back()

    def _committed_rows(self) -> list[Row]:
        committed = {epoch.number for epoch in self.world.ledger if epoch.is_committed}
        return [row for row in self.world.bronze if row.epoch in committed]

    def _rows_or_records(self, epoch: Epoch) -> list[Row]:
        """An open epoch's rows, or what they will be as long as the log has its records."""
        if rows := [row for row in self.world.bronze if row.epoch == epoch.number]:
            return rows
        try:
            records = self.world.read(epoch.start, epoch.end)
        except StoppedLoudly:
            return []
        return [Row(r, epoch.number, self.world.truly_duplicate[r.partition, r.offset]) for r in records]


def _read_in_batches(source: dict[int, list[Record]], batch_size: int) -> list[tuple[Record, bool]]:
    """Each record with the index's decision, in batches cut as Spark cuts them."""
    index = DuplicateIndex()
    position, end = dict.fromkeys(source, 0), {p: len(records) for p, records in source.items()}
    read: list[tuple[Record, bool]] = []
    while position != end:
        upto = planned_end(position, end, batch_size)
        batch = [record for p in source for record in source[p][position[p] : upto[p]]]
        read += zip(batch, index.mark(*arrays(batch)).tolist(), strict=True)
        remember(index, batch)
        position = upto
    return read


QUIET = settings(
    deadline=None,
    derandomize=True,
    database=None,
    stateful_step_count=50,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


def test_every_schedule_of_faults_keeps_the_promises():
    run_state_machine_as_test(Protocol, settings=settings(QUIET, max_examples=200))


# --- variants of the protocol with one rule broken


class MergeHasNoGuard(Driver):
    """`n = t.n + s.n`, whatever the cell has applied."""

    def may_add(self, applied_epoch: int, epoch: Epoch) -> bool:
        return True


class RecoveryIgnoresBronze(Driver):
    """The open epoch is read from Kafka although Bronze has it."""

    def bronze_has(self, epoch: Epoch) -> bool:
        return False


class RecoveryAsksSnapshots(Driver):
    """Which epochs Bronze has is looked up in the summaries of its snapshots, which expire."""

    def bronze_has(self, epoch: Epoch) -> bool:
        return epoch.number in self.world.bronze_marks


class RecoveryReadsToTheEnd(Driver):
    """The open epoch is read from its start to wherever the log ends now."""

    def read_again(self, epoch: Epoch) -> list[Record]:
        return self.world.read({**dict.fromkeys(self.world.history, 0), **epoch.start}, self.world.log_end)


class RecoveryForgetsGold(Driver):
    """What Bronze has is taken for done: "skip what is below the greatest offset in the table"."""

    def finish_open(self, epoch: Epoch) -> Steps:
        if self.bronze_has(epoch):
            self.commit([row for row in self.world.bronze if row.epoch == epoch.number], epoch)
            yield "committed"
        else:
            yield from super().finish_open(epoch)


class RecoveryDecidesAgain(Driver):
    """Bronze's marks are not believed: the index, with the open epoch's own rows in it, is asked again."""

    def known_rows(self) -> list[Row]:
        return self.world.bronze

    def count_and_commit(self, rows: list[Row], epoch: Epoch) -> Steps:
        return super().count_and_commit(self.mark([row.record for row in rows], epoch), epoch)


class CheckpointDecides(Driver):
    """The stream goes on where its checkpoint says, and nobody compares that with the ledger."""

    ledger_is_guarded = False

    def check_contiguous(self, start: Offsets) -> None:
        pass


class GoldBeforeBronze(Driver):
    """The two writes in the other order: that heals as long as Kafka has the range, and no longer."""

    def process(self, records: list[Record], epoch: Epoch) -> Steps:
        rows = self.mark(records, epoch)
        yield "before Gold"
        self.merge(group_by(rows), epoch)
        yield "after Gold"
        self.append(rows)
        yield "after Bronze"
        yield from self.count_and_commit(rows, epoch)


class NoFence(Driver):
    """Commits state no fencing number."""

    fence_is_stated = False


class WritesAreRetried(Driver):
    """An append without a reply is made again in the same process."""

    def append(self, rows: list[Row]) -> None:
        try:
            super().append(rows)
        except ProcessEnds:
            super().append(rows)


class IndexOutlivesTheProcess(Driver):
    """The keys are kept on disk as soon as they are seen, before the ledger has them, and not built again."""

    def rebuild_index(self) -> None:
        self.index = self.world.index_on_disk

    def append(self, rows: list[Row]) -> None:
        self.remember(rows)
        super().append(rows)


class IndexForgetsByTheNewest(Driver):
    """What is 25 hours older than the newest record of an epoch is forgotten, though a partition may lag behind it."""

    def remember(self, rows: list[Row]) -> None:
        super().remember(rows)
        self.index.forget_before(max(row.record.kafka_hour for row in rows) - self.hours_remembered)


class IndexBeginsBeforeTheNewest(Driver):
    """With an epoch open, the index is built from the 24 hours before Bronze's newest record, though a partition may lag."""

    def oldest_to_come(self) -> int | None:
        if self.world.open_epoch is None:
            return super().oldest_to_come()
        return max((row.record.kafka_hour for row in self.known_rows()), default=None)


class IndexIsBuiltWithoutMargin(Driver):
    """A start builds 24 hours where a running process keeps 25: a broker's clock that goes back finds nothing."""

    def rebuild_index(self) -> None:
        super().rebuild_index()
        if (oldest := self.oldest_to_come()) is not None:
            self.index.forget_before(oldest - HOURS_BEFORE)


class NewPartitionBeginsAnywhere(Driver):
    """A partition that the ledger does not know is read from its oldest record, be that its first or not."""

    def check_nothing_is_lost(self, committed: Offsets) -> None:
        super().check_nothing_is_lost({**self.world.log_start, **committed})


BROKEN = [
    (MergeHasNoGuard, "I2"),
    (RecoveryIgnoresBronze, "I1"),
    (RecoveryAsksSnapshots, "I1"),
    (RecoveryReadsToTheEnd, "I1"),
    (RecoveryForgetsGold, "I2"),
    (RecoveryDecidesAgain, "I2|I3"),
    (CheckpointDecides, "I1|I5"),
    (GoldBeforeBronze, "I2"),
    (WritesAreRetried, "I1"),
    (IndexOutlivesTheProcess, "duplicates"),
    (IndexForgetsByTheNewest, "duplicates|a replay"),
]


@pytest.mark.parametrize(("driver", "promise"), [pytest.param(*case, id=case[0].__name__) for case in BROKEN])
def test_a_protocol_with_one_rule_broken_breaks_a_promise(driver, promise):
    # without shrinking: that it is found is enough here
    search = settings(QUIET, max_examples=1_500, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=promise):
        run_state_machine_as_test(lambda: Protocol(driver), settings=search)


def _a_zombie_comes_back_before_its_append(machine: Protocol) -> None:
    machine.create_topic(partitions=1)
    machine.produce(hours=0, deliveries=[(0, 1, 0, "sql", 0)])
    machine.start(batch_size=4, has_old_checkpoint=False)
    machine.go_on(steps=4)
    machine.become_a_zombie()
    machine.start(batch_size=4, has_old_checkpoint=False)
    machine.go_on(steps=12)
    machine.a_zombie_wakes(steps=1)


def _the_clock_goes_back_over_the_hour_of_a_restart(machine: Protocol) -> None:
    machine.create_topic(partitions=1)
    machine.start(batch_size=4, has_old_checkpoint=False)
    machine.produce(hours=0, deliveries=[(0, 1, 0, "sql", 0)])
    machine.go_on(steps=12)
    machine.produce(hours=HOURS_BEFORE + 1, deliveries=[(0, 2, 0, "sql", 0)])
    machine.go_on(steps=12)
    machine.start(batch_size=4, has_old_checkpoint=False)
    machine.produce(hours=0, deliveries=[(0, 1, 0, "sql", 1)])
    machine.go_on(steps=12)


def _an_epoch_of_a_lagging_partition_is_left_open(machine: Protocol) -> None:
    machine.create_topic(partitions=2)
    machine.produce(hours=0, deliveries=[(1, 1, 0, "sql", 0), (1, 1, 0, "sql", 0)])
    machine.produce(hours=2 * HOURS_BEFORE, deliveries=[(0, 2, 0, "sql", 0)])
    machine.start(batch_size=2, has_old_checkpoint=False)
    machine.go_on(steps=9)  # one epoch with a record of each partition, and a second one that is only written down
    machine.start(batch_size=2, has_old_checkpoint=False)
    machine.go_on(steps=12)


def _a_new_partition_loses_its_beginning_while_the_stream_is_down(machine: Protocol) -> None:
    machine.create_topic(partitions=1)
    machine.produce(hours=0, deliveries=[(0, 1, 0, "sql", 0)])
    machine.start(batch_size=4, has_old_checkpoint=False)
    machine.go_on(steps=12)
    machine.crash()
    machine.add_partition()
    machine.produce(hours=0, deliveries=[(1, 2, 0, "sql", 0)])
    machine.delete_old_records(unread_too=1)
    machine.produce(hours=0, deliveries=[(1, 3, 0, "sql", 0)])
    machine.start(batch_size=4, has_old_checkpoint=False)
    machine.go_on(steps=12)


# rare enough that a search takes from half a minute to minutes to come by
RARE = [
    (NoFence, "I1", _a_zombie_comes_back_before_its_append),
    (IndexBeginsBeforeTheNewest, "duplicates", _an_epoch_of_a_lagging_partition_is_left_open),
    (IndexIsBuiltWithoutMargin, "duplicates", _the_clock_goes_back_over_the_hour_of_a_restart),
    (NewPartitionBeginsAnywhere, "I1", _a_new_partition_loses_its_beginning_while_the_stream_is_down),
]


@pytest.mark.parametrize(("driver", "promise", "schedule"), [pytest.param(*case, id=case[0].__name__) for case in RARE])
def test_a_rare_schedule_tells_the_protocol_from_one_with_a_rule_broken(driver, promise, schedule):
    sound, broken = Protocol(), Protocol(driver)
    schedule(sound)
    sound.promises_are_kept()
    sound.teardown()
    schedule(broken)
    with pytest.raises(AssertionError, match=promise):
        broken.promises_are_kept()


class IndexBeforeLedger(Driver):
    """The keys are remembered before the ledger's commit."""

    def commit(self, rows: list[Row], epoch: Epoch) -> None:
        self.remember(rows)
        super().commit(rows, epoch)


def test_the_index_may_run_ahead_of_the_ledger_because_it_dies_with_its_process():
    run_state_machine_as_test(lambda: Protocol(IndexBeforeLedger), settings=settings(QUIET, max_examples=25))
