"""bronze.postings: every record becomes a row, byte for byte, with the header that the reader found."""

from datetime import UTC, datetime

import pytest
from pyspark.sql.types import StructType

from talentpulse.contracts import compiled, tables, topic
from talentpulse.domain.reader import READER_VERSION
from talentpulse.pipelines.warm_up import KAFKA_COLUMNS
from talentpulse.transforms.postings import mark_duplicates, position, read_records

AT = datetime(2026, 3, 15, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows(spark):
    bodies = [example.body for example in topic().examples]
    records = [(b"k", body, "job.postings.v1", 3, offset, AT, None) for offset, body in enumerate(bodies)]
    read = read_records(spark.createDataFrame(records, KAFKA_COLUMNS), "id", 7)
    return mark_duplicates(read, [(3 << 48) + 1]).orderBy("offset").collect()


def test_the_columns_are_the_contract_s_in_name_order_and_type(spark):
    read = read_records(spark.createDataFrame([], KAFKA_COLUMNS), "id", 7)
    schema = mark_duplicates(read, []).schema
    declared = StructType.fromDDL(compiled.spark_schema(tables()["bronze.postings"]))
    assert [(f.name, f.dataType) for f in schema] == [(f.name, f.dataType) for f in declared]


def test_every_example_is_kept_byte_for_byte_with_its_fault_code(rows):
    assert [(row.body and bytes(row.body), row.fault) for row in rows] == [(e.body, e.fault) for e in topic().examples]


def test_what_the_driver_knows_is_added(rows):
    assert {(row.topic_id, row.epoch, row.reader_version) for row in rows} == {("id", 7, READER_VERSION)}
    assert [row.offset for row in rows if row.is_duplicate] == [1]


def test_instants_pass_through_arrow_unchanged(rows):
    good = rows[0]
    assert good.kafka_at.replace(tzinfo=UTC) == AT
    assert good.event_at.replace(tzinfo=UTC) == datetime(2026, 3, 15, 10, 30, tzinfo=UTC)


def test_a_position_tells_partition_and_offset_apart(spark):
    frame = spark.createDataFrame([(0, 5), (1, 5), (32766, (1 << 48) - 1)], "partition INT, offset BIGINT")
    values = [row.p for row in frame.select(position().alias("p")).collect()]
    assert values == [5, (1 << 48) + 5, (32766 << 48) + (1 << 48) - 1]
