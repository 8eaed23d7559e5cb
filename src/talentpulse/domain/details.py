"""Everything that is read of one posting: what silver.postings and silver.posting_skills are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from talentpulse.domain.descriptions import Text, read_text
from talentpulse.domain.employers import Employer, read_employer
from talentpulse.domain.levels import Level, read_level
from talentpulse.domain.pay import Pay, find_pay, read_pay
from talentpulse.domain.places import Place, places
from talentpulse.domain.skills import Mention, skill_matcher
from talentpulse.domain.text import posting_text
from talentpulse.domain.titles import Title, read_title
from talentpulse.domain.work_modes import WorkMode, read_work_mode

_PAY_FIELDS = ("salary_min", "salary_max", "salary_currency", "salary_period")


class Details(NamedTuple):
    """What one posting says. `places` is never empty; `pay` and `employer` are None where nothing is stated.

    `is_remote_claimed` is what the sender says of it; `work_mode` is what the texts say. The places of `mentions` count in
    the title, a line break and the description, as `posting_text` joins them.
    """

    title: Title
    employer: Employer | None
    places: tuple[Place, ...]
    pay: Pay | None
    level: Level
    work_mode: WorkMode
    is_remote_claimed: bool | None
    text: Text
    mentions: list[Mention]


def read_details(payload: Mapping[str, Any]) -> Details:
    """Read the payload of an event. Never raises."""
    title, location, claim = payload.get("title"), payload.get("location"), payload.get("is_remote")
    found, text = places(location, claim), read_text(payload.get("description"))
    return Details(
        title=read_title(title),
        employer=read_employer(payload.get("company")),
        places=found,
        pay=_pay(payload, text.plain, _country(found)),
        level=read_level(title, text.plain),
        work_mode=read_work_mode(location, title, text.plain),
        is_remote_claimed=claim if isinstance(claim, bool) else None,
        text=text,
        mentions=skill_matcher().find(posting_text(payload)),
    )


def _country(found: tuple[Place, ...]) -> str | None:
    """The one country that the posting is in: what "$" and a bare number mean."""
    countries = {place.country for place in found}
    return countries.pop() if len(countries) == 1 else None


def _pay(payload: Mapping[str, Any], text: str, country: str | None) -> Pay | None:
    """From the fields first: what runs through a text may be somebody else's amount."""
    fields = {name: payload[name] for name in _PAY_FIELDS if payload.get(name) is not None}
    return read_pay(fields, country) or read_pay(payload.get("salary"), country) or find_pay(text, country)
