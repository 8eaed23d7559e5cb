"""The contracts: what is generated from them is fresh, and a wrong declaration is refused."""

import jsonschema
import orjson
import pytest
from pydantic import ValidationError

from talentpulse.contracts import Table, compiled, tables, topic
from talentpulse.settings import PROJECT_ROOT


def test_generated_files_say_what_the_contracts_say():
    stale = [str(path.relative_to(PROJECT_ROOT)) for path in compiled.stale_files(PROJECT_ROOT)]
    assert stale == [], "run: make contracts"


def test_a_changed_file_is_noticed_and_written_again(tmp_path):
    compiled.write_files(tmp_path)
    assert compiled.stale_files(tmp_path) == []
    victim = tmp_path / "sql" / "ddl" / "gold" / "skill_trends.sql"
    victim.write_text(victim.read_text() + "-- by hand")
    assert compiled.stale_files(tmp_path) == [victim]
    assert compiled.write_files(tmp_path) == [victim]


def test_no_generated_folder_holds_a_file_that_no_contract_has():
    expected = set(compiled.generated_files(PROJECT_ROOT))
    folders = (PROJECT_ROOT / "sql" / "ddl", PROJECT_ROOT / "docs" / "data-dictionary")
    found = {path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name != ".sqlfluff"}
    assert found - expected == set()


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_column_says_in_a_sentence_what_it_is(name):
    for column in tables()[name].columns:
        assert len(column.description) > 10, column.name


def test_every_fault_code_has_an_example_and_every_example_a_known_code():
    codes = {example.fault for example in topic().examples}
    assert codes - {None} == set(topic().fault_codes)


@pytest.mark.parametrize("example", topic().examples, ids=lambda example: example.name)
def test_the_json_schema_accepts_what_the_reader_accepts(example):
    try:
        value = orjson.loads(example.body or b"")
    except orjson.JSONDecodeError:
        assert example.fault in ("null_value", "empty", "not_utf8", "not_json")
        return
    valid = jsonschema.Draft202012Validator(topic().json_schema).is_valid(value)
    # the version is judged by the reader, not by the schema
    assert valid == (example.fault in (None, "unknown_version"))


def _declaration(**changes):
    columns = [{"name": "a", "type": "int", "description": "a number to test with"}]
    return {
        "name": "bronze.things",
        "store": "iceberg",
        "grain": "g",
        "key": ["a"],
        "written_by": "w",
        "columns": columns,
    } | changes


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"key": ["b"]}, "key or partition names no column"),
        ({"partition_by": ["week(a)"]}, "cannot read partition"),
        ({"columns": [{"name": "a", "type": "int", "description": "twice"}] * 2}, "declared twice"),
        ({"columns": [{"name": "a", "type": "int", "description": "d", "comment": "x"}]}, "Extra inputs"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_reason(changes, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Table.model_validate(_declaration(**changes))


def test_a_type_that_an_engine_lacks_is_named():
    with pytest.raises(ValueError, match="'json' cannot be written here"):
        compiled.render_type("json", compiled.TRINO)


def test_nested_types_are_spelled_by_each_engine():
    nested = "list<struct<key:string,value:binary>>"
    assert compiled.render_type(nested, compiled.TRINO) == "ARRAY(ROW(key VARCHAR, value VARBINARY))"
    assert compiled.render_type(nested, compiled.SPARK) == "ARRAY<STRUCT<key: STRING, value: BINARY>>"
