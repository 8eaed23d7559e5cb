"""Pay fields as six boards write them, against what each board means.

The labels follow a strict rule per board, so a row is judged for what its label says. A row whose rule did not
match has no label and is not judged; nor are the header pieces of Hacker News, which nobody labelled. Of the
periods of one board some are no periods ("fixed", "per", "to"): what is to be read there is none. The country of
the board is known to whoever reads its postings, so it is given as the hint: by it a bare "15k-20k" is yuan.

A case is right if
- range: both ends are exactly the label's, an open end open;
- currency, period: equal to the label's.
"""

from __future__ import annotations

from pathlib import Path

from talentpulse.domain.money import PERIODS
from talentpulse.domain.pay import Pay, read_pay
from talentpulse.evaluation.measures import Evaluation, Share
from talentpulse.evaluation.sets import csv_rows

SET_NAME = "eval_salary_strings.csv.gz"

_COUNTRIES = {
    "glassdoor": "US",
    "superjob": "RU",
    "lagou": "CN",
    "afriwork": "ET",
    "francetravail": "FR",
    "dou": "UA",
}
_PERIOD_NAMES = {"monthly": "month", "hourly": "hour"} | {period: period for period in PERIODS}


def evaluate(data: Path) -> list[Evaluation]:
    """Range, currency and period of the labelled rows of the set in `data`.

    Raises:
        FileNotFoundError: the set is not there.
    """
    rows = [row for row in csv_rows(data / SET_NAME) if row["min"] or row["max"]]
    right = dict.fromkeys(("range", "currency", "period"), 0)
    failures = []
    for row in rows:
        expected = _expected(row)
        read = _read(read_pay(row["raw"], _COUNTRIES.get(row["source"])))
        for name in right:
            right[name] += read[name] == expected[name]
        if read != expected:
            failures.append(f"{row['source']}: expected {expected}, found {read}: {row['raw'][:80]!r}")
    reach = {"range": 0.995, "currency": 0.99, "period": 0.98}
    shares = [Share(name, count, len(rows), reach[name]) for name, count in right.items()]
    return [Evaluation("pay", SET_NAME, len(rows), list(shares), failures)]


def _read(pay: Pay | None) -> dict[str, object]:
    if pay is None:
        return {"range": None, "currency": None, "period": None}
    return {"range": (pay.low, pay.high), "currency": pay.currency, "period": pay.period}


def _expected(row: dict[str, str]) -> dict[str, object]:
    return {
        "range": tuple(float(row[end]) if row[end] else None for end in ("min", "max")),
        "currency": row["currency"] or None,
        "period": _PERIOD_NAMES.get(row["period"]),
    }
