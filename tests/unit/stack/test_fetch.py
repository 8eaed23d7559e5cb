import os
import tarfile

import pytest

from talentpulse.errors import PulseError
from talentpulse.stack import fetch, packages, parts


def test_every_version_is_declared_in_the_pom():
    assert parts.version("kafka").count(".") == 2
    assert parts.version("minio").startswith("v0.0.0-")
    with pytest.raises(KeyError):
        parts.version("nonsense")


def test_a_hard_link_to_a_folder_that_is_not_kept_is_unpacked_with_its_content(tmp_path):
    source = tmp_path / "top"
    (source / "plugin" / "other").mkdir(parents=True)
    (source / "lib").mkdir()
    (source / "plugin" / "other" / "shared.jar").write_bytes(b"shared")
    os.link(source / "plugin" / "other" / "shared.jar", source / "lib" / "zz-link.jar")
    (source / "plugin" / "other" / "unwanted.jar").write_bytes(b"unwanted")
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source / "plugin", "top/plugin")
        tar.add(source / "lib", "top/lib")
    fetch.unpack_some(archive, tmp_path / "out", ("lib/",))
    assert (tmp_path / "out" / "top" / "lib" / "zz-link.jar").read_bytes() == b"shared"
    assert not (tmp_path / "out" / "top" / "plugin" / "other" / "unwanted.jar").exists()


def test_versions_of_go_compare_as_numbers(tmp_path):
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho go version go1.9.7 linux/amd64\n")
    go.chmod(0o755)
    assert fetch.go_version(str(go)) == (1, 9, 7)
    assert fetch.go_version(str(go)) < fetch._numbers("1.24.0")


def test_too_little_space_is_told_before_anything_is_fetched(settings, monkeypatch):
    settings.cache.mkdir()
    monkeypatch.setattr(fetch, "NEEDED_DISK", 10**18)
    with pytest.raises(PulseError, match="GB free") as caught:
        fetch._check_disk(settings)
    assert "PULSE_CACHE" in caught.value.mend


def test_a_part_that_is_not_what_was_declared_is_not_put_into_its_place(settings, tmp_path, capsys):
    (settings.cache / "logs").mkdir(parents=True)
    target = parts.kafka_home(settings)

    def recipe(work):
        work.out.mkdir()
        (work.out / "kafka-clients.jar").write_bytes(b"from somewhere else")

    with fetch.Progress() as progress:
        work = fetch.Work(settings, "kafka", target, progress)
        with pytest.raises(PulseError, match=r"is not what checksums\.sha256 declares"):
            fetch._complete(work, recipe, verify=True)
    assert not target.exists()


def test_a_failed_command_shows_the_end_of_its_log(settings, capsys):
    (settings.cache / "logs").mkdir(parents=True)
    with fetch.Progress() as progress:
        work = fetch.Work(settings, "kafka", parts.kafka_home(settings), progress)
        work.partial.mkdir(parents=True)
        progress.start("kafka", "starting")
        with pytest.raises(PulseError, match=r"(?s)exit code 7.*cannot reach the mirror"):
            work.run(["sh", "-c", "echo cannot reach the mirror; exit 7"], lambda: "")


def test_without_root_the_exact_command_is_the_mend(monkeypatch, tmp_path):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(PulseError) as caught:
        packages.install(["maven"], tmp_path / "apt.log")
    assert caught.value.mend.startswith("sudo apt-get install -y --no-install-recommends maven")


def test_one_setup_at_a_time(settings):
    with fetch._alone(settings), pytest.raises(PulseError, match="another `pulse setup`"), fetch._alone(settings):
        pass
