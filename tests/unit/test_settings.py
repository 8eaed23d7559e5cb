"""Settings: one object, equal in parent and child, secrets never shown."""

import pytest
from pydantic import ValidationError

from talentpulse.settings import Settings, load_settings


def test_a_child_process_with_the_environment_of_its_parent_has_equal_settings(tmp_path, monkeypatch):
    parent = load_settings(home=tmp_path, kafka_port=19092, trigger_seconds=0.5, profile="test")
    for name, value in parent.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == parent


def test_secrets_come_from_their_file_and_are_not_in_the_environment_for_children(tmp_path):
    (tmp_path / "secrets.env").write_text("PULSE_POSTGRES_PASSWORD=only-in-the-file\n")
    settings = load_settings(home=tmp_path)
    assert settings.postgres_password.get_secret_value() == "only-in-the-file"
    assert "only-in-the-file" not in str(settings.environment())
    assert "only-in-the-file" not in settings.describe()
    assert "only-in-the-file" not in repr(settings)


def test_a_wrong_value_names_its_setting(monkeypatch):
    monkeypatch.setenv("PULSE_KAFKA_PORT", "nine thousand")
    with pytest.raises(ValidationError, match="kafka_port"):
        load_settings()


def test_every_setting_that_is_not_obvious_from_its_name_is_described():
    obvious = ("_host", "_port", "_scheme", "_region", "_bucket", "_key", "_user", "_database", "_password")
    lacking = [n for n, f in Settings.model_fields.items() if not f.description and not n.endswith(obvious)]
    assert lacking == ["spark_master"]


def test_addresses_are_made_of_their_settings():
    settings = load_settings(
        kafka_host="kafka", kafka_port=1, s3_host="store", s3_port=2, postgres_host="db", postgres_port=3
    )
    assert settings.kafka_bootstrap == "kafka:1"
    assert settings.s3_endpoint == "http://store:2"
    assert settings.postgres_jdbc_url == "jdbc:postgresql://db:3/pulse"
