"""`pulse taxonomy`: review the list of skills, compare two of them, extend it from public files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from talentpulse.domain import taxonomy as packaged
from talentpulse.domain.skills import skill_matcher
from talentpulse.domain.taxonomy import KINDS, Taxonomy, read_taxonomy
from talentpulse.domain.taxonomy.imports import ESCO_COLUMNS, ONET_COLUMNS, Import, from_esco, from_onet
from talentpulse.domain.taxonomy.review import compare, everyday_words, fingerprint, problems
from talentpulse.domain.text import plain_text
from talentpulse.errors import PulseError
from talentpulse.settings import PROJECT_ROOT

FOLDER = Path(str(resources.files(packaged)))
SHOWN = 12
SOURCES = {
    "onet": "O*NET Technology Skills, US Department of Labor, Employment and Training Administration, CC BY 4.0",
    "esco": "ESCO skills, European Commission, reuse with attribution (Decision 2011/833/EU)",
}
taxonomy = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The list of skills that postings are read by: src/talentpulse/domain/taxonomy/skills, one line a skill.",
)
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]


@taxonomy.command()
def check(as_json: AsJson = False) -> None:
    """What a reviewer should mend: forms of two skills, everyday words without a rule, a change without a new version."""
    known = _read(FOLDER)
    found = problems(known, everyday_words())
    stated = yaml.safe_load((FOLDER / "version.yaml").read_text("utf-8"))
    is_fingerprint = fingerprint(known.skills)
    if stated.get("fingerprint") != is_fingerprint:
        found.append(
            f"the lists are not those of version {known.version}: raise version in version.yaml,"
            f" and write fingerprint: {is_fingerprint}"
        )
    kinds = Counter(skill.kind for skill in known.skills)
    counts = {"skills": len(known.skills), "forms": sum(len(skill.forms) for skill in known.skills)}
    if as_json:
        print(json.dumps({"version": known.version, **counts, "kinds": kinds, "problems": found}))
    else:
        console = Console(highlight=False)
        console.print(f"version {known.version}: {counts['skills']:,} skills, {counts['forms']:,} forms")
        console.print(", ".join(f"{kinds[kind]} {kind}" for kind in KINDS))
        for problem in found:
            console.print(f"  {problem}", markup=False, soft_wrap=True)
    if found:
        raise PulseError(f"the taxonomy has {len(found)} problems", f"edit the files in {_relative(FOLDER)}")


@taxonomy.command()
def diff(
    before: Annotated[str, typer.Argument(help="a folder like the packaged one, or a git revision of this checkout")],
    after: Annotated[str | None, typer.Argument(help="the same; the packaged taxonomy unless given")] = None,
    as_json: AsJson = False,
) -> None:
    """What the second of two taxonomies reads otherwise than the first."""
    old, new = _taxonomy_of(before), _taxonomy_of(after) if after else _read(FOLDER)
    found = compare(old, new)
    if as_json:
        print(json.dumps({"versions": [old.version, new.version], **found._asdict()}))
        return
    console = Console(highlight=False)
    console.print(
        f"version {old.version} -> {new.version}: {len(found.added)} skills added, {len(found.removed)} removed,"
        f" {len(found.changed)} changed, {len(found.moved)} forms moved"
    )
    for name in found.removed:
        console.print(f"- {name}", markup=False)
    for name in found.added:
        console.print(f"+ {name}", markup=False)
    for name, changes in found.changed.items():
        console.print(f"~ {name}: {'; '.join(changes)}", markup=False, soft_wrap=True)
    for form, owner, heir in found.moved:
        console.print(f"> {form!r}: {owner} -> {heir}", markup=False)


@taxonomy.command("import")
def import_(
    onet: Annotated[Path | None, typer.Option(help='O*NET\'s "Technology Skills" as tab-separated text')] = None,
    esco: Annotated[Path | None, typer.Option(help="ESCO's skills of one language as CSV")] = None,
    all_rows: Annotated[
        bool, typer.Option("--all", help="not only O*NET's hot technologies, ESCO's knowledge")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="the file to write; skills/imported_….yaml unless given")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="write nothing, only tell")] = False,
    as_json: AsJson = False,
) -> None:
    """Extend this checkout's taxonomy from a public file: what is known, everyday or no form of an advertisement is left out.

    The file that is written replaces that of an earlier import. Where to get the public files, their fields and
    licences: docs/taxonomy.md.
    """
    if (onet is None) == (esco is None):
        raise PulseError("one of --onet FILE and --esco FILE was expected", "pulse taxonomy import --help")
    name, file = ("onet", onet) if onet is not None else ("esco", esco)
    assert file is not None
    target = output or FOLDER / "skills" / f"imported_{name}.yaml"
    without_former = Taxonomy(*_read(FOLDER, leave_out=target))
    take: Callable[..., Import] = from_onet if name == "onet" else from_esco
    rows = _rows(file, *(("\t", ONET_COLUMNS) if name == "onet" else (",", ESCO_COLUMNS)))
    found = take(rows, without_former, everyday_words(), all_rows=all_rows)
    text = _as_text(found.entries, name, file)
    if not dry_run:
        target.write_text(text, "utf-8")
    forms = sum(1 + len(entry.get("aliases", ())) for entry in found.entries)
    left_out = {why: len(forms) for why, forms in found.left_out.items()}
    if as_json:
        told = {"file": str(target), "is_written": not dry_run, "skills": len(found.entries), "forms": forms}
        print(json.dumps(told | {"left_out": left_out}))
        return
    console = Console(highlight=False)
    console.print(f"{len(found.entries):,} new skills with {forms:,} forms from {file.name}")
    for why, examples in found.left_out.items():
        shown = ", ".join(examples[:SHOWN]) + (", ..." if len(examples) > SHOWN else "")
        console.print(f"left out, {why}: {len(examples):,}  {shown}", markup=False, overflow="ellipsis", no_wrap=True)
    if not dry_run:
        console.print(f"written: {_relative(target)}\nnext: review it, then pulse taxonomy check")


@taxonomy.command()
def find(
    text: Annotated[str | None, typer.Argument(help="text or HTML of a posting; standard input unless given")] = None,
    as_json: AsJson = False,
) -> None:
    """Which skills a text names, where, and by which rule: the reading that every number is made of."""
    plain = plain_text(sys.stdin.read() if text is None else text)
    mentions = skill_matcher().find(plain)
    if as_json:
        print(json.dumps([mention._asdict() for mention in mentions]))
        return
    table = Table("skill", "form", "at", "rule", box=None, header_style="bold")
    for mention in mentions:
        table.add_row(mention.skill, repr(mention.form), f"{mention.start}-{mention.end}", mention.rule)
    Console(highlight=False).print(table if mentions else "no skill")


def _read(folder: Path, leave_out: Path | None = None) -> Taxonomy:
    try:
        return read_taxonomy(folder, leave_out=leave_out.name if leave_out else "")
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise PulseError(
            f"{_relative(folder)} is no taxonomy: {error}", "see its format in docs/taxonomy.md"
        ) from error


def _taxonomy_of(place: str) -> Taxonomy:
    if Path(place).is_dir():
        return _read(Path(place))
    inside = FOLDER.relative_to(PROJECT_ROOT)
    made = subprocess.run(
        ["git", "-C", str(PROJECT_ROOT), "archive", place, "--", str(inside)], capture_output=True, check=False
    )
    if made.returncode:
        raise PulseError(
            f"{place!r} is neither a folder nor a git revision with a taxonomy",
            "name a folder, or a revision as in git log",
        )
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
        return _read(Path(folder) / inside)


def _rows(file: Path, delimiter: str, expected: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, delimiter=delimiter)
            if missing := [name for name in expected if name not in (rows.fieldnames or ())]:
                raise PulseError(
                    f"{file} has no column {', '.join(missing)}; found {', '.join(rows.fieldnames or ['nothing'])}",
                    "download the file named in docs/taxonomy.md",
                )
            return [{name: row[name] or "" for name in expected} for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PulseError(f"{file} cannot be read: {error}", "download the file named in docs/taxonomy.md") from error


def _as_text(entries: list[dict[str, Any]], name: str, file: Path) -> str:
    head = f"# Imported by `pulse taxonomy import --{name} {file.name}`: {SOURCES[name]}.\n"
    lines = [
        yaml.safe_dump([e], default_flow_style=None, sort_keys=False, allow_unicode=True, width=10**6) for e in entries
    ]
    return head + "".join(lines)


def _relative(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT)) if path.is_relative_to(PROJECT_ROOT) else str(path)
