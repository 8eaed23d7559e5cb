"""Options of the test run: keep the services between runs; write down what a full run showed."""

import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from talentpulse.settings import PROJECT_ROOT

pytest_plugins = ["tests.services"]


def pytest_addoption(parser):
    group = parser.getgroup("talentpulse")
    group.addoption("--keep-stack", action="store_true", help="use services that run from before, leave them running")
    group.addoption("--test-report", type=Path, help="write outcome, time and commit of the run to this file")


def pytest_configure(config):
    config.began = time.monotonic()


def _git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    path = config.getoption("--test-report")
    if path is None:
        return
    counts = {kind: len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    changed = " with uncommitted changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    skipped = [f"- {report.nodeid}: {report.longrepr[2]}" for report in terminalreporter.stats.get("skipped", [])]
    slowest = sorted(
        (r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, []) if r.when == "call"),
        key=lambda report: -report.duration,
    )[:15]
    lines = [
        "# The last full test run",
        "",
        "Written by `make test-full`; not edited by hand.",
        "",
        f"- When: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- Commit: {_git('rev-parse', '--short', 'HEAD')}{changed}",
        f"- Machine: {psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, Python"
        f" {platform.python_version()}",
        f"- Outcome: {', '.join(f'{count} {kind}' for kind, count in counts.items())}",
        f"- Time: {(time.monotonic() - config.began) / 60:.1f} minutes",
        "",
        "## Skipped, and why",
        "",
        *(skipped or ["Nothing."]),
        "",
        "## Slowest",
        "",
        "| seconds | test |",
        "| ---: | --- |",
        *(f"| {report.duration:.1f} | `{report.nodeid}` |" for report in slowest),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    terminalreporter.write_line(f"wrote {path}")
