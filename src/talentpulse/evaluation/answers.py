"""What share of real postings each field answers for: no label, no promise, but the other half of quality."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from talentpulse.domain.details import read_details
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.sources.files import payloads

MOST_POSTINGS = 1_000  # of one set: enough for a share, and every set ends within seconds


class Answers(NamedTuple):
    """How many of the `postings` of one set each field answered for."""

    set_name: str
    postings: int
    answered: dict[str, int]


def evaluate(data: Path) -> list[Answers]:
    """One element a set of real postings (`postings_*.jsonl.gz`) in the folder."""
    return [_answers(file) for file in sorted(data.glob("postings_*.jsonl.gz"))]


def _answers(file: Path) -> Answers:
    answered: Counter[str] = Counter()
    number = 0
    for number, payload in enumerate(payloads(file), 1):
        answered.update(name for name, is_answered in _is_answered(payload).items() if is_answered)
        if number == MOST_POSTINGS:
            break
    return Answers(file.name.removesuffix(".jsonl.gz"), number, dict(answered))


def _is_answered(payload: dict[str, Any]) -> dict[str, bool]:
    details = read_details(payload)
    kinds = {_kinds()[mention.skill] for mention in details.mentions}
    return {
        "a skill": bool(kinds - {"soft skill"}),
        "a soft skill": "soft skill" in kinds,
        "place": details.places[0].region != "unknown",
        "pay": details.pay is not None,
        "level": details.level.level != "unknown",
        "work mode": details.work_mode.mode != "unknown",
        "title": bool(details.title.core),
        "employer": details.employer is not None,
        "language": details.text.language is not None,
    }


@cache
def _kinds() -> dict[str, str]:
    return {skill.name: skill.kind for skill in taxonomy().skills}
