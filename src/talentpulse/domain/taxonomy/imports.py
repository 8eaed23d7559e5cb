"""Skills from the public lists: O*NET's Technology Skills and ESCO's skills, as entries of this taxonomy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from talentpulse.domain.taxonomy import Taxonomy
from talentpulse.domain.taxonomy.review import key

ONET_COLUMNS = ("Example", "Commodity Title", "Hot Technology")
ESCO_COLUMNS = ("preferredLabel", "altLabels", "skillType")
_LEAST_CHARACTERS = 3
_MOST_WORDS = 5  # longer labels are descriptions: no advertisement uses their words in that order
_BRACKETED = re.compile(r"\s*\([^()]*\)")


class Import(NamedTuple):
    """Entries in the format of the taxonomy, and the forms that were left out, by the reason."""

    entries: list[dict[str, Any]]
    left_out: dict[str, list[str]]


def from_onet(
    rows: Iterable[Mapping[str, str]], known: Taxonomy, everyday: frozenset[str], *, all_rows: bool
) -> Import:
    """Entries from the rows of O*NET's "Technology Skills" (columns `ONET_COLUMNS`): hot technologies, or `all_rows`."""
    wanted = (row for row in rows if all_rows or row["Hot Technology"] == "Y")
    return _entries(((row["Example"], (), "tool", row["Commodity Title"]) for row in wanted), known, everyday)


def from_esco(
    rows: Iterable[Mapping[str, str]], known: Taxonomy, everyday: frozenset[str], *, all_rows: bool
) -> Import:
    """Entries from the rows of ESCO's skills (columns `ESCO_COLUMNS`): knowledge, or `all_rows`, competences too.

    Alternative labels stand a line each.
    """
    wanted = (row for row in rows if all_rows or row["skillType"] == "knowledge")
    return _entries(
        ((row["preferredLabel"], row["altLabels"].splitlines(), "method", "ESCO") for row in wanted), known, everyday
    )


def _entries(found: Iterable[tuple[str, Iterable[str], str, str]], known: Taxonomy, everyday: frozenset[str]) -> Import:
    taken = {key(form) for skill in known.skills for form in skill.forms}
    entries: list[dict[str, Any]] = []
    left_out: dict[str, list[str]] = {"known": [], "everyday": [], "no form": []}
    for label, others, kind, category in found:
        forms = []
        for form in (_BRACKETED.sub("", text).strip() for text in (label, *others)):
            why = _why_not(form, taken, everyday)
            if why is None:
                forms.append(form)
                taken.add(key(form))
            elif form not in left_out[why]:
                left_out[why].append(form)
        if forms:
            entry = {"name": forms[0], "kind": kind, "category": category.lower()}
            entries.append(entry | ({"aliases": forms[1:]} if forms[1:] else {}))
    return Import(entries, left_out)


def _why_not(form: str, taken: set[str], everyday: frozenset[str]) -> str | None:
    if key(form) in taken:
        return "known"
    if form.lower() in everyday:
        return "everyday"
    is_form = len(form) >= _LEAST_CHARACTERS and len(form.split()) <= _MOST_WORDS and any(map(str.isalpha, form))
    return None if is_form else "no form"
