"""Which places a posting's location names: city, state and country, each with how sure that is.

Each piece of the text is read from right to left: a country or state (name or code) is stated for the city to its
left ("Paris, TX"), or, with nothing stated there, to its right ("Germany - Berlin"). A part with several meanings
("CA", "GA", "Georgia") takes the one in which the city beside it lies: "Toronto, CA" is Canada, "San Francisco, CA"
the USA. A city without a stated country is the most populous of its name ("London" is GB, "San Jose" is US), where
a country that is named elsewhere in the location counts three times ("Boston / Cambridge"). Two cities of different
countries beside each other are two places if the left one is known for itself; otherwise it is a quarter of the
other ("Chicago, Tokyo" and "Victoria, London").

Confidence, 0 to 1:

* 1.0: a city in its stated country or state, the only one of its name there;
* 0.95: the most populous of several there; or a country or state by name;
* 0.8: a code with no known city beside it ("Remote, DE"); 0.5 if that code is several countries' ("CA");
* a city alone: its share of all inhabitants of cities of that name, at most 0.95; four fifths of that if other
  words stand in the same part ("Acme Rotterdam");
* 0.9: a postal code of a shape that one country has; remote, as text or sender say;
* 0.0: unknown.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from talentpulse.domain.gazetteer import Area, City
from talentpulse.domain.place_mentions import CITY_FROM, WELL_KNOWN_CODES, Mention, pieces_of

REMOTE = "remote"
UNKNOWN = "unknown"

_MAX_CHARACTERS = 1_000

_ONLY_ONE = 1.0
_STATED = 0.95
_MARKED = 0.9  # postal code, remote
_BY_CODE = 0.8
_BY_SHARED_CODE = 0.5

_METROPOLIS_FROM = 1_000_000  # inhabitants; "London, USA" are two places
_KNOWN_FOR_ITSELF = 0.7  # share of a name's inhabitants
_NEARBY = 3  # times, for a country named elsewhere in the location
_STATE_CODE = 3  # times; "Richmond, CA" is California's though Canada's is larger
# how many times larger a namesake abroad may be: "Paris, USA" is in Texas, "London, USA" two places
_IN_COUNTRY = 100
_EVER = math.inf

_REMOTE_TEXT = re.compile(
    r"(?<!no )(?<!not )(?<!non-)(?<!non )(?<!kein )"
    r"\b(?:remote(?:ly)?|remot[ao]|anywhere|worldwide|distributed|wfh|telecommut(?:e|ing)|work(?:ing)? from home"
    r"|home[- ]?(?:based|office)|t[ée]l[ée]travail|teletrabajo|удал[её]нн(?:о|ая)|удал[её]нка)\b"
    r"(?!\s*[:=]\s*(?:no|false)\b)|远程|リモート",
    re.IGNORECASE,
)
# full postal codes that no other country writes so
_POSTAL_CODES = (
    (re.compile(r"\b(?!(?:JE|GY|IM)[0-9])[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}\b"), "GB"),
    (re.compile(r"\b[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] [0-9][ABCEGHJ-NPRSTV-Z][0-9]\b"), "CA"),
)
# states as "Smallville, Tx" has them; the others are words
_TITLE_CASE_CODES = frozenset(
    ["Az", "Ca", "Ct", "Fl", "Ga", "Il", "Ky", "Mn", "Nc", "Nh", "Nj", "Nm", "Nv", "Ny", "Tn", "Tx", "Ut", "Va", "Wi"]
)
# of the codes of both a country and a state: countries that are meant where nothing tells
_COUNTRIES_BEFORE_STATES = frozenset(["AR", "CA", "DE", "ID", "IN"])
# country codes that are rather words of a job: believed with a city of theirs, or alone
_JOB_CODES = frozenset(["AI", "BI", "HR", "IO", "IT", "ML", "PM", "PR", "QA", "TV"])


class Place(NamedTuple):
    """One place of a posting.

    `city` is GeoNames' name; `admin1` the state: the postal code in US, CA and AU ("TX"), GeoNames' admin1 code
    elsewhere ("ENG", "16"), which may be null with a known city; `country` is ISO 3166-1 alpha-2; `region` is the
    country, `remote` or `unknown`.
    """

    city: str | None
    admin1: str | None
    country: str | None
    region: str
    confidence: float


_REMOTE_PLACE = (Place(None, None, None, REMOTE, _MARKED),)
_UNKNOWN_PLACE = (Place(None, None, None, UNKNOWN, 0.0),)


class _Find(NamedTuple):
    """A place before its city is chosen: cities in a stated area (or none known there), else cities anywhere."""

    area: Area | None
    cities: tuple[City, ...]
    certainty: float


def places(location: object, is_remote: object = None) -> tuple[Place, ...]:
    """The distinct places that `location` names, in the order of the text; never empty.

    One place with region `remote` only where no country is stated and the sender claims it (`is_remote is True`) or
    the text says so; one with region `unknown` where nothing is said. What is no text counts as missing; of long text
    1,000 characters are read.
    """
    text = location[:_MAX_CHARACTERS] if isinstance(location, str) else ""
    return _places(text, is_remote is True)


def regions(location: object, is_remote: object) -> tuple[str, ...]:
    """The sorted distinct regions of `places(location, is_remote)`; never empty."""
    return tuple(sorted({place.region for place in places(location, is_remote)}))


@lru_cache(maxsize=16_384)
def _places(text: str, is_remote: bool) -> tuple[Place, ...]:
    found = _cities_chosen([find for piece in pieces_of(text) for find in _finds(piece)])
    if not found:
        found = [Place(None, None, country, country, _MARKED) for code, country in _POSTAL_CODES if code.search(text)]
    if found:
        surest = {place[:-1]: place for place in sorted(found, key=lambda place: place.confidence)}
        return tuple(surest[key] for key in dict.fromkeys(place[:-1] for place in found))
    return _REMOTE_PLACE if is_remote or _REMOTE_TEXT.search(text) else _UNKNOWN_PLACE


def _finds(mentions: Sequence[Mention]) -> list[_Find]:
    """The places of a piece, in the order of the text."""
    piece = _Piece()
    is_last = True  # but for other codes
    for position in range(len(mentions) - 1, -1, -1):
        left = mentions[position - 1] if position else None
        if left and position + 1 < len(mentions) and mentions[position] == mentions[position + 1]:
            continue  # "Albany, New York, New York"
        piece.read(mentions[position], left, is_last)
        is_last = is_last and bool(mentions[position].code)
    piece.end_area()
    return piece.finds[::-1]


class _Piece:
    """Reads the mentions of a piece from right to left. `finds` are its places in that order."""

    def __init__(self) -> None:
        self.finds: list[_Find] = []
        self.stated: Area | None = None
        self.waiting: _Find | None = None  # what is stated and has no city yet
        self.favour = _EVER  # of a city in what is stated over a larger one elsewhere
        self.beside: tuple[City, ...] = ()  # cities of the last find where nothing is stated for it yet

    def read(self, mention: Mention, left: Mention | None, is_last: bool) -> None:
        stated = self.stated
        if mention.code and not self._is_believed(mention, left, is_last):
            return
        if stated:
            narrowed = tuple(area for area in mention.areas if stated.holds(*area))
            if narrowed and not _is_city(mention, narrowed, left):
                self.stated = narrowed[0]
                self.favour = _EVER if narrowed[0].state else self.favour
                if self.waiting or narrowed[0] != stated:
                    self.waiting = _Find(narrowed[0], _own_city(mention, narrowed[0]), _STATED)
                return
            if Area(stated.country) in mention.areas and not narrowed:  # "US, TX"
                return
            inside = _inside(mention.cities, stated, self.favour if self.waiting else _NEARBY)
            if inside and (stated.state or not mention.is_word):
                self.finds.append(_Find(stated, inside, mention.certainty))
                self.waiting, self.beside = None, ()
                return
        if mention.areas and not _is_city(mention, mention.areas, left):
            self._read_area(mention, left)
        else:
            self._read_city(mention, left)

    def end_area(self) -> None:
        if self.waiting:
            self.finds.append(self.waiting)
            self.waiting = None

    def _read_area(self, mention: Mention, left: Mention | None) -> None:
        area = _holding(mention.areas, left) or _holding(mention.areas, Mention(cities=self.beside))
        certainty = _STATED
        if not area:
            area = _likeliest_area(mention, left, in_list=bool(self.waiting))
            if len(mention.areas) > 1 and not (area.state and left):
                certainty = _BY_SHARED_CODE
            elif mention.code and mention.code not in WELL_KNOWN_CODES:
                certainty = _BY_CODE
            if area.state and self.finds and not self.waiting and _country(self.finds[-1]) != area.country:
                self._read_city(mention, left)  # "Victoria, London"
                return
        self.end_area()
        self.stated = area
        may_be_list = not area.state and (not mention.code or mention.code in WELL_KNOWN_CODES)
        self.favour = _IN_COUNTRY if may_be_list else _EVER
        if inside := _inside(self.beside, area, self.favour):  # "Germany - Berlin"
            self.finds[-1] = _Find(area, inside, self.finds[-1].certainty)
        else:
            self.waiting = _Find(area, _own_city(mention, area), certainty)
        self.beside = ()

    def _read_city(self, mention: Mention, left: Mention | None) -> None:
        towns = mention.towns
        if not towns:
            return
        neighbours = set(map(_country, [*self.finds, self.waiting] if self.waiting else self.finds))
        if left and _is_known_for_itself(left.towns):
            neighbours.add(left.towns[0].country)
        likeliest, _ = _likeliest_city(towns, neighbours)
        if neighbours and likeliest.country not in neighbours and not _is_known_for_itself(towns):
            return  # a quarter of the other
        if self.waiting and (self.favour == _EVER or likeliest.population < _METROPOLIS_FROM):
            return  # a town that the gazetteer does not have
        self.end_area()
        self.finds.append(_Find(None, towns, mention.certainty))
        self.beside = towns

    def _is_believed(self, mention: Mention, left: Mention | None, is_last: bool) -> bool:
        """Whether a code is one of a place here."""
        code = mention.code
        if left and _holding(mention.areas, left):
            return True
        if not code.isupper():
            return is_last and left is not None and code in _TITLE_CASE_CODES
        if code in WELL_KNOWN_CODES or _holding(mention.areas, Mention(cities=self.beside)):
            return True
        if self.stated and any(self.stated.holds(*area) for area in mention.areas):
            return True
        return is_last and not (left and code in _JOB_CODES)


def _is_city(mention: Mention, areas: tuple[Area, ...], left: Mention | None) -> bool:
    """Whether the name of an area means the city of that name: New York, unless Brooklyn stands before it."""
    if left and any(_inside(left.cities, area, _NEARBY) for area in areas):
        return False
    if mention.code:  # "LA"
        return bool(mention.cities) and mention.cities[0].population >= CITY_FROM
    return any(_own_city(mention, area) for area in areas)


def _own_city(mention: Mention, area: Area) -> tuple[City, ...]:
    """The city of an area's own name in it: Singapore."""
    return tuple(c for c in mention.cities[:1] if not c.has_other_name and area.holds(c.country, c.state))


