"""Places and their regions: countries by name, code, state and city; remote and unknown."""

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.gazetteer import folded, gazetteer
from talentpulse.domain.places import Place, places, regions
from tests.unit.domain.cost import cheapest


@pytest.mark.parametrize(
    ("location", "country"),
    [
        ("London, UK", "GB"),
        ("London", "GB"),
        ("Paris", "FR"),
        ("San Jose", "US"),
        ("Austin, TX", "US"),
        ("Austin TX", "US"),
        ("Austin, Texas", "US"),
        ("Springfield, IL 62701", "US"),
        ("Toronto, ON", "CA"),
        ("London, ON", "CA"),
        ("Toronto, CA", "CA"),
        ("San Francisco, CA", "US"),
        ("Ontario, CA", "US"),
        ("Ontario", "CA"),
        ("CA", "CA"),
        ("GA", "US"),
        ("Bangalore, IN", "IN"),
        ("Indianapolis, IN", "US"),
        ("Dover, DE", "US"),
        ("Berlin, DE", "DE"),
        ("Kleinkleckersdorf, DE", "DE"),
        ("Smallville, CA", "US"),
        ("Cape Town, SA", "ZA"),
        ("Riyadh, SA", "SA"),
        ("Perth, WA", "AU"),
        ("Seattle, WA", "US"),
        ("Atlanta, Georgia", "US"),
        ("Tbilisi, Georgia", "GE"),
        ("Portland, OR", "US"),
        ("New York, NY, USA", "US"),
        ("Santa Fe, New Mexico", "US"),
        ("10115 Berlin, Deutschland", "DE"),
        ("75001 Paris", "FR"),
        ("U.S.", "US"),
        ("Washington, D.C.", "US"),
        ("England", "GB"),
        ("Edinburgh, Scotland", "GB"),
        ("Dubai, UAE", "AE"),
        ("Seoul, South Korea", "KR"),
        ("Seoul, Korea, Republic of", "KR"),
        ("DEU", "DE"),
        ("Zürich", "CH"),
        ("Zurich", "CH"),
        ("Москва", "RU"),
        ("北京", "CN"),
        ("Isle of Man", "IM"),
        ("Greater London", "GB"),
        ("San Francisco Bay Area", "US"),
        ("Berlin (Germany)", "DE"),
        ("Hybrid - London", "GB"),
        ("US-TX-Austin", "US"),
        ("Trinidad and Tobago", "TT"),
        ("Sarajevo, Bosnia and Herzegovina", "BA"),
        ("Bosnia & Herzegovina", "BA"),
        ("San José, Costa Rica", "CR"),
        ("Cambridge", "GB"),
        ("Cambridge, MA", "US"),
        ("Cambridge, Ontario", "CA"),
        ("Birmingham, AL", "US"),
        ("Richmond, CA", "US"),
        ("Vancouver, WA", "US"),
        ("Casablanca, MA", "MA"),
        ("Tel Aviv, IL", "IL"),
        ("Bogotá, CO", "CO"),
        ("Lagos, PT", "PT"),
        ("Paris, TX", "US"),
        ("London, Kentucky", "US"),
        ("Adelaide, SA", "AU"),
        ("St. John's, NL", "CA"),
        ("Amsterdam, NL", "NL"),
        ("austin, tx", "US"),
        ("leeds, uk", "GB"),
        ("Smallville, Tx", "US"),
        ("Galveston, Tex.", "US"),
        ("Austin, TX 78701", "US"),
        ("New York, NY 10001", "US"),
        ("SW1A 1AA London", "GB"),
        ("SW1A 1AA", "GB"),
        ("M5V 2T6", "CA"),
        ("CH-8001 Zürich", "CH"),
        ("1012 AB Amsterdam", "NL"),
        ("75001 Paris Cedex", "FR"),
        ("Санкт-Петербург", "RU"),
        ("г. Казань, ул. Баумана, д. 5", "RU"),
        ("Київ", "UA"),
        ("上海", "CN"),
        ("上海市浦东新区", "CN"),
        ("中国·深圳", "CN"),
        ("東京都港区", "JP"),
        ("서울", "KR"),
        ("Αθήνα", "GR"),
        ("תל אביב", "IL"),
        ("دبي", "AE"),
        ("München", "DE"),
        ("Muenchen", "DE"),
        ("Praha", "CZ"),
        ("Cologne", "DE"),
        ("Kiev", "UA"),
        ("Bombay", "IN"),
        ("St. Louis", "US"),
        ("Saint Petersburg", "RU"),
        ("NYC", "US"),
        ("SF Bay Area", "US"),
        ("Bay Area", "US"),
        ("Silicon Valley", "US"),
        ("New England", "US"),
        ("LA", "US"),
        ("Bavaria", "DE"),
        ("Karnataka", "IN"),
        ("Guildford, Surrey", "GB"),
        ("New South Wales", "AU"),
        ("Central London", "GB"),
        ("East London", "GB"),
        ("Victoria, London", "GB"),
        ("Amsterdam-Zuidoost", "NL"),
        ("Acme Rotterdam", "NL"),
        ("NYC-Acme", "US"),
        ("Frankfurt (Hybrid)", "DE"),
        ("London (no remote)", "GB"),
        ("Mill Valley", "US"),
        ("Taiwan, Province of China", "TW"),
        ("Europe, Portugal", "PT"),
        ("Milano, IT", "IT"),
        ("IT", "IT"),
        ("UK-based", "GB"),
    ],
)
def test_a_place_is_in_its_country(location: str, country: str) -> None:
    assert regions(location, False) == (country,)


