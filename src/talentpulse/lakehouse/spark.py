"""The Spark session, configured from the settings alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from urllib.parse import urlencode

from pyspark.sql import SparkSession

from talentpulse.contracts import topic
from talentpulse.lakehouse.java import class_archive, find_jdk17, spark_jars
from talentpulse.settings import Settings

SILENCE_SECONDS = 120  # a database that stands still for a minute is waited for


def catalog_conf(settings: Settings, fence: int | None = None, role: str = "") -> dict[str, str]:
    """Spark's settings of the shared catalog; `fence` and `role` are stated by every commit (commits_are_fenced.sql)."""
    prefix = f"spark.sql.catalog.{settings.catalog_name}"
    stated = [f"-c pulse.fence={fence}"] if fence is not None else []
    stated += [f"-c pulse.role={role}"] if role else []
    # a host that vanishes without a word is noticed; what was committed then, the next start sees
    parameters = {"socketTimeout": str(SILENCE_SECONDS), "tcpKeepAlive": "true"}
    parameters |= {"options": " ".join(stated)} if stated else {}
    suffix = "?" + urlencode(parameters).replace("+", "%20")
    conf = {
        prefix: "org.apache.iceberg.spark.SparkCatalog",
        f"{prefix}.warehouse": settings.warehouse,
        f"{prefix}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        f"{prefix}.s3.endpoint": settings.s3_endpoint,
        f"{prefix}.s3.path-style-access": "true",
        f"{prefix}.s3.access-key-id": settings.s3_access_key.get_secret_value(),
        f"{prefix}.s3.secret-access-key": settings.s3_secret_key.get_secret_value(),
        f"{prefix}.client.region": settings.s3_region,
        f"{prefix}.cache-enabled": "false",  # a cached table is a stale table: other engines write too
    }
    if settings.catalog_type == "rest":
        return conf | {f"{prefix}.type": "rest", f"{prefix}.uri": settings.catalog_uri}
    return conf | {
        f"{prefix}.type": "jdbc",
        f"{prefix}.uri": settings.postgres_jdbc_url + suffix,
        f"{prefix}.jdbc.user": settings.postgres_user,
        f"{prefix}.jdbc.password": settings.postgres_password.get_secret_value(),
        f"{prefix}.jdbc.schema-version": "V1",
    }


def open_session(
    settings: Settings, job: str, fence: int | None = None, role: str = "", java_options: str = ""
) -> SparkSession:
    """Start Spark with the lake's catalog; one session a process.

    Raises:
        PulseError: no JDK 17, or the jars were not fetched.
    """
    os.environ["JAVA_HOME"] = str(find_jdk17(settings))  # of this process only: Trino runs on another Java
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["SPARK_LOCAL_IP"] = settings.bind_host  # Spark's UI would answer on every interface
    jars = [str(path) for path in spark_jars(settings)]
    work = settings.home / "spark"
    conf = {
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.driver.extraClassPath": ":".join(jars),
        "spark.driver.memory": settings.spark_driver_memory,
        # ready classes save a third of the start's processor time; without the archive, or with another Java, nothing is lost
        "spark.driver.extraJavaOptions": java_options
        or f"-XX:SharedArchiveFile={class_archive(settings)} -Xshare:auto -Xlog:cds=off -Xlog:class+path=off",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.port": str(settings.spark_ui_port),
        "spark.ui.showConsoleProgress": "false",
        "spark.ui.retainedJobs": "50",
        "spark.ui.retainedStages": "50",
        "spark.sql.ui.retainedExecutions": "20",
        "spark.local.dir": str(work / "local"),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        # two tasks that MERGE write two files an hour, which the next MERGE reads: at 20,000 records a batch 98 files
        # instead of 49, and a fifth more time. So one task until there is too much for it (64 MB)
        "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "4000",
        "spark.python.worker.reuse": "true",
        # MERGE states the hours it touches itself: the extra job that would find them costs 15 %
        "spark.sql.optimizer.runtime.rowLevelOperationGroupFilter.enabled": "false",
        # lists of literals stay out of generated code, which is compiled again for every other list (mark_duplicates)
        "spark.sql.optimizer.inSetConversionThreshold": "0",
        "spark.sql.defaultCatalog": settings.catalog_name,
        # the default keeps 64 Kafka consumers, each with what it fetched ahead: a gigabyte after a dozen of exact ranges
        "spark.kafka.consumer.cache.capacity": str(2 * topic().partitions),
        # what an exact range had fetched ahead is never asked for again, and Spark would keep it for 5 minutes
        "spark.kafka.consumer.fetchedData.cache.timeout": "15s",
        "spark.kafka.consumer.fetchedData.cache.evictorThreadRunInterval": "5s",
        "spark.sql.streaming.metricsEnabled": "false",
        "spark.sql.streaming.minBatchesToRetain": "5",
    }
    if not settings.spark_master.startswith("local"):  # elsewhere executors need them; here each start would copy them
        conf["spark.jars"] = ",".join(jars)
    builder = SparkSession.builder.master(settings.spark_master).appName(f"talentpulse {job}")
    for name, value in conf.items():
        builder = builder.config(name, value)
    on_ctrl_c = signal.getsignal(signal.SIGINT)
    session = builder.getOrCreate()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, on_ctrl_c)  # PySpark puts its own there, which ends the process in the middle
    session.sparkContext.setLogLevel("ERROR")
    # now, not before: the builder's settings are arguments of the JVM, which every user of the machine can read
    for name, value in catalog_conf(settings, fence, role).items():
        session.conf.set(name, value)
    _read_hadoop_defaults_once(session)
    return session


def _read_hadoop_defaults_once(session: SparkSession) -> None:
    """Let new Hadoop configurations begin empty; those that exist, Spark's own among them, keep their values.

    Iceberg makes one for every Parquet file it writes, only to set its own options, and each reads Hadoop's ten XML files
    of defaults again: half the processor time of writing Gold's small files (Java Flight Recorder, 36 files a MERGE).
    Nothing here needs them: tables are reached by S3FileIO, and local files by the defaults in Hadoop's code.
    """
    jvm = session._jvm
    assert jvm is not None
    # its static part adds files to the list, and would make every configuration read them: before, not after
    jvm.java.lang.Class.forName("org.apache.hadoop.mapred.JobConf")
    session.sparkContext._jsc.hadoopConfiguration().size()  # has read its files now
    field = jvm.java.lang.Class.forName("org.apache.hadoop.conf.Configuration").getDeclaredField("defaultResources")
    field.setAccessible(True)
    files = field.get(None)
    files.removeAll(files)  # clear() would be Python's, item by item
