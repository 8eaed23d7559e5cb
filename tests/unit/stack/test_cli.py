import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from talentpulse import cli
from talentpulse.stack.logs import log_lines


def pulse(*arguments, **environment):
    command = [sys.executable, "-c", "from talentpulse.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


def test_help_teaches_the_first_steps_and_names_every_command():
    text = CliRunner().invoke(cli.app, ["--help"]).output
    assert "New here?   pulse setup" in text
    for entry in cli.COMMANDS:
        assert entry.name in text


@pytest.mark.parametrize("entry", cli.COMMANDS, ids=lambda entry: entry.name)
def test_every_command_of_the_table_can_be_called_and_explains_itself(entry):
    result = CliRunner().invoke(cli.app, [entry.name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage" in result.output


def test_help_imports_no_engine():
    code = (
        "import sys; sys.argv = ['pulse', '--help']\n"
        "from talentpulse.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "engines = {'pyspark', 'kafka', 'trino', 'psycopg', 'minio', 'pyiceberg'}\n"
        "print(sorted(engines & set(sys.modules)), file=sys.stderr)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr == "[]\n"


def test_a_wrong_setting_names_its_variable_without_a_traceback():
    done = pulse("status", PULSE_KAFKA_PORT="many")
    assert done.returncode == 1
    assert "PULSE_KAFKA_PORT" in done.stderr
    assert "mend:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_told_with_its_mend_without_a_traceback(tmp_path):
    done = pulse("logs", "kafka", PULSE_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: there is no log {tmp_path}/logs/kafka.log; there are none yet",
        "  mend: pulse up",
    ]


def test_logs_prints_the_last_lines(settings):
    settings.log_dir.mkdir(parents=True)
    (settings.log_dir / "kafka.log").write_text("one\ntwo\nthree\n")
    assert list(log_lines(settings, "kafka", 2, follow=False)) == ["two", "three"]


def test_logs_goes_on_with_what_comes_also_after_a_rotation(settings):
    settings.log_dir.mkdir(parents=True)
    log = settings.log_dir / "kafka.log"
    log.write_text("one\n")
    lines = log_lines(settings, "kafka", 1, follow=True)
    assert next(lines) == "one"
    with log.open("a") as file:
        file.write("two\n")
    assert next(lines) == "two"
    log.rename(log.with_suffix(".log.1"))
    log.write_text("three\n")
    assert next(lines) == "three"
    lines.close()