def _inside(cities: tuple[City, ...], area: Area, favour: float) -> tuple[City, ...]:
    """The cities in an area; none if the likeliest of that name is more than `favour` times as likely as they."""
    inside = tuple(city for city in cities if area.holds(city.country, city.state))
    return inside if inside and inside[0].weight * favour >= cities[0].weight else ()


def _holding(areas: tuple[Area, ...], neighbour: Mention | None) -> Area | None:
    """The one of several areas in which the likeliest city of a name lies, or else an area of that name."""
    if not neighbour:
        return None
    likeliest: tuple[float, Area] | None = None
    for area in areas:
        if inside := _inside(neighbour.cities, area, _EVER):
            weight = inside[0].weight * (_STATE_CODE if area.state else 1)
            if not likeliest or weight > likeliest[0]:
                likeliest = weight, area
    if likeliest:
        return likeliest[1]
    return next((area for area in areas for inner in neighbour.areas if inner != area and area.holds(*inner)), None)


def _likeliest_area(mention: Mention, left: Mention | None, in_list: bool) -> Area:
    """Which of several areas of one name or code is meant where no city tells; a country stands first."""
    first, *others = mention.areas
    if not others or others[0].country not in ("US", "CA"):
        return first
    is_in_list = in_list or (left is not None and bool(left.areas))
    if not mention.code:
        return first if is_in_list else others[0]  # "Poland, Georgia"
    if left and not is_in_list and first.country != "DE":
        return others[0]  # small towns are mostly written so in America; "DE" is rarely Delaware
    return first if first.country in _COUNTRIES_BEFORE_STATES else others[0]


