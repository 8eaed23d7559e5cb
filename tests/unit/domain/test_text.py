"""HTML to text: what a reader would see, at a cost that hostile input cannot raise."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.text import plain_text


def test_text_without_markup_comes_back_as_it_is() -> None:
    text = "Java, Python\n  and 5 years"
    assert plain_text(text) is text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<ul><li>Java</li><li>Python</li></ul>", "Java\nPython"),
        ("Java<br>Python<BR/>Go", "Java\nPython\nGo"),
        ("<p class='a'>Java</p><P>Python</P>", "Java\nPython"),
        ("<td>Java</td><td>Go</td>", "Java\nGo"),
        ("<b>Java</b>Script", "JavaScript"),
        ("we use <em>Go</em>, <a href='x'>Rust</a>", "we use Go, Rust"),
        ("<p>machine\nlearning</p>", "machine learning"),
        ("<script>var go = 1;</script>Java", "Java"),
        ("a<STYLE>p{}</sTyLe >b", "ab"),
        ("a<!-- <b>no</b> -->b", "ab"),
        ("a<script>no end", "a"),
        ("a<!-- no end", "a"),
        ("R&amp;D and C&#43;&#x2b;", "R&D and C++"),
        ("&lt;p&gt;Java&lt;/p&gt;&lt;p&gt;C&amp;amp;I&lt;/p&gt;", "Java\nC&I"),
        ("Node\u200b.js\u00a0and\ufeff Go", "Node.js and Go"),
        ("Java&nbsp;8", "Java 8"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("1 <2", "1 <2"),
        ("&bogus; &", "&bogus; &"),
    ],
)
def test_markup_becomes_what_a_reader_sees(source: str, expected: str) -> None:
    assert plain_text(source) == expected


@pytest.mark.parametrize(
    "unit",
    ["<", "<a", "<!--", "<script>", "<p", "&#", "&", "<a '", "</", "&lt;", " ", "<br>", "\n", "<!", "&#9"],
)
def test_hostile_text_costs_linear_time(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    started = time.process_time()
    plain_text(text)
    # a quadratic pass over 400 KB takes minutes
    assert time.process_time() - started < 5


def test_an_entity_of_ten_thousand_digits_is_a_replacement_character() -> None:
    assert plain_text("&#" + "9" * 10_000 + ";") == "\ufffd"


@given(st.text(alphabet=st.sampled_from("<>/!-&#;pbscriptlyx0 9\n\u200b"), max_size=80) | st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    plain_text(text)
