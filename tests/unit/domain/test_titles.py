"""Titles: decoration off, level words split off, a core in which the spellings of a role meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.titles import Title, read_title
from tests.unit.domain.cost import cheapest

CLEANED = {
    # gender markers
    "Bäcker (m/w/d)": "Bäcker",
    "Bäcker m/w/d": "Bäcker",
    "Pastry Chef (m/f/x)": "Pastry Chef",
    "Boulanger H/F": "Boulanger",
    "Boulanger (H/F)": "Boulanger",
    "Bäcker (all genders)": "Bäcker",
    "Bäcker (gn)": "Bäcker",
    "Bakker (m/v)": "Bakker",
    "Piekarz (K/M)": "Piekarz",
    "Bäcker/in (w|m|d)": "Bäcker",
    "Bäcker*in": "Bäcker",
    "Kundenberater:in Innendienst": "Kundenberater Innendienst",
    "KundenberaterIn": "Kundenberater",
    "Verkäuferin / Verkäufer": "Verkäufer",
    "Mitarbeiter(in) Lager": "Mitarbeiter Lager",
    "Vendeur/se": "Vendeur",
    "Panadero/a": "Panadero",
    # requisition numbers
    "Baker - REQ-12345": "Baker",
    "Baker (REQ. 77120)": "Baker",
    "Baker #4711": "Baker",
    "Baker | Job ID: 99812": "Baker",
    "JR0012345 - Baker": "Baker",
    "Baker (Ref: BK-2024-17)": "Baker",
    "Baker 10045678": "Baker",
    "Bäcker, Kennziffer 12345/24": "Bäcker",
    "Baker (BKR881)": "Baker",
    # places
    "Baker - Berlin": "Baker",
    "Baker, San Diego, CA": "Baker",
    "Baker (London)": "Baker",
    "Baker in Toulouse": "Baker",
    "Bäcker im Raum Köln": "Bäcker",
    "Baker | London | Paris": "Baker",
    "London - Baker": "Baker",
    "Bäcker München": "Bäcker",
    "Baker – Los Angeles, CA": "Baker",
    "Пекарь (Москва)": "Пекарь",
    "Bäcker (m/w/d) für Hamburg": "Bäcker",
    # urgency
    "URGENT Baker": "Baker",
    "Baker - URGENT!!!": "Baker",
    "Baker - Immediate start": "Baker",
    "Urgently hiring: Baker": "Baker",
    "*** Baker ***": "Baker",
    "🥖 Baker 🥖": "Baker",
    "Bäcker ab sofort gesucht": "Bäcker",
    "Срочно требуется пекарь": "пекарь",
    "Baker - Apply now": "Baker",
    # salary
    "Baker £35k": "Baker",
    "Baker - $45/hr": "Baker",
    "Baker up to £30,000 + bonus": "Baker",
    "Baker (€40.000 - €50.000)": "Baker",
    "Пекарь от 60 000 руб": "Пекарь",
    "Baker, 40-50k": "Baker",
    "Baker - Nights - $5,000 sign on bonus": "Baker",
    "5x Baker": "Baker",
    "Director of Bread, EMEA": "Director of Bread",
    "Bäcker - 100% remote möglich": "Bäcker",
    "Boulanger CDI": "Boulanger",
    # work mode and employment
    "Recipe Editor (Remote)": "Recipe Editor",
    "Remote Recipe Editor": "Recipe Editor",
    "Recipe Editor - 100% Remote": "Recipe Editor",
    "Recipe Editor | Hybrid": "Recipe Editor",
    "Recipe Editor (Remote - US)": "Recipe Editor",
    "Recipe Editor (no remote)": "Recipe Editor",
    "Recipe Editor - Onsite in Toledo, OH": "Recipe Editor",
    "Baker - Full Time": "Baker",
    "Part-time Baker": "Baker",
    "Baker (12 month contract)": "Baker",
    "Bäcker in Teilzeit 50%": "Bäcker",
    # company
    "Baker at Loaf Ltd": "Baker",
    "Baker @ Loaf": "Baker",
    "Boulanger chez Pain Doré": "Boulanger",
    # blanks, capitals, markup
    "Pastry    Chef": "Pastry Chef",
    "PASTRY CHEF": "Pastry Chef",
    "SENIOR SQL DEVELOPER FOR AWS AND HVAC": "Senior SQL Developer for AWS and HVAC",
    "Bread &amp; Cake Baker": "Bread & Cake Baker",
    "<b>Baker</b>": "Baker",
    "URGENT!!! Sr. Baker (m/w/d) - Berlin, 60k - Remote | REQ-1234": "Sr. Baker",
}
KEPT = [
    *(
        "C++ Developer",
        "C# Developer",
        ".NET Developer",
        "R&D Engineer",
        "Dynamics 365 Consultant",
        "ISO 27001 Auditor",
    ),
    *("Remote Sensing Scientist", "Hybrid Cloud Engineer", "Urgent Care Physician", "Engineer, Mobile", "Manager, IT"),
    *(
        "Account Manager - Sales Germany",
        "Product Manager - Enterprise",
        "Hiring Manager",
        "Contract Manager",
        "New Business Manager",
    ),
    *(
        "Team Lead",
        "Help Desk IT",
        "Support Engineer 24/7",
        "LinkedIn Specialist",
        "S/4HANA Consultant",
        "Baker (Night Oven)",
    ),
    *(
        "Baker in Residence",
        "Full-Stack Developer",
        "Director, Bread & Cake",
        "Chef d'équipe",
        "Baker, Sr.",
        "Node.js Developer",
    ),
]
CORES = {
    "Senior Pastry Chef": ("pastry chef", ("Senior",)),
    "Sr. Baker": ("baker", ("Sr.",)),
    "Baker (Junior)": ("baker", ("Junior",)),
    "Baker II": ("baker", ("II",)),
    "Lead Baker": ("baker", ("Lead",)),
    "Junior/Senior Baker": ("baker", ("Junior", "Senior")),
    "Bakery Intern": ("bakery", ("Intern",)),
    "Praktikum im Bereich Backwaren": ("backwaren", ("Praktikum",)),
    "Ausbildung zum Bäcker (m/w/d)": ("bäcker", ("Ausbildung zum",)),
    "Staff Data Engineer": ("data engineer", ("Staff",)),
    "Старший пекарь": ("пекарь", ("Старший",)),
    "Full-Stack Developer": ("full stack developer", ()),
    "Sales Director": ("sales director", ()),
    "Store Manager": ("store manager", ()),
    "Team Lead": ("team lead", ()),
    "Lead Generation Specialist": ("lead generation specialist", ()),
    "Senior Living Nurse": ("senior living nurse", ()),
    "Senior": ("senior", ("Senior",)),
}


@pytest.mark.parametrize(("raw", "cleaned"), CLEANED.items())
def test_decoration_goes(raw: str, cleaned: str) -> None:
    assert read_title(raw).cleaned == cleaned


def test_there_are_sixty_decorated_titles() -> None:
    assert len(CLEANED) >= 60


@pytest.mark.parametrize("title", KEPT)
def test_what_belongs_to_the_role_stays(title: str) -> None:
    assert read_title(title).cleaned == title


@pytest.mark.parametrize(("title", "core"), CORES.items())
def test_level_words_are_split_off_the_core(title: str, core: tuple[str, tuple[str, ...]]) -> None:
    read = read_title(title)
    assert (read.core, read.level_words) == core


@pytest.mark.parametrize(
    "raw", [None, 7, b"Baker", ["Baker"], "", "  ", "!!!", "Remote", "Full-time", "Remote | Full time", "🥖"]
)
def test_no_title_is_empty(raw: object) -> None:
    assert read_title(raw) == Title("", "", ())


def test_cleaning_again_changes_nothing() -> None:
    for raw in CLEANED:
        once = read_title(raw)
        assert read_title(once.cleaned).cleaned == once.cleaned


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            " ",
            "-",
            " - ",
            "(",
            ")",
            "()",
            "[",
            "m/w/d ",
            "(m/w/d) ",
            "1",
            "1 ",
            "1 000 ",
            "$1",
            "£1-",
            "60k ",
            "REQ-1 ",
            "#1",
            "!",
        ),
        *(
            "Senior ",
            "Remote ",
            "in Berlin ",
            ", Berlin",
            "| Berlin ",
            "at A ",
            " @ ",
            "/in",
            "abc/a",
            "URGENT ",
            "&amp;",
            "<b>",
            "\x00",
        ),
        *("\ud800", "İ", "ß", "🥖", "Verkäuferin / ", "in in ", "50% ", "a" * 40 + "in/", "1h/week ", ".", "Sr. "),
    ],
)
def test_hostile_titles_are_cheap(unit: str) -> None:
    hostile = (unit * 20_000)[:20_000]
    read_title("Bäcker, Berlin (remote)")  # the words are loaded
    assert cheapest(lambda: read_title(hostile), lambda: read_title("x" + hostile)) < 0.05


WORDS = st.sampled_from(
    (
        "Senior",
        "Baker",
        "(m/w/d)",
        "-",
        "|",
        "Berlin",
        ",",
        "60k",
        "Remote",
        "REQ-1234",
        "İ",
        "at",
        "Loaf",
        "!",
        "\ud800",
    )
)


@given(st.text(max_size=60) | st.lists(WORDS, max_size=10).map(" ".join))
def test_any_text_has_a_title(raw: str) -> None:
    title = read_title(raw)
    assert title.cleaned == title.cleaned.strip()
    assert bool(title.core) <= bool(title.cleaned)
    assert all(word in title.cleaned for word in title.level_words)
