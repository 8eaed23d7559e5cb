"""Views: what a file must say, the order, and drift against the layout in which Trino gives a view back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from talentpulse.errors import PulseError
from talentpulse.lakehouse.views import LiveView, compare, normal_form, parse_header, parse_view, read_views

FILE = """\
-- grain: event hour x skill
-- reads: gold.skill_trends, ops.epochs
-- why: an example with everything
--   that Trino writes in another way
-- share: Part of all events, 0 to 1
create or replace view lake.gold.v_example as
with ledger as (
    select max(newest_kafka_at) as newest_kafka_at
    from ops.ops.epochs
    where state != 'started'
)

select
    cells.window_start,
    cells."offset",
    -- a remark that Trino forgets
    cast(cells.events as double) / totals.events as share,
    date_diff('millisecond', cells.window_start, current_timestamp) / 1e3 as age_seconds,
    coalesce(any_match(cells.headers, header -> header.key = 'backfill'), false) as is_backfill,
    sum(cells.events) filter (where not cells.is_late) as punctual
from lake.gold.skill_trends as cells
inner join lake.gold.totals as totals
    on
        cells.window_start = totals.window_start
        and cells.region = totals.region
left join ledger on cells.window_start <= ledger.newest_kafka_at
where
    cells.window_start >= date_trunc('hour', current_timestamp) - interval '23' hour
    and (cells.skill != '*' or cells.region is null)
order by share desc
"""
# the same view as Trino 476 stores it
TRINO_LAYOUT = """\
WITH
  ledger AS (
   SELECT max(newest_kafka_at) newest_kafka_at
   FROM
     ops.ops.epochs
   WHERE (state <> 'started')
)
SELECT
  cells.window_start
, cells."offset"
, (CAST(cells.events AS double) / totals.events) share
, (date_diff('millisecond', cells.window_start, current_timestamp) / 1E3) age_seconds
, COALESCE(any_match(cells.headers, (header) -> (header.key = 'backfill')), false) is_backfill
, sum(cells.events) FILTER (WHERE (NOT cells.is_late)) punctual
FROM
  ((lake.gold.skill_trends cells
INNER JOIN lake.gold.totals totals ON ((cells.window_start = totals.window_start) AND (cells.region = totals.region)))
LEFT JOIN ledger ON (cells.window_start <= ledger.newest_kafka_at))
WHERE ((cells.window_start >= (date_trunc('hour', current_timestamp) - INTERVAL '23' HOUR))
  AND ((cells.skill <> '*') OR (cells.region IS NULL)))
