"""What is read of postings for Silver: one row a Kafka record with its details and mentions, in one Arrow pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from talentpulse.domain.details import Details, read_details
from talentpulse.domain.events import read_envelope
from talentpulse.domain.skills import skill_matcher

PLACE = ("topic_id", "partition", "offset")
_TEXT, _NUMBER = pa.string(), pa.float64()


def _struct(**fields: pa.DataType) -> pa.DataType:
    return pa.struct([pa.field(name, kind) for name, kind in fields.items()])


MENTION = _struct(skill=_TEXT, form=_TEXT, start=pa.int32(), end=pa.int32(), rule=_TEXT)
# the fields of each struct in the order of the NamedTuple that the reader returns
DETAILS = pa.schema(
    {
        "title": _struct(cleaned=_TEXT, core=_TEXT, level_words=pa.list_(_TEXT)),
        "employer": _struct(name=_TEXT, key=_TEXT),
        "places": pa.list_(_struct(city=_TEXT, admin1=_TEXT, country=_TEXT, region=_TEXT, confidence=_NUMBER)),
        "pay": _struct(
            low=_NUMBER, high=_NUMBER, currency=_TEXT, period=_TEXT, yearly_low=_NUMBER, yearly_high=_NUMBER,
            evidence=_TEXT, rule=_TEXT,
        ),
        "level": _struct(level=_TEXT, evidence_kind=_TEXT, evidence=_TEXT),
        "work_mode": _struct(mode=_TEXT, evidence=_TEXT, field=_TEXT),
        "is_remote_claimed": pa.bool_(),
        "text": _struct(plain=_TEXT, language=_TEXT, content_hash=_TEXT),
        "mentions": pa.list_(MENTION),
    }
)  # fmt: skip


def read_all_details(postings: DataFrame) -> DataFrame:
    """Bronze rows that count (with `body`) to `PLACE` and the columns of `DETAILS`; the matcher is built once a worker."""
    spark = from_arrow_schema(DETAILS)
    declared = ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in spark.fields)
    return postings.select(*PLACE, "body").mapInArrow(
        _read, f"topic_id string, partition int, offset bigint, {declared}"
    )


def read_mentions(texts: DataFrame) -> DataFrame:
    """The mentions of each text: column `text` (plain, may be null) to `mentions`, in the order of the rows."""
    declared = from_arrow_schema(pa.schema({"mentions": pa.list_(MENTION)})).fields[0].dataType.simpleString()
    return texts.select("text").mapInArrow(_mentions, f"mentions {declared}")


def _mentions(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    matcher = skill_matcher()
    for batch in batches:
        found = [matcher.find(text) if text else [] for text in batch.column("text").to_pylist()]
        yield pa.RecordBatch.from_arrays([pa.array(found, pa.list_(MENTION))], names=["mentions"])


def _read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    skill_matcher()
    for batch in batches:
        read = [read_details(_payload(body)) for body in batch.column("body").to_pylist()]
        columns = zip(*read, strict=True) if read else [()] * len(Details._fields)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, DETAILS, strict=True)]
        yield pa.RecordBatch.from_arrays(
            [*(batch.column(name) for name in PLACE), *arrays], names=[*PLACE, *DETAILS.names]
        )


def _payload(body: bytes) -> dict[str, Any]:
    return read_envelope(body).payload or {}
