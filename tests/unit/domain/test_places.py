"""Regions: countries by name, code, state and city; remote and unknown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.places import regions


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


@pytest.mark.parametrize("location", [None, "", " ", "N/A", "NA", "us", 7, ["London"], {}, "Nowhereville", "EMEA"])
def test_a_place_that_nobody_knows_is_unknown(location: object) -> None:
    assert regions(location, "true") == ("unknown",)


@pytest.mark.parametrize("unit", ["/", " and ", "A or ", "(", "A or A and ", ",", ";", "- ", "9", "U.S."])
def test_hostile_locations_are_cheap(unit: str) -> None:
    regions("London", None)  # the tables are loaded
    started = time.process_time()
    regions(unit * 100_000, None)
    assert time.process_time() - started < 1


@given(
    st.text(max_size=40) | st.text(alphabet="ABCUKS,;/ and or()-.remt", max_size=40),
    st.booleans() | st.none(),
)
def test_any_text_has_a_region(location: str, is_remote: bool | None) -> None:
    found = regions(location, is_remote)
    assert found
    assert list(found) == sorted(set(found))
    assert found in (("remote",), ("unknown",)) or all(len(code) == 2 and code.isupper() for code in found)
