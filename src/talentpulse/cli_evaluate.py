"""`pulse evaluate`: how well postings are read, measured on labelled sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from talentpulse.errors import PulseError
from talentpulse.settings import PROJECT_ROOT, load_settings

PAGE = PROJECT_ROOT / "docs" / "quality.md"


def evaluate(
    fields: Annotated[
        list[str] | None, typer.Argument(help="only these: skills, place, pay ...; all unless given")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="folder of the sets; PULSE_EVALUATION_DATA unless given")] = None,
    failures: Annotated[int, typer.Option(help="show so many cases of each set that went wrong", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Precision, recall and the like for each field, with what was to be reached; a run of all fields writes docs/quality.md.

    The labelled sets are not part of the repository. Where they are not there, nothing is measured, and it is said.
    """
    from talentpulse.evaluation.answers import evaluate as answers_of
    from talentpulse.evaluation.fields import FIELDS
    from talentpulse.evaluation.page import Found, measure_rows, render

    if unknown := set(fields or ()) - set(FIELDS):
        raise PulseError(
            f"no such field: {', '.join(sorted(unknown))}; there are {', '.join(FIELDS)}", "name one of them"
        )
    folder = data or load_settings().evaluation_data
    if not any(folder.glob("eval_*.gz")):
        print(
            json.dumps({"skipped": str(folder)})
            if as_json
            else f"not measured: {folder} has no labelled sets (eval_*.gz)"
        )
        return
    console = Console(highlight=False)
    found = {}
    for name in fields or FIELDS:
        with console.status(f"reading for {name}", spinner="line"):
            found[name] = FIELDS[name].evaluate(folder)
        if as_json:
            continue
        for evaluation in found[name]:
            table = Table("", "found", "right / cases", "95 %", "to reach", "", box=None, title_justify="left")
            table.title = f"\n{evaluation.field}: {evaluation.set_name}, {evaluation.rows:,} rows"
            for row in measure_rows(evaluation):
                table.add_row(*row, style="red" if row[-1] == "missed" else "")
            console.print(table)
            for failure in evaluation.failures[:failures]:
                console.print(f"  {failure}", markup=False, soft_wrap=True)
    if not fields:
        PAGE.write_text(render(Found(found, answers_of(folder))), "utf-8")
    if as_json:
        told = {
            name: [
                {"set": e.set_name, "rows": e.rows, "measures": {m.name: [m.value, m.reach] for m in e.measures}}
                for e in its
            ]
            for name, its in found.items()
        }
        print(json.dumps(told))
    elif not fields:
        console.print(f"\nwritten: {PAGE.relative_to(PROJECT_ROOT)}")
