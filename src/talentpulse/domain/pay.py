"""What a posting pays: from a field that holds pay, and from the running text of an ad.

The first statement of pay counts ("$60/hr part-time or $120k/yr full-time" is 60 an hour). Pay is what is paid
for the work: bonuses, equity, allowances and amounts of the company's business are not. What is not stated is
null; only the period is also concluded, where the size of the amount leaves one (`rule`).

Yearly values are in US dollars at the rates of one day and for full-time work, both from `money.yaml`: what
somebody would be paid in a year at that rate. Where pay is stated for more than twelve monthly payments ("sur 13
mois"), the year has as many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Literal, NamedTuple

from talentpulse.domain import money
from talentpulse.domain.amounts import Statement, plain, statements
from talentpulse.domain.money import Period
from talentpulse.domain.pay_words import words

Rule = Literal["stated", "size", "custom"]

MAX_EVIDENCE = 120

_MAX_FIELD = 1_000  # characters that are read of a field that holds pay
_MAX_TEXT = 50_000  # of an ad
_MAX_TIERS = 20
# characters around an amount in which words about it are looked for
_BEFORE = 80
_BEHIND = 60
_MAX_PERIOD_GAP = 30
_MAX_PAY_WORD_GAP = 45
_MAX_RATIO = 6.0  # in an ad; a wider range is two amounts that are not one
_USUAL_RATIO = 2.5
_DIRECTLY = 8  # characters; room for "of" or "is about"
_LEAST_BARE = 100.0
_MOST = 1e9
_MAX_KEYS = 50

_SENTENCE_END = re.compile(r"[.!?][)\"']?\s+(?=[A-ZА-ЯЁÀ-Þ])|[;|•·\r\n。]")
_CLAUSE_END = re.compile(
    r"[,;|•·+&(\r\n。]|[.!?](?=\s)|\s{2,}| (?:plus|and|und|et|y|og|och|или|и|or|with|as well)(?= )"
    r"| (?=(?-i:[A-Z])\w{2,20} ?:)",  # a label: the amount's clause is over
    re.IGNORECASE,
)
_PIECE_END = re.compile(r"\s*(?:[|+,(&/\r\n]|and |plus |DOE|\Z)", re.IGNORECASE)
_CURRENCY_BEHIND = re.compile(r" ?\(?(?:in )?([A-Z]{3})(?![^\W_])")
# monthly payments a year: "sur 13 mois", "x 14", "14 Monatsgehälter", "13th month"
_PAYMENTS = re.compile(
    r"(?:(?<!\w)(?:sur|on|over|x|in|à|por|em)|[×·*]) ?(1[2-6])(?:[.,]0{1,2})?"
    r"(?= ?(?:mois|months?\b|monat|mensilit|pagas|pagos|meses|salaires|薪|\W{0,3}\Z))"
    r"|\b(1[2-6])(?:x(?!\w)|[.]? ?(?:monatsgeh|gehälter|mensilit|pagas|salaires|salários|薪))"
    r"|\b(1[34])(?:th|º|°|e|ème|er|\.)? ?(?:month(?! contract)|monatsgehalt|mois|salário|salario|sueldo|maand|薪)",
    re.IGNORECASE,
)
# keys of objects, their letters in lower case
_NO_LETTERS = re.compile(r"[^a-z]")
_NESTED = ("value", "salary", "basesalary", "salaryrange", "compensation")
_LOW = ("min", "minvalue", "salarymin", "minsalary", "minimum", "minimumrange", "minamount", "from", "low", "lower")
_HIGH = ("max", "maxvalue", "salarymax", "maxsalary", "maximum", "maximumrange", "maxamount", "to", "high", "upper")
_ONE = ("value", "amount", "salary")
_CURRENCY = ("currency", "currencycode", "salarycurrency", "currencytype")
_PERIOD = ("interval", "unittext", "period", "unit", "salaryperiod", "salaryinterval", "rateintervalcode", "frequency")


class Pay(NamedTuple):
    """What is paid. `low` and `high` are as stated, in `currency` per `period`; an open end is None."""

    low: float | None
    high: float | None
    currency: str | None  # ISO 4217
    period: Period | None
    yearly_low: float | None  # in US dollars, as `money.yearly` says
    yearly_high: float | None
    evidence: str  # the piece of text that says so, at most 120 characters
    rule: Rule | None  # how the period is known


def read_pay(field: object, country: str | None = None) -> Pay | None:
    """The pay that a field states which holds pay: text, a number, or an object with a minimum and a maximum.

    Objects are read by the common names of their keys (`min`, `maxValue`, `salary_min`, `currencyCode`,
    `unitText`, `min_cents`, a nested `value`); of several (a list) the first that states pay counts. `country`
    (ISO 3166-1 alpha-2) is where the job is: it decides shared marks such as "$" and the currency of a bare
    number. None where no pay is stated; never raises.
    """
    if isinstance(field, list | tuple):
        found = (_of_one(item, country) for item in field[:_MAX_TIERS])
        return next((pay for pay in found if pay), None)
    return _of_one(field, country)


def find_pay(text: object, country: str | None = None) -> Pay | None:
    """The pay that the running text of an ad states, or None.

    An amount is pay only where something at it says so: a word such as "salary", a period directly behind it,
    benefits that are added to it, a piece of a header line that is nothing but the amount, or a range of the size
    of a year's pay. Words such as "raised", "bonus" or "revenue" nearer to it say that it is not. `country` is as
    in `read_pay`. Never raises.
    """
    if not isinstance(text, str):
        return None
    text = plain(text[:_MAX_TEXT])
    found = (_pay_of_ad(context, country) for context in _contexts(text) if context.stated.is_marked)
    return next((pay for pay in found if pay), None)


class _Context(NamedTuple):
    """A statement and the text around it as far as the next ones."""

    text: str
    stated: Statement
    left: int
    right: int

    @property
    def before(self) -> str:
        return self.text[max(self.left, self.stated.start - _BEFORE) : self.stated.start]

    @property
    def behind(self) -> str:
        return self.text[self.stated.end : min(self.right, self.stated.end + _BEHIND)]


class _StatedPeriod(NamedTuple):
    period: Period | None
    end: int  # of the statement with its period


def _contexts(text: str) -> Iterable[_Context]:
    stated = statements(text)
    ends = [0, *(statement.end for statement in stated)]
    starts = [*(statement.start for statement in stated[1:]), len(text)]
    return map(_Context, [text] * len(stated), stated, ends, starts)


def _of_one(field: object, country: str | None) -> Pay | None:
    if isinstance(field, str):
        return _of_text(plain(field[:_MAX_FIELD]), country)
    if isinstance(field, Mapping):
        return _of_object(field, country)
    amount = _number(field)
    return _pay(amount, amount, money.currency([], country), None, country, str(field)) if amount else None


def _of_text(text: str, country: str | None) -> Pay | None:
    contexts = [context for context in _contexts(text) if _can_be_pay(context)]
    contexts.sort(key=lambda context: not context.stated.is_marked)
    return _pay_in(contexts[0], _stated_period(contexts[0], is_field=True), country) if contexts else None


def _can_be_pay(context: _Context) -> bool:
    stated = context.stated
    if not 0 < stated.most < _MOST or _is_other(context, is_ad=False):
        return False
    if not stated.meanings and words().counted.match(context.text, stated.end):
        return False
    if stated.is_marked:
        return True
    is_year_of_our_time = stated.low == stated.high and 1900 <= stated.most <= 2100
    return _stated_period(context, is_field=True) is not None or (
        stated.most >= _LEAST_BARE and not is_year_of_our_time
    )


def _pay_of_ad(context: _Context, country: str | None) -> Pay | None:
    stated = context.stated
    if not 0 < stated.most <= stated.least * _MAX_RATIO:
        return None
    word = _pay_word_before(context)
    is_named = word is not None or _is_header_piece(context)
    if not stated.meanings and (not is_named or words().counted.match(context.text, stated.end)):
        return None
    period = _stated_period(context, is_field=False)
    currency = money.currency([*stated.meanings], country)
    if not money.is_plausible(stated.least, stated.most, currency, period.period if period else None):
        return None
    if is_named or words().pay_behind.match(context.text, stated.end):
        is_other = _is_other(context)
    elif _has_the_size_of_pay(stated, currency, period):
        is_other = _is_other(context, within=_DIRECTLY)
    else:
        # only the period says so: a word that says something else may stand anywhere in the sentence before
        is_other = period is None or _is_other(context, part=_SENTENCE_END)
    return None if is_other else _pay_in(context, period, country, word)


def _has_the_size_of_pay(stated: Statement, currency: str | None, period: _StatedPeriod | None) -> bool:
    """Whether little else is written so: "$25/hr", "£400 per day", "€60,000 - 80,000"."""
    if period and period.period in ("hour", "day"):
        return money.fits(stated.least, stated.most, currency, period.period)
    if period and period.period != "year":
        return False
    return stated.least < stated.most <= stated.least * _USUAL_RATIO and money.fits(
        stated.least, stated.most, currency, "year"
    )


def _is_other(
    context: _Context, part: re.Pattern[str] = _CLAUSE_END, within: int = _BEFORE, is_ad: bool = True
) -> bool:
    """Whether a word says that the amount is no pay, nearer to it than one that says it is.

    It is looked for in the clause behind the amount and in the `part`, clause or sentence, before it, as far as
    `within` characters. Words of business count in ads only, and only before the amount.
    """
    before = part.split(context.before)[-1]
    behind = _CLAUSE_END.split(context.behind, maxsplit=1)[0]
    others = [_nearest(words().not_pay, before, behind)]
    if is_ad:
        others.append(_nearest(words().business, before, ""))
    other = min((distance for distance in others if distance is not None), default=None)
    if other is None or other > within:
        return False
    nearest = _nearest(words().pay, before, behind)
    return nearest is None or other <= nearest


def _nearest(pattern: re.Pattern[str], before: str, behind: str) -> int | None:
    distances = [len(before) - found.end() for found in pattern.finditer(before)][-1:]
    if found := pattern.search(behind):
        distances.append(found.start())
    return min(distances, default=None)


def _pay_word_before(context: _Context) -> int | None:
    """Where the last word of pay in the sentence before the amount starts; a label may stand on a line of its own."""
    pieces = _SENTENCE_END.split(context.before)
    sentence = pieces[-1]
    if not sentence.strip() and len(pieces) > 1:
        sentence = context.before[-len(sentence) - len(pieces[-2]) - 1 :]
    found = list(words().pay.finditer(sentence))
    if not found or len(sentence) - found[-1].end() > _MAX_PAY_WORD_GAP:
        return None
    return context.stated.start - len(sentence) + found[-1].start()


def _is_header_piece(context: _Context) -> bool:
    """Whether the amount begins a piece of a line "Company | role | $90k-120k + equity | place" of thousands."""
    stated = context.stated
    before = context.text[max(0, stated.start - _BEFORE) : stated.start].rstrip()
    is_money = bool(stated.meanings) or (stated.low is not None and stated.low != stated.high)
    starts = before.endswith("|") and is_money and stated.least >= 1000
    return starts and _PIECE_END.match(context.text, stated.end) is not None


def _stated_period(context: _Context, is_field: bool) -> _StatedPeriod | None:
    """The period written behind, in or before the amount; `period` is None where it is none of ours ("fixed")."""
    text, stated = context.text, context.stated
    known = words()
    behind = context.behind if is_field else _SENTENCE_END.split(context.behind, maxsplit=1)[0][:_MAX_PERIOD_GAP]
    found = min(
        filter(None, (known.period_phrase.search(behind), known.period_word.search(behind))),
        key=re.Match.start,
        default=None,
    )
    if found:
        return _named(found, stated.end + found.end())
    inside = text[stated.start : stated.end]
    if found := known.period_phrase.search(inside) or known.period_word.search(inside):
        return _named(found, stated.end)
    before = context.before if is_field else _SENTENCE_END.split(context.before)[-1][-_MAX_PAY_WORD_GAP:]
    says_alone = list(known.period_word.finditer(before))
    if says_alone:
        return _named(says_alone[-1], stated.end)
    if found := known.period_phrase_before.search(before):
        return _named(found, stated.end)
    return None


def _named(found: re.Match[str], end: int) -> _StatedPeriod:
    return _StatedPeriod(next((period for period in money.PERIODS if found.groupdict()[period]), None), end)


def _pay_in(context: _Context, period: _StatedPeriod | None, country: str | None, start: int | None = None) -> Pay:
    text, stated = context.text, context.stated
    end = period.end if period else stated.end
    meanings = list(stated.meanings)
    behind = _CURRENCY_BEHIND.match(text, end)
    if behind and (named := money.meaning(behind[1])) and not any(len(meaning) == 1 for meaning in meanings):
        meanings.append(named)
        end = behind.end()
    start = stated.start if start is None else start
    payments = _PAYMENTS.search(text, stated.end, stated.end + _BEHIND)
    return _pay(
        stated.low,
        stated.high,
        money.currency(meanings, country),
        period,
        country,
        text[start:end],
        int(next(filter(None, payments.groups()))) if payments else 12,
    )


def _pay(
    low: float | None,
    high: float | None,
    currency: str | None,
    stated: _StatedPeriod | None,
    country: str | None,
    evidence: str,
    payments: int = 12,
) -> Pay:
    period = stated.period if stated else None
    rule: Rule | None = "stated" if period else None
    least = low if low is not None else high
    most = high if high is not None else low
    if (
        stated is None
        and least is not None
        and most is not None
        and (concluded := money.period_by_size(least, most, currency, country))
    ):
        period, rule = concluded
    ends = [money.yearly(end, currency, period, payments) for end in (low, high)]
    if any(end is not None and year is None for end, year in zip((low, high), ends, strict=True)):
        ends = [None, None]  # one end misread is both
    return Pay(low, high, currency, period, ends[0], ends[1], " ".join(evidence.split())[:MAX_EVIDENCE], rule)


def _of_object(fields: Mapping[Any, Any], country: str | None) -> Pay | None:
    named = _named_fields(fields)
    for key in _NESTED:
        if isinstance(inner := named.get(key), Mapping):
            named |= _named_fields(inner)
    one = _first_number(named, _ONE)
    low = _first_number(named, _LOW) or _in_units(named.get("mincents")) or one
    high = _first_number(named, _HIGH) or _in_units(named.get("maxcents")) or one
    if not low and not high:
        return None
    if low and high:
        low, high = min(low, high), max(low, high)
    found = words().period_name.search(_first_text(named, _PERIOD).replace("_", " "))
    currency = _first_text(named, _CURRENCY)
    meaning = money.meaning(currency)
    return _pay(
        low,
        high,
        money.currency([meaning] if meaning else [], country if not currency else None),
        _named(found, 0) if found else None,
        country,
        ", ".join(
            f"{key} {value}" if isinstance(value, str) else f"{key} {number:.10g}"
            for key, value in named.items()
            if (number := _number(value)) or isinstance(value, str)
        ),
    )


def _named_fields(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """The first fields by the letters of their keys: "salary_min" and "salaryMin" are one."""
    few = islice(fields.items(), _MAX_KEYS)
    return {_NO_LETTERS.sub("", key[:40].lower()): value for key, value in few if isinstance(key, str)}


def _in_units(cents: object) -> float | None:
    amount = _number(cents)
    return amount / 100 if amount else None


def _first_number(named: dict[str, Any], keys: tuple[str, ...]) -> float | None:
    return next(filter(None, (_number(named.get(key)) for key in keys)), None)


def _first_text(named: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := named.get(key), str)), "")[:40].strip()


def _number(value: object) -> float | None:
    """A positive number, also one written as text; None for everything else."""
    if isinstance(value, str):
        found = statements(plain(value[:40]))
        return found[0].most or None if len(found) == 1 else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < _MOST else None
