"""Real-looking postings drawn from a seed: one value an event, with the skills and regions planted in it."""

from __future__ import annotations

import html
import math
import random
import uuid
from bisect import bisect
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar

from talentpulse.domain.taxonomy import taxonomy
from talentpulse.sources import wording
from talentpulse.sources.companies import Company, companies
from talentpulse.sources.delivery import Planted
from talentpulse.sources.places import COUNTRIES, COUNTRY_BY_CODE
from talentpulse.sources.salaries import salary_fields
from talentpulse.sources.wording import Role

HOUR_US = 3_600_000_000
_DAY_HOURS = 24
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSETS = (
    timezone(timedelta(hours=2)),
    timezone(timedelta(hours=-5)),
    timezone(timedelta(hours=5, minutes=30)),
)

SOURCES: tuple[tuple[str, float], ...] = (
    ("linkedin_sim", 32),
    ("indeed_sim", 26),
    ("stepstone_sim", 14),
    ("glassdoor_sim", 12),
    ("career_site_sim", 10),
    ("hackernews_sim", 6),
)
_SKILL_COUNTS = (0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10)
_PARAGRAPH_COUNTS = (0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 8)
_SEEN_AGAIN = 0.06  # share of events that observe a posting which was observed before
_REMEMBERED = 2_000  # postings that can be seen again
_POOL = 1_500  # ready paragraphs and lists


T = TypeVar("T")


class Posting(NamedTuple):
    """One event before it is written down; `event_at_us` (microseconds since 1970) is a whole millisecond.

    `title_skills` are those of `skills` that the title names.
    """

    event_id: str
    event_at_us: int
    source: str
    payload: dict[str, Any]
    regions: tuple[str, ...]
    skills: tuple[str, ...]
    title_skills: tuple[str, ...]

    @property
    def key(self) -> bytes:
        """The Kafka key, `source:job_id`."""
        return f"{self.source}:{self.payload['job_id']}".encode()

    @property
    def planted(self) -> Planted:
        """What a reader must find."""
        return Planted(None, self.event_id, self.event_at_us, self.regions, self.skills)

    def document(self) -> dict[str, Any]:
        """The event as it stands on the topic, before it becomes JSON."""
        return {
            "event_id": self.event_id,
            "timestamp": timestamp_text(self.event_at_us),
            "source": self.source,
            "schema_version": 1,
            "payload": self.payload,
        }


