"""Skills: the taxonomy is sound, and a form counts only where it means the skill."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.skills import Mention, Skill, SkillMatcher, parse_taxonomy, skill_matcher, taxonomy
from talentpulse.domain.text import plain_text

HAS = [
    ("Java and Go.", {"Java", "Go"}),
    ("Swift and Kotlin", {"Swift", "Kotlin"}),
    ("Unity and Kotlin", {"Unity", "Kotlin"}),
    ("Knowledge of Microsoft Access is required", {"Microsoft Access"}),
    ("PLC and SCADA", {"PLC Programming"}),
    ("We write Go, Rust and C.", {"Go", "Rust", "C"}),
    ("Golang developer", {"Go"}),
    ("Go (Golang)", {"Go"}),
    ("Python/Go", {"Python", "Go"}),
    ("C/C++ and C#", {"C++", "C#"}),
    ("C, C++, C#", {"C", "C++", "C#"}),
    ("C++17", {"C++"}),
    ("statistics in R, Python", {"Statistics", "R", "Python"}),
    ("R.", {"R"}),
    ("node.js.", {"Node.js"}),
    ("Node.JS, React.js", {"Node.js", "React"}),
    (".NET Core", {".NET"}),
    ("C#/.NET", {"C#", ".NET"}),
    ("Objective C", {"Objective-C"}),
    ("Excel and Word", {"Microsoft Excel", "Microsoft Word"}),
    ("MS EXCEL", {"Microsoft Excel"}),
    ("machine-learning", {"Machine Learning"}),
    ("SQL servers", {"SQL"}),
    ("MS SQL Server", {"SQL Server"}),
    ("experience with Java.You will", {"Java"}),
    ("İstanbul: Java ve Kotlin", {"Java", "Kotlin"}),
    ("«Python»", {"Python"}),
    ("Spark, Kafka", {"Apache Spark", "Apache Kafka"}),
    ("React Native", {"React Native"}),
    ("HTML5/CSS3", {"HTML", "CSS"}),
    ("PL/SQL", {"PL/SQL"}),
    ("CI/CD", {"CI/CD"}),
    ("Polish and German", {"Polish", "German"}),
    ("Access, Excel", {"Microsoft Access", "Microsoft Excel"}),
]
HAS_NOT = [
    ("Northwind Trading plc, London", "PLC Programming"),
    ("javascript", "Java"),
    ("algorithms", "Go"),
    ("Go to market", "Go"),
    ("our Go-to-market plan", "Go"),
    ("Go above and beyond", "Go"),
    ("food on the Go", "Go"),
    ("we go far", "Go"),
    ("GO", "Go"),
    ("C++", "C"),
    ("C#", "C"),
    ("Objective C", "C"),
    ("Series C funding", "C"),
    ("C-level", "C"),
    ("C suite executives", "C"),
    ("USB-C", "C"),
    ("Washington D.C.", "C"),
    ("John C. Smith", "C"),
    ("(C) 2024", "C"),
    ("20 °C", "C"),
    ("vitamin C", "C"),
    ("R&D", "R"),
    ("R & D", "R"),
    ("Microsoft (R)", "R"),
    ("Toys R Us", "R"),
    ("R.N.", "R"),
    ("React to change", "React"),
    ("react quickly", "React"),
    ("to excel at work", "Microsoft Excel"),
    ("Excel in a fast team", "Microsoft Excel"),
    ("you will Excel", "Microsoft Excel"),
    ("word of mouth", "Microsoft Word"),
    ("Word of mouth", "Microsoft Word"),
    ("Access to care", "Microsoft Access"),
    ("equal Access", "Microsoft Access"),
    ("Spark joy", "Apache Spark"),
    ("a spark", "Apache Spark"),
    ("swift action", "Swift"),
    ("Swift response", "Swift"),
    ("rust removal", "Rust"),
    ("disaster", "SAS"),
    ("snowflake", "Snowflake"),
    ("Spring 2024", "Spring"),
    ("Silver Spring, MD", "Spring"),
    ("polish your resume", "Polish"),
    ("python.org", "Python"),
    ("www.python", "Python"),
    ("pythonic", "Python"),
    ("Pythonn", "Python"),
    ("#python", "Python"),
    ("ünjava", "Java"),
    ("javaß", "Java"),
    ("gitlab", "Git"),
    ("training", "Artificial Intelligence"),
    ("5 ml", "Machine Learning"),
    ("dialectical (DBT)", "dbt"),
    ("at the Helm", "Helm"),
]


@pytest.mark.parametrize(("text", "expected"), HAS)
def test_a_form_that_means_the_skill_is_found(text: str, expected: set[str]) -> None:
    assert set(skill_matcher().skills(text)) == expected


@pytest.mark.parametrize(("text", "skill"), HAS_NOT)
def test_a_form_that_means_something_else_is_not_the_skill(text: str, skill: str) -> None:
    assert skill not in skill_matcher().skills(text)


def test_skills_are_found_in_text_that_was_html() -> None:
    text = plain_text("<ul><li>C&#43;&#43;</li><li>R&amp;D</li><li>Node.js</li></ul>")
    assert skill_matcher().skills(text) == ["C++", "Node.js"]


def test_a_mention_says_where_it_stands_also_after_letters_that_change_length() -> None:
    text = "İİ Java, golang"
    assert skill_matcher().find(text) == [Mention("Java", "Java", 3, 7), Mention("Go", "golang", 9, 15)]


def test_skills_are_distinct_and_sorted() -> None:
    assert skill_matcher().skills("SQL, Python, python, Golang and Go") == ["Go", "Python", "SQL"]


def test_forms_of_several_words_and_unambiguous_short_ones_are_found_in_lower_case() -> None:
    text = "microsoft excel, natural language processing, nlp, aws, qa, go, excel, spark"
    expected = ["AWS", "Microsoft Excel", "Natural Language Processing", "Quality Assurance"]
    assert skill_matcher().skills(text) == expected


def test_every_name_of_the_taxonomy_is_found_as_itself() -> None:
    missed = [s.name for s in taxonomy().skills if s.name not in skill_matcher().skills(f"x, {s.name}, y")]
    assert missed == []


def test_every_alias_of_the_taxonomy_is_found_as_its_skill() -> None:
    missed = [
        (skill.name, alias)
        for skill in taxonomy().skills
        for alias in skill.aliases
        if skill.name not in skill_matcher().skills(f"x, {alias}, y")
    ]
    assert missed == []


def test_no_form_of_the_taxonomy_belongs_to_two_skills() -> None:
    owners: dict[str, set[str]] = {}
    for skill in taxonomy().skills:
        for form in skill.forms:
            owners.setdefault(form.lower().replace("-", " "), set()).add(skill.name)
    assert {form: names for form, names in owners.items() if len(names) > 1} == {}


def test_the_taxonomy_covers_other_work_than_software() -> None:
    categories = [skill.category for skill in taxonomy().skills]
    assert len(categories) >= 300
    for category in ("health", "trades", "finance", "sales", "logistics", "soft skills", "languages"):
        assert categories.count(category) >= 6, category


def test_a_form_of_two_skills_is_refused_by_the_matcher() -> None:
    with pytest.raises(ValueError, match="'js' belongs to two skills: 'Ab' and 'Bc'"):
        SkillMatcher([Skill("Ab", "x", "x", ("js",)), Skill("Bc", "x", "x", ("js",))])


def test_a_form_of_one_letter_that_ignores_case_is_refused_by_the_matcher() -> None:
    with pytest.raises(ValueError, match="one-letter form 'D'"):
        SkillMatcher([Skill("D", "x", "x")])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{name: A, kind: b}", "expected name, kind, category"),
        ("{name: A, kind: b, category: c, colour: red}", "expected name, kind, category"),
        ("{name: A, kind: b, category: c, case: lower}", "expected name, kind, category"),
        (
            "{name: A, kind: b, category: c}\n- {name: A, kind: b, category: c}",
            "two skills have the name 'A'",
        ),
    ],
)
def test_a_taxonomy_that_breaks_its_format_is_refused(entry: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_taxonomy(f"version: 1\nskills:\n- {entry}\n")


@pytest.mark.parametrize("unit", ["Go to ", "C ", "sql servers ", "c", "C", "Access x ", "İ", "golang C ", "."])
def test_hostile_text_costs_linear_time(unit: str) -> None:
    started = time.process_time()
    skill_matcher().skills(unit * (30_000 // len(unit)))
    # a quadratic pass takes minutes
    assert time.process_time() - started < 5


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["C", "R&D", "go", "Go", "İ", "node.js", " ", ".", "+"])).map("".join)
)
def test_mentions_lie_in_the_text_in_order_and_agree_with_the_skills(text: str) -> None:
    mentions = skill_matcher().find(text)
    assert all(text[mention.start : mention.end] == mention.form for mention in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert sorted({mention.skill for mention in mentions}) == skill_matcher().skills(text)
