"""`pulse generate` and `pulse load`: what puts postings on the topic, from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from talentpulse.errors import PulseError
from talentpulse.settings import Settings, load_settings
from talentpulse.sources.chaos import Chaos, shares
from talentpulse.sources.delivery import Delivery
from talentpulse.sources.files import DeliveryTimes, Unreadable
from talentpulse.sources.files import load as load_file
from talentpulse.sources.formats import FORMATS
from talentpulse.sources.postings import PostingGenerator
from talentpulse.sources.producer import Acknowledgement, PostingProducer
from talentpulse.sources.schedule import schedule
from talentpulse.sources.sending import Sent, send_all, stopping_on_signals
from talentpulse.sources.truth import Acknowledged, Truth

_DRY_RUN_SHOWN = 3
_PLAIN_EVERY_SECONDS = 5.0
_UNREADABLE_SHOWN = 20
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

Rate = Annotated[float, typer.Option(help="records a second; 0 = as fast as possible", min=0)]
Start = Annotated[str | None, typer.Option(help="time of the first event, ISO 8601 (UTC unless it says otherwise)")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="print the first three events, send nothing")]
AsJson = Annotated[bool, typer.Option("--json", help="print the summary as one JSON object")]


def generate(
    rate: Rate = 100.0,
    count: Annotated[int | None, typer.Option(help="records to send; without it, until Ctrl-C", min=0)] = None,
    seconds: Annotated[float | None, typer.Option(help="how long to send, instead of --count", min=0)] = None,
    seed: Annotated[int, typer.Option(help="the same seed gives the same postings and employers")] = 7,
    start: Start = None,
    speed: Annotated[float | None, typer.Option(help="event time per clock time, with --start", min=0)] = None,
    span: Annotated[str | None, typer.Option(help="event time to squeeze into the run, such as 24h")] = None,
    backfill: Annotated[
        bool | None,
        typer.Option("--backfill/--no-backfill", help="mark as history; by default if --start or --span"),
    ] = None,
    chaos: Annotated[str, typer.Option(help="how much goes wrong: none, light or heavy")] = "light",
    chaos_share: Annotated[
        list[str] | None, typer.Option(help="share of one kind, such as late=0.05; can be repeated")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="write what the lake must show to this JSON file")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send generated postings to the topic."""
    with _wrong_options_are_mended_by("pulse generate"):
        plan = schedule(
            rate=rate,
            count=count,
            seconds=seconds,
            start=_instant(start) if start else None,
            speed=speed,
            span=_duration(span) if span else None,
            now=datetime.now(UTC),
        )
        what_goes_wrong = Chaos(shares(chaos, _changes(chaos_share or [])), seed, plan.repeat_within)
        if truth is not None and not truth.parent.is_dir():
            raise ValueError(f"--truth: there is no folder {truth.parent}")
    endless = what_goes_wrong.deliveries(PostingGenerator(seed, plan.run), plan.event_at_us)
    deliveries = endless if plan.count is None else islice(endless, plan.count)
    if dry_run:
        _print_events(deliveries)
        return
    kept = Truth() if truth is not None else None
    sent = _send(deliveries, rate, plan.is_history if backfill is None else backfill, plan.count, kept)
    summary = _summary(sent)
    if kept is not None and truth is not None:
        summary["truth"] = kept.write(truth).headline()
    _report(summary, as_json)
    _exit_unless_complete(sent)