ORDER BY share DESC
"""
SHARE = {"share": "Part of all events, 0 to 1"}


def write(folder: Path, name: str, reads: str) -> None:
    schema, view = name.split(".")
    (folder / schema).mkdir(exist_ok=True)
    text = f"-- grain: a row\n-- reads: {reads}\n-- why: test\ncreate or replace view lake.{name} as\n"
    (folder / schema / f"{view}.sql").write_text(f"{text}select events from lake.{reads}\n", "utf-8")


def normal(sql: str) -> str:
    return normal_form(sqlglot.parse_one(sql, read="trino"))


def test_a_header_ends_where_the_statement_begins_and_indented_lines_continue_it() -> None:
    header = parse_header(FILE)
    assert list(header) == ["grain", "reads", "why", "share"]
    assert header["why"] == "an example with everything that Trino writes in another way"


def test_a_view_knows_its_columns_and_what_it_reads_but_not_its_ctes() -> None:
    view = parse_view(FILE, "gold.v_example")
    assert view.columns == ["window_start", "offset", "share", "age_seconds", "is_backfill", "punctual"]
    assert view.reads == {"gold.skill_trends", "gold.totals", "ops.epochs"}
    assert view.comments == SHARE


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("-- why: an", "-- because: an"), "header lacks why"),
        (("lake.gold.v_example", "lake.gold.v_other"), "the file makes lake.gold.v_other"),
        (("create or replace", "create"), "the file makes lake.gold.v_example"),
        (("-- share:", "-- shore:"), "what is no column: shore"),
        (("order by share desc", "order by share desc; select 1"), "found 2 statement"),
        (("order by share desc", "order by ("), "cannot be parsed"),
    ],
)
def test_a_file_that_is_not_one_well_described_view_is_refused(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(PulseError, match=complaint) as caught:
        parse_view(FILE.replace(*change), "gold.v_example")
    assert "sql/views/gold/v_example.sql" in caught.value.mend


def test_views_come_after_what_they_read(tmp_path: Path) -> None:
    write(tmp_path, "gold.a", "gold.b")
    write(tmp_path, "gold.b", "bronze.c")
    write(tmp_path, "bronze.c", "gold.skill_trends")
    assert [view.name for view in read_views(tmp_path)] == ["bronze.c", "gold.b", "gold.a"]


def test_views_that_read_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "gold.a", "gold.b")
    write(tmp_path, "gold.b", "gold.a")
    with pytest.raises(PulseError, match=r"circle: gold\.. -> gold\.. -> gold\.."):
        read_views(tmp_path)


def test_a_column_means_what_the_contract_says_also_through_two_views(tmp_path: Path) -> None:
    write(tmp_path, "gold.a", "gold.b")
    write(tmp_path, "gold.b", "gold.skill_trends")
    meanings = {view.name: view.comments for view in read_views(tmp_path)}
    assert meanings["gold.a"] == meanings["gold.b"]
    assert meanings["gold.a"]["events"].startswith("Distinct events counted in the cell")


def test_the_layout_in_which_trino_gives_a_view_back_is_no_drift() -> None:
    view = parse_view(FILE, "gold.v_example")
    assert compare(view, LiveView(TRINO_LAYOUT, "event hour x skill", SHARE)).state == "same"


def test_a_view_that_trino_has_not_is_missing() -> None:
    assert compare(parse_view(FILE, "gold.v_example"), None).state == "missing"


def test_a_changed_query_shows_what_was_and_what_shall_be() -> None:
    live = LiveView(TRINO_LAYOUT.replace("'23' HOUR", "'7' HOUR"), "event hour x skill", SHARE)
    state = compare(parse_view(FILE, "gold.v_example"), live)
    assert state.state == "changed"
    changed = [line for line in state.diff.splitlines() if line[0] in "+-" and "INTERVAL" in line]
    assert ["'7'" in changed[0], "'23'" in changed[1]] == [True, True]
    assert [changed[0][0], changed[1][0]] == ["-", "+"]


def test_a_comment_that_is_missing_in_trino_is_drift() -> None:
    state = compare(parse_view(FILE, "gold.v_example"), LiveView(TRINO_LAYOUT, "event hour x skill", {}))
    assert state.state == "changed"
    assert "+-- share: Part of all events, 0 to 1" in state.diff


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 1 from t where a or b and c", "select 1 from t where (a or b) and c"),
        ("select 1 from t where a and (b or c and (d or e))", "select 1 from t where a and (b or c and d or e)"),
        ("select a - (b - c) as x from t", "select a - b - c as x from t"),
        ("select not (a and b) as x from t", "select not a and b as x from t"),
        ("select a from t inner join u on t.a = u.a", "select a from t left join u on t.a = u.a"),
        ("select 'A' as x", "select 'a' as x"),
    ],
)
def test_what_means_something_else_has_another_normal_form(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_parentheses_that_change_nothing_are_no_drift() -> None:
    assert normal("select ((a * b)) + c as x from t") == normal("select (a*b)+c x from (t)")


def test_every_column_of_every_view_has_a_meaning() -> None:
    bare = {view.name: [c for c in view.columns if c not in view.comments] for view in read_views()}
    assert {name: columns for name, columns in bare.items() if columns} == {}
