"""Skills: the taxonomy is sound, and a form counts only where it means the skill."""

import re
import time
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.skills import Mention, SkillMatcher, skill_matcher
from talentpulse.domain.taxonomy import Skill, parse_skills, taxonomy
from talentpulse.domain.text import plain_text

HAS = [
    ("Java and Go.", {"Java", "Go"}),
    ("Swift and Kotlin", {"Swift", "Kotlin"}),
    ("Unity and Kotlin", {"Unity", "Kotlin"}),
    ("Knowledge of Microsoft Access is required", {"Microsoft Access"}),
    ("PLC and SCADA", {"PLC Programming", "SCADA"}),
    ("We write Go, Rust and C.", {"Go", "Rust", "C"}),
    ("Golang developer", {"Go"}),
    ("Go (Golang)", {"Go"}),
    ("Python/Go", {"Python", "Go"}),
    ("C/C++ and C#", {"C", "C++", "C#"}),
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
    ("ASP.NET and . NET", {"ASP.NET", ".NET"}),
    ("bases de donnees, Développement Web", {"Databases", "Web Development"}),
    ("ML\u2011Modelle für maschinelles Lernen", {"Machine Learning"}),
    ("front\u2010end development", {"Frontend Development"}),
    ("IT support", {"Technical Support"}),
    ("java, c#, sql", {"Java", "C#", "SQL"}),
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
    ("data, science", "Data Science"),
    ("machine. Learning", "Machine Learning"),
    ("Azure/DevOps", "Azure DevOps"),
    ("how it support teams", "Technical Support"),
    ("net income", ".NET"),
    ("we hired a Backend Developer", "Backend Development"),
    ("DevOps Engineer", "DevOps"),
    ("programming languages", "Software Development"),
    ("yжava Rust", "Java"),
    ("Rustы", "Rust"),
    ("java@example.com", "Java"),
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


def test_a_mention_says_where_it_stands_and_what_let_it_in_also_after_letters_that_change_length() -> None:
    text = "İİ Java, C, golang – Vault. Go"
    assert skill_matcher().find(text) == [
        Mention("Java", "Java", 3, 7, "any case"),
        Mention("C", "C", 9, 10, "alone"),
        Mention("Go", "golang", 12, 18, "any case"),
        Mention("HashiCorp Vault", "Vault", 21, 26, "neighbour: Go"),
        Mention("Go", "Go", 28, 30, "exact case"),
    ]


NEEDY = (
    Skill("Vault", "tool", "x", neighbour=("Vault", "strongbox"), is_exact=True, forbid=("vault x",)),
    Skill("Terraform", "tool", "x"),
    Skill("Agile", "method", "x"),
    Skill("Sheets", "tool", "office"),
    Skill("Vault Manager", "method", "x"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vault", []),
        ("Terraform and Vault", ["Terraform", "Vault"]),
        ("Vault and Terraform", ["Terraform", "Vault"]),
        ("vault and Terraform", ["Terraform"]),
        ("STRONGBOX and Terraform", ["Terraform", "Vault"]),
        ("Vault x Terraform", ["Terraform"]),
        ("Vault" + 121 * "." + "Terraform", ["Terraform"]),
        ("Vault" + 120 * "." + "Terraform", ["Terraform", "Vault"]),
        ("Vault, strongbox", []),
        ("Vault, Agile", ["Agile"]),
        ("Vault, Sheets", ["Sheets"]),
        ("Vault Manager, Terraform", ["Terraform", "Vault Manager"]),
    ],
)
def test_a_form_that_needs_a_neighbour_counts_beside_a_technical_skill_only(text: str, expected: list[str]) -> None:
    assert SkillMatcher(NEEDY).skills(text) == expected


def test_a_plain_form_comes_before_the_same_form_that_needs_a_neighbour() -> None:
    matcher = SkillMatcher([Skill("React", "tool", "x", neighbour=("react",), is_exact=True), Skill("Ab", "tool", "x")])
    found = [(mention.form, mention.rule) for mention in matcher.find("React. react; ab")]
    assert found == [("React", "exact case"), ("react", "neighbour: React"), ("ab", "any case")]
    assert matcher.skills("react") == []


def test_forms_beyond_latin_1_are_found_in_any_case_and_between_the_words_of_their_script() -> None:
    matcher = SkillMatcher([Skill("Russian", "x", "x", ("русский язык",)), Skill("Chinese", "x", "x", ("中文",))])
    assert matcher.find("é Русский Язык; 会说中文。") == [
        Mention("Russian", "Русский Язык", 2, 14, "any case"),
        Mention("Chinese", "中文", 18, 20, "any case"),
    ]
    assert matcher.skills("русский языка") == []


def test_skills_are_distinct_and_sorted() -> None:
    assert skill_matcher().skills("SQL, Python, python, Golang and Go") == ["Go", "Python", "SQL"]


def test_forms_of_several_words_and_unambiguous_short_ones_are_found_in_lower_case() -> None:
    text = "microsoft excel, natural language processing, nlp, aws, go, excel, spark"
    expected = ["AWS", "Microsoft Excel", "Natural Language Processing"]
    assert skill_matcher().skills(text) == expected


def test_every_form_of_the_taxonomy_is_found_as_its_skill() -> None:
    missed = [
        (skill.name, form)
        for skill in taxonomy().skills
        for form in skill.forms
        if skill.name not in skill_matcher().skills(f"{'Kubernetes' * (form in skill.neighbour)}, {form}, y")
    ]
    assert missed == []


def test_every_forbid_rule_is_a_regular_expression() -> None:
    for skill in taxonomy().skills:
        for rule in skill.forbid:
            re.compile(rule)


def test_no_form_of_the_taxonomy_belongs_to_two_skills() -> None:
    owners: dict[str, set[str]] = {}
    for skill in taxonomy().skills:
        for form in skill.forms:
            owners.setdefault(form.lower().replace("-", " "), set()).add(skill.name)
    assert {form: names for form, names in owners.items() if len(names) > 1} == {}


def test_the_taxonomy_covers_technical_work_in_depth_and_other_work_too() -> None:
    skills = taxonomy().skills
    categories = [skill.category for skill in skills]
    assert len(skills) >= 1_200
    assert sum(len(skill.forms) for skill in skills) >= 3_000
    assert sum(categories.count(category) for category in ("software", "data", "ai", "web", "cloud", "systems")) >= 800
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
        ("{name: A, kind: b}", "expected ['category', 'kind', 'name']"),
        ("{name: A, kind: tool, category: c, colour: red}", "expected ['category', 'kind', 'name']"),
        ("{name: A, kind: tool, category: c, case: lower}", "expected ['category', 'kind', 'name']"),
        ("{name: A, kind: thing, category: c}", "expected a kind of"),
        (
            "{name: A, kind: tool, category: c}\n- {name: A, kind: tool, category: c}",
            "two skills have the name 'A'",
        ),
    ],
)
def test_a_taxonomy_that_breaks_its_format_is_refused(entry: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_skills(yaml.safe_load(f"- {entry}\n"))


HOSTILE = (
    "Go to ", "C ", "R ", "sql servers ", "c", "C", "Access x ", "İ", "golang C ", ".", "-", " ", "Chef Terraform ",
    "react to ", "testing ", "1", "(", "<", "中文", "Māori ", "•", "?", "a.b ", "c++", "# ", "\x00", "\ud800", "aB ",
    "IT support ", "data analysis of ", "Excel in a ", "R&D ",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_costs_linear_time(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    skill_matcher().skills(text)  # the rules of its forms are compiled on their first use

    def seconds() -> float:
        started = time.process_time()
        skill_matcher().skills(text)
        return time.process_time() - started

    assert min(seconds(), seconds()) < 0.05


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(["C", "R&D", "go", "Go", "İ", "node.js", "Chef", "Māori", "中文", "\ud800", " ", ".", "+"])
    ).map("".join)
)
def test_mentions_lie_in_the_text_in_order_and_agree_with_the_skills(text: str) -> None:
    mentions = skill_matcher().find(text)
    assert all(text[mention.start : mention.end] == mention.form for mention in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert sorted({mention.skill for mention in mentions}) == skill_matcher().skills(text)
