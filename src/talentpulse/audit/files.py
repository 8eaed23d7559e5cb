"""Live files against the object store: each that a snapshot names is there, with the size that the metadata says."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from talentpulse.audit.subject import BRONZE, GOLD, Seen, Subject
from talentpulse.lakehouse.object_store import object_store
from talentpulse.settings import Settings

Sizes = dict[str, int]
"""Size in bytes by address (`s3://bucket/key`)."""


def check_files(subject: Subject) -> Seen:
    """Manifest lists, manifests and data files of the tables are in the store: of now, and of Gold at the cut.

    One listing a table is far cheaper than a question a file. It is made after the snapshots were looked up, so what
    they name is in it, unless maintenance has removed it since: what is missing counts only if it is still live.
    """
    checked, problems = 0, []
    pinned = {BRONZE: subject.cut.bronze_snapshot, GOLD: subject.cut.gold_snapshot}
    for name, table in subject.tables.items():
        stored = _listing(subject.settings, table.location())
        live = _live(table, pinned.get(name), stored)
        wrong = {path: size for path, size in live.items() if _problem(path, size, stored)}
        if wrong:
            now = _live(table.refresh(), pinned.get(name), stored)
            wrong = {path: size for path, size in wrong.items() if path in now}
        checked += len(live)
        problems += [f"{name}: {_problem(path, size, stored)}" for path, size in sorted(wrong.items())]
    return Seen.of(checked, problems)


def _listing(settings: Settings, location: str) -> Sizes:
    place = urlsplit(location)
    prefix = place.path.strip("/") + "/"
    found = object_store(settings).list_objects(place.netloc, prefix=prefix, recursive=True)
    return {f"{place.scheme}://{place.netloc}/{entry.object_name}": entry.size or 0 for entry in found}


def _live(table: Table, pinned: int | None, stored: Sizes) -> dict[str, int | None]:
    """Files of the newest and of the pinned snapshot with their size, None where the metadata does not say it.

    A manifest that is not in the store is not opened: what it names stays unknown.
    """
    named = (table.current_snapshot(), table.snapshot_by_id(pinned) if pinned is not None else None)
    snapshots = {snapshot.snapshot_id: snapshot for snapshot in named if snapshot is not None}
    live: dict[str, int | None] = {}
    for snapshot in snapshots.values():
        live[snapshot.manifest_list] = None
        if snapshot.manifest_list in stored:
            live |= _files_of(table, snapshot, stored, known=live.keys())
    return live


def _files_of(table: Table, snapshot: Snapshot, stored: Sizes, known: Iterable[str]) -> dict[str, int | None]:
    files: dict[str, int | None] = {}
    for manifest in snapshot.manifests(table.io):
        if manifest.manifest_path in known:
            continue  # of the other snapshot, which shares most of them
        files[manifest.manifest_path] = manifest.manifest_length
        if manifest.manifest_path in stored:
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            files |= {entry.data_file.file_path: entry.data_file.file_size_in_bytes for entry in entries}
    return files


def _problem(path: str, size: int | None, stored: Sizes) -> str:
    if path not in stored:
        return f"{path} is not in the store"
    if size is not None and stored[path] != size:
        return f"{path} has {stored[path]} bytes, the metadata says {size}"
    return ""
