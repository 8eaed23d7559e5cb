"""Files of real postings: each shape becomes the event, and what cannot be read is named by its line."""

from __future__ import annotations

import gzip
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from talentpulse.domain.reader import read_posting
from talentpulse.settings import PROJECT_ROOT
from talentpulse.sources.delivery import Delivery
from talentpulse.sources.files import DeliveryTimes, Unreadable, UnreadableFileError, load
from talentpulse.sources.formats import FORMATS

FIXTURES = PROJECT_ROOT / "tests" / "fixtures" / "postings"
TIMES = DeliveryTimes(datetime(2026, 3, 15, 10, tzinfo=UTC), timedelta(seconds=30))


def _load(path: Path, format_name: str = "auto") -> list[Delivery | Unreadable]:
    return list(load(path, "board", format_name, TIMES))


def _events(path: Path, format_name: str = "auto") -> list[dict[str, Any]]:
    loaded = _load(path, format_name)
    assert all(isinstance(one, Delivery) for one in loaded)
    return [orjson.loads(one.body) for one in loaded if isinstance(one, Delivery) and one.body is not None]


def _payload(name: str, n: int = 0) -> dict[str, Any]:
    payload: dict[str, Any] = _events(FIXTURES / name)[n]["payload"]
    return payload


def test_every_fixture_becomes_events_that_the_reader_reads() -> None:
    files = sorted(FIXTURES.iterdir())
    assert len(files) == 7
    for path in files:
        for event in _events(path):
            reading = read_posting(orjson.dumps(event), 1_773_600_000_000_000)
            assert (reading.fault, reading.event_at_source, reading.source) == (None, "event", "board")


def test_the_delivery_time_is_start_plus_steps_and_the_postings_own_date_is_kept() -> None:
    first, second = _events(FIXTURES / "hn.jsonl")
    assert (first["timestamp"], second["timestamp"]) == ("2026-03-15T10:00:00Z", "2026-03-15T10:00:30Z")
    assert first["payload"]["posted_at"] == "2024-02"


def test_the_event_id_is_a_uuid5_that_depends_on_source_job_and_delivery_time() -> None:
    path = FIXTURES / "hn.jsonl"
    event = _events(path)[0]
    assert uuid.UUID(event["event_id"]).version == 5
    assert _events(path)[0]["event_id"] == event["event_id"]
    later = TIMES._replace(start=TIMES.start + timedelta(hours=1))
    others = [next(iter(load(path, "other", "auto", TIMES))), next(iter(load(path, "board", "auto", later)))]
    ids = {orjson.loads(one.body)["event_id"] for one in others if isinstance(one, Delivery) and one.body}
    assert len(ids | {event["event_id"]}) == 3


def test_the_key_is_source_and_job_id() -> None:
    keys = [one.key for one in _load(FIXTURES / "hn.jsonl") if isinstance(one, Delivery)]
    assert keys == [b"board:900001", b"board:900002"]


def test_a_posting_without_an_id_of_its_own_is_known_by_what_it_says() -> None:
    first, second = _events(FIXTURES / "linkedin.jsonl")
    assert first["payload"]["job_id"] != second["payload"]["job_id"]
    assert _payload("linkedin.jsonl")["job_id"] == first["payload"]["job_id"]


def test_hacker_news_headlines_give_company_and_title() -> None:
    payload = _payload("hn.jsonl")
    assert (payload["company"], payload["title"]) == ("Lanternfish", "Backend Engineer")
    assert payload["is_remote"] is True
    assert "PostgreSQL" in payload["description"]
    assert "title" not in _payload("hn.jsonl", 1)


def test_superjob_takes_its_id_from_the_address_and_joins_its_texts() -> None:
    payload = _payload("superjob.jsonl")
    assert payload["job_id"] == "70000001"
    assert payload["salary"] == "60000-80000₽"
    assert "Python" in payload["description"]
    assert "Excel" in payload["description"]


def test_adzuna_states_its_salary_in_pounds_a_year() -> None:
    payload = _payload("adzuna.jsonl")
    assert payload["job_id"] == "4100000001"
    assert [payload[f"salary_{part}"] for part in ("min", "max", "currency", "period")] == [55000, 65000, "GBP", "year"]


def test_usajobs_gives_numbers_deadline_and_all_places() -> None:
    payload = _payload("usajobs.jsonl")
    assert (payload["salary_min"], payload["salary_max"]) == (70000, 91000.5)
    assert payload["deadline"].startswith("2025-03-10")
    assert payload["location"].count(";") == 1
    assert "employment_type" not in payload


def test_a_csv_with_quotes_and_a_line_break_in_a_field_is_read() -> None:
    first, second = _events(FIXTURES / "usajobs_meta.csv")
    assert first["payload"]["company"] == "Library of Examples"
    assert second["payload"]["title"] == "Engineer, Civil"
    assert second["payload"]["company"] == "Department of Samples"
    assert second["payload"]["occupation_series"] == '0810 - Civil "Works"\nEngineering'


