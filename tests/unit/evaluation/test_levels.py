"""The evaluation of levels: which rows are judged, and what counts as agreement."""

import gzip
import json
from pathlib import Path

from talentpulse.evaluation.levels import SET, evaluate

ROWS = [
    ("Director of Baking", "Director"),
    ("Head of Ovens", "Executive"),
    ("Director, Flour", "Mid-Senior level"),
    ("Director, Yeast", "Associate"),
    ("Bakery Intern", "Internship"),
    ("Baker", "Director"),
]


def test_labels_that_say_nothing_are_not_judged(tmp_path: Path) -> None:
    with gzip.open(tmp_path / f"{SET}.jsonl.gz", "wt", encoding="utf-8") as lines:
        for title, seniority in ROWS:
            lines.write(json.dumps({"title": title, "seniority": seniority, "description": ""}) + "\n")
    (evaluation,) = evaluate(tmp_path)
    precision, recall, answered = evaluation.measures[:3]
    assert (precision.right, precision.of) == (3, 4)
    assert (recall.right, recall.of) == (2, 3)
    assert (answered.right, answered.of) == (5, 6)
    assert evaluation.failures == ["expected Mid-Senior level, found director (Director): Director, Flour"]
