"""Work modes of "Who is hiring?" posts: their header lines say REMOTE or ONSITE in pieces of their own.

A header is a post's first line, `Acme | Berlin | REMOTE | Full-time`. Its label comes from pieces alone, cut at bars and
commas: a piece that is exactly one of `_REMOTE` or `_ONSITE`, whatever stands in brackets after it. A header is labelled

    negated   if a piece, or what stands in its brackets, is exactly "no remote", "not remote" or "non-remote": onsite is right
    remote    if it has a remote piece and no other word of work modes besides
    onsite    if it has an onsite piece and no other word of work modes besides
    both      if it has a remote and an onsite piece: remote is right, the farthest from the office that is offered

and is left out otherwise. Remote, onsite and negated ones are the promise; both is shown without one, because it is a
convention. A case is right if `read_work_mode(header, None, post)` gives the label, also where it answers unknown.
A second pass gives the post as text alone, as it arrives where a board has no field of location.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from talentpulse.domain.work_modes import Mode, read_work_mode
from talentpulse.evaluation.measures import Evaluation, Share
from talentpulse.evaluation.sets import json_lines

SET = "postings_hn_whoishiring_2017-10_2017-12"
_REACH = 0.97

_REMOTE = frozenset(
    ("REMOTE", "REMOTE ONLY", "REMOTE OK", "FULLY REMOTE", "100% REMOTE", "FULL-TIME REMOTE", "FULL TIME REMOTE")
)
_ONSITE = frozenset(
    ("ONSITE", "ON-SITE", "ON SITE", "ONSITE ONLY", "ON-SITE ONLY", "FULL-TIME ONSITE", "FULL TIME ONSITE")
)
_NEGATED = frozenset(("NO REMOTE", "NOT REMOTE", "NON-REMOTE", "NOREMOTE"))
_PIECE = re.compile(r"[|,]")
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_MODE_WORD = re.compile(r"remote|on-?\s?site|hybrid|home|office", re.IGNORECASE)


class Labelled(NamedTuple):
    """What a header says of itself: its kind and the mode that is right."""

    kind: str
    mode: Mode


def label(header: str) -> Labelled | None:
    """The label of a header line; None where its pieces say nothing, or more than the rule can tell."""
    pieces = [piece.strip(" .!-").upper() for piece in _PIECE.split(header)]
    said = {word.strip() for piece in pieces for word in (_BRACKETS.sub("", piece), *_BRACKETS.findall(piece))}
    if said & _NEGATED:
        return Labelled("negated", "onsite")
    is_remote, is_onsite = bool(said & _REMOTE), bool(said & _ONSITE)
    if is_remote and is_onsite:
        return Labelled("both", "remote")
    others = [piece for piece in pieces if _BRACKETS.sub("", piece).strip() not in _REMOTE | _ONSITE]
    if is_remote == is_onsite or any(map(_MODE_WORD.search, others)):
        return None
    return Labelled("remote", "remote") if is_remote else Labelled("onsite", "onsite")


def evaluate(data: Path) -> list[Evaluation]:
    """The shares of headers read right, by kind of label; the post given as location and text, and as text alone.

    Raises:
        FileNotFoundError: the set is not there.
    """
    posts = [str(row["text"]) for row in json_lines(data / f"{SET}.jsonl.gz")]
    labelled = [(post, header, found) for post in posts if (found := label(header := post.partition("\n")[0]))]
    return [
        _evaluation("header as location", [(header, post, found) for post, header, found in labelled], _REACH),
        _evaluation("post as text", [(None, post, found) for post, _, found in labelled], None),
    ]


def _evaluation(name: str, cases: list[tuple[str | None, str, Labelled]], reach: float | None) -> Evaluation:
    right: dict[str, list[bool]] = {}
    failures = []
    for location, post, expected in cases:
        found = read_work_mode(location, None, post)
        right.setdefault(expected.kind, []).append(found.mode == expected.mode)
        if found.mode != expected.mode:
            header = post.partition("\n")[0][:160]
            failures.append(
                f"expected {expected.mode} ({expected.kind}), found {found.mode} ({found.evidence}): {header}"
            )
    promised = [case for kind in ("remote", "onsite", "negated") for case in right.get(kind, [])]
    measures = [Share(f"{name}: accuracy", sum(promised), len(promised), reach)]
    for kind, kind_reach in (("remote", None), ("onsite", None), ("negated", reach and 1.0), ("both", None)):
        cases_right = right.get(kind, [])
        measures.append(Share(f"{name}: {kind}", sum(cases_right), len(cases_right), kind_reach))
    return Evaluation("work mode", SET, len(cases), list(measures), failures)
