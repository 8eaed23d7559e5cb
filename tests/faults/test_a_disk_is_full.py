"""A disk fills under the stream or a service: it stops or waits, corrupts nothing, and goes on when there is space."""

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress

import pytest

from talentpulse.stack import health, lifecycle
from tests.faults.fault_run import FaultRun
from tests.lake import wait_until

MEGABYTE = 1 << 20
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]


class SmallDisk:
    """A disk of its own below a folder, as large as what lies there and a little more."""

    def __init__(self, folder, spare):
        self.folder = folder
        self.spare = spare

    def mount(self):
        kept = self.folder.with_suffix(".kept")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.rename(kept)
        self.folder.mkdir()
        size = sum(file.stat().st_size for file in kept.rglob("*") if file.is_file()) * 2 + self.spare
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.folder)], check=True)
        shutil.copytree(kept, self.folder, dirs_exist_ok=True, symlinks=True)
        shutil.rmtree(kept)

    def unmount(self):
        kept = self.folder.with_suffix(".kept")
        shutil.copytree(self.folder, kept, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["umount", str(self.folder)], check=True)
        self.folder.rmdir()
        kept.rename(self.folder)

    def fill(self, leave=0):
        """Take all space but so many bytes."""
        free = shutil.disk_usage(self.folder).free - leave
        with (self.folder / "filler").open("wb") as filler, suppress(OSError):
            while free > 0:
                free -= filler.write(bytes(min(free, MEGABYTE)))
                filler.flush()

    def empty(self):
        (self.folder / "filler").unlink()


@contextmanager
def small_disk(folder, spare=64 * MEGABYTE):
    disk = SmallDisk(folder, spare)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


@contextmanager
def service_on_small_disk(lake, service, spare=64 * MEGABYTE):
    """The service's data on a small disk, and back again at the end."""
    lifecycle.stop(lake, service)
    try:
        with small_disk(lake.home / service, spare) as disk:
            restart(lake, service)
            yield disk
            lifecycle.stop(lake, service)
    finally:
        restart(lake, service)


def restart(lake, service):
    lifecycle.start(lake, service)
    wait_until(lambda: health.probe(lake, service).ok, f"{service} answers", 90)


@pytest.mark.fault(19)
def test_a_full_disk_under_spark_and_its_checkpoint_costs_restarts_and_no_record(lake, record_property):
    with (
        small_disk(lake.home / "spark") as disk,
        FaultRun(lake, record_property, "the disk of Spark's checkpoint and local folder is full") as run,
    ):
        run.begin()
        disk.fill()
        run.send(900)
        run.until(lambda: run.starts > 1, "the stream has ended")
        disk.empty()
        run.healed()
        run.recovers(most_starts=4)


@pytest.mark.fault(19)
def test_a_full_disk_under_the_store_costs_restarts_and_no_record(lake, record_property):
    with (
        service_on_small_disk(lake, "minio") as disk,
        FaultRun(lake, record_property, "the disk of the object store is full") as run,
    ):
        run.begin()
        disk.fill()
        run.send(1500)
        run.until(lambda: run.starts > 1, "the stream has ended")
        disk.empty()
        run.healed()
        run.recovers(most_starts=5)


@pytest.mark.fault(19)
def test_a_full_disk_under_kafka_loses_and_doubles_no_acknowledged_record(lake, record_property):
    with (
        service_on_small_disk(lake, "kafka") as disk,
        FaultRun(lake, record_property, "the disk of Kafka's log is full") as run,
    ):
        run.begin()
        with run.load(40, rate=200):
            disk.fill(leave=2 * MEGABYTE)
            run.until(lambda: not health.probe(lake, "kafka").ok, "Kafka has ended")
            disk.empty()
            restart(lake, "kafka")
            run.healed()
        run.recovers(most_starts=5)
