"""A lake to test with: emptied, streamed into by the real job, and read back without any of its code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import UnknownTopicOrPartitionError

from talentpulse.contracts import tables
from talentpulse.lakehouse.bootstrap import prepare
from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.lakehouse.object_store import object_store
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.trino import query
from talentpulse.process import ready_path
from talentpulse.settings import PROJECT_ROOT

PULSE = Path(sys.executable).with_name("pulse")


def wait_until(condition, what, seconds=120.0, pause=0.2):
    """Poll until `condition()` is true; what it last returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(pause)
    raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")


def empty_tables(settings):
    """Drop the tables, empty the ledger."""
    catalog = open_catalog(settings)
    for table in tables().values():
        if table.store == "iceberg" and catalog.table_exists(table.name):
            catalog.drop_table(table.name)
    with connect(settings, "test") as connection:
        names = ", ".join(table.name for table in tables().values() if table.store == "postgres")
        connection.execute(f"TRUNCATE {names}")


def empty_lake(settings):
    """Drop the tables, empty the ledger, delete the topic; make all of it anew."""
    empty_tables(settings)
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    with suppress(UnknownTopicOrPartitionError):
        admin.delete_topics([settings.topic])
    wait_until(lambda: settings.topic not in admin.list_topics(), "the topic is gone", 30)
    admin.close()
    prepare(settings)


