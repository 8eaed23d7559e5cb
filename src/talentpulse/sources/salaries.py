"""Salaries as boards write them: one amount, many notations."""

from __future__ import annotations

import random
from typing import Any

_SYMBOLS = {
    "USD": "$",
    "GBP": "£",
    "EUR": "€",
    "INR": "₹",
    "CAD": "CA$",
    "AUD": "A$",
    "BRL": "R$",
    "JPY": "¥",
}
# what one thousand a year in dollars is in the currency's thousands, roughly: only to look real
_FACTORS = {"INR": 30.0, "JPY": 110.0, "PLN": 3.0, "SEK": 8.0, "DKK": 6.0, "BRL": 3.0, "GBP": 0.7}
_STATED = 0.6  # share of postings that say anything about pay


def salary_fields(rng: random.Random, currency: str) -> dict[str, Any]:
    """The payload's salary fields of one posting, in a notation drawn at random; often none."""
    if rng.random() > _STATED:
        return {}
    low = round((35 + rng.random() * 110) * _FACTORS.get(currency, 1.0))
    high = low + max(1, round(low * (0.1 + rng.random() * 0.3)))
    if rng.random() < 0.35:
        return {
            "salary_min": low * 1000,
            "salary_max": high * 1000,
            "salary_currency": currency,
            "salary_period": "year",
        }
    return {"salary": _NOTATIONS[int(rng.random() * len(_NOTATIONS))](low, high, currency)}


def _symbol(currency: str) -> str:
    return _SYMBOLS.get(currency, currency + " ")


_NOTATIONS = (
    lambda low, high, currency: f"{_symbol(currency)}{low},000 - {_symbol(currency)}{high},000 per year",
    lambda low, high, currency: f"{low}-{high}k {currency}",
    lambda low, high, currency: f"{_symbol(currency)}{low}k–{_symbol(currency)}{high}k",
    lambda low, high, currency: f"{low}.000 bis {high}.000 {currency} brutto",
    lambda low, high, currency: f"ab {low} 000 {currency} / an",
    lambda low, high, currency: f"up to {_symbol(currency)}{high}K",
    lambda low, high, currency: f"{_symbol(currency)}{low * 1000 // 220:,} per day",
    lambda low, high, currency: f"{_symbol(currency)}{low * 1000 / 1760:.2f}/hour",
    lambda low, high, currency: f"{currency} {low * 1000 // 12:,} monthly",
    lambda low, high, currency: f"{_symbol(currency)}{low}k + equity",
    lambda low, high, currency: "competitive",
    lambda low, high, currency: "DOE",
)