@pytest.mark.parametrize(
    ("location", "countries"),
    [
        ("Berlin; Paris", ("DE", "FR")),
        ("Berlin/Paris", ("DE", "FR")),
        ("USA | Canada", ("CA", "US")),
        ("London, UK\nNew York, NY", ("GB", "US")),
        ("London, UK and Berlin, Germany", ("DE", "GB")),
        ("Dublin or London", ("GB", "IE")),
        ("London or Remote", ("GB",)),
        ("Munich; Berlin", ("DE",)),
        ("Berlin; Nowhereville", ("DE",)),
        ("Boston, MA; London; Toronto, ON", ("CA", "GB", "US")),
        ("Boston / Cambridge", ("US",)),
        ("Cambridge or Boston, MA", ("US",)),
        ("Chicago, Tokyo", ("JP", "US")),
        ("Armenia, Georgia, Poland", ("AM", "GE", "PL")),
        ("US, CA", ("CA", "US")),
        ("San Francisco, CA, Portland, OR, London, UK", ("GB", "US")),
        ("OR - Salem; GA - Atlanta", ("US",)),
        ("Canada (BC, ON)", ("CA",)),
        ("London, USA", ("GB", "US")),
        ("Boise, ID OR Toronto, ON OR Remote", ("CA", "US")),
        ("Portland OR USA", ("US",)),
        ("Portland OR 97201", ("US",)),
        ("Berlin und Wien", ("AT", "DE")),
        ("Madrid y Lisboa", ("ES", "PT")),
    ],
)
def test_several_places_count_each_country_once(location: str, countries: tuple[str, ...]) -> None:
    assert regions(location, None) == countries


@pytest.mark.parametrize(
    ("location", "is_remote", "expected"),
    [
        ("Remote", False, ("remote",)),
        ("Anywhere", None, ("remote",)),
        ("Worldwide", None, ("remote",)),
        ("Remote, EU", None, ("remote",)),
        ("Remote - EST", None, ("remote",)),
        ("EMEA (remote)", None, ("remote",)),
        ("Distributed", None, ("remote",)),
        ("Home Office", None, ("remote",)),
        ("Teletrabajo", None, ("remote",)),
        ("Удалённая работа", None, ("remote",)),
        ("远程", None, ("remote",)),
        ("Europe", True, ("remote",)),
        ("Hybrid", None, ("unknown",)),
        ("On-site", None, ("unknown",)),
        (None, True, ("remote",)),
        ("Nowhereville", True, ("remote",)),
        ("Remote (US only)", True, ("US",)),
        ("Remote - Germany", True, ("DE",)),
        ("London", True, ("GB",)),
        ("Not remote", None, ("unknown",)),
        ("Remote: no", None, ("unknown",)),
    ],
)
def test_remote_counts_only_where_no_country_is_stated(
    location: str | None, is_remote: bool | None, expected: tuple[str, ...]
) -> None:
    assert regions(location, is_remote) == expected


