"""docs/benchmarks.md is drawn from what was measured, and from nothing else."""

import json
import subprocess
from pathlib import Path

import pytest

from talentpulse.bench import report
from talentpulse.bench.outcomes import freshness_sections, throughput_sections
from talentpulse.bench.report import Figure, Outcome, Section
from talentpulse.settings import PROJECT_ROOT


def outcome(bench, *figures):
    return Outcome(
        bench,
        f"pulse bench {bench}",
        "2026-01-02 03:04 UTC",
        "abc1234-dirty",
        "2 cores",
        0.5,
        [Section("S", list(figures))],
    )


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("p50", 5.0, "s", at_most=5.0), "met"),
        (Figure("p50", 5.1, "s", at_most=5.0), "missed"),
        (Figure("ratio", 0.3, "", at_least=0.3), "met"),
        (Figure("ratio", 0.29, "", at_least=0.3), "missed"),
        (Figure("epochs", 4, ""), ""),
    ],
)
def test_a_figure_is_held_against_its_promise(figure, verdict):
    assert figure.verdict == verdict


def test_the_page_says_figure_target_verdict_commit_and_command(tmp_path):
    page = report.write(
        outcome("freshness", Figure("p50", 2.345, "s", at_most=5.0, note="of all")), tmp_path
    ).read_text()
    assert "| p50 | 2.35 s | <= 5 s | met | of all |" in page
    assert "| 2026-01-02 03:04 UTC | `abc1234-dirty` | 2 cores | 0.5 | `pulse bench freshness` |" in page


def test_running_one_bench_again_replaces_its_part_alone(tmp_path):
    report.write(outcome("freshness", Figure("p50", 1.0, "s")), tmp_path)
    report.write(outcome("throughput", Figure("ratio", 0.25, "")), tmp_path)
    page = report.write(outcome("freshness", Figure("p50", 7.0, "s")), tmp_path).read_text()
    assert "| p50 | 7 s |" in page
    assert "| p50 | 1 s |" not in page
    assert "| ratio | 0.25 |" in page


def test_what_was_kept_is_read_back_as_it_was(tmp_path):
    found = outcome("throughput", Figure("ratio", 0.25, "", at_least=0.3, note="0.2 to 0.3"))
    report.write(found, tmp_path)
    assert report.read(tmp_path) == {"throughput": found}
    assert found.missed == found.sections[0].figures


def test_a_bar_in_a_note_does_not_break_the_table(tmp_path):
    page = report.write(outcome("freshness", Figure("a", 1.0, "s", note="x | y")), tmp_path).read_text()
    assert r"x \| y" in page


def test_the_machine_is_described_without_its_name_or_a_path():
    import socket

    described = report.machine()
    assert "cores" in described
    assert socket.gethostname() not in described.split()
    assert str(Path.home()) not in described


def test_a_changed_checkout_says_so(tmp_path):
    def git(*arguments):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "a")
    clean = report.commit(tmp_path)
    (tmp_path / "a").write_text("2")
    assert report.commit(tmp_path) == f"{clean}-dirty"
    assert len(clean) == 8


def load(rate):
    return {
        "rate": rate, "seconds": 180.0, "latency": {"p50": 2.0, "p95": 3.0, "p99": 11.0, "p100": 12.0}, "records": 10,
        "mean_bytes": 2000.0, "sent_per_second": rate, "epochs": 3, "phases": {"read": 0.5, "gold": 1.0, "total": 1.6},
        "top_five_seconds": 0.4, "memory": {"stream": 2 << 30, "trino": 1 << 30}, "memory_of_all": 3 << 30,
    }  # fmt: skip


def test_freshness_is_promised_at_500_a_second_only():
    sections = freshness_sections({"warm_up": load(500.0), "loads": [load(100.0), load(500.0)]})
    missed = {(s.heading, f.name) for s in sections for f in s.figures if f.verdict == "missed"}
    assert missed == {("500 postings/s for 180 s", "p99")}


def test_a_throughput_section_names_ratio_rates_and_every_phase():
    size = dict.fromkeys(
        (
            "pipeline_per_second",
            "bare_per_second",
            "pipeline_seconds",
            "bare_seconds",
            "cpu_ratio",
            "bare_cpu_seconds",
            "pipeline_cpu_seconds",
        ),
        (2.0, 1.0, 3.0),
    )
    size |= {"size": 5000, "rounds": 7, "ratio": (0.5, 0.4, 0.6), "phases": {"read": 1.0, "bronze": 0.5}}
    (section,) = throughput_sections({"mean_bytes": 2000.0, "warm_up_rounds": 2, "sizes": [size]})
    assert section.figures[0] == Figure("bare append / pipeline", 0.5, "", at_least=0.3, note="0.40 to 0.60")
    assert [f.name for f in section.figures][5:7] == ["of which read", "of which bronze"]


def test_the_committed_page_is_what_pulse_bench_wrote():
    if not (PROJECT_ROOT / "docs" / "benchmarks.json").exists():
        pytest.skip("nothing was measured yet: pulse bench throughput")
    assert (PROJECT_ROOT / "docs" / "benchmarks.md").read_text("utf-8") == report.render(report.read())
    assert str(PROJECT_ROOT) not in json.dumps({n: o.as_json() for n, o in report.read().items()})
