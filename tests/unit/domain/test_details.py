"""One posting, all of its fields."""

from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.details import read_details
from talentpulse.domain.text import posting_text

POSTING = {
    "title": "Senior Data Engineer (m/w/d)",
    "company": "Quux Data GmbH",
    "location": "Berlin, Germany",
    "is_remote": False,
    "salary_min": 70_000,
    "salary_max": 90_000,
    "salary_currency": "EUR",
    "salary_period": "year",
    "description": "<p>You work with Python and Kafka.</p><p>This is a hybrid role. Bonus of $5,000.</p><p>Apply now</p>",
}


def test_a_posting_is_read_as_a_whole():
    read = read_details(POSTING)
    assert read.title.core == "data engineer"
    assert read.employer.name == "Quux Data"
    assert [(place.city, place.region) for place in read.places] == [("Berlin", "DE")]
    assert (read.pay.low, read.pay.high, read.pay.currency, read.pay.period) == (70_000, 90_000, "EUR", "year")
    assert (read.level.level, read.level.evidence_kind) == ("senior", "title")
    assert (read.work_mode.mode, read.is_remote_claimed) == ("hybrid", False)
    assert read.text.language == "en"
    assert {"Python", "Apache Kafka"} <= {mention.skill for mention in read.mentions}


def test_a_mention_stands_where_it_says():
    text = posting_text(POSTING)
    assert all(text[m.start : m.end] == m.form for m in read_details(POSTING).mentions)


def test_fields_go_before_text_and_text_is_better_than_nothing():
    assert read_details({"salary": "60-80k EUR", "description": "Salary: $90,000 a year"}).pay.currency == "EUR"
    assert read_details({"description": "Salary: $90,000 a year"}).pay.low == 90_000


def test_the_place_tells_which_dollar_is_meant_where_there_is_one():
    assert read_details({"location": "Toronto, Canada", "salary": "$90,000 a year"}).pay.currency == "CAD"
    assert read_details({"location": "Toronto, Canada; Austin, USA", "salary": "$90,000"}).pay.currency == "USD"


def test_what_is_missing_is_unknown_and_what_is_no_text_is_missing():
    read = read_details({"title": 5, "company": ["a"], "location": {}, "is_remote": "yes", "description": None})
    assert (read.employer, read.pay, read.is_remote_claimed, read.mentions) == (None, None, None, [])
    assert (read.places[0].region, read.level.level, read.work_mode.mode) == ("unknown", "unknown", "unknown")


VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=80), st.lists(st.text(max_size=9), max_size=3)
)


@given(st.dictionaries(st.sampled_from([*POSTING, "salary"]), VALUES))
def test_any_payload_is_read(payload):
    assert read_details(payload).places
