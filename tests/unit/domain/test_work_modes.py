"""Work modes: negations, look-alikes, alternatives, and what the words beside a mention say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.work_modes import mode_words, read_work_mode
from tests.unit.domain.cost import cheaper_of_two

NEGATED = [
    *(
        "no remote",
        "NO REMOTE",
        "Not remote",
        "non-remote",
        "noremote",
        "Remote: no",
        "REMOTE? No",
        "Remote (no)",
        "Remote - no",
    ),
    *(
        "remote not possible",
        "Remote is not possible",
        "remote unavailable",
        "remote candidates will not be considered",
    ),
    *("no visa or remote", "without remote work", "not eligible for remote", "no option of remote work"),
    *("kein Homeoffice", "Homeoffice: nein", "Home-Office nicht möglich", "ohne Homeoffice", "kein Remote"),
    *("pas de télétravail", "télétravail impossible", "télétravail : non", "sin teletrabajo", "no remoto"),
    *("не удалённо", "без удаленной работы", "удаленно: нет", "bez pracy zdalnej", "niet remote", "no smart working"),
]
NOT_ABOUT_THE_JOB = [
    *("Remote Sensing Scientist", "Remote Site Nurse", "Remote Control Technician", "Remote Monitoring Specialist"),
    *("Remote Support Technician", "Remote Access Engineer", "Remote Desktop Administrator", "Remote Pilot"),
    *(
        "Hybrid Cloud Engineer",
        "Hybrid Vehicles Mechanic",
        "Hybrid App Developer",
        "Hybrid Electric Powertrain Engineer",
    ),
    *(
        "On-site support at customers",
        "Onsite IT Support",
        "On-Site Services Chef",
        "On-site interview",
        "Virtual Assistant",
    ),
    *("Baker", "Homeopath", "Remoteness", "Headquarters", "not fully remote", "no remote outside Latvia"),
]
NOT_IN_A_TEXT = [
    "You analyse remote sensing data.",
    "You care for patients at remote sites and in remote communities.",
    "You set up remote access, remote monitoring and remote control.",
    "You provide remote support to our customers.",
    "Our hybrid cloud platform runs on hybrid infrastructure.",
    "We build hybrid vehicles and hybrid mobile apps.",
    "You give on-site support at customers.",
    "We offer an on-site gym, on-site parking and on-site childcare.",
    "After a call there is an onsite interview, one trial day in the office.",
    "You coordinate a team of remote colleagues in several countries.",
    "Experience with machines that are remotely operated in remote areas is welcome in this bakery of ours, as is patience.",
    "We pay a work from home stipend.",
    "We are temporarily remote.",
    "Our offices are worldwide.",
    "You travel 3 days.",
]


@pytest.mark.parametrize("words", NEGATED)
def test_a_negated_remote_is_onsite(words: str) -> None:
    for location, title, text in (
        (words, None, None),
        (None, f"Baker ({words})", None),
        (None, None, f"We bake.\n{words}."),
    ):
        found = read_work_mode(location, title, text)
        assert found.mode == "onsite", (location, title, text)
        assert found.evidence.lower() in f"{location} {title} {text}".lower()


@pytest.mark.parametrize("words", NOT_ABOUT_THE_JOB)
def test_a_look_alike_says_nothing(words: str) -> None:
    assert read_work_mode(None, words, None) == ("unknown", "", None)
    assert read_work_mode(words, None, None) == ("unknown", "", None) or words.startswith("Virtual")


@pytest.mark.parametrize("text", NOT_IN_A_TEXT)
def test_a_text_that_speaks_of_other_things_says_nothing(text: str) -> None:
    assert (
        read_work_mode("Riga", "Baker", "About us.\nLoaf is a bakery that was founded long ago. " + text).mode
        == "unknown"
    )


@pytest.mark.parametrize(
    ("location", "mode"),
    [
        ("Remote", "remote"),
        ("Remote (US only)", "remote"),
        ("Riga or Remote", "remote"),
        ("100% remote", "remote"),
        ("Remote, no agencies", "remote"),
        ("No recruiters, remote OK", "remote"),
        ("Remote - no visa", "remote"),
        ("Not only remote", "remote"),
        ("Anywhere", "remote"),
        ("Home office", "remote"),
        ("Télétravail", "remote"),
        ("Удалённо", "remote"),
        ("REMOTE or ONSITE", "remote"),
        ("Onsite, remote possible", "remote"),
        ("Remote or hybrid", "remote"),
        ("Remote (one day per month in Riga)", "remote"),
        ("Hybrid - Riga", "hybrid"),
        ("Hybrid remote in Riga", "hybrid"),
        ("80% remote", "hybrid"),
        ("Onsite with some remote", "hybrid"),
        ("onsite 3x a week, then remote", "hybrid"),
        ("Riga, partly remote", "hybrid"),
        ("Riga (2 days a week in the office)", "hybrid"),
        ("Homeoffice möglich", "hybrid"),
        ("Híbrido", "hybrid"),
        ("Гибрид", "hybrid"),
        ("ONSITE", "onsite"),
        ("Riga (on-site)", "onsite"),
        ("On site only", "onsite"),
        ("In-office", "onsite"),
        ("Mostly onsite", "onsite"),
        ("Offices worldwide, ONSITE", "onsite"),
        ("Riga", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_location_is_short_enough_for_bare_words(location: str, mode: str) -> None:
    found = read_work_mode(location, None, None)
    assert found.mode == mode
    assert found.field == (None if mode == "unknown" else "location")


@pytest.mark.parametrize(
    ("text", "mode", "evidence"),
    [
        ("This is a fully remote position.", "remote", "remote"),
        ("Work mode: Remote", "remote", "Remote"),
        ("You can work remotely from anywhere in Europe.", "remote", "remotely"),
        ("We are a remote-first company.", "remote", "remote"),
        ("This is a work from home position.", "remote", "work from home"),
        ("100 % télétravail", "remote", "télétravail"),
        ("Можно работать удалённо.", "remote", "удалённо"),
        ("Hybrid working, three days in Riga.", "hybrid", "Hybrid"),
        ("You are in our Riga office 3 days per week in the office.", "hybrid", "3 days per week in the office"),
        ("2 Tage Homeoffice pro Woche", "hybrid", "2 Tage Home"),
        ("Möglichkeit zum Homeoffice", "hybrid", "Homeoffice"),
        ("2 jours de télétravail par semaine", "hybrid", "2 jours de télétravail"),
        ("This role is on-site in Riga.", "onsite", "on-site"),
        ("5 days a week in the office", "onsite", "5 days a week in the office"),
        ("Must be able to work onsite.", "onsite", "onsite"),
        ("Unfortunately we do not offer remote work.", "onsite", "not offer remote"),
        ("This is not a remote or hybrid role.", "onsite", "not a remote"),
        ("Работа в офисе.", "onsite", "в офисе"),
    ],
)
def test_in_a_text_the_words_beside_speak_of_the_job(text: str, mode: str, evidence: str) -> None:
    found = read_work_mode(
        "Riga", "Baker", f"Loaf is a bakery that was founded a very long time ago. We bake bread, and cake.\n{text}"
    )
    assert found == (mode, evidence, "text")


def test_a_header_line_counts_like_a_location() -> None:
    assert read_work_mode(None, None, "Loaf | Baker | Riga | REMOTE\nWe bake on site.").mode == "remote"
    assert (
        read_work_mode(None, None, "Baker Riga Hybrid £30,000 The bakery is looking for bakers who bake. " * 9).mode
        == "hybrid"
    )


def test_location_decides_before_title_and_title_before_text() -> None:
    assert read_work_mode("Remote", "Baker (onsite)", "This is a hybrid role.").field == "location"
    assert read_work_mode("Riga", "Baker (onsite)", "This is a hybrid role.") == ("onsite", "onsite", "title")


def test_mode_words_are_where_the_title_speaks_of_it() -> None:
    title = "Remote Sensing Baker (no remote)"
    assert [title[start:end] for start, end in mode_words(title)] == ["no remote"]


@pytest.mark.parametrize("value", [None, True, 7, b"Remote", ["Remote"], {}])
def test_what_is_no_text_is_unknown(value: object) -> None:
    assert read_work_mode(value, value, value).mode == "unknown"


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "remote",
            "remote ",
            "no remote ",
            "no ",
            "not a ",
            "hybrid ",
            "hybrid or remote ",
            "on-site ",
            "5 days ",
            "days ",
        ),
        *(
            "2 days a week in the office ",
            "homeoffice",
            "удаленн",
            "удаленно ",
            "(remote)",
            "| remote |",
            "remote: ",
            "kein ",
            "1-",
        ),
        *(
            "a",
            " ",
            "-",
            "9",
            "\n",
            "\x00",
            "\ud800",
            "İ",
            "’",
            "é",
            "work from home ",
            "100% ",
            "/remote",
            "remote/hybrid ",
            "télétravail",
        ),
    ],
)
def test_hostile_text_is_cheap(unit: str) -> None:
    hostile = (unit * 20_000)[:20_000]
    read_work_mode("Riga", "Baker", "remote")  # the words are loaded
    assert (
        cheaper_of_two(lambda: (read_work_mode(hostile, hostile, hostile), read_work_mode(None, None, hostile))) < 0.05
    )


WORDS = st.sampled_from(
    (
        "remote",
        "no",
        "not",
        "hybrid",
        "on-site",
        "or",
        "2 days",
        "in the office",
        "İ",
        "(",
        ":",
        "|",
        "kein",
        "\n",
        "\ud800",
    )
)
TEXTS = st.text(max_size=60) | st.lists(WORDS, max_size=10).map(" ".join)


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_has_a_mode_with_its_evidence(location: str, title: str, text: str) -> None:
    found = read_work_mode(location, title, text)
    assert (found.mode == "unknown") == (found.evidence == "") == (found.field is None)
