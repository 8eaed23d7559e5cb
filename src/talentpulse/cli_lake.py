"""`pulse demo, bootstrap, contracts`: the first look, what must exist, what is generated."""

from __future__ import annotations

import time

import typer
from rich.console import Console
from rich.table import Table

from talentpulse.settings import PROJECT_ROOT, load_settings

contracts = typer.Typer(help="What is generated from src/talentpulse/contracts: DDL, JSON Schema, data dictionary.")

NEXT = """
Next:
  pulse sql "SELECT * FROM gold.v_skill_region ORDER BY events DESC LIMIT 10"   ask anything
  pulse sql -f sql/queries/top_skills.sql                                       the same list again, grown
  pulse logs stream                                                             what each batch did
  pulse status                                                                  what runs
  pulse down                                                                    stop; the data stay
"""


def demo() -> None:
    """Start everything with a day of history, let postings flow, show the top skills from Trino.

    Interrupted anywhere, the next `pulse demo` goes on from there. It leaves the stack running.
    """
    from talentpulse.cli_stack import print_urls
    from talentpulse.stack import demo as first_look

    begin = time.monotonic()
    settings = first_look.start(load_settings())
    table = Table("skill", "postings, last 24 h", "share of postings", title="Most wanted skills, from Trino", box=None)
    for skill, postings, share in first_look.top_skills(settings):
        table.add_row(skill, f"{postings:,}", f"{share:.1%}")
    table.columns[1].justify = table.columns[2].justify = "right"
    age = first_look.age_seconds(settings)
    console = Console()
    console.print()
    console.print(table)
    console.print(f"\nThe newest posting in these numbers is {age:.1f} s old.")
    console.print(f"First number after {time.monotonic() - begin:.0f} s.\n")
    print_urls(settings)
    print(NEXT)


def bootstrap() -> None:
    """Make what must exist before the first posting: bucket, tables, ledger, topic, views. `pulse up` does it, too."""
    from talentpulse.lakehouse.bootstrap import prepare

    prepare(load_settings(), print)


@contracts.command()
def write() -> None:
    """Write what is stale."""
    from talentpulse.contracts import compiled

    for path in compiled.write_files(PROJECT_ROOT):
        print(f"wrote {path.relative_to(PROJECT_ROOT)}")


@contracts.command()
def check() -> None:
    """Exit with 1 where a generated file is not what the contracts say."""
    from talentpulse.contracts import compiled

    stale = compiled.stale_files(PROJECT_ROOT)
    for path in stale:
        print(f"stale: {path.relative_to(PROJECT_ROOT)} (mend: make contracts)")
    if stale:
        raise typer.Exit(1)
