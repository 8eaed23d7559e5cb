"""The evaluation of work modes: what a header's own pieces say."""

import gzip
import json
from pathlib import Path

import pytest

from talentpulse.evaluation.work_modes import SET, evaluate, label


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Loaf Ltd | Baker | Riga | REMOTE | Full-time", "remote"),
        ("Loaf Ltd | Baker | Riga | REMOTE (EU only)", "remote"),
        ("Loaf Ltd | Baker | Riga | Full-time, On-site", "onsite"),
        ("Loaf Ltd | Baker | Riga | ONSITE, REMOTE", "both"),
        ("Loaf Ltd | Baker | Riga (no remote)", "negated"),
        ("Loaf Ltd | Baker | Riga | ONSITE | Not remote", "negated"),
        ("Loaf Ltd | Baker | ONSITE | some remote days", None),
        ("Loaf Ltd | Remote sensing | Riga", None),
        ("Loaf Ltd | Baker | Riga", None),
    ],
)
def test_a_label_comes_from_pieces_of_their_own(header: str, kind: str | None) -> None:
    found = label(header)
    assert (found and found.kind) == kind


def test_headers_are_judged_by_kind(tmp_path: Path) -> None:
    posts = ["Loaf Ltd | Baker | REMOTE\nWe bake.", "Loaf Ltd | Baker | ONSITE\nWe bake.", "Loaf Ltd | Baker\nWe bake."]
    with gzip.open(tmp_path / f"{SET}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": post}) + "\n" for post in posts)
    as_location, as_text = evaluate(tmp_path)
    for evaluation in (as_location, as_text):
        assert evaluation.rows == 2
        assert (evaluation.measures[0].right, evaluation.measures[0].of) == (2, 2)
        assert evaluation.failures == []
