"""How well technical skills are read: of whole advertisements, and of single sentences with marked spans."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from talentpulse.domain.skills import skill_matcher
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.evaluation.measures import Evaluation, Share
from talentpulse.evaluation.sets import json_lines
from talentpulse.evaluation.spans import Span, text_and_spans

_MOST_FREQUENT = 60


def evaluate(data: Path) -> list[Evaluation]:
    """The skills of `eval_techradar_skills40` and the knowledge spans of `eval_skillspan_dev_test`.

    Raises:
        FileNotFoundError: a set is not there.
    """
    advertisements = json_lines(data / "eval_techradar_skills40.jsonl.gz")
    sentences = json_lines(data / "eval_skillspan_dev_test.jsonl.gz")
    return [
        evaluate_advertisements(advertisements),
        evaluate_spans(sentences, "tech", precision=0.62, recall=0.48),
        evaluate_spans(sentences, "house"),
    ]


def evaluate_advertisements(rows: list[dict[str, Any]]) -> Evaluation:
    """Skills of an advertisement (`title` and `text`) against those that it is labelled with (`expected`).

    A case is an advertisement and a skill. The set's vocabulary is closed: its labels are of a short list, and what
    is not on that list is not labelled though the text asks for it. So only the skills that occur as a label
    anywhere in the set are judged. A label means the skill of which it is the name or an alias, whatever its case;
    one that no skill has is missed.
    """
    by_form = {form.lower(): skill.name for skill in taxonomy().skills for form in skill.forms}
    expected = [{by_form.get(label.lower(), label) for label in row["expected"]} for row in rows]
    vocabulary = frozenset().union(*expected)
    predicted = [vocabulary & set(skill_matcher().skills(f"{row['title']}\n{row['text']}")) for row in rows]
    right = sum(len(wanted & found) for wanted, found in zip(expected, predicted, strict=True))
    failures = [
        f"expected {sorted(wanted)}, found {sorted(found)}: {row['title'][:80]}"
        for row, wanted, found in zip(rows, expected, predicted, strict=True)
        if wanted != found
    ]
    return Evaluation(
        field="skills",
        set_name="eval_techradar_skills40",
        rows=len(rows),
        measures=[
            Share("precision", right, sum(map(len, predicted)), reach=0.90),
            Share("recall", right, sum(map(len, expected)), reach=0.95),
        ],
        failures=failures,
    )


def evaluate_spans(
    rows: list[dict[str, Any]], source: str, precision: float | None = None, recall: float | None = None
) -> Evaluation:
    """Mentions in sentences against the spans of knowledge that people marked in them.

    A sentence is its `tokens` joined by blanks; `knowledge` has a letter a token (B begins, I continues, O is
    outside). A mention of any kind but a soft skill is right if it overlaps a span, a span is found if a mention
    overlaps it. Activities ("writing tests") are marked apart in this set and count as no knowledge.
    """
    kinds = {skill.name: skill.kind for skill in taxonomy().skills}
    right = made = found = marked = sentences = 0
    false_forms: Counter[str] = Counter()
    missed_spans: Counter[str] = Counter()
    for row in rows:
        if row["source"] != source:
            continue
        sentences += 1
        text, spans = text_and_spans(row["tokens"], row["knowledge"])
        mentions = [mention for mention in skill_matcher().find(text) if kinds[mention.skill] != "soft skill"]
        places = [Span(mention.start, mention.end) for mention in mentions]
        false = [mention for mention, place in zip(mentions, places, strict=True) if not place.overlaps_any(spans)]
        missed = [span for span in spans if not span.overlaps_any(places)]
        made, right = made + len(mentions), right + len(mentions) - len(false)
        marked, found = marked + len(spans), found + len(spans) - len(missed)
        false_forms.update(f"{mention.form.lower()} ({mention.skill})" for mention in false)
        missed_spans.update(text[span.start : span.end].lower() for span in missed)
    return Evaluation(
        field="skills",
        set_name=f"eval_skillspan_dev_test ({source})",
        rows=sentences,
        measures=[Share("precision", right, made, precision), Share("recall", found, marked, recall)],
        failures=[
            *(f"false {count} x: {form}" for form, count in false_forms.most_common(_MOST_FREQUENT)),
            *(f"missed {count} x: {span}" for span, count in missed_spans.most_common(_MOST_FREQUENT)),
        ],
    )
