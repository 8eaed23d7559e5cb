"""A Spark driver that does once what the stream does, on a folder instead of services, so that Java can keep its classes.

Run by `pulse setup`: python -m talentpulse.stack.class_archive FILE
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from talentpulse.contracts import compiled, tables
from talentpulse.domain.duplicates import DuplicateIndex
from talentpulse.lakehouse.spark import open_session
from talentpulse.lakehouse.writers import append_bronze
from talentpulse.pipelines.ingest import Target
from talentpulse.pipelines.warm_up import warm_up
from talentpulse.settings import load_settings
from talentpulse.transforms.postings import mark_duplicates, read_records

CATALOG = "draft"
# a record as Kafka would give it
RECORD = (
    "cast('k' AS BINARY) AS key",
    "cast('{}' AS BINARY) AS value",
    "'t' AS topic",
    "0 AS partition",
    "cast(0 AS BIGINT) AS offset",
    "current_timestamp() AS timestamp",
    "cast(NULL AS ARRAY<STRUCT<key: STRING, value: BINARY>>) AS headers",
)
# not reached without services, and costly to load when they are
NAMED = (
    "org.apache.spark.sql.kafka010.KafkaSourceProvider",
    "org.apache.spark.sql.kafka010.KafkaOffsetReaderAdmin",
    "org.apache.spark.sql.kafka010.KafkaMicroBatchStream",
    "org.apache.kafka.clients.consumer.KafkaConsumer",
    "org.apache.kafka.clients.admin.KafkaAdminClient",
    "org.apache.iceberg.jdbc.JdbcCatalog",
    "org.apache.iceberg.aws.s3.S3FileIO",
    "org.postgresql.Driver",
)


def main() -> None:
    """Write the archive to the file named on the command line."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder) / "home", spark_ui_port=0)
        spark = open_session(settings, "class archive", java_options=f"-XX:ArchiveClassesAtExit={target} -Xlog:cds=off")
        spark.conf.set(f"spark.sql.catalog.{CATALOG}", "org.apache.iceberg.spark.SparkCatalog")
        spark.conf.set(f"spark.sql.catalog.{CATALOG}.type", "hadoop")
        spark.conf.set(f"spark.sql.catalog.{CATALOG}.warehouse", str(Path(folder) / "warehouse"))
        _run(spark, Path(folder))
        gateway = spark.sparkContext._gateway
        spark.stop()
        assert gateway is not None
        gateway.proc.stdin.close()  # Java ends, and writes down what it had loaded
        gateway.proc.wait()
    if not target.exists():
        sys.exit(f"Java wrote no {target.name}")


def _run(spark: SparkSession, folder: Path) -> None:
    names = [f"{CATALOG}.bronze.postings", f"{CATALOG}.bronze.readings", f"{CATALOG}.gold.skill_trends"]
    for full in names:
        table = tables()[full.removeprefix(f"{CATALOG}.")]
        ((transform, column),) = table.partition_fields
        parts = f"{transform}s({column})" if transform == "hour" else column
        columns = compiled.spark_schema(table)
        spark.sql(f"CREATE TABLE {full} ({columns.replace(': ', ':')}) USING iceberg PARTITIONED BY ({parts})")
    bronze, readings, gold = names
    target = Target(bronze, readings, gold, None, DuplicateIndex())  # type: ignore[arg-type]  # no epoch is begun
    warm_up(spark, target)

    def batch(rows: DataFrame, number: int) -> None:
        read = mark_duplicates(read_records(rows.selectExpr(*RECORD), "t", number), [])
        append_bronze(read, target.bronze, number, 1)

    lines = folder / "lines"
    lines.mkdir()
    (lines / "one.txt").write_text("a line\n", "utf-8")
    spark.readStream.text(str(lines)).writeStream.foreachBatch(batch).trigger(
        availableNow=True
    ).start().awaitTermination()
    spark.table(target.bronze).groupBy("epoch").count().collect()
    jvm = spark._jvm
    assert jvm is not None
    for name in NAMED:
        jvm.java.lang.Class.forName(name)


if __name__ == "__main__":
    main()
