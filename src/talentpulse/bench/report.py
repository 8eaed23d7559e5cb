"""docs/benchmarks.md: figures with their targets, date, commit and machine; written by `pulse bench` alone.

docs/benchmarks.json beside it keeps every bench's newest result; the page is drawn from it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil

from talentpulse.settings import PROJECT_ROOT

GIB = 1 << 30
DOCS = PROJECT_ROOT / "docs"
TITLES = {
    "extract": "Extract: skills read from text",
    "freshness": "Freshness: from the producer's stamp to visible in Trino",
    "overhead": "Overhead: what exactly once costs",
    "throughput": "Throughput: the pipeline against a bare append",
}
HEAD = """# Benchmarks

Written by `pulse bench`; do not edit. What each bench does and how its figures come about: `pulse bench --help`.
Absolute figures belong to the machine and to what else it did; compare ratios.
"""


@dataclass(frozen=True)
class Figure:
    """One figure of a bench, with the promise that it is held against, if there is one."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def target(self) -> str:
        """The promise in words; empty if there is none."""
        if self.at_most is not None:
            return f"<= {self.at_most:g} {self.unit}".rstrip()
        return f">= {self.at_least:g} {self.unit}".rstrip() if self.at_least is not None else ""

    @property
    def verdict(self) -> Literal["", "met", "missed"]:
        """Whether the promise is kept."""
        if not self.target:
            return ""
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return "missed" if too_much or too_little else "met"

    @property
    def shown(self) -> str:
        """The value as people read it."""
        is_whole = self.value == round(self.value) or abs(self.value) >= 100
        text = f"{self.value:,.0f}" if is_whole else f"{self.value:.2f}"
        return f"{text} {self.unit}".rstrip()


@dataclass(frozen=True)
class Section:
    """The figures of one run of a bench under one heading, such as one rate."""

    heading: str
    figures: list[Figure] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What one run of a bench found, and under which circumstances.

    `load_before` is how many processes wanted a core just before (the minute's load average): above 0.3 or so the
    machine had other work, and figures in seconds are too long.
    """

    bench: str
    command: str
    at: str
    commit: str
    machine: str
    load_before: float
    sections: list[Section]

    @classmethod
    def of(cls, bench: str, command: str, load_before: float, sections: Sequence[Section]) -> Outcome:
        """Figures of a run that has just ended here."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return cls(bench, command, now, commit(), machine(), round(load_before, 1), list(sections))

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Outcome:
        """What `write` kept."""
        sections = [Section(s["heading"], [Figure(**f) for f in s["figures"]]) for s in stored["sections"]]
        return cls(**{**stored, "sections": sections})

    def as_json(self) -> dict[str, Any]:
        """The same, for `write` and `--json`."""
        return asdict(self)

    @property
    def missed(self) -> list[Figure]:
        """Figures that do not keep their promise."""
        return [figure for section in self.sections for figure in section.figures if figure.verdict == "missed"]


def commit(root: Path = PROJECT_ROOT) -> str:
    """Short hash of the checkout, with `-dirty` where files differ from it."""
    done = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=8", "--exclude", "*"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or "no commit"


def machine() -> str:
    """Cores, memory and processor of this machine; no name, no path."""
    memory = psutil.virtual_memory().total / GIB
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {_processor()}, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return platform.processor() or "unknown processor"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown processor")


def write(outcome: Outcome, docs: Path = DOCS) -> Path:
    """Keep a result in place of the former one of the same bench and draw the page; returns the page's path."""
    kept = read(docs) | {outcome.bench: outcome}
    docs.mkdir(parents=True, exist_ok=True)
    stored = {name: kept[name].as_json() for name in sorted(kept)}
    (docs / "benchmarks.json").write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page = docs / "benchmarks.md"
    page.write_text(render(kept), "utf-8")
    return page


def read(docs: Path = DOCS) -> dict[str, Outcome]:
    """All kept results by bench; empty before the first."""
    path = docs / "benchmarks.json"
    if not path.exists():
        return {}
    return {name: Outcome.from_json(stored) for name, stored in json.loads(path.read_text("utf-8")).items()}


def render(outcomes: dict[str, Outcome]) -> str:
    """The page in Markdown: one part a bench, one table a section."""
    return "\n".join([HEAD, *(_part(outcomes[name]) for name in sorted(outcomes))])


def _part(outcome: Outcome) -> str:
    lines = [f"## {TITLES[outcome.bench]}", ""]
    load = f"{outcome.load_before:g}"
    run = [outcome.at, f"`{outcome.commit}`", outcome.machine, load, f"`{outcome.command}`"]
    lines += table(("date", "commit", "machine", "load average before", "command"), [run])
    for section in outcome.sections:
        rows = [[f.name, f.shown, f.target, f.verdict, f.note] for f in section.figures]
        lines += ["", f"### {section.heading}", "", *table(("figure", "found", "target", "", "note"), rows)]
    return "\n".join([*lines, ""])


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, line by line."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    return [line(heads), line(["---"] * len(heads)), *(line(row) for row in rows)]
