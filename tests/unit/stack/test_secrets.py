import stat

from talentpulse.settings import load_settings
from talentpulse.stack.secrets import ensure_secrets


def test_secrets_are_generated_into_a_file_that_only_the_owner_reads(settings):
    ensure_secrets(settings)
    assert stat.S_IMODE(settings.secrets_path.stat().st_mode) == 0o600


def test_the_returned_settings_carry_the_generated_secrets_and_all_other_values(settings):
    after = ensure_secrets(settings)
    password = after.postgres_password.get_secret_value()
    assert len(password) == 40
    assert f"PULSE_POSTGRES_PASSWORD={password}\n" in settings.secrets_path.read_text()
    assert (after.home, after.cache, after.kafka_port) == (settings.home, settings.cache, settings.kafka_port)


def test_existing_secrets_are_never_overwritten(settings):
    first = ensure_secrets(settings)
    assert ensure_secrets(settings) == first


def test_a_secret_that_was_given_is_taken_as_it_is(settings):
    given = load_settings(home=settings.home, s3_secret_key="from-another-store")
    ensure_secrets(given)
    assert "PULSE_S3_SECRET_KEY=from-another-store\n" in settings.secrets_path.read_text()


def test_two_stacks_have_different_secrets(settings, tmp_path):
    one, other = ensure_secrets(settings), ensure_secrets(load_settings(home=tmp_path / "other"))
    assert one.postgres_password != other.postgres_password
    assert one.s3_secret_key != other.s3_secret_key
