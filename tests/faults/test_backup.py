"""Catalog and ledger go back to a backup's moment together, and the stream reads from Kafka what came since."""

import json
import os
import subprocess
from datetime import UTC, datetime
from io import BytesIO

import pytest

from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.lakehouse.object_store import object_store
from talentpulse.lakehouse.postgres import connect
from tests.lake import PULSE, Stream, check_promises, epochs, generate, gold_in_trino, pulse, stream_once

TABLES = ("bronze.postings", "gold.skill_trends")


def refused(lake, *arguments):
    """The command fails; what it says."""
    done = subprocess.run(
        [str(PULSE), *arguments], env={**os.environ, **lake.environment()}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    return done.stdout + done.stderr


def fence(lake):
    with connect(lake, "test") as connection:
        return connection.execute("SELECT max(fence) FROM ops.leases").fetchone()[0]


def expire_snapshots(lake):
    """All that no tag and no branch holds."""
    catalog = open_catalog(lake, role="maintenance")
    for name in TABLES:
        catalog.load_table(name).maintenance.expire_snapshots().older_than(datetime.now(UTC)).commit()


@pytest.fixture
def backed_up(lake, tmp_path):
    """A lake that went on after its backup: the backup's folder, and what Gold and ledger were then."""
    generate(lake, tmp_path / "truth.json", 500, "--seed", "51")
    stream_once(lake)
    then = gold_in_trino(lake), epochs(lake)
    folder = tmp_path / "backups"
    made = json.loads(pulse(lake, "backup", "--in", str(folder), "--json"))
    assert made["epoch"] == then[1][-1]["epoch"]
    generate(lake, tmp_path / "truth.json", 400, "--seed", "52")
    stream_once(lake)
    assert gold_in_trino(lake) != then[0]
    expire_snapshots(lake)
    return folder, *then


@pytest.mark.slow
@pytest.mark.fault(18, "ledger and catalog, by `pulse restore`")
def test_catalog_and_ledger_are_restored_together_and_the_stream_goes_on_from_there(lake, backed_up):
    folder, gold, ledger = backed_up
    saved = json.loads(next(folder.glob("*/backup.json")).read_text())
    store = object_store(lake)
    for table in saved["tables"]:  # writers keep the newest metadata only
        store.remove_object(lake.s3_bucket, table["metadata_location"].removeprefix(f"s3://{lake.s3_bucket}/"))
    fenced = fence(lake)
    assert "400, all in Kafka" in pulse(lake, "restore", "--in", str(folder), "--dry-run").replace("records", "")
    assert gold_in_trino(lake) != gold
    said = pulse(lake, "restore", "--in", str(folder), "--yes")
    assert "restored in" in said
    assert gold_in_trino(lake) == gold
    assert epochs(lake) == ledger
    assert fence(lake) > fenced
    with Stream(lake) as stream:
        stream.wait_ready().wait_caught_up()
        assert "is already run by" in refused(lake, "restore", "--in", str(folder), "--yes")
        assert stream.stop()[0] == 0
    check_promises(lake)
    assert (
        len(pulse(lake, "restore", "--in", str(folder), "--list").splitlines()) >= 3
    )  # the states before are backups, too


@pytest.mark.slow
def test_a_backup_whose_files_are_gone_is_not_restored(lake, backed_up):
    folder, *_ = backed_up
    saved = json.loads(next(folder.glob("*/backup.json")).read_text())
    bronze = open_catalog(lake).load_table("bronze.postings")
    snapshot = next(table["snapshot"] for table in saved["tables"] if table["name"] == "bronze.postings")
    path = next(iter(bronze.scan(snapshot_id=snapshot).plan_files())).file.file_path
    key = path.removeprefix(f"s3://{lake.s3_bucket}/")
    store = object_store(lake)
    kept = store.get_object(lake.s3_bucket, key).read()
    store.remove_object(lake.s3_bucket, key)
    before = epochs(lake)
    assert f"1 are missing, first bronze.postings: {path}" in refused(lake, "restore", "--in", str(folder), "--yes")
    assert epochs(lake) == before
    store.put_object(lake.s3_bucket, key, BytesIO(kept), len(kept))
    check_promises(lake)
    assert "no backup last-year" in refused(lake, "restore", "last-year", "--in", str(folder))