def load(
    files: Annotated[list[Path], typer.Argument(help="JSON lines or CSV, plain or gzip")],
    source: Annotated[str, typer.Option(help="name of the board or feed, part of the key")],
    format_name: Annotated[str, typer.Option("--format", help=f"one of {', '.join(FORMATS)}")] = "auto",
    start: Start = None,
    step: Annotated[str, typer.Option(help="event time between two postings, such as 1s")] = "1s",
    limit: Annotated[int | None, typer.Option(help="load at most so many postings", min=0)] = None,
    rate: Rate = 0.0,
    backfill: Annotated[bool, typer.Option("--backfill/--no-backfill", help="mark as history")] = True,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send real postings from files to the topic. The same files again, within 24 hours, change no number.

    Without --start the first event happened at yesterday's midnight (UTC).
    """
    with _wrong_options_are_mended_by("pulse load"):
        if format_name not in FORMATS:
            raise ValueError(f"expected a --format of {', '.join(FORMATS)}; found {format_name!r}")
        times = DeliveryTimes(_instant(start) if start else _yesterday(), _duration(step))
    unreadable = 0

    def on_unreadable(path: Path, line: Unreadable) -> None:
        nonlocal unreadable
        unreadable += 1
        if unreadable <= _UNREADABLE_SHOWN:
            typer.echo(f"unreadable: {path.name} line {line.line:,}: {line.reason}", err=True)

    deliveries: Iterator[Delivery] = _all_files(files, source, format_name, times, on_unreadable)
    if limit is not None:
        deliveries = islice(deliveries, limit)
    if dry_run:
        readable = _print_events(deliveries) + sum(1 for _ in deliveries)
        _report({"readable": readable, "unreadable": unreadable}, as_json)
        return
    sent = _send(deliveries, rate, backfill, limit, None)
    _report({**_summary(sent), "unreadable": unreadable}, as_json)
    _exit_unless_complete(sent)


def _all_files(
    files: list[Path],
    source: str,
    format_name: str,
    times: DeliveryTimes,
    on_unreadable: Callable[[Path, Unreadable], None],
) -> Iterator[Delivery]:
    n = 0
    for path in files:
        for loaded in load_file(path, source, format_name, times, first=n):
            if isinstance(loaded, Unreadable):
                on_unreadable(path, loaded)
            else:
                n += 1
                yield loaded


def _send(
    deliveries: Iterable[Delivery], rate: float, is_backfill: bool, total: int | None, truth: Truth | None
) -> Sent:
    settings: Settings = load_settings()
    with stopping_on_signals() as stop, _progress(total) as on_progress:
        producer = PostingProducer(
            settings.kafka_bootstrap, settings.topic, stop, _keeping(truth) if truth is not None else None
        )
        return send_all(deliveries, producer, rate=rate, is_backfill=is_backfill, stop=stop, on_progress=on_progress)


def _keeping(truth: Truth) -> Callable[[Acknowledgement], None]:
    def keep(ack: Acknowledgement) -> None:
        assert ack.delivery.planted is not None, "only generated postings have a truth"
        truth.add(Acknowledged(ack.partition, ack.offset, ack.kafka_at_ms, ack.is_backfill, ack.delivery.planted))

    return keep


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[Sent], None]]:
    """A bar on a terminal, else a line every five seconds; on stderr, so that stdout is the result alone."""
    console = Console(stderr=True)
    if not console.is_terminal:
        shown = [0.0]

        def print_line(sent: Sent) -> None:
            if sent.seconds - shown[0] >= _PLAIN_EVERY_SECONDS:
                shown[0] = sent.seconds
                console.print(f"{sent.seconds:6.0f} s  sent {sent.sent:,}  acknowledged {sent.acknowledged:,}")

        yield print_line
        return
    columns = (
        TextColumn("sending"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, refresh_per_second=4) as bar:
        task = bar.add_task("sending", total=total, rate=0.0)
        yield lambda sent: bar.update(task, completed=sent.sent, rate=sent.rate)


def _summary(sent: Sent) -> dict[str, Any]:
    return {
        "sent": sent.sent,
        "acknowledged": sent.acknowledged,
        "failed": sent.failed,
        "unacknowledged": sent.unacknowledged,
        "first_failure": sent.first_failure,
        "megabytes": round(sent.bytes / 1e6, 3),
        "seconds": round(sent.seconds, 3),
        "rate": round(sent.rate, 1),
        "by_kind": dict(sent.by_kind.most_common()),
    }


def _report(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(summary))
        return
    for name, value in summary.items():
        if isinstance(value, dict):
            value = "  ".join(
                f"{key} {part:,}" if isinstance(part, int) else f"{key} {part}" for key, part in value.items()
            )
        elif isinstance(value, int | float):
            value = f"{value:,}"
        if value is not None:
            typer.echo(f"{name.replace('_', ' '):>15}  {value}")


def _exit_unless_complete(sent: Sent) -> None:
    if not sent.is_complete:
        typer.echo(f"{sent.sent - sent.acknowledged:,} records were not acknowledged: {sent.first_failure}", err=True)
        raise typer.Exit(1)


def _print_events(deliveries: Iterator[Delivery]) -> int:
    """Print the first events; how many there were."""
    shown = 0
    for delivery in islice(deliveries, _DRY_RUN_SHOWN):
        typer.echo(delivery.body.decode("utf-8", "backslashreplace") if delivery.body is not None else "(no value)")
        shown += 1
    return shown


@contextmanager
def _wrong_options_are_mended_by(command: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise PulseError(str(error), mend=f"{command} --help") from error


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected an ISO 8601 instant such as 2026-03-15T10:30:00Z; found {text!r}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise ValueError(f"expected a length of time such as 500ms, 1s, 30m, 24h or 7d; found {text!r}")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def _yesterday() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def _changes(texts: list[str]) -> dict[str, float]:
    changes = {}
    for text in texts:
        kind, _, share = text.partition("=")
        try:
            changes[kind.strip()] = float(share)
        except ValueError as error:
            raise ValueError(f"expected --chaos-share KIND=SHARE such as late=0.05; found {text!r}") from error
    return changes
