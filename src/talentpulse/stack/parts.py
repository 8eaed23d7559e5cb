"""The fetched parts of the stack: versions (declared once, in infra/native/pom.xml) and places in the cache."""

from __future__ import annotations

import functools
import xml.etree.ElementTree as ET
from pathlib import Path

from talentpulse.settings import PROJECT_ROOT, Settings

POM = PROJECT_ROOT / "infra" / "native" / "pom.xml"
MAVEN = "{http://maven.apache.org/POM/4.0.0}"


@functools.cache
def version(name: str) -> str:
    """The pinned version of a part, such as `kafka`, `minio` or `minio.go`.

    Raises:
        KeyError: the pom declares no such version.
    """
    properties = ET.parse(POM).getroot().find(f"{MAVEN}properties")
    declared = {} if properties is None else {p.tag.removeprefix(MAVEN): (p.text or "").strip() for p in properties}
    return declared[f"{name}.version"]


def kafka_home(settings: Settings) -> Path:
    """Folder of the broker's jars."""
    return settings.cache / "jvm" / f"kafka-{version('kafka')}"


def spark_home(settings: Settings) -> Path:
    """Folder of the jars that PySpark's own lack."""
    return settings.cache / "jvm" / f"spark-{version('spark')}"


def trino_home(settings: Settings) -> Path:
    """Folder with Trino's `lib` and `plugin`."""
    return settings.cache / "jvm" / f"trino-{version('trino')}"


def minio_binary(settings: Settings) -> Path:
    """The built object store; its name carries the pinned module version."""
    return settings.cache / "bin" / f"minio-{version('minio')}"
