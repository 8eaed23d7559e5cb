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
from rich.table import Table

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
def extract(
    texts: Annotated[int, typer.Option(help="advertisements of a round", min=100)] = 20_000,
    rounds: Annotated[int, typer.Option(help="rounds that count; one goes before", min=1)] = 7,
    as_json: AsJson = False,
) -> None:
    """How quickly skills are read: inside Spark, by one bare Aho-Corasick process, by FlashText; the same texts in turns.

    The bare process finds the taxonomy's forms and decides nothing. Inside Spark each text gets its mentions with place
    and rule, as silver.posting_skills keeps them; FlashText reads a tenth of the texts. HTML to text is timed apart.
    """
    from tempfile import TemporaryDirectory

    from talentpulse.bench.extract import measure
    from talentpulse.bench.outcomes import extract_sections
    from talentpulse.settings import load_settings

    load_before = os.getloadavg()[0]
    with TemporaryDirectory() as home, _saying() as say:
        measured = measure(load_settings(home=home), texts, rounds, say)
    command = f"pulse bench extract --texts {texts} --rounds {rounds}"
    _keep("extract", command, load_before, extract_sections(measured), as_json=as_json)


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


def chaos(
    minutes: Annotated[float, typer.Option(help="how long faults strike", min=0.1)] = 10.0,
    seed: Annotated[int, typer.Option(help="decides which faults strike; the same seed, the same faults")] = 1,
    pause: Annotated[float, typer.Option(help="seconds between a recovery and the next fault", min=0)] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Let random faults strike a stack of its own under load, with maintenance beside it; then audit everything.

    Services and the stream are killed or stand still, the checkpoint is lost. After each fault the lake must be back
    within 120 s by itself, and at the end the auditor must find nothing. Exit code 1 if either is not so. The faults of
    the matrix, one by one: make chaos.
    """
    from random import Random

    from talentpulse.audit.run import run_audit
    from talentpulse.bench.own_stack import own_stack
    from talentpulse.bench.soak import RATE, Soak

    with own_stack(with_stream=True, trigger_seconds=1.0) as settings, _saying() as say:
        say(f"{RATE} postings/s; a fault, {pause:g} s, the next; seed {seed}")
        strikes = Soak(settings, Random(seed), say).run(minutes, pause)
        say("everything is read; auditing")
        audit = run_audit(settings, sample=1000, seed=seed)
    findings = audit.findings if audit is not None else 0
    late = [strike for strike in strikes if not strike.is_in_time]
    if as_json:
        told = [{"fault": s.fault, "seconds_to_recover": round(s.seconds_to_recover, 1)} for s in strikes]
        print(json.dumps({"seed": seed, "strikes": told, "findings": findings}))
    else:
        table = Table("fault", "back after, s", "", box=None)
        for strike in strikes:
            table.add_row(strike.fault, f"{strike.seconds_to_recover:.0f}", "" if strike.is_in_time else "too late")
        Console().print(table)
        print(f"{len(strikes)} faults, {len(late)} too late; the auditor found {findings} errors")
    if audit is not None:
        for outcome in audit.outcomes:
            for example in outcome.seen.examples:
                print(f"{outcome.check}: {example}", file=sys.stderr)
    if late or findings or audit is None:
        raise typer.Exit(1)


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
