"""Reading the labelled sets: gzipped JSON lines and CSV of a folder that is not part of the repository."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any


def json_lines(file: Path) -> list[dict[str, Any]]:
    """The objects of a `*.jsonl.gz`.

    Raises:
        FileNotFoundError: the set is not there.
    """
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def csv_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a `*.csv.gz` by their header.

    Raises:
        FileNotFoundError: the set is not there.
    """
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
