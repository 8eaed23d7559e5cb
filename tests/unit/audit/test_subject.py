"""How a question of sql/audit becomes a statement with bound parameters."""

from datetime import UTC, datetime

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
