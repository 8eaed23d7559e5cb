"""`pulse taxonomy`: review, compare, extend."""

import json
import shutil

import pytest
import yaml
from typer.testing import CliRunner

from talentpulse import cli_taxonomy
from talentpulse.cli_taxonomy import FOLDER, taxonomy
from talentpulse.domain.taxonomy import read_taxonomy
from talentpulse.domain.taxonomy.review import fingerprint
from talentpulse.errors import PulseError

ONET = """O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand
11-1011.00\tQuuxbase\t1\tData\tY\tN
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the packaged taxonomy in its place."""
    copy = tmp_path / "taxonomy"
    shutil.copytree(FOLDER, copy)
    monkeypatch.setattr(cli_taxonomy, "FOLDER", copy)
    return copy


def pulse(*arguments):
    done = CliRunner().invoke(taxonomy, [str(argument) for argument in arguments])
    if isinstance(done.exception, PulseError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_packaged_taxonomy_has_no_problem_and_is_large_enough():
    found = json.loads(pulse("check", "--json"))
    assert found["problems"] == []
    assert found["skills"] >= 1_200
    assert found["forms"] >= 3_000
    assert set(found["kinds"]) == set(cli_taxonomy.KINDS)


def test_a_change_needs_a_new_version(folder):
    with (folder / "skills" / "web.yaml").open("a") as file:
        file.write("- {name: Quuxbase, kind: tool, category: web}\n")
    with pytest.raises(PulseError, match="1 problems"):
        pulse("check")
    version = {"version": read_taxonomy(folder).version + 1, "fingerprint": fingerprint(read_taxonomy(folder).skills)}
    (folder / "version.yaml").write_text(yaml.safe_dump(version))
    assert f"version {version['version']}" in pulse("check")
    assert "+ Quuxbase" in pulse("diff", FOLDER)


def test_an_import_is_written_once_however_often_it_runs(folder, tmp_path):
    file = tmp_path / "Technology Skills.txt"
    file.write_text(ONET)
    assert json.loads(pulse("import", "--onet", file, "--dry-run", "--json"))["skills"] == 1
    assert not (folder / "skills" / "imported_onet.yaml").exists()
    pulse("import", "--onet", file)
    first = (folder / "skills" / "imported_onet.yaml").read_text()
    pulse("import", "--onet", file)
    assert (folder / "skills" / "imported_onet.yaml").read_text() == first
    assert "CC BY 4.0" in first
    assert any(skill.name == "Quuxbase" for skill in read_taxonomy(folder).skills)


@pytest.mark.parametrize(
    ("content", "message"),
    [("a,b\n1,2\n", "has no column Example"), ("", "found nothing"), (None, "cannot be read")],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, message):
    file = tmp_path / "list.txt"
    if content is not None:
        file.write_text(content)
    with pytest.raises(PulseError, match=message):
        pulse("import", "--onet", file)


def test_one_source_at_a_time():
    with pytest.raises(PulseError, match="one of --onet"):
        pulse("import")


def test_a_revision_without_a_taxonomy_is_refused():
    with pytest.raises(PulseError, match="neither a folder nor a git revision"):
        pulse("diff", "no-such-revision")


def test_a_reading_shows_where_and_why():
    (mention,) = json.loads(pulse("find", "<p>We like Python.</p>", "--json"))
    assert (mention["skill"], mention["form"], mention["start"], mention["end"]) == ("Python", "Python", 8, 14)
    assert mention["rule"]
