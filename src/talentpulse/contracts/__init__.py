"""Topics and tables, declared once in YAML: grain, columns, types, keys, partitioning, descriptions, examples.

`tables()` and `topic()` read the declarations; `compiled` turns them into DDL, schemas and the data dictionary.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator


class Column(BaseModel):
    """One column. `type` is engine-neutral: string, int, long, boolean, timestamptz, binary, json, list<T>, struct<n:T,...>."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: str
    description: str
    required: bool = False
    identity: bool = False
    default: str | None = None


class Table(BaseModel):
    """One table: what a row is, what identifies it, who writes it, and its columns in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    store: Literal["iceberg", "postgres"]
    grain: str
    key: list[str]
    written_by: str
    partition_by: list[str] = []
    properties: dict[str, str] = {}
    columns: list[Column]
    constraints: list[str] = []
    indexes: list[str] = []

    @model_validator(mode="after")
    def _keys_and_partitions_are_columns(self) -> Table:
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.name}: a column is declared twice: {names}")
        wanted = [*self.key, *(source for _, source in self.partition_fields)]
        if missing := [name for name in wanted if name not in names]:
            raise ValueError(f"{self.name}: key or partition names no column: {missing}, columns are {names}")
        return self

    @property
    def schema_name(self) -> str:
        """The part before the dot: the layer."""
        return self.name.split(".")[0]

    @property
    def table_name(self) -> str:
        """The part after the dot."""
        return self.name.split(".")[1]

    @property
    def column_names(self) -> list[str]:
        """Names in the declared order."""
        return [column.name for column in self.columns]

    @property
    def partition_fields(self) -> list[tuple[str, str]]:
        """`(transform, column)` pairs: `hour(kafka_at)` is `("hour", "kafka_at")`."""
        fields = []
        for text in self.partition_by:
            match = re.fullmatch(r"(hour|day|identity)\((\w+)\)", text)
            if match is None:
                raise ValueError(
                    f"{self.name}: cannot read partition {text!r}, expected hour(column), day() or identity()"
                )
            fields.append((match[1], match[2]))
        return fields


class Example(BaseModel):
    """A payload with the fault code that the reader must give it (null: it reads)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    fault: str | None
    text: str | None = None
    hex: str | None = None

    @property
    def body(self) -> bytes | None:
        """The record's value as it would be on the topic."""
        if self.hex is not None:
            return bytes.fromhex(self.hex)
        return None if self.text is None else self.text.encode()


class Topic(BaseModel):
    """One Kafka topic: its settings, the JSON Schema of its values, the fault codes and examples of each."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str
    grain: str
    key: str
    partitions: int
    config: dict[str, str]
    headers: dict[str, str]
    fault_codes: dict[str, str]
    json_schema: dict[str, Any] = Field(alias="schema")
    examples: list[Example]


def _declarations(folder: str) -> list[Any]:
    files = sorted((resources.files(__package__) / folder).iterdir(), key=lambda entry: entry.name)
    return [yaml.safe_load(file.read_text("utf-8")) for file in files if file.name.endswith(".yaml")]


@functools.cache
def tables() -> dict[str, Table]:
    """All declared tables by name.

    Raises:
        pydantic.ValidationError: a declaration is not well formed; names file content and rule.
    """
    return {table.name: table for table in (Table.model_validate(data) for data in _declarations("tables"))}


@functools.cache
def topic() -> Topic:
    """The topic of postings, the only one."""
    (declaration,) = _declarations("topics")
    return Topic.model_validate(declaration)
