"""Countries and cities of generated employers, weighted by how much they hire (one row a country)."""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    """One country: ISO 3166-1 alpha-2 code, share of all employers (relative), spellings, currency, cities.

    A city is written as boards write it, state included where that is usual.
    """

    code: str
    weight: float
    spellings: tuple[str, ...]
    currency: str
    cities: tuple[str, ...]


COUNTRIES: tuple[Country, ...] = (
    Country(
        "US",
        30,
        ("USA", "United States", "US"),
        "USD",
        (
            "New York, NY",
            "San Francisco, CA",
            "Seattle, WA",
            "Austin, TX",
            "Boston, MA",
            "Chicago, IL",
            "Denver, CO",
            "Atlanta, GA",
            "Los Angeles, CA",
            "Pittsburgh, PA",
        ),
    ),
    Country("GB", 12, ("UK", "United Kingdom"), "GBP", ("London", "Manchester", "Bristol", "Edinburgh", "Leeds")),
    Country(
        "DE",
        10,
        ("Germany", "Deutschland"),
        "EUR",
        ("Berlin", "Munich", "Hamburg", "Frankfurt", "Köln", "München"),
    ),
    Country("IN", 9, ("India",), "INR", ("Bengaluru", "Hyderabad", "Pune", "Chennai", "Mumbai")),
    Country("FR", 6, ("France",), "EUR", ("Paris", "Lyon", "Toulouse", "Nantes")),
    Country("CA", 5, ("Canada",), "CAD", ("Toronto", "Vancouver", "Montréal", "Ottawa")),
    Country("NL", 4, ("Netherlands", "The Netherlands"), "EUR", ("Amsterdam", "Utrecht", "Eindhoven", "Rotterdam")),
    Country("PL", 4, ("Poland",), "PLN", ("Warsaw", "Kraków", "Wrocław", "Gdańsk")),
    Country("ES", 3, ("Spain", "España"), "EUR", ("Madrid", "Barcelona", "Málaga")),
    Country("AU", 3, ("Australia",), "AUD", ("Sydney", "Melbourne", "Brisbane")),
    Country("SE", 2, ("Sweden",), "SEK", ("Stockholm", "Gothenburg", "Malmö")),
    Country("CH", 2, ("Switzerland",), "CHF", ("Zurich", "Geneva", "Basel", "Zürich")),
    Country("BR", 2, ("Brazil", "Brasil"), "BRL", ("São Paulo", "Rio de Janeiro", "Florianópolis")),
    Country("IE", 2, ("Ireland",), "EUR", ("Dublin", "Cork", "Galway")),
    Country("SG", 2, ("Singapore",), "SGD", ("Singapore",)),
    Country("DK", 1, ("Denmark",), "DKK", ("Copenhagen", "Aarhus")),
    Country("PT", 1, ("Portugal",), "EUR", ("Lisbon", "Porto")),
    Country("JP", 1, ("Japan",), "JPY", ("Tokyo", "Osaka")),
    Country("IT", 1, ("Italy",), "EUR", ("Milan", "Rome", "Turin")),
)

COUNTRY_BY_CODE = {country.code: country for country in COUNTRIES}
