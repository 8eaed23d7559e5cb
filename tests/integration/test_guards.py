"""The live catalog is what the contracts say, and the database refuses what must never happen."""

import psycopg
import pyarrow as pa
import pytest
from pyiceberg.exceptions import CommitFailedException
from sqlalchemy.exc import SQLAlchemyError

from talentpulse.contracts import compiled, tables
from talentpulse.errors import PulseError
from talentpulse.lakehouse.bootstrap import ensure_ops, missing_guards
from talentpulse.lakehouse.catalog import ensure_tables, iceberg_schema, open_catalog
from talentpulse.lakehouse.ledger import Ledger, take_lease
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.trino import query
from talentpulse.lakehouse.views import apply_views
from talentpulse.stack.doctor import examine

ICEBERG = [table for table in tables().values() if table.store == "iceberg"]
POSTGRES = [table for table in tables().values() if table.store == "postgres"]


@pytest.mark.parametrize("table", ICEBERG, ids=lambda table: table.name)
def test_a_live_iceberg_table_is_what_its_contract_declares(lake, table):
    live = open_catalog(lake).load_table(table.name)
    declared = iceberg_schema(table)
    assert [(f.name, str(f.field_type), f.required, f.doc) for f in live.schema().fields] == [
        (f.name, str(f.field_type), f.required, f.doc) for f in declared.fields
    ]
    fields = [(str(f.transform), live.schema().find_column_name(f.source_id)) for f in live.spec().fields]
    assert fields == table.partition_fields
    assert table.properties.items() <= live.properties.items()
    assert live.properties["comment"] == table.grain


@pytest.mark.parametrize("table", POSTGRES, ids=lambda table: table.name)
def test_a_live_ledger_table_is_what_its_contract_declares(lake, table):
    with connect(lake, "test") as connection:
        rows = connection.execute(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(a.attrelid, a.attnum)"
            " FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 ORDER BY a.attnum",
            (table.name,),
        ).fetchall()
    spelled = {"timestamptz": "timestamp with time zone"}
    expected = []
    for column in table.columns:
        kind = compiled.render_type(column.type, compiled.POSTGRES)
        expected.append((column.name, spelled.get(kind, kind), column.required, column.description))
    assert rows == expected


def test_a_column_that_a_contract_gains_is_added_to_a_leased_table(lake, monkeypatch):
    take_lease(lake, "test", ["gold.skill_trends"]).connection.close()
    table = tables()["gold.skill_trends"]
    wider = table.model_copy(
        update={"columns": [*table.columns, table.columns[1].model_copy(update={"name": "city", "required": False})]}
    )
    monkeypatch.setattr("talentpulse.lakehouse.catalog.tables", lambda: {table.name: wider})
    assert ensure_tables(lake) == ["added to gold.skill_trends: city"]
    assert open_catalog(lake).load_table("gold.skill_trends").schema().column_names[-1] == "city"


@pytest.fixture
def ledger(lake):
    with connect(lake, "test") as connection:
        yield Ledger(connection, "test_stream", "001.001")


def test_the_ledger_refuses_a_gap_an_overlap_and_a_range_that_runs_backwards(ledger):
    first = ledger.start("t", 0, {0: 0, 1: 0}, {0: 10, 1: 5})
    ledger.commit(first, {})
    for start in ({0: 11, 1: 5}, {0: 9, 1: 5}):
        with pytest.raises(psycopg.errors.RaiseException, match="epoch gap in partition 0"):
            ledger.start("t", 1, start, {0: 20, 1: 5})
    with pytest.raises(psycopg.errors.RaiseException, match="runs backwards"):
        ledger.start("t", 1, {0: 10, 1: 5}, {0: 9, 1: 5})
    assert ledger.start("t", 1, {0: 10, 1: 5, 2: 0}, {0: 20, 1: 5, 2: 3}).records == 13


