"""docs/quality.md is drawn from what was found."""

from talentpulse.evaluation.answers import Answers
from talentpulse.evaluation.measures import F1, Evaluation, Share
from talentpulse.evaluation.page import Found, render

PRECISION, RECALL = Share("precision", 9, 10, reach=0.95), Share("recall", 19, 20, reach=0.95)


def test_each_promise_is_shown_with_its_cases_interval_and_verdict():
    found = Evaluation("pay", "own", 1_200, [PRECISION, RECALL, F1("F1", PRECISION, RECALL)])
    page = render(Found({"pay": [found]}, [Answers("own", 40, {"pay": 10, "place": 40})]))
    assert "## Pay" in page
    assert "### pay: own, 1,200 rows" in page
    assert "| precision | 0.900 | 9 / 10 | 0.596 to 0.982 | >= 0.95 | missed |" in page
    assert "| recall | 0.950 | 19 / 20 | 0.764 to 0.991 | >= 0.95 | reached |" in page
    assert "| F1 | 0.924 |  |  |  |  |" in page
    assert "| own | 40 | 25 % | 100 % |" in page
    assert "**Known to fail.**" in page
