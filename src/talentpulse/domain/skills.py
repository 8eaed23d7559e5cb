"""Which skills a text names: the matcher that finds the forms of the taxonomy in running text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from talentpulse.domain.taxonomy import OFFICE, TECHNICAL_KINDS, Skill, taxonomy

NEIGHBOURHOOD = 120
"""Characters within which a form that needs a technical skill beside it looks for one."""

_CONTEXT = 24  # characters on each side of a mention that a forbid rule may look at
_MOST_JUDGED = 200  # times that a costly form is looked at in one text: no posting names a skill as often
_LETTER_JOINERS = "_+#&-'’.@"  # a form of one letter stands quite alone: R&D, C-level, D.C., the 4 C's
_DOT, _UNKNOWN = ord("."), ord("?")  # `?` also stands for every character beyond Latin-1
_ROLE = (
    r"(?:engineers?|developers?|architects?|designers?|programmers?|analysts?|consultants?|specialists?"
    r"|administrators?|admins?|technicians?|testers?|scientists?|leads?|managers?|interns?|teams?|guilds?|squads?"
    r"|entwickler(?:in)?|d[ée]veloppeurs?|ing[ée]nieure?s?)\b"
)


class Mention(NamedTuple):
    """Where a text names a skill: `text[start:end] == form`.

    `rule` says what let it in: `any case`, `exact case`, `alone` (a form of one letter that nothing touches) or
    `neighbour: Terraform` (a form that needs a technical skill beside it, and the one that was found).
    """

    skill: str
    form: str
    start: int
    end: int
    rule: str


@cache
def skill_matcher() -> SkillMatcher:
    """The matcher of the packaged taxonomy, built once per process."""
    return SkillMatcher(taxonomy().skills)


class _Form(NamedTuple):
    skill: str
    rule: str
    shape: bytes | None  # what the text must look like; None: a form without anything between its words
    spellings: frozenset[str] | None  # None: any case
    opening: str  # how the text must begin, whatever its case otherwise
    forbid: _Forbid | None
    is_alone: bool
    needs_neighbour: bool


_Found = tuple[int, int, str, str]
"""(start, -end, skill, rule): sorts by place, the longest first."""


class SkillMatcher:
    """Finds mentions of skills: one Aho-Corasick pass over flattened text, then the rules of each form.

    The text is flattened one character to one byte, so that places stay what they are: letters to lower case
    without accents, everything that parts words to a blank. The forms carry a blank on each side, so that hits
    inside words never come up. The automaton reports overlapping forms and the longest *admissible* one wins, not
    simply the longest: "SQL servers" is SQL although "SQL Server" does not fit.

    The few forms that Latin-1 cannot write (русский язык) are looked for in the text's UTF-8.

    Raises:
        ValueError: a form belongs to two skills, or is one letter in any case.
    """

    def __init__(self, skills: Iterable[Skill]) -> None:
        skills = tuple(skills)
        forms, foreign = _forms(skills)
        self._rules = list(forms.values())
        # as quick here as the DFA, whose tables (40 MB) the processor's cache does not hold, and built in a quarter
        self._automaton = BytesAhoCorasick(
            [b" %b " % flat for flat in forms], MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )
        self._foreign_rules = list(foreign.values())
        self._foreign = BytesAhoCorasick(list(foreign), MatchKind.LeftmostLongest)
        self._technical = frozenset(
            skill.name for skill in skills if skill.kind in TECHNICAL_KINDS and skill.category != OFFICE
        )

    def find(self, text: str) -> list[Mention]:
        """All mentions, in the order of the text; none overlap."""
        return [Mention(skill, text[start:-end], start, -end, rule) for start, end, skill, rule in self._mentions(text)]

    def skills(self, text: str) -> list[str]:
        """The distinct canonical skills that the text mentions, sorted."""
        return sorted({skill for _, _, skill, _ in self._mentions(text)})

    def _mentions(self, text: str) -> list[_Found]:
        admitted, waiting = self._admissible(text)
        chosen = _leftmost_longest(admitted)
        if waiting and (beside := self._with_neighbour(waiting, chosen)):
            chosen = _leftmost_longest(admitted + beside)
        return chosen

    def _admissible(self, text: str) -> tuple[list[_Found], list[_Found]]:
        """Every form that passes its rules: those that count, and those that still need a neighbour."""
        # the frame spares every look at a neighbour a test for the text's ends
        framed = f"  {text}  "
        raw = framed.encode("latin-1", "replace")
        shapes = raw.translate(_SHAPE)
        lower = ""
        judged: dict[int, int] = {}
        admitted: list[_Found] = []
        waiting: list[_Found] = []
        for number, start, end in self._automaton.find_matches_as_indexes(raw.translate(_FLAT), overlapping=True):
            start += 1
            end -= 1
            if (raw[start - 1] in _DOUBTFUL or raw[end] in _DOUBTFUL) and _is_joined(framed, raw, start, end):
                continue
            for skill, rule, shape, spellings, opening, forbid, is_alone, needs_neighbour in self._rules[number]:
                if shape is not None and shapes[start:end] != shape:
                    continue
                if spellings is not None and framed[start:end] not in spellings:
                    continue
                if opening and not framed.startswith(opening, start):
                    continue
                if is_alone and (framed[start - 1] in _LETTER_JOINERS or _joins_a_letter(framed, end)):
                    continue
                if forbid is not None:
                    judged[number] = judged.get(number, 0) + 1
                    lower = lower or _lower(framed)
                    if judged[number] > _MOST_JUDGED or forbid.matches(framed, lower, start, end):
                        continue
                (waiting if needs_neighbour else admitted).append((start - 2, 2 - end, skill, rule))
                break
        if _has_foreign_letters(framed, raw):
            for form, start, end in self._foreign_forms(framed, lower or _lower(framed)):
                (waiting if form.needs_neighbour else admitted).append((start - 2, 2 - end, form.skill, form.rule))
        return admitted, waiting

    def _foreign_forms(self, framed: str, lower: str) -> Iterator[tuple[_Form, int, int]]:
        utf8 = lower.encode("utf-8", "replace")
        start = end = read = 0
        for number, first, last in self._foreign.find_matches_as_indexes(utf8)[:_MOST_JUDGED]:
            start = end + len(utf8[read:first].decode())
            end = start + len(utf8[first:last].decode())
            read = last
            form = self._foreign_rules[number]
            if not (_parts(framed[start - 1], framed[start]) and _parts(framed[end], framed[end - 1])):
                continue
            if form.forbid is None or not form.forbid.matches(framed, lower, start, end):
                yield form, start, end

    def _with_neighbour(self, waiting: list[_Found], chosen: list[_Found]) -> list[_Found]:
        """Those of `waiting` that have a technical skill within the neighbourhood."""
        anchors = [found for found in chosen if found[2] in self._technical]
        starts = [start for start, _, _, _ in anchors]
        ends = [-negative_end for _, negative_end, _, _ in anchors]
        admitted = []
        for start, negative_end, skill, _ in waiting:
            left = bisect_right(ends, start) - 1
            right = bisect_left(starts, -negative_end)
            if left >= 0 and start - ends[left] <= NEIGHBOURHOOD:
                neighbour = anchors[left][2]
            elif right < len(starts) and starts[right] + negative_end <= NEIGHBOURHOOD:
                neighbour = anchors[right][2]
            else:
                continue
            admitted.append((start, negative_end, skill, f"neighbour: {neighbour}"))
        return admitted


def _leftmost_longest(found: list[_Found]) -> list[_Found]:
    chosen = []
    free_from = 0
    for one in sorted(found):
        if one[0] >= free_from:
            chosen.append(one)
            free_from = -one[1]
    return chosen


def _has_foreign_letters(framed: str, raw: bytes) -> bool:
    """Whether a letter beyond Latin-1 is there; dashes, quotes and bullets, which most texts have, are none."""
    if framed.isascii():
        return False
    at = raw.find(_UNKNOWN)
    while at >= 0:
        # a look at these few places costs a fraction of a search through the text
        if "\u0100" <= framed[at] <= "\u1fff" or framed[at] >= "\u2e80":
            return True
        at = raw.find(_UNKNOWN, at + 1)
    return False


def _is_joined(framed: str, raw: bytes, start: int, end: int) -> bool:
    """Whether a dot inside a word (python.org) or a letter beyond Latin-1 touches the form.

    A dot before a capital ("with Java.You will") ended a sentence.
    """
    if raw[end] == _DOT:
        if framed[end + 1].isalnum() and not framed[end + 1].isupper():
            return True
    elif raw[end] == _UNKNOWN and framed[end].isalnum():
        return True
    if raw[start - 1] == _DOT:
        return framed[start - 2].isalnum() and not framed[start].isupper()
    return raw[start - 1] == _UNKNOWN and framed[start - 1].isalnum()


def _parts(neighbour: str, edge: str) -> bool:
    """Whether a word ends between two characters; scripts from the ideographs on are written without blanks."""
    return not neighbour.isalnum() or edge >= "\u2e80" or neighbour >= "\u2e80"


def _joins_a_letter(framed: str, end: int) -> bool:
    if framed[end] == ".":  # the end of a sentence, or an abbreviation
        return framed[end + 1].isalnum()
    return framed[end] in _LETTER_JOINERS


def _lower(framed: str) -> str:
    lower = framed.lower()
    return lower if len(lower) == len(framed) else framed.replace("İ", "i").lower()  # only 'İ' changes the length


class _Forbid:
    """The forbid rules of a skill."""

    def __init__(self, rules: Iterable[str]) -> None:
        rules = [rule.replace("<role>", _ROLE) for rule in rules]
        # a search of the lowered text costs a quarter of one that ignores case, so that is kept for rules with capitals
        self._of_case = "|".join(f"(?:{rule})" for rule in rules if _CAPITAL.search(rule))
        self._of_lower = "|".join(f"(?:{rule})" for rule in rules if not _CAPITAL.search(rule))

    def matches(self, text: str, lower: str, start: int, end: int) -> bool:
        """Whether a match of a rule overlaps the form."""
        from_, to = max(0, start - _CONTEXT), end + _CONTEXT
        if self._of_lower:
            for found in _compiled(self._of_lower).finditer(lower, from_, to):
                if found.start() < end and found.end() > start:
                    return True
        if self._of_case:
            for found in _compiled(self._of_case, re.IGNORECASE).finditer(text, from_, to):
                if found.start() < end and found.end() > start:
                    return True
        return False


@cache
def _compiled(rules: str, flags: int = 0) -> re.Pattern[str]:
    # on the first use: a worker that never meets a form need not wait for its rules
    return re.compile(rules, flags)


def _tables() -> tuple[bytes, bytes]:
    """Two tables over Latin-1 for bytes.translate: how a text is searched, and what a form's gaps must look like.

    In both, letters are lower case without accents, and characters that join (C++, F#, snake_case, a mail address)
    stay no blank. In the first everything else is a blank; in the second only what may stand for a blank in a form.
    """
    flat, shape = bytearray(256), bytearray(256)
    for code in range(256):
        character = chr(code)
        base = unicodedata.normalize("NFKD", character.lower())[0]
        if base.isalnum():
            flat[code] = shape[code] = ord(_PLAIN_LETTERS.get(base, base))
        elif character in "_+#@":
            flat[code] = shape[code] = code
        else:
            flat[code] = ord(" ")
            shape[code] = ord(" ") if character in " -'\u00a0\u00ad?" else code
    return bytes(flat), bytes(shape)


_PLAIN_LETTERS = {"ß": "s", "æ": "a", "ø": "o", "ð": "d", "þ": "t", "μ": "u"}
_FLAT, _SHAPE = _tables()
_DOUBTFUL = frozenset((_DOT, _UNKNOWN))
_CAPITAL = re.compile(r"(?<!\\)[A-Z]")


def _forms(skills: Iterable[Skill]) -> tuple[dict[bytes, tuple[_Form, ...]], dict[bytes, _Form]]:
    """The rules of every form by its flattened text, in the order in which they are tried; those beyond Latin-1 by
    their UTF-8.

    A blank, a hyphen and an apostrophe stand for one another, so they make one form.
    """
    by_shape: dict[bytes, list[_Form]] = {}
    foreign: dict[bytes, _Form] = {}
    for skill in skills:
        forbid = _Forbid(skill.forbid) if skill.forbid else None
        for written in skill.forms:
            try:
                shape = written.replace("’", "'").encode("latin-1").translate(_SHAPE)
            except UnicodeEncodeError:
                foreign[written.lower().encode()] = _form(skill, written, b"", forbid)
                continue
            known = by_shape.setdefault(shape, [])
            if known and known[0].skill != skill.name:
                raise ValueError(f"the form {written!r} belongs to two skills: {known[0].skill!r} and {skill.name!r}")
            known.append(_form(skill, written, shape, forbid))
    forms: dict[bytes, tuple[_Form, ...]] = {}
    for shape, variants in by_shape.items():
        variants.sort(key=lambda form: form.needs_neighbour)
        flat = shape.translate(_FLAT)
        forms[flat] = (*forms.get(flat, ()), *variants)
    return forms, foreign


def _form(skill: Skill, written: str, shape: bytes, forbid: _Forbid | None) -> _Form:
    is_exact = skill.is_exact and shape != b"" and b" " not in shape and written != written.lower()
    is_alone = len(written) == 1
    if is_alone and not is_exact:
        raise ValueError(f"the one-letter form {written!r} of {skill.name!r} needs case: exact and a capital")
    return _Form(
        skill=skill.name,
        rule="alone" if is_alone else "exact case" if is_exact else "any case",
        shape=None if shape.isalnum() else shape,
        spellings=frozenset((written,)) if is_exact else None,
        opening="IT" if written.startswith(("IT ", "IT-")) else "",
        forbid=forbid,
        is_alone=is_alone,
        needs_neighbour=written in skill.neighbour,
    )
