"""The evaluation of pay judges what a row's label says, and only labelled rows."""

import csv
import gzip
from pathlib import Path

import pytest

from talentpulse.evaluation.pay import SET_NAME, evaluate

_COLUMNS = ("source", "lang", "raw", "min", "max", "currency", "period")


def _write(folder: Path, *rows: tuple[str, ...]) -> None:
    with gzip.open(folder / SET_NAME, "wt", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([_COLUMNS, *rows])


def test_rows_are_judged_by_range_currency_and_period(tmp_path: Path) -> None:
    _write(
        tmp_path,
        ("glassdoor", "en", "$71K-$94K (est.)", "71000.0", "94000.0", "USD", "year"),
        ("lagou", "zh", "11k-17k", "11000.0", "17000.0", "CNY", "month"),
        ("dou", "uk", "до $2600", "", "2600.0", "USD", "month"),
        ("afriwork", "en", "6,000 ETB Fixed", "6000.0", "6000.0", "ETB", "fixed"),  # no period of ours
        ("superjob", "ru", "41000₽", "40000.0", "41000.0", "RUB", "month"),  # a wrong label, to be seen
    )
    (found,) = evaluate(tmp_path)
    assert [(share.name, share.right, share.of) for share in found.measures if hasattr(share, "right")] == [
        ("range", 4, 5),
        ("currency", 5, 5),
        ("period", 5, 5),
    ]
    assert len(found.failures) == 1
    assert "41000₽" in found.failures[0]


def test_rows_without_a_label_are_not_judged(tmp_path: Path) -> None:
    _write(tmp_path, ("hn", "en", "$90k | $5B", "", "", "", ""), ("afriwork", "en", "9,000 ETB", "", "", "", ""))
    (found,) = evaluate(tmp_path)
    assert found.rows == 0


def test_a_missing_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        evaluate(tmp_path)
