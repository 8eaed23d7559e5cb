"""Descriptions: without footer, with a hash that looks through their dress."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.descriptions import read_text

FOOTED = """We build bridges.
You know steel.

Acme is an equal opportunity employer.
All qualified applicants are considered regardless of race, religion or age.

#LI-Hybrid
© 2026 Acme"""


def test_a_footer_is_no_part_of_the_text():
    assert read_text(FOOTED).plain == "We build bridges.\nYou know steel."


def test_what_looks_like_a_footer_in_the_middle_stays():
    text = "We care about equal opportunity.\nYou know steel."
    assert read_text(text).plain == text


def test_a_text_of_one_line_is_no_footer_although_it_ends_with_one():
    text = "You know steel. " * 200 + "We are an equal opportunity employer."
    assert read_text(text).plain == text


def test_the_hash_looks_through_markup_case_blanks_and_footer():
    html = "<p>We  build <b>BRIDGES</b>.</p><p>You know steel.</p><p>Apply now</p>"
    assert read_text(html).content_hash == read_text(FOOTED).content_hash
    assert read_text("We build ships.").content_hash != read_text(FOOTED).content_hash


@pytest.mark.parametrize("raw", [None, 5, "", "  \n ", "<script>alert(1)</script>", ["a"], "&nbsp;"])
def test_where_there_is_no_text_there_is_no_hash(raw):
    assert read_text(raw) == ("", None, None)


@given(st.text(max_size=500))
def test_any_text_is_read(raw):
    read = read_text(raw)
    assert (read.content_hash is None) == (not read.plain.split())
