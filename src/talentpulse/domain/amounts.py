"""Amounts of money in a text: numbers with what is written at them, two of them joined where they are one range.

Whether an amount is pay is decided elsewhere (`pay`).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from talentpulse.domain import money
from talentpulse.domain.pay_words import words

# of 5,400 real postings none has more than 80; a table of figures is no posting
_MAX_NUMBERS = 80
# characters: between the two amounts of a range; of words and marks before an amount
_MAX_JOIN = 40
_MAX_OPENING = 20
_MAX_MARK = 12

_ODD_BLANKS = "\u00a0\u202f\u2009\u2007\u2008\u2006\u2002\u2003\u3000\u200b\ufeff"
_WIDE = "０１２３４５６７８９￥＄￡，．：／＋"
_ODD = re.compile(f"[{_WIDE}]")
_PLAIN = str.maketrans(_WIDE, "0123456789¥$£,.:/+")
# Thousands in groups of three, all with one separator, or as in India; then two decimals at most. Not within a
# number, behind a decimal point or a #, in an address. It begins with the class for which the engine skips fast.
_NUMBER = re.compile(
    r"[0-9](?<![0-9].)(?<![^A-Za-z]\..)(?<![A-Za-z][/=&].)(?<!#.)"
    r"(?:(?<=[1-9])[0-9]{0,2}(?P<separator>[ .,'’])[0-9]{3}(?:(?P=separator)[0-9]{3}){0,3}(?![0-9])"
    r"|(?<=[1-9])[0-9]?(?:,[0-9]{2}){1,3},[0-9]{3}(?![0-9])"
    r"|[0-9]{0,11}(?![0-9]))"
    r"(?:[.,](?P<decimals>[0-9]{1,2})(?![0-9]))?"
)
# from a number on: dates, times, telephone numbers and the American pension "401(k)"
_NO_AMOUNT = re.compile(
    r"(?:[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{4}|[0-9]{1,2}:[0-9]{2})(?![0-9])"
    r"|(?<=\+)[0-9]{1,3}[ .-]?\(?[0-9]{2,4}\)?[ .-]?[0-9]{2,4}[0-9 .-]{2,10}"
    r"|[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}(?![0-9])"
    r"|401 ?\(?k\b\)?",
    re.IGNORECASE,
)
# behind a number: it is a percentage, or the lower end of a range of percentages
_PERCENT = re.compile(r"(?: ?(?:[-–—~]|to|bis|à|до) ?[0-9]{1,6}(?:[.,][0-9]{1,4})?)? ?[%％‰]", re.IGNORECASE)
_TAIL = re.compile(r"[,.:][-–—]{1,2}(?![0-9])")  # 500:-  45.000,-


class Amount(NamedTuple):
    """A number and its marks. `value` is before `factor`, which is 1 where none is written."""

    start: int
    end: int
    value: float
    factor: float
    meanings: tuple[money.Meaning, ...]


class Statement(NamedTuple):
    """One amount, or two that are a range, as stated; an open end is None. `is_marked`: not a bare number."""

    start: int
    end: int
    low: float | None
    high: float | None
    meanings: tuple[money.Meaning, ...]
    is_marked: bool

    @property
    def least(self) -> float:
        """The lower end, or the only one."""
        return self.low if self.low is not None else self.high or 0.0

    @property
    def most(self) -> float:
        """The higher end, or the only one."""
        return self.high if self.high is not None else self.low or 0.0


def plain(text: str) -> str:
    """The text with plain blanks, digits and marks, as long as before."""
    if text.isascii():
        return text
    for blank in _ODD_BLANKS:
        text = text.replace(blank, " ")
    return text.translate(_PLAIN) if _ODD.search(text) else text


def statements(text: str) -> list[Statement]:
    """The amounts of `text` (plain) in order, two of a range as one; a marked one may be open at one end."""
    found = _amounts(text)
    stated: list[Statement] = []
    position = 0
    while position < len(found):
        first = found[position]
        second = found[position + 1] if position + 1 < len(found) else None
        if second and _is_range(text, first, second):
            stated.append(_range(first, second))
            position += 2
        else:
            stated.append(_single(text, first))
            position += 1
    return stated


def _is_range(text: str, first: Amount, second: Amount) -> bool:
    if second.start - first.end > _MAX_JOIN:
        return False
    known = words()
    between = _bare(text[first.end : second.start])
    if between not in known.range | known.both and (first.meanings or first.factor > 1):
        # "$20/hr - $30/hr", "50.000 € brutto bis 60.000 €"
        between = _bare(known.aside.sub(" ", text[first.end : second.start]))
    if between in known.range:
        return True
    return between in known.both and _opening(text, first.start, known.between) is not None


def _bare(between: str) -> str:
    return between.strip(" +()").lower()


def _opening(text: str, end: int, openings: tuple[str, ...]) -> int | None:
    """Where one of the words starts which stands directly before `end`, with a colon or blank between them at most."""
    before = text[max(0, end - _MAX_OPENING) : end].rstrip(" :")
    lower = before.lower()
    if not lower.endswith(openings):
        return None
    for word in openings:
        at = len(lower) - len(word)
        if lower.endswith(word) and not (word[0].isalpha() and lower[at - 1 : at].isalpha()):
            return max(0, end - _MAX_OPENING) + at
    return None


def _range(first: Amount, second: Amount) -> Statement:
    low, high = _shared_factor(first, second)
    meanings = first.meanings + second.meanings
    is_marked = bool(meanings) or first.factor > 1 or second.factor > 1
    return Statement(first.start, second.end, min(low, high), max(low, high), meanings, is_marked)


def _shared_factor(first: Amount, second: Amount) -> tuple[float, float]:
    """Both ends in full: "60-80k", "60k-80", "40-50,000" name their thousands once."""
    low, high = first.value * first.factor, second.value * second.factor
    if first.factor == 1 and second.factor > 1 and first.value < 1000 and first.value <= second.value:
        return low * second.factor, high
    if second.factor == 1 and first.factor > 1 and first.value <= second.value < 1000:
        return low, high * first.factor
    if low < 1000 <= high and high % 1000 == 0 and high / 5 <= low * 1000 <= high:
        return low * 1000, high
    return low, high


def _single(text: str, amount: Amount) -> Statement:
    known = words()
    value = amount.value * amount.factor
    low: float | None = value
    high: float | None = value
    start, end = amount.start, amount.end
    if (found := _opening(text, start, known.at_most)) is not None:
        low, start = None, found
    elif (found := _opening(text, start, known.at_least)) is not None:
        high, start = None, found
    elif more := known.or_more.match(text, end):
        high, end = None, more.end()
    return Statement(start, end, low, high, amount.meanings, bool(amount.meanings) or amount.factor > 1)


def _amounts(text: str) -> list[Amount]:
    found = []
    end = 0
    for number in islice(_NUMBER.finditer(text), _MAX_NUMBERS):
        if number.start() < end:
            continue
        if other := _NO_AMOUNT.match(text, number.start()):
            end = other.end()
        elif not _PERCENT.match(text, number.end()) and (amount := _amount(text, number)):
            found.append(amount)
            end = amount.end
    return found


def _amount(text: str, number: re.Match[str]) -> Amount | None:
    start, before = _marks_before(text, number.start())
    glued = text[start - 1 : start] if start == number.start() else ""
    if glued == "_" or (glued.isalpha() and glued < "\u3000"):  # part of a word: H1, covid19
        return None
    end, factor, behind = _marks_behind(text, number.end())
    decimals = number["decimals"]
    whole = number[0][: -len(decimals) - 1] if decimals else number[0]
    value = float("".join(filter(str.isdecimal, whole)) + "." + (decimals or "0"))
    return Amount(start, end, value, factor, before + behind)


def _marks_before(text: str, end: int) -> tuple[int, tuple[money.Meaning, ...]]:
    """Where the marks directly before `end` start, and what they mean: "US$", "CAD $", "Rs. "."""
    found = words().mark_before.search(text, max(0, end - _MAX_MARK), end)
    if found is None:
        return end, ()
    word, symbol = found["word"] or "", found["symbol"] or ""
    if symbol and (both := money.meaning(word + symbol)):
        return found.start(), (both,)
    meaning_of_word = money.meaning(word) if word else None
    meaning_of_symbol = money.meaning(symbol) if symbol else None
    meanings = tuple(filter(None, (meaning_of_word, meaning_of_symbol)))
    if meaning_of_word:
        return found.start(), meanings
    return (found.start("symbol") if symbol else end), meanings


def _marks_behind(text: str, end: int) -> tuple[int, float, tuple[money.Meaning, ...]]:
    """Where the marks directly behind a number end, its factor and currencies: "k€", " тыс. руб.", "万元"."""
    factor = 1.0
    meanings: list[money.Meaning] = []
    if tail := _TAIL.match(text, end):
        end = tail.end()
    for _ in range(3):
        mark = words().mark_behind.match(text, end)
        found = mark and _mark(mark[1], is_glued=mark.start(1) == end)
        if not mark or not found or (found.factor and factor > 1):
            break
        factor = found.factor or factor
        meanings += filter(None, [found.meaning])
        end = mark.start(1) + found.length
    return end, factor, tuple(meanings)


class _Mark(NamedTuple):
    length: int
    factor: float | None
    meaning: money.Meaning | None


def _mark(word: str, is_glued: bool) -> _Mark | None:
    if word[0] in "kK" and word[1:2].isupper() and word[2:3].islower():  # "52KSummary": a board glued two words
        word = word[0]
    # of Chinese, Japanese and Korean words the first characters are the mark
    for length in (len(word),) if word[0] < "\u3000" else (3, 2, 1):
        part = word[:length]
        factor, meaning = money.factor(part), money.meaning(part)
        if len(part) == 1 and part in "mMbB" and not is_glued:  # "5 m", "20 B"
            factor = None
        if factor or meaning:
            return _Mark(len(part), factor, meaning)
    return None
