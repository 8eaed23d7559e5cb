"""How places are judged: resolved, right country, right city, on rows of our own."""

import gzip
import json
from pathlib import Path

import pytest

from talentpulse.evaluation.measures import Evaluation, Share
from talentpulse.evaluation.places import SET_NAME, evaluate, great_circle_km

_HEADER = "raw,address,country,lat,lon,single_place_hint\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        '"Porto, Portugal","Porto, Portugal",PT,41.15,-8.61,True',
        '"Porto Alegre","Porto Alegre, Brazil",BR,-30.03,-51.23,True',
        '"Turku","Turku Street, Denver, CO, USA",US,39.7,-104.9,True',
        '"Gadget Builders","Gadget Road, Leeds, UK",GB,53.8,-1.5,True',
        '"Remote","Remote, OR, USA",US,43.0,-123.9,True',
        '"Oslo, Bergen","Bergen, Norway",NO,60.39,5.32,False',
    ]
    (tmp_path / SET_NAME).write_bytes(gzip.compress((_HEADER + "\n".join(rows)).encode()))
    for name, row in {
        "postings_linkedin_us_2019.jsonl.gz": {"location": "Reno, NV"},
        "postings_adzuna_uk_2025.jsonl.gz": {"location": "Derby"},
        "postings_usajobs_full_2025.jsonl.gz": {"location": None},
        "postings_superjob_ru_2018.jsonl.gz": {"address": "Nowhereville"},
    }.items():
        (tmp_path / name).write_bytes(gzip.compress(json.dumps(row).encode()))
    lifecycle = "location_raw,is_remote\nNowhereville,True\nGraz,False\n"
    (tmp_path / "ats_lifecycle_2026-07-18_2026-08-08.csv.gz").write_bytes(gzip.compress(lifecycle.encode()))
    return tmp_path


def _counts(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    return {share.name: (share.right, share.of) for share in evaluation.measures if isinstance(share, Share)}


def test_a_row_read_as_unknown_is_unresolved_and_one_read_as_remote_is_in_the_wrong_country(data: Path) -> None:
    one_place, several, *_ = evaluate(data)
    assert _counts(one_place) == {
        "resolved": (4, 5),
        "right country": (2, 4),
        "that country alone": (2, 4),
        "city read": (3, 4),
        "city within 50 km": (2, 3),
    }
    assert _counts(several)["right country"] == (1, 1)


def test_only_rows_of_one_place_bear_a_promise(data: Path) -> None:
    one_place, *others = evaluate(data)
    assert [measure.reach for measure in one_place.measures] == [0.93, 0.97, None, None, None]
    assert all(measure.reach is None for other in others for measure in other.measures)


def test_failures_say_what_was_expected_found_and_where(data: Path) -> None:
    one_place, *_ = evaluate(data)
    assert "expected US, found FI: 'Turku' (Turku Street, Denver, CO, USA)" in one_place.failures
    assert len(one_place.failures) == 3


def test_sets_without_labels_show_what_stays_unknown(data: Path) -> None:
    linkedin, adzuna, usajobs, superjob, lifecycle = evaluate(data)[2:]
    assert _counts(linkedin)["resolved"] == _counts(adzuna)["resolved"] == (1, 1)
    assert usajobs.rows == 0
    assert superjob.failures == ["unknown: 'Nowhereville'"]
    assert _counts(lifecycle) == {"resolved": (2, 2), "remote": (1, 2), "with a city": (1, 2)}


def test_a_missing_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        evaluate(tmp_path)


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert great_circle_km((0, 0), (1, 0)) == pytest.approx(111.2, abs=0.1)
    assert great_circle_km((0, 0), (0, 180)) == pytest.approx(20_015, abs=1)
