"""What the pages say exists: links, make targets, commands and options, rooms, tables, errors, decisions."""

import ast
import re
import subprocess
import tomllib
from functools import cache

import pytest
from typer.testing import CliRunner

from talentpulse.cli import app
from talentpulse.contracts import tables
from talentpulse.settings import PROJECT_ROOT

FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[\s(/])pulse ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*))?\b([^\n|&#]*)", re.MULTILINE)
OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]+")
MAKE = re.compile(r"(?:^|[\s(])make ([a-z][a-z-]*)", re.MULTILINE)
REGISTRY = re.compile(
    r'https?://[^ "]*(/simple|/maven2|npmjs|pythonhosted|/pypi/|pypi\.org|crates|proxy\.golang|repo\d*\.maven)'
)
MACHINE_PATH = re.compile(r"""["' =(`](/(work|farm|root|home|Users)/)""")
ADR_PARTS = ("## Context", "## Decision", "## Consequences")


def tracked(pattern="*"):
    """Files of the project, those included that are not committed yet."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    done = subprocess.run(listing, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    return [path for name in sorted(set(done.stdout.splitlines())) if (path := PROJECT_ROOT / name).is_file()]


def name_of(path):
    return path.relative_to(PROJECT_ROOT).as_posix()


PAGES = [path for path in tracked("*.md") if "data-dictionary" not in path.parts]
ADRS = sorted((PROJECT_ROOT / "docs" / "adr").glob("*.md"))
each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def code_of(text):
    """All code of a page, fenced and inline, one piece a line."""
    return "\n".join(fenced or inline for fenced, inline in CODE.findall(text))


def anchors(text):
    """The anchors that a forge makes from the headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page, text):
    broken = []
    for target in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        found = there.exists() and (not anchor or anchor in anchors(there.read_text("utf-8")))
        if not found:
            broken.append(target)
    return broken


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page):
    assert broken_links(page, page.read_text("utf-8")) == []


def test_a_broken_link_is_noticed():
    page = PROJECT_ROOT / "README.md"
    text = "[a](docs/nowhere.md) [b](README.md#no-such-heading) [c](LICENSE) `[d](code.md)` [e](https://example.org)"
    assert broken_links(page, text) == ["docs/nowhere.md", "README.md#no-such-heading"]


def make_targets():
    rules = re.findall(r"^([a-z][a-z-]*):", (PROJECT_ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {"demo", "test"} <= set(rules)
    return set(rules)


@each_page
def test_every_make_target_that_is_named_exists(page):
    assert set(MAKE.findall(code_of(page.read_text("utf-8")))) <= make_targets()


@cache
def help_of(*words):
    """What `pulse WORDS --help` prints; None if there is no such command."""
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    return shown.output if shown.exit_code == 0 else None


def unknown_commands(code):
    unknown = []
    for group, word, rest in COMMAND.findall(code):
        words = (group, word) if word else (group,)
        known = help_of(*words)
        if known is None:
            unknown.append(" ".join(words))
        else:
            unknown += [f"{' '.join(words)} {o}" for o in OPTION.findall(rest) if not re.search(rf"{o}\b", known)]
    return unknown


@each_page
def test_every_pulse_command_and_option_that_is_named_exists(page):
    assert unknown_commands(code_of(page.read_text("utf-8"))) == []


def test_an_unknown_command_or_option_is_noticed():
    code = 'pulse fly --high\npulse views paint\npulse sql --nonsense "select 1"\npulse sql --file x && pulse down'
    assert unknown_commands(code) == ["fly", "views paint", "sql --nonsense"]


def offences(text):
    return [match.group(0) for pattern in (REGISTRY, MACHINE_PATH) for match in pattern.finditer(text)]


def test_no_file_names_a_package_registry_or_a_path_of_one_machine():
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content and (hits := offences(content.decode("utf-8", "replace"))):
            found[name_of(path)] = hits
    assert found == {}


@pytest.mark.parametrize(
    "text",
    ["see https://repo.example" + "/maven2/x", "https://files.python" + "hosted.org/x", "cd /ho" + "me/x"],
)
def test_a_registry_or_a_machine_path_is_noticed(text):
    assert len(offences(text)) == 1


def test_decisions_are_numbered_without_a_gap_and_listed_in_the_architecture():
    assert ADRS
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))
    architecture = (PROJECT_ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert [path.name for path in ADRS if f"(adr/{path.name})" not in architecture] == []


@pytest.mark.parametrize("adr", ADRS, ids=name_of)
def test_a_decision_has_number_status_context_decision_and_consequences(adr):
    text = adr.read_text("utf-8")
    assert text.startswith(f"# {int(adr.name[:4])}. ")
    assert re.search(r"^Status: (proposed|accepted|rejected|superseded by \[.+\]\(.+\))$", text, re.MULTILINE)
    for part, end in zip(ADR_PARTS, (*ADR_PARTS[1:], None), strict=True):
        assert part in text
        body = text.split(f"{part}\n")[1].split(f"\n{end}\n")[0] if end else text.split(f"{part}\n")[1]
        assert len(body.split()) > 10, f"{part} says nothing"


def import_contracts():
    return tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def test_the_rooms_are_those_that_import_linter_enforces_in_its_order():
    text = (PROJECT_ROOT / "docs" / "architecture.md").read_text("utf-8")
    section = text.split("\n## Rooms\n")[1].split("\n## ")[0]
    written = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    layers = next(contract for contract in import_contracts() if contract["type"] == "layers")["layers"]
    rooms = [layer.removeprefix("talentpulse.") for layer in reversed(layers)]
    assert written == [room for room in rooms if not room.startswith("cli_")]
    for contract in import_contracts():
        assert contract["name"] in section
        for module in contract.get("forbidden_modules", []):
            assert f"`{module}`" in section


def test_the_architecture_names_every_table_and_view():
    text = (PROJECT_ROOT / "docs" / "architecture.md").read_text("utf-8")
    views = [f"{path.parent.name}.{path.stem}" for path in (PROJECT_ROOT / "sql" / "views").glob("*/*.sql")]
    missing = [name for name in [*tables(), *views] if name not in text and name.removeprefix("gold.") not in text]
    assert missing == []


def mendable_errors():
    """The longest fixed piece of the message of every error with a mend, and where it is raised."""
    for path in tracked("src/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_raised = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
            if is_raised and node.func.id in {
                "PulseError",
                "QueryError",
                "KafkaUnavailableError",
                "UnreadableFileError",
            }:
                pieces = [
                    n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                ]
                if fixed := max((piece.replace("`", "").strip(" :;(\n") for piece in pieces), key=len, default=""):
                    yield f"{name_of(path)}:{node.lineno}", fixed


def test_the_runbook_knows_every_error_with_a_mend():
    runbook = " ".join((PROJECT_ROOT / "docs" / "runbook.md").read_text("utf-8").split()).replace("`", "")
    errors = dict(mendable_errors())
    assert len(errors) > 30
    assert {where: text for where, text in errors.items() if text not in runbook} == {}
