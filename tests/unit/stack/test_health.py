import pytest

from talentpulse.settings import load_settings
from talentpulse.stack import health
from talentpulse.stack.doctor import _catalog, _disk, _secrets, _stream
from talentpulse.stack.secrets import ensure_secrets
from tests.unit.stack.conftest import free_port

PORTS = {"postgres": "postgres_port", "minio": "s3_port", "kafka": "kafka_port", "trino": "trino_port"}


@pytest.mark.parametrize("name", PORTS)
def test_a_service_that_is_not_there_is_named_with_its_address_and_mend(settings, name):
    port = free_port()
    found = health.probe(load_settings(home=settings.home, **{PORTS[name]: port}), name)
    assert not found.ok
    assert f"nobody answers at 127.0.0.1:{port}" in found.detail
    assert found.mend == "pulse up"


def test_the_doctor_finds_a_secrets_file_that_others_can_read(settings):
    ensure_secrets(settings)
    assert _secrets(settings).ok
    settings.secrets_path.chmod(0o644)
    check = _secrets(settings)
    assert not check.ok
    assert check.mend == f"chmod 600 {settings.secrets_path}"


def test_the_doctor_says_that_only_the_jdbc_catalog_keeps_a_second_writer_out(settings):
    assert _catalog(settings).ok
    check = _catalog(load_settings(home=settings.home, catalog_type="rest"))
    assert not check.ok
    assert "PULSE_CATALOG_TYPE=jdbc" in check.mend


def test_the_doctor_looks_at_the_disk_of_a_home_that_does_not_exist_yet(settings):
    assert "GiB free" in _disk(settings).found


def test_a_stream_that_does_not_run_is_a_failing_check(settings):
    assert not _stream(settings).ok