def timestamp_text(event_at_us: int) -> str:
    """RFC 3339 text of an instant, to the millisecond; one in ten, by the instant itself, has an offset."""
    milliseconds = event_at_us // 1000
    at = _EPOCH + timedelta(milliseconds=milliseconds)
    if milliseconds % 10 == 0:
        return at.astimezone(_OFFSETS[milliseconds // 10 % len(_OFFSETS)]).isoformat(timespec="milliseconds")
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


class _Form(NamedTuple):
    """A piece of text, plain and as HTML."""

    plain: str
    html: str


class _Demand:
    """What one role asks for: Zipf's law over its skills, the weights drifting with the event hour."""

    def __init__(self, seed: int, role: Role) -> None:
        known = {skill.name: skill for skill in taxonomy().skills}
        hot = role.hot.split(", ")
        if missing := [name for name in hot if name not in known]:
            raise ValueError(f"wording.ROLES names skills that the taxonomy does not have: {missing}")
        # a name that needs another skill beside it would be lost in a list of one
        plain = [skill for skill in taxonomy().skills if skill.name not in skill.neighbour]
        tail = [skill.name for skill in plain if skill.category in role.categories]
        self.skills = tuple(dict.fromkeys((*hot, *tail)))
        self._waves = [_wave(seed, name) for name in self.skills]
        self._cumulated: dict[int, list[float]] = {}

    def draw(self, rng: random.Random, event_at_us: int, count: int) -> dict[str, None]:
        """Up to `count` distinct skills, as an ordered set."""
        weights = self._weights(event_at_us // HOUR_US)
        drawn: dict[str, None] = {}
        for _ in range(2 * count):
            if len(drawn) == count:
                break
            drawn[self.skills[bisect(weights, rng.random() * weights[-1], hi=len(weights) - 1)]] = None
        return drawn

    def _weights(self, hour: int) -> list[float]:
        weights = self._cumulated.get(hour)
        if weights is None:
            if len(self._cumulated) > 200:
                self._cumulated.clear()
            zipf = (wave(hour) / (rank + 2) for rank, wave in enumerate(self._waves))
            weights = self._cumulated[hour] = list(accumulate(zipf))
        return weights


class _Wave(NamedTuple):
    day_phase: float
    year_phase: float
    year_hours: float

    def __call__(self, hour: int) -> float:
        within_a_day = 1 + 0.5 * math.sin(2 * math.pi * (hour / _DAY_HOURS + self.day_phase))
        over_years = 1 + 0.6 * math.sin(2 * math.pi * (hour / self.year_hours + self.year_phase))
        return within_a_day * over_years


def _wave(seed: int, skill: str) -> _Wave:
    rng = random.Random(f"{seed} {skill}")
    return _Wave(rng.random(), rng.random(), 365 * _DAY_HOURS * (1 + 2 * rng.random()))


class PostingGenerator:
    """Draws postings. The same seed, run and sequence of event times give the same postings, byte for byte.

    `run` decides ids alone: two runs of one seed tell of other events, or the second would count as repeated.

    Employers are those of `companies(seed)`. Body size (JSON): 0.5 to 4.5 KB, about 2 KB in the mean.
    """

    def __init__(self, seed: int, run: str = "") -> None:
        self._ids = random.Random(f"events {seed} {run}")
        self._rng = rng = random.Random(f"postings {seed}")
        self._companies = companies(seed)
        self._by_company = list(
            accumulate(float(company.size.split("-")[0].rstrip("+")) ** 0.5 for company in self._companies)
        )
        self._by_source = list(accumulate(weight for _, weight in SOURCES))
        self._by_role = list(accumulate(role.weight for role in wording.ROLES))
        self._by_country = list(accumulate(country.weight for country in COUNTRIES))
        self._demands = [_Demand(seed, role) for role in wording.ROLES]
        self._forms = {name: _forms_of(name) for demand in self._demands for name in demand.skills}
        self._guarded = {skill.name for skill in taxonomy().skills if skill.forbid}
        self._paragraphs = [_paragraph(rng) for _ in range(_POOL)]
        self._seen: list[Posting] = []
        self._made = 0

    def posting(self, event_at_us: int) -> Posting:
        """The next posting, observed at `event_at_us` (cut to the millisecond)."""
        rng = self._rng
        event_at_us -= event_at_us % 1000
        event_id = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
        if self._seen and rng.random() < _SEEN_AGAIN:
            seen = self._seen[int(rng.random() * len(self._seen))]
            return seen._replace(event_id=event_id, event_at_us=event_at_us)
        posting = self._new(event_id, event_at_us)
        if len(self._seen) < _REMEMBERED:
            self._seen.append(posting)
        else:
            self._seen[self._made % _REMEMBERED] = posting
        self._made += 1
        return posting

    def _new(self, event_id: str, event_at_us: int) -> Posting:
        rng = self._rng
        source = SOURCES[self._pick(self._by_source)][0]
        company = self._companies[self._pick(self._by_company)]
        number = self._pick(self._by_role)
        title, title_skills = _choice(rng, wording.ROLES[number].titles)
        skills = self._demands[number].draw(rng, event_at_us, _choice(rng, _SKILL_COUNTS))
        location, regions, is_remote = self._place(company)
        job_id = _job_id(source, event_id)
        payload: dict[str, Any] = {
            "job_id": job_id,
            "title": _choice(rng, wording.SENIORITIES) + title + _choice(rng, wording.TITLE_ENDINGS),
            "company": company.name,
            "location": location,
            "description": self._description(company, list(skills)),
            "is_remote": is_remote,
            "employment_type": _choice(rng, wording.EMPLOYMENT_TYPES),
            "posted_at": timestamp_text(event_at_us - int(rng.random() * 20 * 24) * HOUR_US)[:10],
            "url": f"https://jobs.example.com/{source}/{job_id}",
            **salary_fields(rng, COUNTRY_BY_CODE[company.country].currency),
        }
        all_skills = tuple(sorted({*skills, *title_skills}))
        return Posting(event_id, event_at_us, source, payload, regions, all_skills, title_skills)

    def _pick(self, cumulated: list[float]) -> int:
        return bisect(cumulated, self._rng.random() * cumulated[-1], hi=len(cumulated) - 1)

    def _place(self, company: Company) -> tuple[str, tuple[str, ...], bool]:
        """A posting's location as text, the regions that it names, and whether it claims to be remote."""
        rng = self._rng
        style = rng.random()
        if style < 0.05:
            return (
                _choice(rng, ("Remote", "Fully remote", "Anywhere", "Remote - worldwide")),
                ("remote",),
                True,
            )
        code, place = self._city(company)
        if style < 0.13:
            country = _choice(rng, COUNTRY_BY_CODE[code].spellings)
            return _choice(rng, ("Remote, {}", "Remote ({})", "{} (Remote)")).format(country), (code,), True
        if style < 0.87:
            return place, (code,), style < 0.2
        codes, places = {code}, [place]
        for _ in range(1 if style < 0.97 else 2):
            code, place = self._city(company)
            codes.add(code)
            places.append(place)
        return _choice(rng, ("; ", " | ")).join(dict.fromkeys(places)), tuple(sorted(codes)), False

    def _city(self, company: Company) -> tuple[str, str]:
        """Country code and text of one city: the employer's own in two of three cases."""
        rng = self._rng
        if rng.random() < 0.67:
            country, city = COUNTRY_BY_CODE[company.country], company.city
        else:
            country = COUNTRIES[self._pick(self._by_country)]
            city = _choice(rng, country.cities)
        return country.code, f"{city}, {_choice(rng, country.spellings)}"

    def _description(self, company: Company, skills: list[str]) -> str:
        """Plain text, HTML, or HTML escaped once more, as some boards deliver it."""
        rng = self._rng
        style = rng.random()
        is_html = style < 0.45
        intro = _choice(rng, wording.INTROS).format(company=company.name, city=company.city)
        lines = self._skill_lines(skills, is_html)
        fillers = [self._paragraphs[int(rng.random() * _POOL)][is_html] for _ in range(_choice(rng, _PARAGRAPH_COUNTS))]
        half = len(fillers) // 2
        if not is_html:
            return "\n\n".join(filter(None, [intro, *fillers[:half], "\n".join(lines), *fillers[half:]]))
        listed = f"<ul>{''.join([f'<li>{line}</li>' for line in lines])}</ul>" if lines else ""
        intro = html.escape(intro, quote=False)
        text = "".join([f"<p>{intro}</p>", *fillers[:half], listed, *fillers[half:]])
        return html.escape(text) if style < 0.05 else text

    def _skill_lines(self, skills: list[str], is_html: bool) -> list[str]:
        rng = self._rng
        lines = []
        first = 0
        while first < len(skills):
            taken = skills[first : first + 1 + int(rng.random() * 4)]
            first += len(taken)
            # a guarded one stands alone: "Surgical Nursing, Pharmacy" may be the departments of a school
            alone = [skill for skill in taken if skill in self._guarded]
            together = [skill for skill in taken if skill not in self._guarded]
            if together:
                mentions = [_choice(rng, self._forms[skill])[is_html] for skill in together]
                lines.append(_choice(rng, wording.WITH_SKILLS).format(_listed(mentions, rng.random())))
            lines += [_choice(rng, wording.ALONE).format(_choice(rng, self._forms[skill])[is_html]) for skill in alone]
        return lines


def _listed(mentions: list[str], style: float) -> str:
    if len(mentions) == 1:
        return mentions[0]
    if style < 0.2:
        return " / ".join(mentions)
    if style < 0.5:
        return ", ".join(mentions)
    return f"{', '.join(mentions[:-1])} and {mentions[-1]}"


def _choice(rng: random.Random, values: Sequence[T]) -> T:
    # a third of the time of random.choice, which draws bits until they fit
    return values[int(rng.random() * len(values))]


def _job_id(source: str, event_id: str) -> str:
    """An id in the style of the source, made of the first event that observes the posting."""
    if source in ("linkedin_sim", "glassdoor_sim"):
        return str(int(event_id[:8], 16) * 1000 + int(event_id[9:13], 16) % 1000)
    return event_id[:8] + event_id[9:13] if source == "indeed_sim" else event_id[-12:]


def _forms_of(name: str) -> tuple[_Form, ...]:
    """How the generator writes a skill: by its name mostly, by one of its plain aliases now and then."""
    skill = next(skill for skill in taxonomy().skills if skill.name == name)
    aliases = () if skill.is_exact or skill.forbid else skill.aliases[:2]
    return tuple(_Form(form, html.escape(form, quote=False)) for form in (name, name, name, *aliases))


def _paragraph(rng: random.Random) -> _Form:
    """A paragraph or list without any skill, about 350 characters."""
    sentences = [rng.choice(wording.DUTIES) for _ in range(rng.randint(1, 3))]
    sentences += rng.sample(wording.OFFERS, rng.randint(1, 2))
    if rng.random() < 0.15:
        sentences.append(rng.choice(wording.TRAPS))
    rng.shuffle(sentences)
    escaped = [html.escape(sentence, quote=False) for sentence in sentences]
    if rng.random() < 0.4:
        bullet = rng.choice(("• ", "- ", "* "))
        items = "".join(f"<li>{sentence}</li>" for sentence in escaped)
        return _Form("\n".join(bullet + sentence for sentence in sentences), f"<ul>\n{items}</ul>")
    joined = " ".join(escaped)
    return _Form(
        " ".join(sentences),
        rng.choice((f"<p>{joined}</p>", f"<div>{joined}</div><br/>", f"<p><strong>{joined}</strong></p>")),
    )
