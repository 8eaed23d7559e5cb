"""Soft skills measured: what counts as found and as right, on rows of our own making."""

import gzip
import json
from pathlib import Path

import pytest

from talentpulse.evaluation.measures import F1
from talentpulse.evaluation.soft_skills import SET_NAME, evaluate
from talentpulse.evaluation.spans import Span, text_and_spans


def _write(folder: Path, rows: list[tuple[str, str]]) -> None:
    lines = [json.dumps({"tokens": text.split(), "tags": tags}) for text, tags in rows]
    (folder / f"{SET_NAME}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))


def test_a_span_stands_where_its_tokens_stand_in_the_joined_text() -> None:
    text, spans = text_and_spans(["be", "a", "team", "player", "and", "calm"], "OOBIOB")
    assert [text[start:end] for start, end in spans] == ["team player", "calm"]


def test_two_spans_side_by_side_stay_two() -> None:
    text, spans = text_and_spans(["calm", "tactful"], "BB")
    assert [text[start:end] for start, end in spans] == ["calm", "tactful"]


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not Span(0, 4).overlaps(Span(4, 8))
    assert Span(0, 5).overlaps(Span(4, 8))


def test_a_mention_is_right_that_overlaps_the_marked_span_and_skills_of_other_kinds_are_no_mentions(
    tmp_path: Path,
) -> None:
    _write(
        tmp_path,
        [
            ("we want a team player with python", "OOOBIOO"),  # found
            ("punctual people who are tactful", "BOOOO"),  # found, and one more that is not marked
            ("some blargness is needed", "OBOO"),  # missed
        ],
    )
    (evaluation,) = evaluate(tmp_path)
    (f1,) = evaluation.measures
    assert isinstance(f1, F1)
    assert (f1.precision.right, f1.precision.of) == (2, 3)
    assert (f1.recall.right, f1.recall.of) == (2, 3)
    assert evaluation.rows == 3
    assert [line for line in evaluation.failures if "'blargness'" in line] == evaluation.failures


def test_a_set_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        evaluate(tmp_path)
