"""Evaluation of skills: what counts as right, found, false and missed."""

from talentpulse.evaluation.measures import F1, Evaluation, Share
from talentpulse.evaluation.skills import evaluate_advertisements, evaluate_spans


def _counts(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    shares = [measure for measure in evaluation.measures if not isinstance(measure, F1)]
    return {share.name: (share.right, share.of) for share in shares}


def test_labels_mean_skills_by_name_or_alias_and_only_skills_of_the_vocabulary_are_judged() -> None:
    rows = [
        {"title": "Data Engineer", "text": "golang, Kubernetes and Scala", "expected": ["GOLANG", "K8s"]},
        {"title": "Go Developer", "text": "Scala", "expected": []},
        {"title": "Operator", "text": "no cluster", "expected": ["k8s"]},
    ]
    evaluation = evaluate_advertisements(rows)
    assert _counts(evaluation) == {"precision": (2, 3), "recall": (2, 3)}
    assert evaluation.failures == [
        "expected [], found ['Go']: Go Developer",
        "expected ['Kubernetes'], found []: Operator",
    ]


def test_a_label_that_no_skill_has_is_missed() -> None:
    evaluation = evaluate_advertisements([{"title": "Medium", "text": "telepathy", "expected": ["Telepathy"]}])
    assert _counts(evaluation) == {"precision": (0, 0), "recall": (0, 1)}


def test_a_mention_is_right_where_it_overlaps_a_span_and_soft_skills_are_left_out() -> None:
    tokens = ["Teamwork", "and", "core", "Java", "17", "or", "Rust", "near", "old", "tape", "drives"]
    row = {"source": "tech", "tokens": tokens, "knowledge": "OOBIIOOOBII"}
    evaluation = evaluate_spans([row, {**row, "source": "house"}], "tech", precision=0.4)
    assert _counts(evaluation) == {"precision": (1, 2), "recall": (1, 2)}
    assert evaluation.measures[0] == Share("precision", 1, 2, 0.4)
    assert (evaluation.rows, evaluation.set_name) == (1, "eval_skillspan_dev_test (tech)")
    assert evaluation.failures == ["false 1 x: rust (Rust)", "missed 1 x: old tape drives"]


def test_a_span_that_begins_at_once_after_another_is_a_span_of_its_own() -> None:
    row = {"source": "tech", "tokens": ["Java", "Rust", "x"], "knowledge": "BBI"}
    assert _counts(evaluate_spans([row], "tech"))["recall"] == (2, 2)
