"""Which skills a text names: the taxonomy as data, and the matcher that finds its forms in running text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

import yaml
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

_CONTEXT = 24  # characters on each side of a mention that a forbid rule may look at
_JOINERS = "_+#"  # beside letters and digits, what a form may not touch: C++ is not C
_LETTER_JOINERS = "_+#&-'’.@"  # a form of one letter stands quite alone: R&D, C-level, D.C., the 4 C's
_KEYS = {"name", "kind", "category", "aliases", "case", "forbid"}


@dataclass(frozen=True, slots=True)
class Skill:
    """One canonical skill. With `is_exact`, one-word forms with a capital are found only as written."""

    name: str
    kind: str
    category: str
    aliases: tuple[str, ...] = ()
    is_exact: bool = False
    forbid: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The name and its aliases, as written in the taxonomy."""
        return (self.name, *self.aliases)


class Taxonomy(NamedTuple):
    """A version of the list of skills."""

    version: int
    skills: tuple[Skill, ...]


class Mention(NamedTuple):
    """Where a text names a skill: `text[start:end] == form`."""

    skill: str
    form: str
    start: int
    end: int


def parse_taxonomy(text: str) -> Taxonomy:
    """Read a taxonomy in the format that `taxonomy/skills.yaml` explains.

    Raises:
        ValueError: a skill has an unknown or missing key, or a name that another skill has.
    """
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    skills: dict[str, Skill] = {}
    for entry in document["skills"]:
        if not {"name", "kind", "category"} <= entry.keys() <= _KEYS or entry.get("case", "exact") != "exact":
            raise ValueError(f"expected name, kind, category and of {sorted(_KEYS)}; found {entry}")
        if entry["name"] in skills:
            raise ValueError(f"two skills have the name {entry['name']!r}")
        skills[entry["name"]] = Skill(
            name=entry["name"],
            kind=entry["kind"],
            category=entry["category"],
            aliases=tuple(entry.get("aliases", ())),
            is_exact="case" in entry,
            forbid=tuple(entry.get("forbid", ())),
        )
    return Taxonomy(version=document["version"], skills=tuple(skills.values()))


@cache
def taxonomy() -> Taxonomy:
    """The packaged taxonomy, read once per process."""
    return parse_taxonomy(resources.files(__package__).joinpath("taxonomy", "skills.yaml").read_text("utf-8"))


@cache
def skill_matcher() -> SkillMatcher:
    """The matcher of the packaged taxonomy, built once per process."""
    return SkillMatcher(taxonomy().skills)


class _Form(NamedTuple):
    skill: str
    spellings: frozenset[str] | None  # None: any case
    forbid: re.Pattern[str] | None


