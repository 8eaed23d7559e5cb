"""Generated employers (one row a company): the same for a seed, to postings and to dimensions alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, islice
from typing import NamedTuple

from faker import Faker

from talentpulse.domain.skills import skill_matcher
from talentpulse.sources.places import COUNTRIES, Country

SIZES: tuple[tuple[str, float], ...] = (
    ("1-10", 0.25),
    ("11-50", 0.30),
    ("51-200", 0.22),
    ("201-1000", 0.14),
    ("1001-5000", 0.06),
    ("5001+", 0.03),
)
INDUSTRIES: tuple[tuple[str, float], ...] = (
    ("Software", 24),
    ("Financial services", 13),
    ("Consulting", 10),
    ("Health care", 9),
    ("Retail", 8),
    ("Manufacturing", 8),
    ("Telecommunications", 6),
    ("Media", 5),
    ("Energy", 4),
    ("Logistics", 4),
    ("Education", 3),
    ("Public sector", 3),
    ("Insurance", 3),
)
_STEM_STARTS = (
    "Alto", "Avi", "Bel", "Bright", "Cal", "Cor", "Dyna", "Ever", "Fen", "Gala", "Hel", "Inno", "Jun",
    "Kor", "Lum", "Mer", "Nor", "Nova", "Oak", "Orbi", "Pan", "Quan", "Ren", "Sol", "Tal", "Ultra",
    "Vel", "Vint", "Wind", "Xen", "Yel", "Zen",
)  # fmt: skip
_STEM_ENDS = (
    "bridge", "cast", "dale", "field", "gate", "grove", "haven", "ix", "jord", "kraft", "land", "light",
    "mark", "nest", "ora", "path", "quill", "ridge", "rise", "shore", "stead", "tide", "tria", "vale",
    "vanta", "wick", "yard", "zen",
)  # fmt: skip
_TRADES = (
    "Group",
    "Holdings",
    "Partners",
    "Labs",
    "Systems",
    "Works",
    "Industries",
    "Services",
    "Digital",
    "Technologies",
)
_LEGAL_FORMS = {
    "US": ("Inc.", "LLC"),
    "GB": ("Ltd", "LLP"),
    "DE": ("GmbH", "AG"),
    "FR": ("SA", "SARL"),
    "NL": ("B.V.",),
    "PL": ("Sp. z o.o.",),
    "SE": ("AB",),
    "CH": ("AG",),
    "IN": ("Pvt. Ltd.",),
    "AU": ("Pty Ltd",),
}
_SURNAMES = 400


class Company(NamedTuple):
    """One employer, its name unique for a seed. `size`: a range of staff; `country`: ISO 3166-1 alpha-2."""

    name: str
    industry: str
    size: str
    country: str
    city: str


@lru_cache(maxsize=4)
def companies(seed: int, count: int = 10_000) -> tuple[Company, ...]:
    """The first `count` employers of a seed; a smaller count gives a prefix of a larger one.

    Raises:
        ValueError: more than 100,000 are asked for; the names would run out.
    """
    if count > 100_000:
        raise ValueError(f"expected at most 100,000 companies, found {count:,}")
    return tuple(islice(_endless(seed), count))


def _endless(seed: int) -> Iterator[Company]:
    rng = random.Random(f"companies {seed}")
    surnames = _surnames(seed)
    industries, industry_weights = zip(*INDUSTRIES, strict=True)
    sizes, size_weights = zip(*SIZES, strict=True)
    by_industry, by_size = list(accumulate(industry_weights)), list(accumulate(size_weights))
    by_country = list(accumulate(country.weight for country in COUNTRIES))
    taken: set[str] = set()
    while True:
        country = rng.choices(COUNTRIES, cum_weights=by_country)[0]
        name = _name(rng, surnames, country)
        if name in taken:
            continue
        taken.add(name)
        yield Company(
            name=name,
            industry=rng.choices(industries, cum_weights=by_industry)[0],
            size=rng.choices(sizes, cum_weights=by_size)[0],
            country=country.code,
            city=rng.choice(country.cities),
        )


def _surnames(seed: int) -> tuple[str, ...]:
    faker = Faker("en_US")
    faker.seed_instance(seed)
    names = dict.fromkeys(faker.last_name() for _ in range(_SURNAMES))
    # an employer called Jenkins, or Ray beside a skill, would be read as the skill, and the truth does not plant it
    return tuple(name for name in names if skill_matcher().skills(f"{name}, Kubernetes") == ["Kubernetes"])


def _name(rng: random.Random, surnames: tuple[str, ...], country: Country) -> str:
    style = rng.random()
    if style < 0.5:
        core = rng.choice(_STEM_STARTS) + rng.choice(_STEM_ENDS)
    elif style < 0.75:
        core = f"{rng.choice(surnames)} & {rng.choice(surnames)}"
    else:
        core = f"{rng.choice(surnames)}-{rng.choice(surnames)}"
    if rng.random() < 0.7:
        core = f"{core} {rng.choice(_TRADES)}"
    legal_forms = _LEGAL_FORMS.get(country.code, ())
    return f"{core} {rng.choice(legal_forms)}" if legal_forms and rng.random() < 0.6 else core
