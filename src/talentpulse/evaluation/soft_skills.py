"""Soft skills against the phrases that people marked in English ads (the test part of Sayfullina et al. 2018)."""

from __future__ import annotations

from pathlib import Path

from talentpulse.domain.skills import SkillMatcher, skill_matcher
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.evaluation.measures import F1, Evaluation, Share
from talentpulse.evaluation.sets import json_lines
from talentpulse.evaluation.spans import Span, text_and_spans

SET_NAME = "eval_sayfullina_softskill_test"
KIND = "soft skill"
REACH = 0.40  # F1; a first short list of forms gave .05


def evaluate(data: Path) -> list[Evaluation]:
    """One evaluation: mentions of soft skills against the marked span of each row.

    A row's text is its tokens joined by blanks. Predicted is every mention whose skill is of the kind "soft
    skill"; it is right if it overlaps a marked span, and a span is found if a mention overlaps it. The set marks
    one phrase a row: other soft skills of the row are unmarked and count as wrong, so that the precision is a
    lower bound; and it marks its phrases wherever they stand ("a dynamic market leader", "an independent
    school"), also where nothing is asked of anybody, so that the recall is one too.

    Raises:
        FileNotFoundError: the set is not there.
    """
    rows = json_lines(data / f"{SET_NAME}.jsonl.gz")
    matcher = skill_matcher()
    kinds = {skill.name: skill.kind for skill in taxonomy().skills}
    right = predicted = found = marked = 0
    failures = []
    for row in rows:
        text, spans = text_and_spans(row["tokens"], row["tags"])
        mentions = soft_skills(matcher, kinds, text)
        hits = [mention for mention in mentions if mention.overlaps_any(spans)]
        missed = [span for span in spans if not span.overlaps_any(mentions)]
        right, predicted = right + len(hits), predicted + len(mentions)
        found, marked = found + len(spans) - len(missed), marked + len(spans)
        failures += [
            f"expected {text[start:end]!r}, found {[text[m.start : m.end] for m in mentions]}: {text}"
            for start, end in missed
        ]
    precision, recall = Share("precision", right, predicted), Share("recall", found, marked)
    return [Evaluation("soft skills", SET_NAME, len(rows), [F1("F1", precision, recall, REACH)], failures)]


def soft_skills(matcher: SkillMatcher, kinds: dict[str, str], text: str) -> list[Span]:
    """Where a text names a soft skill; `kinds` by the name of the skill."""
    return [Span(found.start, found.end) for found in matcher.find(text) if kinds[found.skill] == KIND]
