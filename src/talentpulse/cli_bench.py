"""`pulse bench`: measure the pipeline on a stack of its own and write docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from talentpulse.errors import PulseError

if TYPE_CHECKING:
    from talentpulse.bench.report import Section

bench = typer.Typer(
    help="Measure; the figures go to docs/benchmarks.md. Beside a demo it runs on its own ports.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="print the result as one JSON object")]


@bench.command()
def freshness(
    rates: Annotated[str, typer.Option(help="postings a second, one run after the other")] = "100,500,1000",
    seconds: Annotated[float, typer.Option(help="how long each rate is sent", min=10)] = 180.0,
    trigger: Annotated[float, typer.Option(help="the stream's trigger in seconds", min=0)] = 1.0,
    as_json: AsJson = False,
) -> None:
    """How old a posting is when Trino shows it.

    The generator (a process of its own, about 2 KB a posting, light chaos, late events included) notes when it
    sends each record. Trino is asked four times a second for the newest epoch in gold.skill_trends; the first answer
    that shows an epoch closes all records of its offset range. Latency is from the note to that answer, of every
    record.
    """
    from talentpulse.bench.freshness import measure
    from talentpulse.bench.outcomes import freshness_sections
    from talentpulse.bench.own_stack import own_stack

    wanted, load_before = _rates(rates), os.getloadavg()[0]
    with own_stack(with_stream=True, trigger_seconds=trigger) as settings, _saying() as say:
        measured = measure(settings, wanted, seconds, say)
    command = f"pulse bench freshness --rates {rates} --seconds {seconds:g} --trigger {trigger:g}"
    _keep("freshness", command, load_before, freshness_sections(measured), as_json=as_json)


@bench.command()
def throughput(
    records: Annotated[int, typer.Option(help="records of a batch; a quarter of it is measured too", min=400)] = 20_000,
    rounds: Annotated[int, typer.Option(help="rounds that count; two go before", min=1)] = 7,
    as_json: AsJson = False,
) -> None:
    """How the whole pipeline compares to a bare append of Kafka's records to Iceberg.

    Both take the same records in the same process, one after the other, round by round: the pipeline is the stream's
    own code with ledger, duplicates, Bronze and Gold; the bare append is its first half alone, Kafka's columns and bytes
    to as many files by the same writer, and reads no record and starts no Python.
    """
    from talentpulse.bench.outcomes import throughput_sections
    from talentpulse.bench.own_stack import own_stack
    from talentpulse.bench.throughput import measure

    load_before = os.getloadavg()[0]
    with own_stack(with_stream=False) as settings, _saying() as say:
        measured = measure(settings, records, rounds, say)
    command = f"pulse bench throughput --records {records} --rounds {rounds}"
    _keep("throughput", command, load_before, throughput_sections(measured), as_json=as_json)


@bench.command()
def overhead(
    rounds: Annotated[int, typer.Option(help="commits of each side that count; five go before", min=2)] = 500,
    keys: Annotated[int, typer.Option(help="deliveries that a start remembers, of 25 hours", min=1000)] = 20_000_000,
    as_json: AsJson = False,
) -> None:
    """What ledger, lease, duplicates and fault handling cost, and whether a batch stays as quick over many commits.

    Batches of 2,500 postings (500/s, every 5 s) with two hours of history behind them go, in turns, through the
    pipeline with its guards, through the same code without them, and through a bare append.
    """
    from talentpulse.bench.outcomes import overhead_sections
    from talentpulse.bench.overhead import measure
    from talentpulse.bench.own_stack import own_stack

    load_before = os.getloadavg()[0]
    with own_stack(with_stream=False) as settings, _saying() as say:
        measured = measure(settings, rounds, keys, say)
    command = f"pulse bench overhead --rounds {rounds} --keys {keys}"
    _keep("overhead", command, load_before, overhead_sections(measured), as_json=as_json)


@bench.command()
def show(as_json: AsJson = False) -> None:
    """Print the newest figures of every bench."""
    from talentpulse.bench.report import read, render

    outcomes = read()
    if not outcomes:
        raise PulseError("nothing was measured yet", "pulse bench throughput, pulse bench freshness")
    if as_json:
        print(json.dumps({name: outcome.as_json() for name, outcome in outcomes.items()}))
    elif sys.stdout.isatty():
        Console().print(Markdown(render(outcomes)))
    else:
        print(render(outcomes), end="")


def _rates(text: str) -> list[float]:
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        rates = []
    if not rates or min(rates) <= 0:
        raise PulseError(
            f"expected rates above 0 with commas between, such as 100,500; found {text!r}", "pulse bench --help"
        )
    return rates


@contextmanager
def _saying() -> Iterator[Callable[[str], None]]:
    """Tells what was measured line by line; on a terminal a spinner turns below."""
    from talentpulse.stack.progress import Progress

    with Progress() as progress:
        progress.start("bench", "measuring")
        yield progress.note
        progress.done("bench", "measured")


def _keep(name: str, command: str, load_before: float, sections: list[Section], *, as_json: bool) -> None:
    from talentpulse.bench.outcomes import summary
    from talentpulse.bench.report import Outcome, write

    outcome = Outcome.of(name, command, load_before, sections)
    page = write(outcome)
    if as_json:
        print(json.dumps(outcome.as_json()))
        return
    for line in summary(sections):
        print(line)
    print(f"written to {page.parent.name}/{page.name}")
