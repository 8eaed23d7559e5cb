"""The main job on real input: postings of many boards in, the most wanted skills out of Trino."""

import pytest

from talentpulse.domain.taxonomy import taxonomy
from talentpulse.lakehouse.trino import query
from talentpulse.settings import PROJECT_ROOT
from tests.lake import Stream, check_promises, pulse

FIXTURES = PROJECT_ROOT / "tests" / "fixtures" / "postings"
REAL = PROJECT_ROOT.parent / "shared" / "data"

TOP = """
SELECT skill, sum(events) AS events FROM gold.skill_trends WHERE region = '*' AND skill <> '*'
GROUP BY skill ORDER BY events DESC, skill LIMIT 10
"""


def _load(settings, files):
    for file in files:
        name = file.name.split(".")[0].removeprefix("postings_")
        pulse(settings, "load", str(file), "--source", name, "--json")


def test_postings_of_every_known_shape_arrive_and_count_and_the_same_file_again_changes_nothing(lake):
    files = sorted(path for path in FIXTURES.iterdir() if path.is_file())
    with Stream(lake) as stream:
        stream.wait_ready()
        _load(lake, files)
        stream.wait_caught_up()
        before = query(lake, "SELECT sum(events) FROM gold.skill_trends WHERE region = '*' AND skill = '*'").rows
        _load(lake, files)
        stream.wait_caught_up()
    after = query(lake, "SELECT sum(events) FROM gold.skill_trends WHERE region = '*' AND skill = '*'").rows
    assert before == after
    assert before[0][0] >= len(files)
    rows = check_promises(lake)
    assert set(rows.column("fault").to_pylist()) == {None}
    _check_kinds(lake)


def _check_kinds(lake):
    """Every skill that was counted has its kind and category in the view, the row for all events has none."""
    shown = "SELECT DISTINCT skill, kind, category FROM gold.v_skill_trends"
    known = {skill.name: (skill.kind, skill.category) for skill in taxonomy().skills} | {"*": (None, None)}
    found = {skill: (kind, category) for skill, kind, category in query(lake, shown).rows}
    assert len(found) > 5
    assert found == {skill: known[skill] for skill in found}


@pytest.mark.skipif(not REAL.is_dir(), reason="no folder of real postings beside the checkout (../shared/data)")
def test_real_postings_are_in_bronze_and_the_top_skills_come_out_of_trino(lake):
    with Stream(lake) as stream:
        stream.wait_ready()
        _load(lake, sorted(REAL.glob("postings_*.jsonl.gz")))
        stream.wait_caught_up()
    top = query(lake, TOP).rows
    print("\n".join(f"{skill:30} {events:6}" for skill, events in top))
    assert {"Python", "SQL"} <= {skill for skill, _ in top}
    rows = check_promises(lake)
    assert rows.num_rows > 5000
    sources = set(rows.column("source").to_pylist())
    assert len(sources) >= 5
    assert set(rows.column("fault").to_pylist()) == {None}