def test_the_ledger_refuses_another_log_unless_it_is_adopted(ledger):
    ledger.commit(ledger.start("former", 0, {0: 0}, {0: 10}), {})
    with pytest.raises(psycopg.errors.RaiseException, match="another log must be adopted first"):
        ledger.start("new", 1, {0: 0}, {0: 5})
    ledger.commit(ledger.start("new", None, {0: 0}, {0: 0}, kind="adopt"), {})
    assert ledger.start("new", 1, {0: 0}, {0: 5}).records == 5


def test_a_ledger_of_an_earlier_version_gains_the_columns_of_its_contract(lake):
    with connect(lake, "test") as connection:
        connection.execute("ALTER TABLE ops.epochs DROP COLUMN kind")
        ensure_ops(lake)
        Ledger(connection, "test_stream", "001.001").start("t", 0, {0: 0}, {0: 1})


def test_the_ledger_refuses_a_second_open_epoch_and_a_change_of_history(ledger):
    first = ledger.start("t", 0, {0: 0}, {0: 10})
    with pytest.raises(psycopg.errors.RaiseException, match="is still open"):
        ledger.start("t", 1, {0: 10}, {0: 20})
    ledger.commit(first, {"records_read": 10})
    with pytest.raises(PulseError, match="expected to be open"):
        ledger.commit(first, {"records_read": 11})
    with pytest.raises(psycopg.errors.RaiseException, match="its range never changes"):
        ledger._connection.execute("UPDATE ops.epochs SET records_read = 12")


def test_a_commit_to_a_leased_table_by_somebody_else_is_refused_and_a_free_table_takes_it(lake):
    take_lease(lake, "test", ["gold.skill_trends"]).connection.close()
    catalog = open_catalog(lake)
    leased = catalog.load_table("gold.skill_trends")
    row = leased.scan().to_arrow().schema.empty_table()
    with pytest.raises(
        (SQLAlchemyError, CommitFailedException), match=r"fenced: gold\.skill_trends is leased to test on"
    ):
        leased.append(row)
    free = catalog.create_table_if_not_exists("gold.free_for_a_test", pa.schema([("n", pa.int64())]))
    free.append(pa.table({"n": [1]}))
    assert free.scan().to_arrow().num_rows == 1
    catalog.drop_table("gold.free_for_a_test")


def test_a_commit_that_finds_its_table_elsewhere_is_an_error_for_a_writer_and_no_row_for_others(lake):
    commit = "UPDATE iceberg_tables SET metadata_location = 'new' WHERE metadata_location = 'gone'"
    for stated in ("pulse.fence=7", "pulse.role=maintenance"):
        with connect(lake, "test") as connection:
            name, _, value = stated.partition("=")
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            with pytest.raises(psycopg.errors.RaiseException, match=f"commit unknown: .* {value} left it"):
                connection.execute(commit)
    with connect(lake, "test") as connection:
        assert connection.execute(commit).rowcount == 0


def test_views_applied_twice_are_the_same_and_one_changed_by_hand_is_shown_and_mended(lake):
    assert {view.state for view in apply_views(lake)} == {"same"}
    query(lake, "CREATE OR REPLACE VIEW lake.gold.v_lag AS SELECT 1 AS one")
    states = {view.name: view for view in apply_views(lake)}
    changed = next(view for name, view in states.items() if name.endswith("v_lag"))
    assert changed.state == "changed"
    assert changed.diff
    assert {view.state for view in apply_views(lake)} == {"same"}


def test_the_doctor_names_a_guard_that_was_switched_off_and_bootstrap_switches_it_on(lake):
    with connect(lake, "test") as connection:
        connection.execute("ALTER TABLE iceberg_tables DISABLE TRIGGER commits_are_fenced")
    (check,) = (check for check in examine(lake) if check.name == "guards")
    ensure_ops(lake)
    assert not check.ok
    assert check.found.endswith(": commits_are_fenced")
    assert missing_guards(lake) == []