@pytest.mark.parametrize(
    "location",
    [
        *(None, "", " ", "N/A", "NA", "us", 7, ["London"], {}, "Nowhereville", "HQ", "Multiple locations"),
        *("EMEA", "APAC", "EU", "Europe", "Latin America", "North America", "Middle East", "Asia"),
        *("75001", "10115", "78701", "2"),
        *("Engineering, QA", "Data Science, ML", "Sales, IT", "Senior Engineer, Backend", "Sales", "CO-FOUNDER"),
    ],
)
def test_a_place_that_nobody_knows_is_unknown(location: object) -> None:
    assert regions(location, "true") == ("unknown",)
    assert places(location) == (Place(None, None, None, "unknown", 0.0),)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("Austin, TX", [("Austin", "TX", "US")]),
        ("Austin Texas 78701", [("Austin", "TX", "US")]),
        ("Toronto, CA", [("Toronto", "ON", "CA")]),
        ("Sydney", [("Sydney", "NSW", "AU")]),
        ("Edinburgh, Scotland", [("Edinburgh", "SCT", "GB")]),
        ("Wales", [(None, "WLS", "GB")]),
        ("Texas, USA", [(None, "TX", "US")]),
        ("Germany", [(None, None, "DE")]),
        ("Germany - Berlin", [("Berlin", "16", "DE")]),
        ("US-TX-Austin", [("Austin", "TX", "US")]),
        ("Sausalito, CA", [("Sausalito", "CA", "US")]),
        ("Smallville, CA", [(None, "CA", "US")]),
        ("New York", [("New York City", "NY", "US")]),
        ("Albany, New York", [("Albany", "NY", "US")]),
        ("Albany, New York, New York", [("Albany", "NY", "US")]),
        ("Brooklyn, New York, NY", [("Brooklyn", "NY", "US")]),
        ("Paris, TX, Boston, USA", [("Paris", "TX", "US"), ("Boston", "MA", "US")]),
        ("Québec", [("Québec", "QC", "CA")]),
        ("Ontario, Canada", [(None, "ON", "CA")]),
        ("Ontario, CA", [("Ontario", "CA", "US")]),
        ("California, USA", [(None, "CA", "US")]),
        ("Aberdeen, Washington, United States", [("Aberdeen", "WA", "US")]),
        ("Singapore", [("Singapore", None, "SG")]),
        ("Singapore, SG", [("Singapore", None, "SG")]),
        ("Colombia", [(None, None, "CO")]),
        ("Mexico", [(None, None, "MX")]),
        ("Campinas, São Paulo, Brazil", [("Campinas", "27", "BR")]),
        ("Hamburg, Berlin", [("Hamburg", "04", "DE"), ("Berlin", "16", "DE")]),
        ("Москва", [("Moscow", "48", "RU")]),
        ("中国北京市海淀区", [("Beijing", "22", "CN")]),
        ("Newcastle, UK", [("Newcastle upon Tyne", "ENG", "GB")]),
        ("St. Paul / Minneapolis, MN", [("Saint Paul", "MN", "US"), ("Minneapolis", "MN", "US")]),
        ("London; Berlin, Germany; London", [("London", "ENG", "GB"), ("Berlin", "16", "DE")]),
        ("Berlin or remote in Germany", [("Berlin", "16", "DE"), (None, None, "DE")]),
        ("Remote", [(None, None, None)]),
    ],
)
def test_a_place_is_read_to_its_city_and_state_in_the_order_of_the_text(
    location: str, expected: list[tuple[str | None, str | None, str | None]]
) -> None:
    assert [place[:3] for place in places(location)] == expected


def test_population_breaks_ties_within_the_stated_country() -> None:
    assert [place.admin1 for place in places("Springfield, USA")] == ["MO"]
    assert [place.admin1 for place in places("Springfield, IL")] == ["IL"]
    assert [place.admin1 for place in places("San Jose, United States")] == ["CA"]


