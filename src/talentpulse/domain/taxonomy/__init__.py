"""The skills that are counted, as reviewable text: one YAML file a field of work in `skills/`, one line a skill.

    name       canonical name, and the first form that is looked for
    kind       what it is, one of KINDS
    category   where it belongs: the field of work
    aliases    further forms; one form belongs to one skill
    case       exact: a form of one word that is written with a capital is found only as written; a form in lower
               case, or of several words, in any case
    forbid     regular expressions (case does not matter); a mention that overlaps a match is none; `<role>` in them
               stands for the words for people and their teams: engineer, developer, lead, team ...
    neighbour  forms that count only with a technical skill named nearby ("Chef" beside "Terraform"); they are found
               in addition to the aliases, and the name may be among them

Forms are found between word boundaries (also + and # join), with accents or without. A blank, a hyphen and an
apostrophe in a form stand for one another. IT at the beginning of a form is found in capitals only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import yaml

KINDS = (
    "language",
    "framework",
    "database",
    "cloud",
    "tool",
    "method",
    "certificate",
    "soft skill",
    "human language",
)
TECHNICAL_KINDS = frozenset({"language", "framework", "database", "cloud", "tool"})
"""What makes a form beside it technical, if it needs a neighbour."""

OFFICE = "office"
"""The category whose tools every trade asks for: they prove nothing about a form beside them."""

_REQUIRED = {"name", "kind", "category"}
_KEYS = _REQUIRED | {"aliases", "case", "forbid", "neighbour"}


@dataclass(frozen=True, slots=True)
class Skill:
    """One canonical skill. With `is_exact`, one-word forms with a capital are found only as written."""

    name: str
    kind: str
    category: str
    aliases: tuple[str, ...] = ()
    is_exact: bool = False
    forbid: tuple[str, ...] = ()
    neighbour: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The name, its aliases and the forms that need a neighbour, as written in the taxonomy."""
        return (self.name, *self.aliases, *(form for form in self.neighbour if form != self.name))


class Taxonomy(NamedTuple):
    """A version of the list of skills."""

    version: int
    skills: tuple[Skill, ...]


@cache
def taxonomy() -> Taxonomy:
    """The packaged taxonomy, read once per process."""
    return read_taxonomy(resources.files(__package__))


def read_taxonomy(folder: Traversable, leave_out: str = "") -> Taxonomy:
    """Read `version.yaml` and every file of `skills/` in a folder but `leave_out`, in the order of their names.

    Raises:
        ValueError: a skill has an unknown or missing key or kind, or a name that another skill has.
    """
    version = _load(folder.joinpath("version.yaml"))["version"]
    files = sorted(folder.joinpath("skills").iterdir(), key=lambda file: file.name)
    files = [file for file in files if file.name.endswith(".yaml") and file.name != leave_out]
    return Taxonomy(version, parse_skills(entry for file in files for entry in _load(file)))


def parse_skills(entries: Iterable[dict[str, Any]]) -> tuple[Skill, ...]:
    """Skills from the entries of the files, names unique.

    Raises:
        ValueError: as `read_taxonomy`.
    """
    skills: dict[str, Skill] = {}
    for entry in entries:
        if not _REQUIRED <= entry.keys() <= _KEYS or entry.get("case", "exact") != "exact":
            raise ValueError(f"expected {sorted(_REQUIRED)} and of {sorted(_KEYS - _REQUIRED)}; found {entry}")
        if entry["kind"] not in KINDS:
            raise ValueError(f"expected a kind of {KINDS}; found {entry}")
        if entry["name"] in skills:
            raise ValueError(f"two skills have the name {entry['name']!r}")
        skills[entry["name"]] = Skill(
            name=entry["name"],
            kind=entry["kind"],
            category=entry["category"],
            aliases=tuple(entry.get("aliases", ())),
            is_exact="case" in entry,
            forbid=tuple(entry.get("forbid", ())),
            neighbour=tuple(entry.get("neighbour", ())),
        )
    return tuple(skills.values())


def _load(file: Traversable) -> Any:
    return yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
