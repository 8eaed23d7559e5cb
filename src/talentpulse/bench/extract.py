"""Reading skills inside Spark against one bare Aho-Corasick process and against FlashText, over the same texts."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind
from flashtext import KeywordProcessor
from pyspark.sql import SparkSession

from talentpulse.bench.batches import timed
from talentpulse.bench.figures import spread
from talentpulse.domain.skills import skill_matcher
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.domain.text import plain_text
from talentpulse.lakehouse.spark import open_session
from talentpulse.settings import Settings
from talentpulse.sources.files import payloads
from talentpulse.sources.postings import PostingGenerator
from talentpulse.transforms.details import read_mentions

REAL = "postings_linkedin_us_2019.jsonl.gz"  # whole advertisements of 3.3 KB in the mean
FLASHTEXT_SHARE = 10  # FlashText reads a tenth of the texts: it takes as long as all others for all
TASKS = 8
NOON_US = 1_780_000_000_000_000  # any instant: it moves what is asked for, a little


def measure(settings: Settings, count: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Time each side on the same `count` texts, round by round in turns; rates are texts a second."""
    sources, is_real = _sources(settings.evaluation_data, count)
    begin = time.perf_counter()
    texts = [plain_text(source) for source in sources]
    html_seconds = time.perf_counter() - begin
    forms = [form.lower() for skill in taxonomy().skills for form in skill.forms]
    automaton = AhoCorasick(forms, MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    flashtext = KeywordProcessor()
    for form in forms:
        flashtext.add_keyword(form)
    spark = open_session(settings, "bench extract")
    sides: dict[str, list[float]] = {"bare": [], "spark": [], "flashtext": [], "one_process": []}
    with TemporaryDirectory() as folder:
        pq.write_table(pa.table({"text": texts}), f"{folder}/texts.parquet", row_group_size=-(-count // TASKS))
        run = _sides(spark, f"{folder}/texts.parquet", texts, automaton, flashtext)
        for number in range(rounds + 1):
            for name, side in run:
                with timed(sides[name], []):
                    side()
            if number == 0:
                sides = {name: [] for name in sides}  # the first round starts workers
            else:
                say(f"round {number} of {rounds}: {sides['bare'][-1] / sides['spark'][-1]:.2f} of the bare process")
    spark.stop()
    rates = {name: spread([count / seconds for seconds in taken]) for name, taken in sides.items()}
    rates["flashtext"] = spread([count / FLASHTEXT_SHARE / seconds for seconds in sides["flashtext"]])
    pairs = list(zip(sides["spark"], sides["bare"], sides["flashtext"], strict=True))
    return {
        "texts": count, "is_real": is_real, "characters": sum(map(len, texts)) / count, "forms": len(forms),
        "rounds": rounds, "rates": rates, "html_per_second": count / html_seconds,
        "to_bare": spread([bare / ours for ours, bare, _ in pairs]),
        "to_flashtext": spread([FLASHTEXT_SHARE * theirs / ours for ours, _, theirs in pairs]),
    }  # fmt: skip


def _sides(
    spark: SparkSession, file: str, texts: list[str], automaton: AhoCorasick, flashtext: KeywordProcessor
) -> list[tuple[str, Callable[[], None]]]:
    some = texts[: len(texts) // FLASHTEXT_SHARE]

    def bare() -> None:
        for text in texts:
            automaton.find_matches_as_indexes(text.lower())

    def in_spark() -> None:
        read_mentions(spark.read.parquet(file)).write.format("noop").mode("overwrite").save()

    def with_flashtext() -> None:
        for text in some:
            flashtext.extract_keywords(text)

    def one_process() -> None:
        matcher = skill_matcher()
        for text in texts:
            matcher.find(text)

    return [("bare", bare), ("spark", in_spark), ("flashtext", with_flashtext), ("one_process", one_process)]


def _sources(data: Path, count: int) -> tuple[list[str], bool]:
    """Descriptions as delivered: real ones where the folder of sets is, else generated ones."""
    file = data / REAL
    if file.exists():
        return list(islice(cycle([payload.get("description", "") for payload in payloads(file)]), count)), True
    postings = PostingGenerator(seed=1, run="extract")
    made = (postings.posting(NOON_US) for _ in range(count))
    return [posting.payload.get("description") or "" for posting in made], False
