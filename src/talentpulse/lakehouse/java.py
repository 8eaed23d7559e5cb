"""Java for Spark and Kafka: JDK 17 and the fetched jars. Trino brings its own; there is no global JAVA_HOME."""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.settings import Settings

WANTED = 17


@functools.cache
def _major_version(java: Path) -> int | None:
    if not java.exists():
        return None
    answer = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    match = re.search(r'version "(\d+)', answer)
    return int(match[1]) if match else None


def find_jdk17(settings: Settings) -> Path:
    """Home folder of a Java 17: the setting's, else one under /usr/lib/jvm, else that of `java` on the PATH.

    Raises:
        PulseError: there is none.
    """
    on_path = shutil.which("java")
    homes = [settings.java_home] if settings.java_home else []
    homes += sorted(Path("/usr/lib/jvm").glob("*17*"))
    homes += [Path(on_path).resolve().parents[1]] if on_path else []
    for home in homes:
        if _major_version(home / "bin" / "java") == WANTED:
            return home
    looked = ", ".join(str(home) for home in homes) or "nowhere"
    raise PulseError(
        f"Java {WANTED} was expected, found none (looked in {looked})",
        "apt-get install openjdk-17-jre-headless, or set PULSE_JAVA_HOME",
    )


def spark_jars(settings: Settings) -> list[Path]:
    """The jars that PySpark's own lack: Kafka source, Iceberg, S3, PostgreSQL.

    Raises:
        PulseError: they were not fetched.
    """
    jars = sorted(settings.cache.glob("jvm/spark-*/*.jar"))
    if not jars:
        raise PulseError(f"no Spark jars in {settings.cache / 'jvm'}", "pulse setup")
    return jars


def class_archive(settings: Settings) -> Path:
    """Where the classes that a Spark driver needs lie ready to be mapped into memory (class data sharing).

    The archive holds for one Java and one class path, which begins with PySpark's own folder: so it lies in the environment.
    """
    of = [str(find_jdk17(settings)), *(f"{jar.name} {jar.stat().st_size}" for jar in spark_jars(settings))]
    digest = hashlib.sha256("\n".join(of).encode()).hexdigest()[:12]
    return Path(sys.prefix) / "share" / "talentpulse" / f"spark-{digest}.jsa"
