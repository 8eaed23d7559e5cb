"""What a reviewer of the taxonomy is told."""

import pytest

from talentpulse.domain.taxonomy import Skill, Taxonomy
from talentpulse.domain.taxonomy.review import compare, fingerprint, problems


def taxonomy(*skills):
    return Taxonomy(1, skills)


def skill(name, *aliases, **rules):
    return Skill(name, "tool", "software", aliases, **rules)


@pytest.mark.parametrize(
    ("skills", "problem"),
    [
        ([skill("Salt", "saltstack"), skill("Brine", "Salt-Stack", "SaltStack")], "'saltstack' belongs to two skills"),
        ([skill("Power BI"), skill("Report", "power-bi")], "'power bi' belongs to two skills: Power BI, Report"),
        ([skill("Kafka", "kafka")], "Kafka has the form 'kafka' twice"),
        ([skill("Chef")], "Chef: the form 'Chef' is an everyday word and has no rule"),
        ([skill("Rex", "go", is_exact=True)], "Rex: the form 'go' is an everyday word"),
        ([skill("Power  BI")], "'Power  BI' is no form that a text can have"),
        ([skill("---")], "'---' is no form that a text can have"),
    ],
)
def test_what_is_wrong_is_named(skills, problem):
    found = problems(taxonomy(*skills), frozenset({"chef", "go"}))
    assert any(problem in line for line in found), found


@pytest.mark.parametrize(
    "sound",
    [
        skill("Chef", is_exact=True),
        skill("Chef", forbid=("head chef",)),
        skill("Chef", neighbour=("Chef",)),
        skill("Chef Infra", neighbour=("chef",)),
        skill("Rex", neighbour=("rex",)),
        skill("Stata", "STATA", is_exact=True),
        skill("Chef Infra"),
    ],
)
def test_a_form_with_a_rule_may_be_everyday(sound):
    assert problems(taxonomy(sound), frozenset({"chef", "go"})) == []


def test_two_taxonomies_are_told_apart():
    before = taxonomy(skill("A", "x", "y"), skill("B"), skill("C", "moved"))
    after = taxonomy(skill("A", "y", "z", is_exact=True), skill("C"), skill("D", "moved"))
    found = compare(before, after)
    assert (found.added, found.removed) == (["D"], ["B"])
    assert found.changed == {"A": ["aliases + z", "aliases - x", "case matters now"], "C": ["aliases - moved"]}
    assert found.moved == [("moved", "C", "D")]
    assert compare(before, before) == ([], [], {}, [])


def test_the_fingerprint_is_of_what_is_said_and_not_of_its_order():
    a, b = skill("A", "x"), skill("B")
    assert fingerprint((a, b)) == fingerprint((b, a))
    assert fingerprint((a, b)) != fingerprint((skill("A"), b))
