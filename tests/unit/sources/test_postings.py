"""Generated postings: exactly what was planted is in them, and the reader finds exactly that."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from statistics import mean

import orjson
import pytest

from talentpulse.domain.places import regions
from talentpulse.domain.reader import read_posting
from talentpulse.domain.skills import skill_matcher
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.sources import wording
from talentpulse.sources.companies import companies
from talentpulse.sources.places import COUNTRIES, Country
from talentpulse.sources.postings import SOURCES, Posting, PostingGenerator, timestamp_text

START_US = 1_772_000_000_000_000
HOUR_US = 3_600_000_000


def _postings(count: int, seed: int = 7, step_us: int = 17_280_000, run: str = "") -> list[Posting]:
    generator = PostingGenerator(seed, run)
    return [generator.posting(START_US + n * step_us) for n in range(count)]


@pytest.fixture(scope="module")
def postings() -> list[Posting]:
    return _postings(5_000)


def test_the_reader_finds_exactly_the_planted_skills_and_regions(postings: list[Posting]) -> None:
    different = []
    for posting in postings:
        reading = read_posting(orjson.dumps(posting.document()), posting.event_at_us)
        found = (reading.fault, reading.event_id, reading.event_at_us, tuple(reading.regions), tuple(reading.skills))
        if found != posting.planted:
            different.append((posting.planted, reading, posting.payload["title"], posting.payload["location"]))
    assert different == []


def test_the_same_seed_gives_the_same_postings_byte_for_byte() -> None:
    first, second = _postings(300), _postings(300)
    assert [orjson.dumps(p.document()) for p in first] == [orjson.dumps(p.document()) for p in second]


def test_another_seed_gives_other_postings() -> None:
    assert {p.event_id for p in _postings(300)}.isdisjoint(p.event_id for p in _postings(300, seed=8))


def test_another_run_of_a_seed_tells_of_other_events() -> None:
    first, second = _postings(300), _postings(300, run="second")
    assert {p.event_id for p in first}.isdisjoint(p.event_id for p in second)
    assert [p.skills for p in first] == [p.skills for p in second]


def test_event_ids_are_distinct_and_some_postings_are_seen_again(postings: list[Posting]) -> None:
    assert len({p.event_id for p in postings}) == len(postings)
    keys = Counter(p.key for p in postings)
    seen_again = sum(count - 1 for count in keys.values())
    assert 0.03 < seen_again / len(postings) < 0.10


def test_bodies_are_half_a_kilobyte_to_five_and_about_two_in_the_mean(postings: list[Posting]) -> None:
    sizes = [len(orjson.dumps(p.document())) for p in postings]
    assert min(sizes) > 300
    assert max(sizes) < 6_000
    assert 1_600 < mean(sizes) < 2_400


def test_several_sources_and_shapes_occur(postings: list[Posting]) -> None:
    assert {p.source for p in postings} == {name for name, _ in SOURCES}
    texts = [p.payload["description"] for p in postings]
    assert any("<li>" in text for text in texts)
    assert any("&lt;p&gt;" in text for text in texts)
    assert any("<" not in text and "&lt;" not in text for text in texts)
    assert any(len(p.regions) > 1 for p in postings)
    assert any(p.regions == ("remote",) for p in postings)
    assert len({p.payload["salary"] for p in postings if "salary" in p.payload}) > 100
    assert any("salary_min" in p.payload for p in postings)


def test_few_skills_are_named_often_and_many_seldom(postings: list[Posting]) -> None:
    named = [count for _, count in Counter(skill for p in postings for skill in p.skills).most_common()]
    assert len(named) > 200
    assert named[0] > 5 * named[30]
    assert named[30] > 3 * named[150]


def test_what_is_asked_for_drifts_within_a_day() -> None:
    generator = PostingGenerator(7)
    counts = []
    for hour in range(0, 24, 3):
        named = Counter(s for _ in range(3_000) for s in generator.posting(START_US + hour * HOUR_US).skills)
        counts.append(named["Apache Spark"])
    assert max(counts) > 1.5 * min(counts)


def test_sentences_around_the_skills_name_none() -> None:
    matcher = skill_matcher()
    sentences = [*wording.DUTIES, *wording.OFFERS, *wording.TRAPS, *wording.WITH_SKILLS, *wording.INTROS]
    assert {sentence: matcher.skills(sentence) for sentence in sentences if matcher.skills(sentence)} == {}
    beside_a_skill = {sentence: matcher.skills(f"Kubernetes. {sentence}") for sentence in sentences}
    assert {sentence: found for sentence, found in beside_a_skill.items() if found != ["Kubernetes"]} == {}


def test_no_employer_is_called_like_a_skill() -> None:
    matcher = skill_matcher()
    assert [c.name for c in companies(7) if matcher.skills(c.name)] == []


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_every_place_that_is_generated_is_read_as_its_country(country: Country) -> None:
    for spelling in country.spellings:
        for city in country.cities:
            assert regions(f"{city}, {spelling}", False) == (country.code,)
        for remote in ("Remote, {}", "Remote ({})", "{} (Remote)"):
            assert regions(remote.format(spelling), True) == (country.code,)


def test_titles_name_only_the_skills_that_they_state() -> None:
    matcher = skill_matcher()
    for role in wording.ROLES:
        for title, skills in role.titles:
            for seniority, ending in zip(wording.SENIORITIES, wording.TITLE_ENDINGS, strict=True):
                assert matcher.skills(seniority + title + ending) == sorted(skills)


def test_a_timestamp_is_written_with_z_or_an_offset_and_means_the_same_instant() -> None:
    assert timestamp_text(1_772_000_000_001_000) == "2026-02-25T06:13:20.001Z"
    assert timestamp_text(1_772_000_000_000_000) == "2026-02-25T11:43:20.000+05:30"


def test_a_smaller_number_of_companies_is_the_beginning_of_a_larger() -> None:
    assert companies(7, 100) == companies(7, 10_000)[:100]
    assert len({c.name for c in companies(7, 10_000)}) == 10_000
    assert companies(8, 10) != companies(7, 10)


def test_too_many_companies_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 100,000"):
        companies(7, 100_001)


def test_employers_are_those_of_the_seed(postings: list[Posting]) -> None:
    assert {p.payload["company"] for p in islice(postings, 500)} <= {c.name for c in companies(7)}


def test_a_guarded_skill_is_found_in_every_line_that_is_written_around_it() -> None:
    matcher = skill_matcher()
    guarded = [skill for skill in taxonomy().skills if skill.forbid and skill.name not in skill.neighbour]
    between = [wording.ALONE[0].format("Kubernetes"), wording.ALONE[4].format("Terraform")]
    missed = [
        text
        for skill in guarded
        for line in wording.ALONE
        if skill.name not in matcher.skills(text := "\n".join([between[1], line.format(skill.name), between[0]]))
    ]
    assert len(guarded) > 100
    assert missed == []
