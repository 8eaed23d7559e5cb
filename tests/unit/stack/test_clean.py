import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from talentpulse import cli
from talentpulse.errors import PulseError
from talentpulse.stack.clean import removable, remove
from talentpulse.stack.rendering import MARK


@pytest.fixture
def used_home(settings, monkeypatch):
    (settings.home / "kafka").mkdir(parents=True)
    (settings.home / "kafka" / "log").write_bytes(b"x" * 3000)
    (settings.home / "secrets.env").write_text("PULSE_S3_SECRET_KEY=x\n")
    monkeypatch.setenv("PULSE_HOME", str(settings.home))
    return settings.home


def test_clean_lists_what_it_would_remove_with_sizes(settings, used_home):
    assert [(item.path.name, item.size) for item in removable(settings)] == [("kafka", 3000), ("secrets.env", 22)]


def test_clean_asks_and_a_no_removes_nothing(used_home):
    result = CliRunner().invoke(cli.app, ["clean"], input="n\n")
    assert "3.0 kB" in result.output
    assert result.exit_code == 1
    assert (used_home / "kafka" / "log").exists()


def test_clean_yes_removes_without_asking(used_home):
    assert CliRunner().invoke(cli.app, ["clean", "--yes"]).exit_code == 0
    assert not used_home.exists()


def test_a_file_that_is_not_ours_stays(settings, used_home):
    (used_home / "thesis.tex").write_text("mine")
    remove(settings, removable(settings))
    assert [path.name for path in used_home.iterdir()] == ["thesis.tex"]


def test_clean_refuses_while_a_process_of_the_stack_runs(settings, used_home):
    sleeper = subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
        env=os.environ | {MARK: str(settings.home)},
        stdout=subprocess.PIPE,
    )
    try:
        sleeper.stdout.readline()
        with pytest.raises(PulseError, match="is running"):
            removable(settings)
    finally:
        sleeper.kill()
        sleeper.communicate()
