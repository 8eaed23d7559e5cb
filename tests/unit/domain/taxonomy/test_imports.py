"""Entries from the public lists."""

from talentpulse.domain.taxonomy import Skill, Taxonomy
from talentpulse.domain.taxonomy.imports import from_esco, from_onet

KNOWN = Taxonomy(1, (Skill("Kafka", "tool", "data", ("apache kafka",)),))
EVERYDAY = frozenset({"anchor"})


def onet(example, hot="Y"):
    return {"Example": example, "Commodity Title": "Data base Software", "Hot Technology": hot}


def esco(label, others="", kind="knowledge"):
    return {"preferredLabel": label, "altLabels": others, "skillType": kind}


def test_a_hot_technology_becomes_an_entry_and_the_others_do_when_asked_for():
    rows = [onet("Quux Base"), onet("Quiet Base", hot="N"), onet("Quux Base")]
    assert from_onet(rows, KNOWN, EVERYDAY, all_rows=False).entries == [
        {"name": "Quux Base", "kind": "tool", "category": "data base software"}
    ]
    assert [e["name"] for e in from_onet(rows, KNOWN, EVERYDAY, all_rows=True).entries] == ["Quux Base", "Quiet Base"]


def test_what_is_known_everyday_or_no_form_is_left_out_and_told():
    found = from_onet(
        [onet("Apache-Kafka"), onet("Anchor"), onet("Qt"), onet("a b c d e f")], KNOWN, EVERYDAY, all_rows=False
    )
    assert found.entries == []
    assert found.left_out == {"known": ["Apache-Kafka"], "everyday": ["Anchor"], "no form": ["Qt", "a b c d e f"]}


def test_knowledge_of_esco_comes_with_its_labels_without_what_stands_in_brackets():
    rows = [
        esco("Loom (computer systems)", "Loom\nloom weaving\napache kafka"),
        esco("manage looms", kind="skill/competence"),
    ]
    found = from_esco(rows, KNOWN, EVERYDAY, all_rows=False)
    assert found.entries == [{"name": "Loom", "kind": "method", "category": "esco", "aliases": ["loom weaving"]}]
    assert [entry["name"] for entry in from_esco(rows, KNOWN, EVERYDAY, all_rows=True).entries] == [
        "Loom",
        "manage looms",
    ]
