"""A local Spark without lake or services, and rows made from the contract."""

import os
import sys
import time
from datetime import UTC, datetime

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from talentpulse.contracts import compiled, tables
from talentpulse.lakehouse.java import find_jdk17
from talentpulse.settings import load_settings


@pytest.fixture(scope="session")
def spark():
    os.environ["TZ"] = "UTC"  # PySpark collects instants as local times
    time.tzset()
    os.environ["JAVA_HOME"] = str(find_jdk17(load_settings()))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def bronze(spark):
    """Makes Bronze rows from what matters to a test; the rest is the contract's columns with plain values."""
    table = tables()["bronze.postings"]
    schema = StructType.fromDDL(compiled.spark_schema(table))
    noon = datetime(2026, 3, 15, 12, tzinfo=UTC)
    plain = dict.fromkeys(table.column_names) | {
        "topic_id": "t", "topic": "job.postings.v1", "partition": 0, "kafka_at": noon, "headers": None, "event_at": noon,
        "event_at_source": "event", "source": "board", "regions": ["GB"], "skills": ["Python"], "is_duplicate": False,
        "reader_version": "001.001", "epoch": 1, "body": b"{}",
    }  # fmt: skip

    def make(*rows):
        records = [{**plain, "offset": offset, "event_id": f"e{offset}", **row} for offset, row in enumerate(rows)]
        return spark.createDataFrame([tuple(row[name] for name in table.column_names) for row in records], schema)

    return make
