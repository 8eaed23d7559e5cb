"""Levels of LinkedIn postings of 2019: what the reader says against the seniority that the poster chose.

The label is noisy. The form offers "Associate" and "Entry level" first and "Not Applicable" to whoever does not care, so these
three say nothing about a director or an intern; and posters choose "Director" for a senior analyst. Judged is therefore
what the reader answers: of the rows it reads as director or intern and whose label is a statement (Director, Executive,
Mid-Senior level, Internship), the share whose label agrees: Director or Executive for a director (heads of departments
get either), Internship for an intern. That is the promise. What disagrees are titles that say "Director", labelled as
Mid-Senior level. Without a promise: how many of the rows labelled Director or Internship are read so (the rest
mostly have other titles), and how often any level is read.
"""

from __future__ import annotations

from pathlib import Path

from talentpulse.domain.levels import read_level
from talentpulse.evaluation.measures import F1, Evaluation, Share
from talentpulse.evaluation.sets import json_lines

SET = "postings_linkedin_us_2019"
_REACH = 0.85
_AGREES = {"director": frozenset(("Director", "Executive")), "intern": frozenset(("Internship",))}
_NO_STATEMENT = frozenset(("Associate", "Entry level", "Not Applicable", None))


def evaluate(data: Path) -> list[Evaluation]:
    """Precision of director and intern; how often they and any level are read.

    Raises:
        FileNotFoundError: the set is not there.
    """
    rows = json_lines(data / f"{SET}.jsonl.gz")
    read = [(row, read_level(row["title"], row["description"])) for row in rows]
    judged = [(row, found) for row, found in read if found.level in _AGREES and row["seniority"] not in _NO_STATEMENT]
    right = [row["seniority"] in _AGREES[found.level] for row, found in judged]
    labelled = [found for row, found in read if row["seniority"] in ("Director", "Internship")]
    measures: list[Share | F1] = [
        Share("director and intern: precision where the label is a statement", sum(right), len(right), _REACH),
        Share(
            "labelled Director or Internship: read so", sum(found.level in _AGREES for found in labelled), len(labelled)
        ),
        Share("any level read", sum(found.level != "unknown" for _, found in read), len(read)),
    ]
    failures = [
        f"expected {row['seniority']}, found {found.level} ({found.evidence}): {row['title']}"
        for row, found in judged
        if row["seniority"] not in _AGREES[found.level]
    ]
    return [Evaluation("level", SET, len(rows), measures, failures)]
