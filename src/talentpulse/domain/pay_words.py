"""The words around amounts of money, from `pay.yaml`, as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from talentpulse.domain import money
from talentpulse.domain.word_lists import separated, word_list

# words end where others begin, also where a board has glued two ("PacificSalary", "per hourDuties")
_STARTS = r"(?:(?<!\w)|(?-i:(?<=[a-z])(?=[A-Z])))"
_ENDS = r"(?:(?!\w)|(?-i:(?<=[a-z])(?=[A-Z])))"
# "+ equity", "plus 10% bonus", "w/ great benefits", "£60,000  Benefits" where a board has dropped the plus
_PLUS = r"(?:\s*(?:\+|&|\(\+?|,|plus |and |with |w/) ?|\s{2,})(?:[0-9.-]{1,8} ?%|\w{3,12})?(?: \w{3,12})? ?"


class Words(NamedTuple):
    """Patterns to be searched in a few dozen characters around an amount, never in a whole posting.

    `period_phrase` ("per hour") and `period_word` ("hourly") name the period by their group, which may also be
    `other`: a period that is none of ours.
    """

    mark_before: re.Pattern[str]  # groups `word` and `symbol`, up to the amount
    mark_behind: re.Pattern[str]
    at_least: tuple[str, ...]  # directly before an amount, the longest first
    at_most: tuple[str, ...]
    between: tuple[str, ...]
    or_more: re.Pattern[str]
    range: frozenset[str]
    both: frozenset[str]
    aside: re.Pattern[str]  # what may stand between the two amounts of a range besides
    period_phrase: re.Pattern[str]
    period_word: re.Pattern[str]
    period_phrase_before: re.Pattern[str]  # directly before the amount: "per hour: $20"
    period_name: re.Pattern[str]  # either, and a unit by itself, as a field of its own states it
    pay: re.Pattern[str]
    pay_behind: re.Pattern[str]
    not_pay: re.Pattern[str]
    business: re.Pattern[str]  # says so in an ad, but is part of titles and names in a field
    counted: re.Pattern[str]  # directly behind a number


@cache
def words() -> Words:
    """The vocabulary, built once per process."""
    raw = _parted(word_list("pay"))
    symbol = f"[{re.escape(money.symbols())}]"
    phrases, says_alone, names = _periods(raw)
    gross = _any(raw["pay_behind"])
    return Words(
        mark_before=re.compile(rf"(?:(?<![^\W_])(?P<word>[^\W\d_]{{1,8}})\.? ?)?(?P<symbol>{symbol})? ?\Z"),
        # "grade 13 $99,200": a symbol between two numbers is the second one's
        mark_behind=re.compile(rf"\.? ?([^\W\d_]{{1,12}}|(?<! ){symbol}|{symbol}(?! ?[0-9]))"),
        at_least=_longest_first(raw["at_least"]),
        at_most=_longest_first(raw["at_most"]),
        or_more=re.compile(r"\+(?![\w" + re.escape(money.symbols()) + "])| ?" + _any(raw["or_more"]), re.IGNORECASE),
        between=_longest_first(raw["between"]),
        range=frozenset(raw["range"]),
        both=frozenset(raw["both"]),
        aside=re.compile(re.sub(r"\?P<\w+>", "?:", rf"(?:{phrases}|{says_alone}|{gross})\.?"), re.IGNORECASE),
        period_phrase=re.compile(phrases, re.IGNORECASE),
        period_word=re.compile(says_alone, re.IGNORECASE),
        period_phrase_before=re.compile(rf"(?:{phrases})(?: rate| pay)?(?: ?[:=–-]| is| of)\s*\Z", re.IGNORECASE),
        period_name=re.compile(names, re.IGNORECASE),
        pay=_pattern(raw["pay"]),
        pay_behind=re.compile(rf"[ ,(]{{0,2}}{gross}|{_PLUS}{_any(raw['package'])}", re.IGNORECASE),
        not_pay=_pattern(raw["not_pay"]),
        business=_pattern(raw["business"]),
        counted=_pattern(raw["counted"], before=r"[ -]?"),
    )


def _longest_first(listed: list[str]) -> tuple[str, ...]:
    return tuple(sorted(listed, key=len, reverse=True))


def _parted(listed: Any) -> Any:
    if isinstance(listed, dict):
        return {name: _parted(of) for name, of in listed.items()}
    return separated(listed)


def _periods(raw: dict[str, Any]) -> tuple[str, str, str]:
    per = "(?:" + _any(raw["per"]) + " ?)"
    phrases, alone, names = [], [], []
    for period, forms in raw["periods"].items():
        phrases.append(f"(?P<{period}>{per}{_any(forms['unit'])})")
        alone.append(f"(?P<{period}>{_any(forms['word'])})")
        names.append(f"(?P<{period}>{_any(forms['unit'] + forms['word'])})")
    return "|".join(phrases), "|".join(alone), "|".join(names)


def _pattern(listed: Iterable[str], before: str = "") -> re.Pattern[str]:
    return re.compile(before + _any(listed), re.IGNORECASE)


def _any(listed: Iterable[str]) -> str:
    """The expression of any of the words, whole ones, the longest first; a `*` stands for any letters."""
    alike: dict[tuple[str, str], list[str]] = {}
    for word in sorted(set(listed), key=lambda word: (-len(word), word)):
        # the ends are looked at once for all words; Chinese, Japanese and Korean put no blanks between words
        starts = _STARTS if word[0] == "*" or (word[0].isalnum() and word[0] < "\u3000") else ""
        ends = _ENDS if word[-1].isalnum() and word[-1] < "\u3000" else ""
        alike.setdefault((starts, ends), []).append(re.escape(word).replace(r"\*", r"\w*"))
    return "(?:" + "|".join(f"{starts}(?:{'|'.join(words)}){ends}" for (starts, ends), words in alike.items()) + ")"