def test_greenhouse_keeps_its_escaped_html_and_the_reader_finds_its_skills() -> None:
    event = _events(FIXTURES / "ats.jsonl")[0]
    reading = read_posting(orjson.dumps(event), 1_773_600_000_000_000)
    assert reading.regions == ["IT"]
    assert {"Kubernetes", "Terraform"} <= set(reading.skills)
    assert event["payload"]["posted_at"] == "2026-05-01T09:00:00-04:00"


def test_lever_joins_places_and_sections_and_states_its_pay() -> None:
    payload = _payload("ats.jsonl", 1)
    assert payload["location"] == "Lyon, France; Madrid, Spain"
    assert payload["company"] == "paperboat"
    assert [payload[f"salary_{part}"] for part in ("min", "max", "currency", "period")] == [48000, 60000, "EUR", "year"]
    assert "Kotlin" in payload["description"]
    assert "Flutter" in payload["description"]
    assert payload["posted_at"] == "2026-01-05T08:00:00.500000+00:00"
    assert payload["is_remote"] is False


def test_ashby_joins_places_and_keeps_its_summary_of_pay() -> None:
    payload = _payload("ats.jsonl", 2)
    assert payload["location"] == "Toronto, Canada; Remote, US"
    assert payload["salary"] == "$120K - $150K"
    assert payload["is_remote"] is True


def test_records_that_are_events_already_go_through_as_they_are(tmp_path: Path) -> None:
    event = {"event_id": "x", "timestamp": "2020-01-01", "source": "s", "payload": {"job_id": "9", "more": [1]}}
    path = tmp_path / "events.jsonl"
    path.write_bytes(orjson.dumps(event) + b"\n")
    (loaded,) = _load(path)
    assert isinstance(loaded, Delivery)
    assert loaded.key == b"s:9"
    assert loaded.body is not None
    assert orjson.loads(loaded.body) == event


def test_gzip_gives_the_same_deliveries(tmp_path: Path) -> None:
    for name in ("hn.jsonl", "usajobs_meta.csv"):
        packed = tmp_path / f"{name}.gz"
        packed.write_bytes(gzip.compress((FIXTURES / name).read_bytes()))
        assert _load(packed) == _load(FIXTURES / name)


def test_unreadable_lines_are_named_by_number_and_the_rest_is_loaded(tmp_path: Path) -> None:
    good = (FIXTURES / "hn.jsonl").read_bytes().splitlines()
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"\n".join([good[0], b"", b'{"id": ', b"[1]", b'{"a": 1}', b'{"id": "\xff"}', good[1]]))
    loaded = _load(path)
    assert [one.line for one in loaded if isinstance(one, Unreadable)] == [3, 4, 5, 6]
    assert "no known format: a" in [one.reason for one in loaded if isinstance(one, Unreadable)][2]
    stamps = [orjson.loads(one.body)["timestamp"] for one in loaded if isinstance(one, Delivery) and one.body]
    assert stamps == ["2026-03-15T10:00:00Z", "2026-03-15T10:00:30Z"]


def test_a_csv_row_with_missing_columns_or_foreign_bytes_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    header, row, *_ = (FIXTURES / "usajobs_meta.csv").read_bytes().split(b"\r\n")
    path.write_bytes(b"\n".join([header, row, b"1,2,3", row.replace(b"Librarian", b"Biblioth\xe8que"), row]))
    loaded = _load(path)
    assert [one.line for one in loaded if isinstance(one, Unreadable)] == [3, 4]
    assert len(loaded) == 4


def test_a_stated_format_that_does_not_fit_is_unreadable_line_by_line() -> None:
    for name in set(FORMATS) - {"auto", "hn"}:
        loaded = _load(FIXTURES / "hn.jsonl", name)
        assert [type(one) for one in loaded] == [Unreadable, Unreadable]


def test_a_field_of_another_type_is_unreadable_and_not_the_end(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b'{"id": 1, "month": "2024-02", "text": 17}\n')
    (loaded,) = _load(path)
    assert isinstance(loaded, Unreadable)
    assert "unexpected type" in loaded.reason


@pytest.mark.parametrize("lost", [8, 60])
def test_a_damaged_gzip_says_after_which_line(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "short.jsonl.gz"
    path.write_bytes(gzip.compress((FIXTURES / "hn.jsonl").read_bytes() * 50)[:-lost])
    with pytest.raises(UnreadableFileError, match=r"short\.jsonl\.gz is damaged after line"):
        _load(path)


def test_a_file_that_is_neither_json_lines_nor_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear team\n")
    with pytest.raises(UnreadableFileError, match="expected JSON lines or CSV"):
        _load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"absent\.jsonl cannot be read: No such file"):
        _load(tmp_path / "absent.jsonl")


def test_an_empty_file_has_no_postings(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    assert _load(path) == []
