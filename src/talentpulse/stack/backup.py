"""Backup and restore of what says which files are the lake: catalog and ledger, one database, as of one moment.

The tables' files stay in the object store. A tag on each table's snapshot keeps them from expiry for as long as the backup
is promised to work; the store itself is to be versioned or mirrored by its own means.
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from minio.error import S3Error
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import StaticTable
from sqlalchemy.exc import InternalError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from talentpulse.errors import PulseError
from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.lakehouse.ledger import STREAM, Ledger, Offsets, hold_off_others
from talentpulse.lakehouse.object_store import object_store
from talentpulse.lakehouse.postgres import connect
from talentpulse.settings import Settings
from talentpulse.stack.services import postgres_program

DUMP, ABOUT, METADATA = "database.dump", "backup.json", "metadata"
MINUTES = 30  # for the dump of a database of some hundred megabytes


@dataclass(frozen=True)
class TableState:
    """One table as the catalog names it: where its metadata lie, and its newest snapshot (None: it is empty)."""

    name: str
    metadata_location: str
    snapshot: int | None


@dataclass(frozen=True)
class Backup:
    """A backup on disk: when it was made, the newest epoch of its ledger with its log and end, the tables."""

    folder: Path
    taken_at: datetime
    epoch: int
    topic_id: str | None
    end: Offsets
    tables: list[TableState]
    keep_days: int

    @property
    def name(self) -> str:
        """Name of the folder, and of the tags."""
        return self.folder.name


def backups_folder(settings: Settings) -> Path:
    """Where backups go unless another folder is named."""
    return settings.home / "backups"


def backups(folder: Path) -> list[Backup]:
    """The complete backups in a folder, oldest first."""
    return sorted((read_backup(about.parent) for about in folder.glob(f"*/{ABOUT}")), key=lambda b: b.taken_at)


def read_backup(folder: Path) -> Backup:
    """Read what a backup says of itself.

    Raises:
        PulseError: the folder holds no complete backup.
    """
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
    except FileNotFoundError:
        raise PulseError(f"{folder} holds no complete backup: {ABOUT} is missing", "pulse restore --list") from None
    return Backup(
        folder, datetime.fromisoformat(about["taken_at"]), about["epoch"], about["topic_id"],
        {int(partition): offset for partition, offset in about["end"].items()},
        [TableState(**table) for table in about["tables"]], about["keep_days"],
    )  # fmt: skip


def back_up(settings: Settings, into: Path, keep_days: int) -> Backup:
    """Dump the database, copy the tables' metadata, tag their snapshots; the stream may go on meanwhile.

    Raises:
        PulseError: pg_dump failed, or the catalog is not in this database.
    """
    _need_jdbc(settings)
    taken_at = datetime.now(UTC)
    folder = into / f"{taken_at:%Y-%m-%dT%H-%M-%SZ}"
    folder.mkdir(parents=True, mode=0o700)
    (folder / METADATA).mkdir()
    with connect(settings, "backup") as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        _run(settings, "pg_dump", "--format=custom", f"--snapshot={row[0]}", f"--file={folder / DUMP}")
        last = Ledger(connection, STREAM, "").last()
        locations = connection.execute(
            "SELECT table_namespace || '.' || table_name, metadata_location FROM iceberg_tables"
            " WHERE catalog_name = %s AND coalesce(iceberg_type, 'TABLE') = 'TABLE' ORDER BY 1",
            (settings.catalog_name,),
        ).fetchall()
    catalog = open_catalog(settings, role="maintenance")  # a tag changes no row
    tables = []
    for name, location in locations:
        live = StaticTable.from_metadata(location, catalog.properties)
        snapshot = live.current_snapshot()
        tables.append(TableState(name, location, snapshot.snapshot_id if snapshot is not None else None))
        (folder / METADATA / f"{name}.metadata.json").write_bytes(_get(settings, location))
        if snapshot is not None:
            _tag(catalog, name, snapshot.snapshot_id, folder.name, keep_days)
    about = {
        "taken_at": taken_at.isoformat(),
        "epoch": last.number if last is not None else 0,
        "topic_id": last.topic_id if last is not None else None,
        # an open epoch is finished by the next start, whose records are then read again
        "end": last.committed_end if last is not None else {},
        "tables": [asdict(table) for table in tables],
        "keep_days": keep_days,
    }
    # written last: a folder without it is no backup
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n")
    return read_backup(folder)


@retry(
    retry=retry_if_exception_type((CommitFailedException, InternalError)),
    stop=stop_after_attempt(20),
    wait=wait_random(0.1, 0.5),
    reraise=True,
)
def _tag(catalog: Catalog, name: str, snapshot: int, tag: str, keep_days: int) -> None:
    """The stream commits beside this: try again on its newest state (InternalError: commits_are_sent_once.sql)."""
    snapshots = catalog.load_table(name).manage_snapshots()
    snapshots.create_tag(snapshot, tag, max_ref_age_ms=keep_days * 86_400_000).commit()


def missing_files(settings: Settings, backup: Backup) -> list[str]:
    """Data files of the backed up tables that the store has not got, `table: path`; metadata are put back where missing.

    Raises:
        PulseError: a manifest cannot be read.
    """
    catalog = open_catalog(settings)
    store = object_store(settings)
    held = {item.object_name for item in store.list_objects(settings.s3_bucket, recursive=True)}
    missing = []
    for table in backup.tables:
        copy = backup.folder / METADATA / f"{table.name}.metadata.json"
        if _key(table.metadata_location) not in held:  # the writers keep the newest ones only
            store.fput_object(settings.s3_bucket, _key(table.metadata_location), str(copy))
        try:
            files = [task.file.file_path for task in StaticTable.from_metadata(
                table.metadata_location, catalog.properties).scan().plan_files()]  # fmt: skip
        except FileNotFoundError as error:
            missing.append(f"{table.name}: {error.filename or error}")
            continue
        missing += [f"{table.name}: {path}" for path in files if _key(path) not in held]
    return missing


def restore(settings: Settings, backup: Backup) -> float:
    """Put catalog and ledger back to the backup's moment, in one transaction; returns the seconds it took.

    Raises:
        PulseError: the stream runs, files are missing, or pg_restore failed; nothing has changed then.
    """
    _need_jdbc(settings)
    begin = time.monotonic()
    with connect(settings, "restore") as connection:
        hold_off_others(connection, STREAM)
        if missing := missing_files(settings, backup):
            raise PulseError(
                f"{len(missing)} files of the backup are no longer in the store, the first is {missing[0]}",
                "restore them in the store (versioning, mirror), or choose a newer backup: pulse restore --list",
            )
        fence = connection.execute("SELECT coalesce(max(fence), 0) FROM ops.leases").fetchone()
        assert fence is not None
        _run(settings, "pg_restore", "--clean", "--if-exists", "--single-transaction", str(backup.folder / DUMP))
        # a writer that was fenced off must not come back in because the fence went back in time
        connection.execute("UPDATE ops.leases SET fence = greatest(fence, %s) + 1", fence)
    return time.monotonic() - begin


def _need_jdbc(settings: Settings) -> None:
    if settings.catalog_type != "jdbc":
        raise PulseError(
            "the catalog is not in the ledger's database: the two cannot be saved as of one moment",
            "use the backup of your catalog while the stream is stopped, and pg_dump for the schema ops",
        )


def _run(settings: Settings, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the lake's database.

    Raises:
        PulseError: it failed; the message is its own.
    """
    where = [
        f"--host={settings.postgres_host}", f"--port={settings.postgres_port}", f"--username={settings.postgres_user}",
        f"--dbname={settings.postgres_database}", "--no-password",
    ]  # fmt: skip
    done = subprocess.run(
        [postgres_program(program), *where, *arguments],
        env={"PGPASSWORD": settings.postgres_password.get_secret_value(), "LC_ALL": "C"},
        capture_output=True, text=True, check=False, timeout=60 * MINUTES,
    )  # fmt: skip
    if done.returncode:
        raise PulseError(f"{program} failed: {done.stderr.strip().splitlines()[-1]}", "pulse logs postgres")


def _key(location: str) -> str:
    return urlsplit(location).path.lstrip("/")


def _get(settings: Settings, location: str) -> bytes:
    try:
        response = object_store(settings).get_object(settings.s3_bucket, _key(location))
    except S3Error as error:
        raise PulseError(f"{location} cannot be read: {error.code}", "pulse audit") from error
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()
