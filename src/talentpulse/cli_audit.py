"""`pulse audit`: are the promises kept?"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from talentpulse.settings import load_settings

if TYPE_CHECKING:
    from talentpulse.audit.run import Run

NEEDED = ("postgres", "minio", "kafka", "trino")


def audit(
    sample: Annotated[int, typer.Option(min=1, help="bodies read again, and events whose duplicates are judged")] = 200,
    seed: Annotated[int | None, typer.Option(help="draws the same sample again; without it another each time")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Check that the numbers are right; exit code 0 if every promise holds, 1 if anything was found.

    Everything is compared as of the newest committed epoch, so the stream may go on meanwhile:

    \b
    files       every live file of both tables is in the store, with its size
    ledger      epochs follow each other without hole or overlap, and their sums add up
    positions   Bronze has every offset of the ledger's ranges once
    counts      faulty, duplicate and canary rows are as many as the ledger says
    broker      what the broker still holds below the ledger's end is in Bronze
    gold_hours  every event hour of Gold adds up to what Bronze counted
    gold_cells  final hours that have changed, and a few open ones, cell by cell
    readings    bodies read again give the header that stands beside them
    duplicates  is_duplicate is what the rule says

    Outcomes are kept in ops.audits and shown by gold.v_audits, beside those of the service that audits all the time
    (pulse logs auditor). What a finding means and what to do: docs/runbook.md.
    """
    from talentpulse.audit.run import run_audit
    from talentpulse.stack.health import require

    settings = load_settings()
    for service in NEEDED:
        require(settings, service)
    begin = time.monotonic()
    drawn = time.time_ns() % 1_000_000 if seed is None else seed
    with Console(stderr=True).status("looking at the ledger") as status:
        run = run_audit(settings, sample=sample, seed=drawn, say=lambda check: status.update(f"checking {check}"))
    if as_json:
        print(json.dumps(_as_json(run, drawn)))
    elif run is None:
        print("no epoch is committed yet: there is nothing to audit")
    else:
        _show(run, drawn, time.monotonic() - begin)
    if run is not None and run.findings:
        raise typer.Exit(1)


def _as_json(run: Run | None, seed: int) -> dict[str, object]:
    if run is None:
        return {"epoch": None, "findings": 0, "checks": []}
    checks = [
        {
            "check": outcome.check, "checked": outcome.seen.checked, "unit": outcome.unit,
            "findings": outcome.seen.findings, "examples": outcome.seen.examples, "remark": outcome.seen.remark,
            "is_ok": outcome.is_ok,
        }
        for outcome in run.outcomes
    ]  # fmt: skip
    return {"audit": run.number, "epoch": run.cut.epoch, "seed": seed, "findings": run.findings, "checks": checks}


def _show(run: Run, seed: int, seconds: float) -> None:
    from talentpulse.audit.run import MENDS

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    table = Table("check", "looked at", "found", "verdict", box=None)
    table.columns[1].justify = "right"
    for outcome in run.outcomes:
        seen = outcome.seen
        verdict = Text("holds", style="green") if outcome.is_ok else Text("BROKEN", style="bold red")
        if seen.remark:
            verdict = Text(f"not checked: {seen.remark}", style="yellow")
        table.add_row(outcome.check, f"{seen.checked:,} {outcome.unit}", f"{seen.findings:,}", verdict)
    committed = f"epoch {run.cut.epoch}, committed at {run.cut.committed_at:%Y-%m-%d %H:%M:%S} UTC"
    console.print(f"audit {run.number} as of {committed}; seed {seed}, {seconds:.1f} s\n", highlight=False)
    console.print(table)
    for outcome in run.outcomes:
        if outcome.seen.findings:
            console.print(f"\n{outcome.check}: {outcome.seen.findings:,} found", style="bold red", highlight=False)
            for example in outcome.seen.examples:
                console.print(Text(f"  {example}"), soft_wrap=True)
            if outcome.seen.findings > len(outcome.seen.examples):
                console.print("  ...")
            console.print(Text(f"  what to do: {MENDS[outcome.check]}"), soft_wrap=True)
    if run.findings:
        console.print("\nWhat each finding means: docs/runbook.md, The audit found something")
