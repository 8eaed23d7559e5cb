"""Files of real postings to deliveries, line by line: no file is too large, nothing is dropped silently."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

import orjson

from talentpulse.errors import PulseError
from talentpulse.sources.delivery import Delivery
from talentpulse.sources.formats import ADAPTERS, EVENT, Posted, UnknownFormatError, detected, unwrapped

REAL = "real"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "talentpulse:event")
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_MAX_LINE_BYTES = 16 * 1024 * 1024

csv.field_size_limit(_MAX_LINE_BYTES)


class UnreadableFileError(PulseError):
    """A file that cannot be read any further; the message says which, where and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, mend="give JSON lines or CSV with a header, plain or gzip")


class Unreadable(NamedTuple):
    """One line that holds no posting, by its number (from 1), and why."""

    line: int
    reason: str


class Row(NamedTuple):
    """One record of a file, by the number of the line it ends on (from 1)."""

    line: int
    fields: dict[str, Any]


Loaded: TypeAlias = Delivery | Unreadable


class DeliveryTimes(NamedTuple):
    """When the n-th readable posting of a load counts as observed: `start` + n x `step`. `start` is aware."""

    start: datetime
    step: timedelta

    def text(self, n: int) -> str:
        """RFC 3339 text of the n-th instant in UTC."""
        return (self.start + n * self.step).astimezone(UTC).isoformat().replace("+00:00", "Z")


def load(path: Path, source: str, format_name: str, times: DeliveryTimes, first: int = 0) -> Iterator[Loaded]:
    """Every line of one file as a delivery, or as unreadable; blank lines are skipped.

    `format_name` is one of `formats.FORMATS`; `first` numbers the file's first posting, so that several files
    share one clock. The same arguments give the same deliveries, byte for byte.

    Raises:
        UnreadableFileError: the file is missing, is damaged, or is neither JSON lines nor CSV.
    """
    n = first
    for row in rows(path):
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            delivery = _delivery(row.fields, source, format_name, times.text(n))
        except (UnknownFormatError, orjson.JSONEncodeError) as error:
            yield Unreadable(row.line, str(error))
            continue
        n += 1
        yield delivery


def rows(path: Path) -> Iterator[Row | Unreadable]:
    """The records of a file, plain or gzip, JSON lines or CSV with a header line.

    Raises:
        UnreadableFileError: as `load`.
    """
    line = 0
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            stream = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if is_gzip else raw
            is_json = stream.peek(1)[:64].removeprefix(_BOM).lstrip()[:1] in (b"{", b"[", b"")
            for row in _json_rows(stream) if is_json else _csv_rows(stream, path):
                line = row.line
                yield row
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(f"{path} is damaged after line {line:,}: {error}") from error
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror or error}") from error


def payloads(path: Path) -> Iterator[dict[str, Any]]:
    """The payload of each readable record of a file in one of the known formats.

    Raises:
        UnknownFormatError: a record is of none.
        UnreadableFileError: as `rows`.
    """
    for row in rows(path):
        if isinstance(row, Row):
            fields = unwrapped(row.fields)
            yield _adapted(fields, detected(fields)).payload


def _json_rows(stream: IO[bytes]) -> Iterator[Row | Unreadable]:
    for number, line in enumerate(stream, start=1):
        line = line.removeprefix(_BOM)
        if not line.strip():
            continue
        if len(line) > _MAX_LINE_BYTES:
            yield Unreadable(number, f"expected at most {_MAX_LINE_BYTES:,} bytes, found {len(line):,}")
            continue
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield Unreadable(number, f"no JSON: {error}")
            continue
        if isinstance(fields, dict):
            yield Row(number, fields)
        else:
            yield Unreadable(number, f"expected a JSON object, found {type(fields).__name__}")


def _csv_rows(stream: IO[bytes], path: Path) -> Iterator[Row | Unreadable]:
    # bytes that are not UTF-8 become surrogates, which orjson refuses: the row is reported, not the file
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    reader = csv.reader(text)
    header = next(reader, [])
    if len(header) < 2:
        raise UnreadableFileError(f"{path}: expected JSON lines or CSV with a header, found {header[:1]}")
    try:
        for values in reader:
            if len(values) == len(header):
                yield Row(reader.line_num, dict(zip(header, values, strict=True)))
            elif values:
                reason = f"expected {len(header)} columns, found {len(values)}"
                yield Unreadable(reader.line_num, reason)
    except csv.Error as error:
        raise UnreadableFileError(f"{path}: no CSV after line {reader.line_num:,}: {error}") from error


def _delivery(fields: dict[str, Any], source: str, format_name: str, delivered_at: str) -> Delivery:
    fields = unwrapped(fields)
    name = detected(fields) if format_name == "auto" else format_name
    if name == EVENT:
        return _as_it_is(fields, source)
    posted = _adapted(fields, name)
    job_id = posted.job_id or _content_id(posted)
    event_id = str(uuid.uuid5(_NAMESPACE, f"{source}\n{job_id}\n{delivered_at}"))
    event = {
        "event_id": event_id,
        "timestamp": delivered_at,
        "source": source,
        "schema_version": 1,
        "payload": {"job_id": job_id, **posted.payload},
    }
    return Delivery(f"{source}:{job_id}".encode(), orjson.dumps(event), REAL, None)


def _adapted(fields: dict[str, Any], name: str) -> Posted:
    try:
        return ADAPTERS[name](fields)
    except KeyError as error:
        raise UnknownFormatError(f"expected a posting of format {name}, found no field {error}") from error
    except (TypeError, AttributeError, ValueError, OverflowError) as error:
        raise UnknownFormatError(f"a field of format {name} has an unexpected type: {error}") from error


def _as_it_is(event: dict[str, Any], source: str) -> Delivery:
    if "payload" not in event:
        raise UnknownFormatError("expected an event, found no field 'payload'")
    payload = event["payload"]
    job_id = payload.get("job_id") if isinstance(payload, dict) else None
    return Delivery(f"{event.get('source') or source}:{job_id}".encode(), orjson.dumps(event), REAL, None)


def _content_id(posted: Posted) -> str:
    """An id for a posting whose source gives none: what it says, so that the same posting keeps its id."""
    return hashlib.sha256(orjson.dumps(posted.payload, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