def _likeliest_city(cities: tuple[City, ...], nearby: Collection[str]) -> tuple[City, float]:
    """The likeliest city where some countries are named nearby, and its share of the likelihood."""
    weights = [city.weight * (_NEARBY if city.country in nearby else 1) for city in cities]
    most = max(weights)
    return cities[weights.index(most)], most / (sum(weights) or 1)


def _is_known_for_itself(cities: tuple[City, ...]) -> bool:
    return bool(cities) and cities[0].population >= CITY_FROM and _likeliest_city(cities, ())[1] >= _KNOWN_FOR_ITSELF


def _country(find: _Find) -> str:
    return find.area.country if find.area else find.cities[0].country


def _cities_chosen(finds: list[_Find]) -> list[Place]:
    """One place each, with the likeliest of its cities."""
    countries = Counter(map(_country, finds))
    return [_place(find, countries - Counter([_country(find)])) for find in finds]


def _place(find: _Find, nearby: Collection[str]) -> Place:
    area, cities, certainty = find
    if area and not cities:
        return Place(None, area.state, area.country, area.country, certainty)
    if area:
        city = cities[0]
        certainty *= _ONLY_ONE if all(other.has_other_name for other in cities[1:]) else _STATED
    else:
        city, share = _likeliest_city(cities, nearby)
        certainty *= min(_STATED, share)
    return Place(city.name, city.state, city.country, city.country, round(certainty, 2))
