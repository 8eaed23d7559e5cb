import configparser
import shlex
import stat
from pathlib import Path

import pytest

from talentpulse.settings import load_settings
from talentpulse.stack import places, rendering
from talentpulse.stack.secrets import ensure_secrets
from talentpulse.stack.services import Service, jobs, native_services


@pytest.fixture
def configured(settings):
    settings = ensure_secrets(settings)
    rendering.write_configuration(settings, native_services(settings) + jobs(settings))
    return settings


def conf(settings, name):
    return (places.conf_dir(settings) / name).read_text()


def properties(text):
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_kafka_listens_where_the_settings_say(configured):
    kafka = properties(conf(configured, "kafka.properties"))
    assert f"PLAINTEXT://127.0.0.1:{configured.kafka_port}" in kafka["listeners"]
    assert kafka["advertised.listeners"] == f"PLAINTEXT://{configured.kafka_bootstrap}"
    assert kafka["log.dirs"] == f"{configured.home}/kafka"


def test_trino_reads_catalog_and_store_of_the_settings(configured):
    assert properties(conf(configured, "trino/config.properties"))["http-server.http.port"] == "28123"
    lake = properties(conf(configured, "trino/catalog/lake.properties"))
    assert lake["iceberg.jdbc-catalog.catalog-name"] == configured.catalog_name
    assert lake["iceberg.jdbc-catalog.connection-url"] == configured.postgres_jdbc_url
    assert lake["iceberg.jdbc-catalog.connection-password"] == configured.postgres_password.get_secret_value()
    assert lake["s3.endpoint"] == configured.s3_endpoint


def test_another_catalog_and_another_store_are_a_change_of_settings(settings):
    other = load_settings(home=settings.home, catalog_type="rest", catalog_uri="http://catalog:8181", s3_host="store")
    files = rendering.service_files(other)
    lake = properties(files["trino/catalog/lake.properties"])
    assert lake["iceberg.catalog.type"] == "rest"
    assert lake["iceberg.rest-catalog.uri"] == "http://catalog:8181"
    assert lake["s3.endpoint"] == "http://store:9000"
    assert [service.name for service in native_services(other)] == ["postgres", "kafka", "trino"]


def test_a_catalog_of_an_earlier_name_does_not_stay(configured):
    renamed = ensure_secrets(load_settings(home=configured.home, catalog_name="sea"))
    rendering.write_configuration(renamed, native_services(renamed))
    catalogs = {path.name for path in (places.conf_dir(renamed) / "trino" / "catalog").iterdir()}
    assert catalogs == {"sea.properties", "ops.properties"}


def test_a_password_stands_only_in_files_of_mode_0600(configured):
    secrets = [getattr(configured, name).get_secret_value() for name in ("postgres_password", "s3_secret_key")]
    holding = [
        path
        for path in configured.home.rglob("*")
        if path.is_file() and any(secret in path.read_text() for secret in secrets)
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}
    assert {path.name for path in holding} == {"secrets.env", "minio.env", "lake.properties", "ops.properties"}


def test_the_supervisor_restarts_stops_and_logs_every_program_alike(configured):
    parser = configparser.RawConfigParser()
    parser.read_string(conf(configured, "supervisord.conf"))
    programs = {name.partition(":")[2]: parser[name] for name in parser.sections() if name.startswith("program:")}
    assert list(programs) == ["postgres", "minio", "kafka", "trino", "observer", "stream", "auditor", "generator"]
    for name, program in programs.items():
        assert program["autorestart"] == program["stopasgroup"] == program["killasgroup"] == "true"
        assert program["autostart"] == "false"
        assert program["stdout_logfile"] == str(configured.log_dir / f"{name}.log")
    assert programs["postgres"]["stopsignal"] == "INT"
    assert programs["kafka"]["stopsignal"] == "TERM"


def test_a_job_gets_the_settings_that_differ_and_a_jdk_17(configured):
    (stream,) = [job for job in jobs(configured) if job.name == "stream"]
    assert stream.environment["PULSE_HOME"] == str(configured.home)
    assert stream.environment["PULSE_TRINO_PORT"] == "28123"
    assert "17" in Path(stream.environment["JAVA_HOME"]).name
    assert not any("PASSWORD" in name or "SECRET" in name for name in stream.environment)


def test_blanks_and_percent_signs_survive_the_supervisors_file(settings):
    awkward = Service("x", ("/bin/a b", "50%"), environment={"PLACE": "/c d/100%"})
    parser = configparser.RawConfigParser()
    parser.read_string(rendering.supervisor_conf(settings, [awkward]))
    program = parser["program:x"]
    assert shlex.split(program["command"] % {}) == ["/bin/a b", "50%"]
    assert 'PLACE="/c d/100%"' in program["environment"] % {}


def test_a_changed_setting_changes_only_the_programs_that_it_concerns(configured):
    other = load_settings(**{**configured.model_dump(), "trino_memory": "3G"})
    before, after = (
        rendering.supervisor_conf(s, native_services(configured)).split("[program:") for s in (configured, other)
    )
    differing = [a.partition("]")[0] for a, b in zip(before, after, strict=True) if a != b]
    assert differing == ["trino"]
