"""What is wrong with a taxonomy, and what differs between two."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import NamedTuple

from talentpulse.domain.taxonomy import Skill, Taxonomy

_WORD_BREAK = re.compile(r"[ -]")


class Difference(NamedTuple):
    """What the second of two taxonomies has otherwise than the first; skills by name, forms as written."""

    added: list[str]
    removed: list[str]
    changed: dict[str, list[str]]
    """What is different of skills that both have, in words."""
    moved: list[tuple[str, str, str]]
    """Forms that belong to another skill now: form, before, after."""


@cache
def everyday_words() -> frozenset[str]:
    """Words of everyday English, German and French, lower case: as a form they need a rule."""
    lines = resources.files(__package__).joinpath("everyday.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def fingerprint(skills: tuple[Skill, ...]) -> str:
    """12 hexadecimal digits of what the skills say, whatever the order and the files they stand in."""
    said = sorted(json.dumps(asdict(skill), ensure_ascii=False) for skill in skills)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def problems(taxonomy: Taxonomy, everyday: frozenset[str]) -> list[str]:
    """Everything that a reviewer should mend, in words; forms of one skill that are the same, of two, of everyday.

    A form of one word that is in `everyday` needs `case: exact` with a capital, `forbid` or `neighbour`.
    """
    return sorted({*_repeated(taxonomy.skills), *_everyday(taxonomy.skills, everyday), *_odd(taxonomy.skills)})


def compare(before: Taxonomy, after: Taxonomy) -> Difference:
    """What `after` has otherwise than `before`."""
    old, new = ({skill.name: skill for skill in each.skills} for each in (before, after))
    old_owner, new_owner = _owners(before.skills), _owners(after.skills)
    return Difference(
        added=sorted(new.keys() - old.keys()),
        removed=sorted(old.keys() - new.keys()),
        changed={name: _changes(old[name], new[name]) for name in sorted(old.keys() & new.keys()) if old[name] != new[name]},
        moved=sorted(
            (form, old_owner[form], new_owner[form])
            for form in old_owner.keys() & new_owner.keys()
            if old_owner[form] != new_owner[form]
        ),
    )  # fmt: skip


def key(form: str) -> str:
    """How a form is compared with others: in lower case, a hyphen like a blank."""
    return _WORD_BREAK.sub(" ", form.lower())


def _owners(skills: tuple[Skill, ...]) -> dict[str, str]:
    return {key(form): skill.name for skill in skills for form in skill.forms}


def _repeated(skills: tuple[Skill, ...]) -> Iterator[str]:
    owners: dict[str, set[str]] = defaultdict(set)
    times: Counter[tuple[str, str, bool]] = Counter()
    for skill in skills:
        for form in skill.forms:
            owners[key(form)].add(skill.name)
            # "Ant" as it is and "ant" beside another skill are two rules of one form
            times[skill.name, form if skill.is_exact else key(form), form in skill.neighbour] += 1
    for form, names in owners.items():
        if len(names) > 1:
            yield f"the form {form!r} belongs to two skills: {', '.join(sorted(names))}"
    for (name, form, _), count in times.items():
        if count > 1:
            yield f"{name} has the form {form!r} twice"


def _everyday(skills: tuple[Skill, ...], everyday: frozenset[str]) -> Iterator[str]:
    for skill in skills:
        for form in skill.forms:
            has_rule = skill.forbid or form in skill.neighbour or (skill.is_exact and form != form.lower())
            if form.lower() in everyday and not has_rule:
                yield f"{skill.name}: the form {form!r} is an everyday word and has no rule (case, forbid or neighbour)"


def _odd(skills: tuple[Skill, ...]) -> Iterator[str]:
    for skill in skills:
        for form in skill.forms:
            if form != " ".join(form.split()) or not any(map(str.isalnum, form)):
                yield f"{skill.name}: {form!r} is no form that a text can have"


def _changes(old: Skill, new: Skill) -> list[str]:
    changes = [
        f"{name} {getattr(old, name)} -> {getattr(new, name)}"
        for name in ("kind", "category")
        if getattr(old, name) != getattr(new, name)
    ]
    for name in ("aliases", "forbid", "neighbour"):
        before, after = set(getattr(old, name)), set(getattr(new, name))
        changes += [f"{name} + {item}" for item in sorted(after - before)]
        changes += [f"{name} - {item}" for item in sorted(before - after)]
    if old.is_exact != new.is_exact:
        changes.append("case matters now" if new.is_exact else "case matters no more")
    return changes or ["order of the aliases"]
