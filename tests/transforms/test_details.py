"""Details of postings, read inside Spark as the readers read them."""

import json

from talentpulse.domain.details import read_details
from talentpulse.domain.skills import skill_matcher
from talentpulse.transforms.details import DETAILS, read_all_details, read_mentions

PAYLOADS = [
    {
        "title": "Senior Data Engineer (m/w/d)",
        "company": "Quux Data GmbH",
        "location": "Berlin, Germany; London",
        "is_remote": True,
        "salary": "70.000 - 90.000 EUR pro Jahr",
        "description": "<p>You work with Python, Java and Kafka.</p><p>This is a hybrid role.</p>",
    },
    {},
    {"title": 5, "location": "nowhere at all", "description": "C++ or Rust; Objective C"},
]
TEXTS = ["We like Python, Java and Go (Golang).", "", None, "nothing to see"]


def plain(value):
    """Rows, NamedTuples and lists as plain lists."""
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def test_spark_reads_every_detail_as_the_readers_do(bronze):
    rows = bronze(*({"body": json.dumps({"event_id": "e", "payload": payload}).encode()} for payload in PAYLOADS))
    found = read_all_details(rows).orderBy("offset").collect()
    assert [row["offset"] for row in found] == [0, 1, 2]
    for row, payload in zip(found, PAYLOADS, strict=True):
        assert plain([row[name] for name in DETAILS.names]) == plain(read_details(payload))


def test_spark_finds_what_the_matcher_finds_row_by_row(spark):
    texts = spark.createDataFrame([(text,) for text in TEXTS], "text string").coalesce(1)
    found = [plain(row["mentions"]) for row in read_mentions(texts).collect()]
    assert found == [plain(skill_matcher().find(text or "")) for text in TEXTS]
    assert len(found[0]) >= 3
