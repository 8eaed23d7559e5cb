"""How a question of sql/audit becomes a statement with bound parameters."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from talentpulse.audit import subject
from talentpulse.audit.subject import Cut, Subject

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def asked(monkeypatch):
    """The statements that reach Trino, with their parameters."""
    statements = []

    class Nothing:
        rows = ()

    def query(_, statement, params):
        statements.append((statement, params))
        return Nothing

    monkeypatch.setattr(subject, "query", query)
    return statements


def test_names_become_parameters_in_order_and_marked_tables_the_snapshots_of_the_audit(asked):
    whole = Subject(None, None, Cut(9, NOW, "log", {}, NOW, NOW, 9, 11, 22, ""), {}, since=0, sample=1, seed=1)
    whole.ask("gold_hours", epoch=9, kafka_from=NOW, first_hour=NOW)
    ((statement, params),) = asked
    assert params == [9, NOW, NOW, NOW]
    assert statement.count("?") == 1 + len(params)  # the question in the header ends with one, too
    assert "lake.gold.skill_trends FOR VERSION AS OF 22\n" in statement
    assert "lake.bronze.counted\n" in statement


@pytest.mark.parametrize("question", sorted(path.stem for path in subject.QUESTIONS.glob("*.sql")))
def test_the_header_of_a_question_explains_every_parameter(question):
    text = (subject.QUESTIONS / f"{question}.sql").read_text()
    header = text.partition("-- parameters:")[2].partition("\nwith ")[0].partition("\nselect")[0]
    names = {name for name in subject.PARAMETER.findall(text) if not name.startswith("epoch_")}
    assert {name for name in names if name not in header} == set()


class Ledger:
    """A connection that answers from a list of (epoch, state)."""

    def __init__(self, *epochs):
        self.epochs = list(epochs)

    def execute(self, statement, parameters):
        committed = [epoch for epoch, state in self.epochs if state == "committed"]
        if "end_offsets" in statement:
            self.row = (committed[-1], NOW, "log", {"0": 5}) if committed else None
        elif "max(epoch)" in statement:
            self.row = (max((epoch for epoch, _ in self.epochs), default=None),)
        else:
            self.row = (NOW, NOW) if "kafka_at" in statement else (parameters[-1],)
        return self

    def fetchone(self):
        return self.row


class Table:
    """A table whose snapshots are numbered as the epochs."""

    def __init__(self, epochs):
        self.numbers = [epoch for epoch, _ in epochs]

    def current_snapshot(self):
        return SimpleNamespace(snapshot_id=self.numbers[-1]) if self.numbers else None

    def snapshot_by_id(self, number):
        return SimpleNamespace(snapshot_id=number) if number in self.numbers else None


@pytest.fixture
def looked_up(monkeypatch):
    """The cut of a ledger that goes on to `later` while the tables are looked up."""

    def look(ledger, *later):
        class Catalog:
            def load_table(self, _):
                ledger.epochs = [*later] or ledger.epochs
                return Table(ledger.epochs)

        monkeypatch.setattr(subject, "open_catalog", lambda _: Catalog())
        found = subject.find_subject(None, ledger, since=0, sample=1, seed=1)
        return found and found.cut

    return look


def test_before_the_first_committed_epoch_there_is_nothing_to_audit(looked_up):
    assert looked_up(Ledger()) is None
    assert looked_up(Ledger((1, "started"))) is None


def test_at_rest_gold_is_read_as_it_is_and_with_an_open_epoch_as_the_ledger_says(looked_up):
    at_rest = looked_up(Ledger((7, "committed"), (8, "committed")))
    assert (at_rest.epoch, at_rest.gold_snapshot, at_rest.greatest_epoch) == (8, 8, 8)
    busy = looked_up(Ledger((8, "committed"), (9, "started")))
    assert (busy.epoch, busy.bronze_snapshot, busy.gold_snapshot, busy.greatest_epoch) == (8, 9, 8, 9)


def test_an_epoch_that_is_committed_while_the_tables_are_looked_up_is_left_to_the_next_run(looked_up):
    cut = looked_up(Ledger((7, "committed")), (7, "committed"), (8, "committed"))
    assert (cut.epoch, cut.gold_snapshot, cut.greatest_epoch) == (7, 7, 8)


def test_a_snapshot_that_is_no_longer_kept_is_said_and_not_guessed(looked_up, monkeypatch):
    monkeypatch.setattr(Table, "snapshot_by_id", lambda *_: None)
    cut = looked_up(Ledger((8, "committed"), (9, "started")), (8, "committed"), (9, "started"))
    assert cut.gold_snapshot is None
    assert cut.gold_remark == "Gold's snapshot 8 of epoch 8 is no longer kept"
