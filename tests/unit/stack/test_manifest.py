import os

import pytest

from talentpulse.errors import PulseError
from talentpulse.stack import manifest, parts


@pytest.fixture
def cache(settings, tmp_path, monkeypatch):
    """A cache of three small files, declared in a manifest of its own."""
    monkeypatch.setattr(manifest, "MANIFEST", tmp_path / "checksums.sha256")
    for folder in (parts.kafka_home(settings), parts.spark_home(settings), parts.trino_home(settings) / "lib"):
        folder.mkdir(parents=True)
        (folder / "a.jar").write_bytes(b"content")
    parts.minio_binary(settings).parent.mkdir(parents=True)
    parts.minio_binary(settings).write_bytes(b"built")
    manifest.write_manifest(settings, manifest.MANIFEST)
    return settings.cache


def faults(settings, **options):
    return [str(fault) for fault in manifest.faults(settings, manifest=manifest.MANIFEST, **options)]


def test_an_untouched_cache_has_no_faults(settings, cache):
    assert faults(settings) == []


def test_an_altered_file_is_named(settings, cache):
    file = parts.kafka_home(settings) / "a.jar"
    file.write_bytes(b"longer content")
    assert faults(settings) == [f"altered: {file.relative_to(cache)}"]


def test_an_alteration_that_keeps_size_and_time_is_found_by_the_full_check(settings, cache):
    assert faults(settings) == []
    file = parts.kafka_home(settings) / "a.jar"
    before = file.stat()
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert faults(settings, full=True) == [f"altered: {file.relative_to(cache)}"]


def test_a_missing_file_is_named(settings, cache):
    file = parts.trino_home(settings) / "lib" / "a.jar"
    file.unlink()
    assert faults(settings) == [f"missing: {file.relative_to(cache)}"]


def test_a_jar_that_nobody_declared_is_named_because_it_would_be_on_the_class_path(settings, cache):
    file = parts.spark_home(settings) / "stowaway.jar"
    file.write_bytes(b"")
    assert faults(settings) == [f"undeclared: {file.relative_to(cache)}"]


def test_the_error_names_file_and_mend(settings, cache, monkeypatch):
    monkeypatch.setattr(
        manifest.faults, "__kwdefaults__", {**manifest.faults.__kwdefaults__, "manifest": manifest.MANIFEST}
    )
    parts.minio_binary(settings).unlink()
    with pytest.raises(PulseError) as caught:
        manifest.check_cache(settings)
    assert f"missing: bin/minio-{parts.version('minio')}" in caught.value.message
    assert caught.value.mend.startswith("pulse setup")


def test_the_committed_manifest_declares_the_pinned_versions_and_no_others(settings):
    folders = {path.split("/")[1] for path in manifest.read_manifest()}
    homes = (parts.kafka_home(settings), parts.spark_home(settings), parts.trino_home(settings))
    assert folders == {home.name for home in homes}
