"""What a run writes down: its outcome (--test-report), and which faults the lake survived (--faults-report)."""

import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from talentpulse.settings import PROJECT_ROOT
from tests.faults.matrix import FAULTS


def pytest_addoption(parser):
    group = parser.getgroup("talentpulse")
    group.addoption("--test-report", type=Path, help="write outcome, time and commit of the run to this file")
    group.addoption("--faults-report", type=Path, help="write the matrix of faults to this file")


def pytest_configure(config):
    config.began = time.monotonic()
    # of the code that ran: at the end the first report would make the second one's checkout a changed one
    config.commit = _commit() if config.getoption("--test-report") or config.getoption("--faults-report") else ""
    config.addinivalue_line(
        "markers", "fault(row, what=''): proves a row of tests/faults/matrix.py, or a variant of it"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    report.faults = [(str(marker.args[0]), *marker.args[1:]) for marker in item.iter_markers("fault")]
    return report


def _git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _commit():
    changed = " with uncommitted changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return _git("rev-parse", "--short", "HEAD") + changed


def _about(title, target, commit):
    return [
        f"# {title}",
        "",
        f"Written by `{target}`; not edited by hand.",
        "",
        f"- When: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- Commit: {commit}",
        f"- Machine: {psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, Python"
        f" {platform.python_version()}",
    ]


def pytest_terminal_summary(terminalreporter, config):
    for option, lines in (("--test-report", outcome_lines), ("--faults-report", fault_lines)):
        path = config.getoption(option)
        if path is not None and not config.option.collectonly:
            path.write_text(
                "\n".join(lines(terminalreporter.stats, time.monotonic() - config.began, config.commit)) + "\n", "utf-8"
            )
            terminalreporter.write_line(f"wrote {path}")
            if option == "--faults-report":
                terminalreporter.write(path.read_text("utf-8"))


def outcome_lines(stats, seconds, commit):
    """The outcome of the run in Markdown, line by line."""
    counts = {kind: len(stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    skipped = [f"- {report.nodeid}: {report.longrepr[2]}" for report in stats.get("skipped", [])]
    slowest = sorted(
        (r for kind in ("passed", "failed") for r in stats.get(kind, []) if r.when == "call"),
        key=lambda report: -report.duration,
    )[:15]
    return [
        *_about("The last full test run", "make test-full", commit),
        f"- Outcome: {', '.join(f'{count} {kind}' for kind, count in counts.items())}",
        f"- Time: {seconds / 60:.1f} minutes",
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


def fault_lines(stats, seconds, commit):
    """The matrix in Markdown: each row with the tests that prove it, what they found and how long recovery took."""
    reports = [r for kind in ("passed", "failed", "error", "skipped") for r in stats.get(kind, []) if r.faults]
    lines = [
        *_about("Faults, and what became of the numbers", "make chaos", commit),
        f"- Time: {seconds / 60:.1f} minutes",
        "- Seconds: from the end of the fault (or the restart) until the ledger is at the broker's end, where measured",
        "",
        "| # | fault | expected | found | seconds |",
        "| --- | --- | --- | --- | ---: |",
    ]
    for row, (fault, expected) in FAULTS.items():
        proofs = [(report, variant) for report in reports for at, *variant in report.faults if at == row]
        lines += [_fault_line(row, fault, expected, *proof) for proof in proofs]
        lines += [f"| {row} | {fault} | {expected} | **no test ran** | |"] if not proofs else []
    return lines


def _fault_line(row, fault, expected, report, variant):
    properties = dict(report.user_properties)
    found = properties.get("found", "as expected") if report.passed else f"**{report.outcome}** `{report.nodeid}`"
    took = properties.get("seconds_to_recover")
    what = f"{fault}: {variant[0]}" if variant else properties.get("fault", fault)
    return f"| {row} | {what} | {expected} | {found} | {'' if took is None else f'{took:.0f}'} |"
