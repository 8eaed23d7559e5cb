"""From what a bench measured to the figures of its report, each with the promise that it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from talentpulse.bench.figures import Spread
from talentpulse.bench.report import GIB, Figure, Section

PROMISED_RATE = 500.0  # postings/s at which freshness is promised
P50_SECONDS = 5.0
P99_SECONDS = 10.0
LEAST_RATIO = 0.3
GUARDS_RATIO = 1.35
REBUILD_SECONDS = 30.0
EXTRACT_RATIO = 0.35
EXTRACT_RATE = 2_458.0  # ads/s that a rough prototype read on two cores
STREAM_GIB = 2.5
STACK_GIB = 6.0


def freshness_sections(measured: dict[str, Any]) -> list[Section]:
    """One section a rate, the one of the warm-up last."""
    loads = [
        _load_section(f"{load['rate']:g} postings/s for {load['seconds']:g} s", load) for load in measured["loads"]
    ]
    warm = measured["warm_up"]
    return [
        *loads,
        _load_section(f"Warm-up before: {warm['rate']:g} postings/s for {warm['seconds']:g} s", warm, is_warm=False),
    ]


def _load_section(heading: str, load: dict[str, Any], *, is_warm: bool = True) -> Section:
    is_promised = is_warm and load["rate"] == PROMISED_RATE
    seconds = load["latency"]
    names = {"p50": "visible in Trino, p50", "p95": "p95", "p99": "p99", "p100": "the slowest"}
    promised = {"p50": P50_SECONDS, "p99": P99_SECONDS} if is_promised else {}
    figures = [Figure(names[p], seconds[p], "s", at_most=promised.get(p)) for p in names]
    phases = load["phases"]
    total = phases.get("total", sum(phases.values()))
    split = ", ".join(f"{name} {value:.2f}" for name, value in phases.items() if name != "total")
    memory = {name: size / GIB for name, size in load["memory"].items()}
    each = ", ".join(f"{name} {size:.2f}" for name, size in sorted(memory.items(), key=lambda item: -item[1]))
    return Section(
        heading,
        [
            *figures,
            Figure(
                "records", load["records"], "", note=f"mean {load['mean_bytes']:,.0f} bytes; every one became visible"
            ),
            Figure("sent a second", load["sent_per_second"], "records/s"),
            Figure("epochs", load["epochs"], ""),
            Figure("an epoch takes, median", total, "s", note=split),
            Figure("top five skills asked of Trino, median", load["top_five_seconds"], "s"),
            Figure(
                "stream, peak memory", memory["stream"], "GiB", at_most=STREAM_GIB, note="driver, JVM, Python workers"
            ),
            Figure("core stack, peak memory", load["memory_of_all"] / GIB, "GiB", at_most=STACK_GIB, note=each),
        ],
    )


def throughput_sections(measured: dict[str, Any]) -> list[Section]:
    """One section a size of batch."""
    circumstances = f"light chaos, mean {measured['mean_bytes']:,.0f} bytes"
    return [_size_section(size, circumstances) for size in measured["sizes"]]


def _size_section(found: dict[str, Any], circumstances: str) -> Section:
    phases = [Figure(f"of which {name}", seconds, "s") for name, seconds in found["phases"].items()]
    return Section(
        f"Batches of {found['size']:,} records, {found['rounds']} rounds ({circumstances})",
        [
            _middle("bare append / pipeline", found["ratio"], "", at_least=LEAST_RATIO),
            _middle("pipeline", found["pipeline_per_second"], "records/s"),
            _middle("bare append", found["bare_per_second"], "records/s"),
            _middle("bare append, a batch", found["bare_seconds"], "s"),
            _middle("pipeline, a batch", found["pipeline_seconds"], "s"),
            *phases,
            _middle("bare append / pipeline, in processor time", found["cpu_ratio"], ""),
            _middle("bare append, processor time of a batch", found["bare_cpu_seconds"], "s"),
            _middle("pipeline, processor time of a batch", found["pipeline_cpu_seconds"], "s"),
        ],
    )


def overhead_sections(measured: dict[str, Any]) -> list[Section]:
    """The guards' price, its course over the commits, and what a start remembers."""

    history, rebuilt = measured["history"], measured["rebuilt"]
    circumstances = (
        f"{measured['chaos']} chaos, mean {measured['mean_bytes']:,.0f} bytes, {history['keys']:,} keys known"
    )
    return [
        Section(
            f"Batches of {measured['size']:,} records, {measured['rounds']} rounds ({circumstances})",
            [
                _middle("with guards / without", measured["overhead"], "", at_most=GUARDS_RATIO),
                _middle("with guards, a batch", measured["guarded_seconds"], "s"),
                _middle("without guards, a batch", measured["unguarded_seconds"], "s"),
                _middle("with guards / bare append", measured["to_bare"], ""),
                Figure("its growth with each 100 commits", 100 * measured["slope"], "%"),
                Figure("the same without guards", 100 * measured["unguarded_slope"], "%"),
                Figure("growth of the bare append itself", 100 * measured["bare_slope"], "%"),
            ],
        ),
        Section(
            "A start remembers",
            [
                Figure("deliveries of 25 hours", rebuilt["keys"], "keys"),
                Figure("until the index is filled", rebuilt["seconds"], "s", at_most=REBUILD_SECONDS),
                Figure("memory of the index", rebuilt["bytes"] / 1e6, "MB"),
            ],
        ),
    ]


def extract_sections(measured: dict[str, Any]) -> list[Section]:
    """Reading skills, against a bare process and FlashText; HTML to text apart."""

    rates = measured["rates"]
    kind = "real advertisements" if measured["is_real"] else "generated postings"
    return [
        Section(
            f"{measured['texts']:,} {kind} of {measured['characters']:,.0f} characters, {measured['forms']:,} forms,"
            f" {measured['rounds']} rounds",
            [
                _middle("in Spark / one bare Aho-Corasick process", measured["to_bare"], "", at_least=EXTRACT_RATIO),
                _middle("in Spark / FlashText", measured["to_flashtext"], "", at_least=1.0),
                _middle("in Spark, two cores", rates["spark"], "ads/s", at_least=EXTRACT_RATE),
                _middle("the same in one process", rates["one_process"], "ads/s"),
                _middle("bare Aho-Corasick, one process", rates["bare"], "ads/s"),
                _middle("FlashText, one process", rates["flashtext"], "ads/s"),
                Figure("HTML to text, one process", measured["html_per_second"], "ads/s"),
            ],
        )
    ]


def _middle(name: str, measured: Sequence[float], unit: str, **promise: float) -> Figure:
    """The median of (median, least, greatest), with the two ends beside it."""
    value = Spread(*measured)
    return Figure(name, value.median, unit, note=f"{value.least:,.2f} to {value.greatest:,.2f}", **promise)


def summary(sections: Sequence[Section]) -> list[str]:
    """The figures that have a promise, a line each."""
    return [
        f"{section.heading}: {figure.name} {figure.shown} (promised {figure.target}: {figure.verdict})"
        for section in sections
        for figure in section.figures
        if figure.target
    ]
