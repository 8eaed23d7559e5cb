import os
import shutil

import pytest

from talentpulse.errors import PulseError
from talentpulse.settings import load_settings
from talentpulse.stack import first_start, places


def test_the_socket_lies_in_home_where_its_path_is_short(tmp_path):
    settings = load_settings(home="/srv/pulse")
    assert places.socket_path(settings).parent == settings.home / "run"


def test_the_sockets_path_stays_short_for_a_deep_home(tmp_path):
    settings = load_settings(home=tmp_path / ("deep/" * 30))
    assert len(str(places.socket_path(settings))) < 100
    assert not places.socket_path(settings).is_relative_to(settings.home)


def test_two_deep_homes_have_two_sockets(tmp_path):
    one, other = (places.socket_path(load_settings(home=tmp_path / ("deep/" * 30) / name)) for name in "ab")
    assert one != other


def test_a_private_folder_is_closed_to_others(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o755)
    places.ensure_private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_link_that_somebody_laid_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "private").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PulseError, match="expected a folder"):
        places.ensure_private_folder(tmp_path / "private")


def test_postgres_data_lie_where_the_record_says(settings):
    assert places.postgres_data(settings) == settings.home / "postgres"
    settings.home.mkdir()
    places.record_postgres_data(settings, places.postgres_fallback(settings))
    assert places.postgres_data(settings) == places.postgres_fallback(settings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_data_that_the_system_user_could_not_reach_go_elsewhere_and_are_never_mixed_up(settings):
    settings.home.mkdir()
    settings.home.parent.chmod(0o700)
    aside = places.postgres_fallback(settings)
    try:
        first_start.settle_postgres_data(settings)
        assert places.postgres_data(settings) == aside
        aside.mkdir()
        first_start.settle_postgres_data(settings)  # the record stands: nothing to decide
        (settings.home / places.POSTGRES_LOCATION).unlink()
        with pytest.raises(PulseError, match="of an earlier stack"):
            first_start.settle_postgres_data(settings)
    finally:
        shutil.rmtree(aside.parent)
