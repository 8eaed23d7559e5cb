"""The SHA-256 manifest of everything fetched, and what of the cache is missing, altered or was never declared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.settings import PROJECT_ROOT, Settings
from talentpulse.stack import parts

MANIFEST = PROJECT_ROOT / "infra" / "native" / "checksums.sha256"
SEEN = "verified.json"  # in the cache: size and time of change of each file when its hash was last computed


@dataclass(frozen=True)
class Fault:
    """A file of the cache that is not what the manifest says; `kind` is missing, altered or undeclared."""

    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}"


def read_manifest(manifest: Path = MANIFEST) -> dict[str, str]:
    """Declared files: path relative to the cache -> SHA-256 (hex)."""
    lines = manifest.read_text("utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {path: digest for digest, path in pairs}


def write_manifest(settings: Settings, manifest: Path = MANIFEST) -> int:
    """Declare what lies in the cache now; returns the number of files."""
    files = {_relative(settings, path): sha256(path) for path in _fetched(settings)}
    manifest.write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(files.items())), "utf-8")
    return len(files)


def sha256(path: Path) -> str:
    """SHA-256 of a file's content, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def faults(
    settings: Settings, *, full: bool = False, below: str = "", manifest: Path = MANIFEST, root: Path | None = None
) -> list[Fault]:
    """Compare the cache (or `root`, laid out like it) with the manifest; `below` limits it to one folder.

    Hashes only files whose size or time changed since they were last hashed, or all of them with `full`.
    """
    root = root or settings.cache
    declared = {path: digest for path, digest in read_manifest(manifest).items() if path.startswith(below)}
    seen = _read_seen(root)
    found = []
    for path, digest in declared.items():
        file = root / path
        if not file.is_file():
            found.append(Fault(path, "missing"))
            continue
        mark = [digest, file.stat().st_size, file.stat().st_mtime_ns]
        if full or seen.get(path) != mark:
            if sha256(file) != digest:
                seen.pop(path, None)
                found.append(Fault(path, "altered"))
                continue
            seen[path] = mark
    _write_seen(root, seen)
    undeclared = {str(path.relative_to(root)) for path in _fetched(settings, root)} - set(read_manifest(manifest))
    return found + [Fault(path, "undeclared") for path in sorted(undeclared) if path.startswith(below)]


def check_cache(settings: Settings, *, full: bool = False) -> int:
    """Return the number of declared files if all are there and unaltered, and MinIO is built.

    Raises:
        PulseError: names the files.
    """
    found = faults(settings, full=full)
    if not parts.minio_binary(settings).is_file():
        found.append(Fault(str(parts.minio_binary(settings).relative_to(settings.cache)), "missing"))
    if found:
        shown = "; ".join(str(fault) for fault in found[:3]) + (
            f"; and {len(found) - 3} more" if len(found) > 3 else ""
        )
        raise PulseError(
            f"the cache {settings.cache} is not what {MANIFEST.name} declares: {shown}",
            "pulse setup (fetches the parts concerned again)",
        )
    return len(read_manifest())


def _fetched(settings: Settings, root: Path | None = None) -> Iterable[Path]:
    """Every file of the parts that the manifest covers; other files in the cache are nobody's business."""
    root = root or settings.cache
    folders = (parts.kafka_home(settings), parts.spark_home(settings), parts.trino_home(settings))
    for folder in folders:
        yield from (path for path in (root / folder.relative_to(settings.cache)).rglob("*") if path.is_file())


def _relative(settings: Settings, path: Path) -> str:
    return str(path.relative_to(settings.cache))


def _read_seen(root: Path) -> dict[str, list[object]]:
    try:
        seen: dict[str, list[object]] = json.loads((root / SEEN).read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # nothing was verified yet, or a write was cut short: hash again
    return seen


def _write_seen(root: Path, seen: dict[str, list[object]]) -> None:
    if root.is_dir():
        (root / SEEN).write_text(json.dumps(seen), "utf-8")