def pulse(settings, *arguments):
    """Run the command line as a user would."""
    done = subprocess.run(
        [str(PULSE), *arguments],
        env={**os.environ, **settings.environment()},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"pulse {' '.join(arguments)}: {done.stdout}\n{done.stderr}"
    return done.stdout


def generate(settings, truth, count, *more):
    pulse(settings, "generate", "--count", str(count), "--rate", "0", "--chaos", "heavy", "--truth", str(truth), *more)
    return json.loads(truth.read_text())


class Stream:
    """The real streaming job as a process group of its own, with its log in a file."""

    def __init__(self, settings, log="stream-under-test.log", **environment):
        self.settings = settings
        self.log = settings.home / "logs" / log
        self.log.parent.mkdir(parents=True, exist_ok=True)
        ready_path(settings, "stream").unlink(missing_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "streaming/ingest_postings.py"],
                cwd=PROJECT_ROOT,
                env={**os.environ, **settings.environment(), **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

    def wait_ready(self):
        def ready():
            assert self.process.poll() is None, f"the stream ended with {self.process.returncode}: see {self.log}"
            return ready_path(self.settings, "stream").exists()

        wait_until(ready, f"the stream is ready, see {self.log}", 180)
        return self

    def wait_caught_up(self):
        def caught_up():
            assert self.process.poll() is None, f"the stream ended with {self.process.returncode}: see {self.log}"
            return committed(self.settings) == broker_ends(self.settings)

        wait_until(caught_up, f"the ledger is at the broker's end, see {self.log}", 180)
        return self

    def stop(self):
        """SIGTERM to the job alone, as the supervisor does; its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60), time.monotonic() - began

    def kill(self):
        """Pull the plug: Python and JVM at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def wait_dead(self):
        """Wait until the job has ended by itself; its exit code."""
        return self.process.wait(180)


def stream_once(settings, **environment):
    """Let the job read everything that is there, and stop it."""
    with Stream(settings, **environment) as stream:
        stream.wait_ready().wait_caught_up()
        assert stream.stop()[0] == 0


def _consumer(settings):
    return KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False)


def broker_ends(settings):
    """End offset per partition that holds anything."""
    consumer = _consumer(settings)
    try:
        parts = [TopicPartition(settings.topic, p) for p in consumer.partitions_for_topic(settings.topic)]
        return {tp.partition: end for tp, end in consumer.end_offsets(parts).items() if end}
    finally:
        consumer.close()


def committed(settings):
    """The ledger's end per partition that holds anything."""
    with connect(settings, "test") as connection:
        row = connection.execute(
            "SELECT end_offsets FROM ops.epochs WHERE state = 'committed' ORDER BY epoch DESC LIMIT 1"
        ).fetchone()
    return {int(p): end for p, end in row[0].items() if end} if row else {}


def epochs(settings):
    """All rows of the ledger as dictionaries, oldest first."""
    with connect(settings, "test") as connection:
        cursor = connection.execute("SELECT * FROM ops.epochs ORDER BY epoch")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def kafka_records(settings):
    """Every record that the broker holds: {(partition, offset): body}."""
    consumer = _consumer(settings)
    try:
        ends = broker_ends(settings)
        parts = [TopicPartition(settings.topic, p) for p in ends]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        records = {}
        while any(consumer.position(tp) < ends[tp.partition] for tp in parts):
            for batch in consumer.poll(timeout_ms=1000).values():
                records |= {(r.partition, r.offset): r.value for r in batch}
        return records
    finally:
        consumer.close()


def bronze(settings):
    """Bronze as Arrow, read by PyIceberg."""
    return open_catalog(settings).load_table("bronze.postings").scan().to_arrow()


def counted_readings(settings):
    """The later readings that count, as Arrow, read by PyIceberg."""
    return open_catalog(settings).load_table("bronze.readings").scan("epoch IS NOT NULL").to_arrow()


def gold_in_trino(settings):
    """{(window_start, region, skill): (events, late_events, backfill_events)} as Trino serves it."""
    rows = query(
        settings, "SELECT window_start, region, skill, events, late_events, backfill_events FROM gold.skill_trends"
    ).rows
    cells = {(at.isoformat(), region, skill): tuple(counts) for at, region, skill, *counts in rows}
    assert len(cells) == len(rows), "Gold has a cell twice"
    return cells


def truth_cells(totals):
    """The generator's truth in the shape of `gold_in_trino`."""
    return {
        (cell["window_start"].replace("Z", "+00:00"), cell["region"], cell["skill"]): (
            cell["events"], cell["late_events"], cell["backfill_events"],
        )
        for cell in totals["cells"]
    }  # fmt: skip


def assert_same_cells(found, expected, what):
    """Equal cell by cell; a difference is shown, not only stated."""
    wrong = [(key, found.get(key), expected.get(key)) for key in found.keys() | expected.keys()
             if found.get(key) != expected.get(key)]  # fmt: skip
    shown = "\n".join(f"  {key}: found {left}, expected {right}" for key, left, right in sorted(wrong)[:10])
    assert not wrong, f"{what}: {len(wrong)} of {len(expected)} cells differ\n{shown}"


RECOMPUTE = """
WITH counted AS (
    SELECT *, date_trunc('hour', event_at AT TIME ZONE 'UTC') AS window_start,
        coalesce(list_contains(list_transform(headers, lambda h: h.key), 'backfill'), false) AS is_backfill
    FROM bronze WHERE fault IS NULL AND NOT is_duplicate AND source IS DISTINCT FROM 'pulse_canary'
), cells AS (
    SELECT window_start, unnest(list_distinct(list_append(regions, '*'))) AS region, skills, is_backfill,
        (NOT is_backfill AND kafka_at AT TIME ZONE 'UTC' > window_start + INTERVAL 3 HOURS) AS is_late
    FROM counted
)
SELECT window_start, region, skill, count(*), count(*) FILTER (is_late), count(*) FILTER (is_backfill)
FROM (SELECT window_start, region, unnest(list_distinct(list_append(skills, '*'))) AS skill, is_late, is_backfill FROM cells)
GROUP BY ALL
"""


def recomputed(arrow):
    """Gold grouped anew from Bronze's headers by DuckDB, in the shape of `gold_in_trino`."""
    with duckdb.connect() as connection:
        connection.register("bronze", arrow)
        rows = connection.execute(RECOMPUTE).fetchall()
    return {(f"{at.isoformat()}+00:00", region, skill): tuple(counts) for at, region, skill, *counts in rows}


def duplicates_by_rule(arrow, healed):
    """Positions that the rule calls duplicates, by a plain loop: those of Bronze and those of the counted readings."""
    groups = defaultdict(list)
    names = ("topic_id", "partition", "event_id", "offset", "kafka_at", "epoch", "fault", "source")
    for table, is_healed in ((arrow, False), (healed, True)):
        for *place, offset, kafka_at, epoch, fault, source in zip(*(table[n].to_pylist() for n in names), strict=True):
            if fault is None and source != "pulse_canary":
                groups[tuple(place)].append((offset, int(kafka_at.timestamp()) // 3600, epoch, is_healed))
    found = {False: set(), True: set()}
    for (_, partition, _), deliveries in groups.items():
        for mine in deliveries:
            if any(_repeats(mine, other) for other in deliveries if other is not mine):
                found[mine[3]].add((partition, mine[0]))
    return found[False], found[True]


def _repeats(mine, other):
    (offset, hour, epoch, is_healed), (before, its_hour, its_epoch, was_healed) = mine, other
    if is_healed and its_epoch < epoch:  # whatever was counted before the heal comes first
        return abs(hour - its_hour) <= 24
    return before < offset and 0 <= hour - its_hour <= 24 and (its_epoch < epoch or was_healed == is_healed)


FLAGS = ("partition", "offset", "is_duplicate")


def check_files(settings):
    """I4: every file that a snapshot of the stream's tables refers to is in the store, as long as it was written."""
    prefix = f"s3://{settings.s3_bucket}/"
    objects = object_store(settings).list_objects(settings.s3_bucket, recursive=True)
    stored = {prefix + item.object_name: item.size for item in objects}
    for name in ("bronze.postings", "gold.skill_trends"):
        table = open_catalog(settings).load_table(name)
        manifests, parent = {}, None
        for snapshot in table.snapshots():
            # between two that are kept, others may have expired
            follows = snapshot.parent_snapshot_id == parent or table.snapshot_by_id(snapshot.parent_snapshot_id) is None
            assert parent is None or follows, f"I4: {name} has more than one history"
            parent = snapshot.snapshot_id
            assert snapshot.manifest_list in stored, f"I4: {name} misses {snapshot.manifest_list}"
            manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)}
        _check_stored(stored, {path: manifest.manifest_length for path, manifest in manifests.items()}, name)
        entries = [
            entry.data_file for manifest in manifests.values() for entry in manifest.fetch_manifest_entry(table.io)
        ]
        _check_stored(stored, {file.file_path: file.file_size_in_bytes for file in entries}, name)


def _check_stored(stored, referred, table):
    wrong = {path: (stored.get(path), size) for path, size in referred.items() if stored.get(path) != size}
    assert not wrong, f"I4: files of {table}: (stored, expected bytes) {wrong}"


def check_secrets(settings, bodies):
    """I7: no password is in a log, in what a snapshot says of itself, in a query or among the arguments of a process; and
    nothing that a posting says, which may be about a person, in any of these.
    """
    passwords = [
        p.get_secret_value() for p in (settings.postgres_password, settings.s3_secret_key, settings.s3_access_key)
    ]
    assert all(passwords)
    said = {file.name: file.read_text("utf-8", "replace") for file in (settings.home / "logs").glob("*.log*")}
    for name in ("bronze.postings", "gold.skill_trends"):
        snapshots = open_catalog(settings).load_table(name).snapshots()
        said[name] = " ".join(str(snapshot.summary) for snapshot in snapshots)
    said["queries of Trino"] = str(query(settings, "SELECT query FROM system.runtime.queries").rows)
    with connect(settings, "test") as connection:
        said["queries of PostgreSQL"] = str(connection.execute("SELECT query FROM pg_stat_activity").fetchall())
    said |= {f"arguments of {p.pid}": " ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])}
    secret = passwords + [piece for body in bodies if (piece := _middle(body))]
    found = [(place, s) for place, text in said.items() for s in secret if s in text]
    assert not found, f"I7: said where it should not be: {found}"


def _middle(body):
    """Some words from the middle of a generated posting's text; empty for what is none."""
    try:
        text = json.loads(body)["payload"]["description"]
        return text[len(text) // 2 :][:40] if len(text) > 200 else ""
    except (TypeError, ValueError, KeyError, RecursionError):
        return ""


def check_promises(settings, sent=None):
    """I1 Bronze is exact, I2 Gold is a function of Bronze, I3 everything is accounted for, I4 tables are healthy, I5
    progress never goes back, I7 secrets stay secret.

    `sent` is what must be in Bronze, `{(partition, offset): body}`; what the broker holds now, unless it is given.
    """
    check_files(settings)
    sent, arrow = kafka_records(settings) if sent is None else sent, bronze(settings)
    check_secrets(settings, arrow.column("body").to_pylist()[:50])
    positions = list(zip(arrow.column("partition").to_pylist(), arrow.column("offset").to_pylist(), strict=True))
    assert len(positions) == len(set(positions)), "I1: a record is in Bronze twice"
    assert dict(zip(positions, arrow.column("body").to_pylist(), strict=True)) == sent, (
        "I1: Bronze is not what Kafka has"
    )
    healed = counted_readings(settings)
    flagged = tuple(
        {(p, o) for p, o, is_duplicate in zip(*(t[n].to_pylist() for n in FLAGS), strict=True) if is_duplicate}
        for t in (arrow, healed)
    )
    assert flagged == duplicates_by_rule(arrow, healed), "I1: duplicates are not those of the rule"
    headers = pa.concat_tables([arrow, healed], promote_options="permissive")
    assert_same_cells(gold_in_trino(settings), recomputed(headers), "I2: Gold is not a GROUP BY of what counts")
    ledger = epochs(settings)
    assert all(row["state"] == "committed" for row in ledger), "an epoch is open"
    for row in ledger:
        parts = row["records_counted"] + row["records_faulty"] + row["records_duplicate"] + row["records_canary"]
        assert row["records_read"] == parts, f"I3: epoch {row['epoch']}"
    of_log = sum(row["records_read"] for row in ledger if row["kind"] != "heal")
    assert of_log == len(sent), "I3: the ledger's sum is not the log"
    for before, after in pairwise(ledger):
        new = dict.fromkeys(after["start_offsets"].keys() - before["end_offsets"].keys(), 0)
        assert after["start_offsets"] == before["end_offsets"] | new, "I5: the ledger has a gap"
    return arrow