def test_the_more_is_stated_the_surer_a_place_is() -> None:
    by_certainty = ["Nowhereville", "Springfield", "Cambridge", "DE", "London", "Cambridge, MA"]
    confidences = [places(location)[0].confidence for location in by_certainty]
    assert confidences == sorted(confidences)
    assert confidences[0] == 0
    assert confidences[-1] == 1


@pytest.mark.parametrize(
    ("location", "confidence"),
    [
        ("Austin, TX", 1.0),
        ("Springfield, USA", 0.95),
        ("Germany", 0.95),
        ("Remote (US only)", 0.95),
        ("Smallville, DE", 0.5),
        ("CA", 0.5),
        ("FR", 0.8),
        ("Remote", 0.9),
        ("SW1A 1AA", 0.9),
        ("Nowhereville", 0.0),
    ],
)
def test_confidence_has_documented_levels(location: str, confidence: float) -> None:
    assert [place.confidence for place in places(location)] == [confidence]


def test_a_city_among_other_words_is_less_sure_than_alone() -> None:
    assert places("Acme Rotterdam")[0].confidence < places("Rotterdam")[0].confidence


def test_a_country_named_elsewhere_makes_its_city_likelier() -> None:
    assert [place.admin1 for place in places("Cambridge")] == ["ENG"]
    assert [place.admin1 for place in places("Boston / Cambridge")] == ["MA", "MA"]
    assert [place.region for place in places("London / Toronto")] == ["GB", "CA"]


def test_every_region_is_a_country_of_iso_3166() -> None:
    tables = gazetteer()
    countries = {row[1] for rows in tables.rows.values() for row in rows}
    countries |= {area.country for table in (tables.areas, tables.codes) for areas in table.values() for area in areas}
    assert countries <= {country.alpha_2 for country in pycountry.countries}
    assert len(countries) > 240


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kraków", "krakow"), ("Stoke-on-Trent", "stoke on trent"), ("ŁÓDŹ", "Lodz"), ("L’Aquila", "L'Aquila")],
)
def test_spellings_of_a_name_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


_HOSTILE_UNITS = [
    *("/", " and ", "A or ", "(", "A or A and ", ",", ";", "- ", "9", "U.S.", "CA, ", "CA;", "Georgia, ", "London-"),
    *("San Jose/", "Springfield, ", "New York, ", "Remote ", "not remote ", "US US ", "US-", "SW1A 1AA ", "1012 AB "),
    *(
        "Korea, Republic of, ",
        "北京",
        "Москва, ",
        "г. ",
        "St. ",
        "e\u0301",
        "\ufdfa",
        "\x00",
        "\ud800",
        "ä ö, ",
        "[(",
        "a'",
    ),
    "A" * 20_000,
]


@pytest.mark.parametrize("unit", _HOSTILE_UNITS, ids=lambda unit: repr(unit[:12]))
def test_hostile_locations_are_cheap(unit: str) -> None:
    regions("London", None)  # the tables are loaded
    # twice, each not the one that is remembered
    first, second = (f"{run}{unit * (20_000 // len(unit))}" for run in range(2))
    assert cheapest(lambda: regions(first, None), lambda: regions(second, None)) < 0.05


@given(
    st.text(max_size=60)
    | st.text(alphabet="ABCUKS,;/ and or()-.remt", max_size=60)
    | st.lists(
        st.sampled_from(["London", "CA", "Georgia", "New York", "Remote", "US", "京", ",", ";", " or ", "-", "10115"])
    ).map(" ".join),
    st.booleans() | st.none(),
)
def test_any_text_has_a_place_and_a_region(location: str, is_remote: bool | None) -> None:
    found = places(location, is_remote)
    assert found
    assert len({place[:3] for place in found}) == len(found)
    assert all(0 <= place.confidence <= 1 for place in found)
    assert all(place.region == (place.country or place.region) for place in found)
    assert regions(location, is_remote) == tuple(sorted({place.region for place in found}))
    countries = {place.country for place in found}
    assert countries == {None} or None not in countries
