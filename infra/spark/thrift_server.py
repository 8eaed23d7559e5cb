"""Spark's Thrift server over the lake (compose profile `thrift`): JDBC for tools that speak Hive's protocol.

Tables are named with their catalog (lake.gold.skill_trends): Hive's protocol opens a database `default` in the default
catalog, which the lake lacks. This file becomes spark-submit, with the catalog rendered from the settings like that of
every other session. It states no fence, so the catalog's database refuses its commits to tables under a job's lease.
"""

from __future__ import annotations

import os
import tempfile

from talentpulse.lakehouse.java import find_jdk17, spark_jars
from talentpulse.lakehouse.spark import catalog_conf
from talentpulse.settings import Settings, load_settings


def properties(settings: Settings) -> str:
    """Lines of a Spark properties file; holds the passwords of catalog and store."""
    conf = catalog_conf(settings) | {
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.session.timeZone": "UTC",
        "spark.jars": ",".join(str(path) for path in spark_jars(settings)),
        "spark.driver.extraClassPath": ":".join(str(path) for path in spark_jars(settings)),
        "spark.driver.memory": settings.spark_driver_memory,
        "spark.ui.port": str(settings.spark_ui_port),
        "spark.sql.warehouse.dir": str(settings.home / "spark" / "warehouse"),
        # Hive's session catalog is not used, but is opened: a database in memory keeps it from writing files
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
    }
    return "".join(f"{name} {value}\n" for name, value in conf.items())


def main() -> None:
    """Write the properties where only this user reads them, then become the server (signals reach it directly)."""
    settings = load_settings()
    os.environ["JAVA_HOME"] = str(find_jdk17(settings))
    lines = properties(settings)
    with tempfile.NamedTemporaryFile("w", prefix="thrift-", suffix=".conf", delete=False) as file:  # mode 0600
        file.write(lines)
    options = ["--master", settings.spark_master, "--properties-file", file.name]
    server = ["--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2", "spark-internal"]
    os.execvp("spark-submit", ["spark-submit", *options, *server])


if __name__ == "__main__":
    main()