class SkillMatcher:
    """Finds mentions of skills: one Aho-Corasick pass over lower-cased text, then the rules of each form.

    The automaton reports overlapping forms and the longest *admissible* one wins: "SQL servers" is SQL
    although "SQL Server" does not fit.

    Raises:
        ValueError: a form belongs to two skills, or a form of one letter is found in any case.
    """

    def __init__(self, skills: Iterable[Skill]) -> None:
        forms = _forms(skills)
        self._letters = {form: rules for form, rules in forms.items() if len(form) == 1}
        words = [form for form in forms if len(form) > 1]
        self._rules = [forms[form] for form in words]
        self._automaton = AhoCorasick(words, MatchKind.Standard, implementation=Implementation.DFA)

    def find(self, text: str) -> list[Mention]:
        """All mentions, in the order of the text; none overlap."""
        mentions = [Mention(skill, text[start:end], start, end) for start, end, skill in self._mentions(text)]
        return sorted(mentions, key=lambda mention: mention.start)

    def skills(self, text: str) -> list[str]:
        """The distinct canonical skills that the text mentions, sorted."""
        return sorted({skill for _, _, skill in self._mentions(text)})

    def _mentions(self, text: str) -> list[tuple[int, int, str]]:
        chosen: list[tuple[int, int, str]] = []
        free_from = 0
        for start, negative_end, skill in sorted(self._admissible(text)):
            if start >= free_from:
                chosen.append((start, -negative_end, skill))
                free_from = -negative_end
        ends = {start: end for start, end, _ in chosen}
        starts = list(ends)
        for start, skill in self._single_letters(text):
            place = bisect_right(starts, start)
            if not place or start >= ends[starts[place - 1]]:  # the C of "Objective C" is taken
                chosen.append((start, start + 1, skill))
        return chosen

    def _admissible(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, -end, skill) of every form that passes its rules; sorting puts the longest first."""
        rules = self._rules
        # a frame of two characters spares every look at a neighbour a test for the text's ends
        framed = f"\n\n{text}\n\n"
        lower = framed.lower()
        if len(lower) != len(framed):  # only 'İ' changes the length
            lower = framed.replace("İ", "i").lower()
        for number, start, end in self._automaton.find_matches_as_indexes(lower, overlapping=True):
            before = lower[start - 1]
            if before.isalnum() or before in _JOINERS:
                continue
            after = lower[end]
            if after.isalnum() or after in _JOINERS:
                continue
            # a dot inside a word (python.org) joins; a dot before a capital ("with Java.You will") ended a
            # sentence
            if before == "." and lower[start - 2].isalnum() and not framed[start].isupper():
                continue
            if after == "." and lower[end + 1].isalnum() and not framed[end + 1].isupper():
                continue
            skill, spellings, forbid = rules[number]
            if spellings is not None and framed[start:end] not in spellings:
                continue
            if forbid is not None and _is_forbidden(forbid, framed, start, end):
                continue
            yield start - 2, 2 - end, skill

    def _single_letters(self, text: str) -> Iterator[tuple[int, str]]:
        # str.find jumps from capital to capital; in the automaton every c of the text would be a hit
        for letter, (skill, spellings, forbid) in self._letters.items():
            assert spellings is not None
            for spelling in spellings:
                start = text.find(spelling)
                while start >= 0:
                    if _stands_alone(text, start) and not (
                        forbid is not None and _is_forbidden(forbid, text, start, start + len(letter))
                    ):
                        yield start, skill
                    start = text.find(spelling, start + 1)


def _stands_alone(text: str, at: int) -> bool:
    before = text[at - 1] if at else "\n"
    if before.isalnum() or before in _LETTER_JOINERS:
        return False
    after = text[at + 1 : at + 2] or "\n"
    if after == ".":  # the end of a sentence, or an abbreviation
        return not text[at + 2 : at + 3].isalnum()
    return not (after.isalnum() or after in _LETTER_JOINERS)


def _is_forbidden(forbid: re.Pattern[str], text: str, start: int, end: int) -> bool:
    context = forbid.finditer(text, max(0, start - _CONTEXT), end + _CONTEXT)
    return any(found.start() < end and found.end() > start for found in context)


def _forms(skills: Iterable[Skill]) -> dict[str, _Form]:
    """The rules of every form, keyed by its lower-cased text; blanks may also be hyphens."""
    forms: dict[str, _Form] = {}
    for skill in skills:
        forbid = re.compile("|".join(f"(?:{rule})" for rule in skill.forbid), re.IGNORECASE) if skill.forbid else None
        for written in (spelling for form in skill.forms for spelling in {form, form.replace(" ", "-")}):
            key = written.lower()
            is_one_word = not re.search(r"[ -]", written)
            is_exact = skill.is_exact and is_one_word and key != written
            if len(key) == 1 and not is_exact:
                raise ValueError(f"the one-letter form {written!r} of {skill.name!r} needs case: exact and a capital")
            known = forms.get(key)
            if known and known.skill != skill.name:
                raise ValueError(f"the form {written!r} belongs to two skills: {known.skill!r} and {skill.name!r}")
            if known and (known.spellings is None or not is_exact):
                spellings = None
            else:
                spellings = frozenset({written} | (known.spellings or frozenset() if known else frozenset()))
                spellings = spellings if is_exact else None
            forms[key] = _Form(skill.name, spellings, forbid)
    return forms
