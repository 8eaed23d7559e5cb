"""The Iceberg catalog through PyIceberg: its tables are made, and widened, from the contracts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import DayTransform, HourTransform, IdentityTransform, Transform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    StructType,
    TimestamptzType,
)

from talentpulse.contracts import Table, tables
from talentpulse.settings import Settings

PRIMITIVES: dict[str, type[IcebergType]] = {
    "string": StringType,
    "int": IntegerType,
    "long": LongType,
    "boolean": BooleanType,
    "timestamptz": TimestamptzType,
    "binary": BinaryType,
}
TRANSFORMS: dict[str, Transform[Any, Any]] = {
    "hour": HourTransform(),
    "day": DayTransform(),
    "identity": IdentityTransform(),
}
# Small metadata, few files: what every table of the lake has unless its contract says otherwise.
TABLE_PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.parquet.compression-level": "1",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "commit.manifest.min-count-to-merge": "20",
    "commit.retry.num-retries": "10",
}


def open_catalog(settings: Settings, role: str = "") -> Catalog:
    """The catalog under the name that all engines share; makes its two bookkeeping tables where they are missing.

    `role` is stated with every commit: `maintenance` may change leased tables, never their rows (commits_are_fenced.sql).
    """
    store = {
        "warehouse": settings.warehouse,
        "s3.endpoint": settings.s3_endpoint,
        "s3.access-key-id": settings.s3_access_key.get_secret_value(),
        "s3.secret-access-key": settings.s3_secret_key.get_secret_value(),
        "s3.region": settings.s3_region,
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
    }
    if settings.catalog_type == "rest":
        return load_catalog(settings.catalog_name, type="rest", uri=settings.catalog_uri, **store)
    password = quote(settings.postgres_password.get_secret_value(), safe="")
    address = f"{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_database}"
    uri = f"postgresql+psycopg2://{settings.postgres_user}:{password}@{address}"
    stated = f"?options={quote(f'-c pulse.role={role}')}" if role else ""
    return load_catalog(settings.catalog_name, type="sql", uri=uri + stated, **store)


def iceberg_schema(table: Table) -> Schema:
    """The contract's columns as an Iceberg schema; field ids count in the declared order."""
    numbers = iter(range(len(table.columns) + 1, 10_000))  # nested fields take ids behind the columns'

    def convert(neutral: str) -> IcebergType:
        if neutral in PRIMITIVES:
            return PRIMITIVES[neutral]()
        if match := re.fullmatch(r"list<(.+)>", neutral):
            return ListType(element_id=next(numbers), element_type=convert(match[1]), element_required=False)
        if match := re.fullmatch(r"struct<(.+)>", neutral):
            fields = [field.split(":", 1) for field in match[1].split(",")]
            return StructType(
                *(NestedField(next(numbers), n.strip(), convert(t.strip()), required=False) for n, t in fields)
            )
        raise ValueError(f"{table.name}: type {neutral!r} is none that Iceberg stores")

    return Schema(
        *(
            NestedField(number, column.name, convert(column.type), required=column.required, doc=column.description)
            for number, column in enumerate(table.columns, start=1)
        )
    )


def _partition_spec(table: Table, schema: Schema) -> PartitionSpec:
    return PartitionSpec(
        *(
            PartitionField(schema.find_field(column).field_id, 1000 + n, TRANSFORMS[transform], f"{column}_{transform}")
            for n, (transform, column) in enumerate(table.partition_fields)
        )
    )


def ensure_tables(settings: Settings) -> list[str]:
    """Create the lake's tables that are missing and add columns that the contracts have gained; returns what changed."""
    catalog = open_catalog(settings, role="maintenance")  # a new column changes no row
    changed = []
    for table in (table for table in tables().values() if table.store == "iceberg"):
        catalog.create_namespace_if_not_exists(table.schema_name)
        schema = iceberg_schema(table)
        if not catalog.table_exists(table.name):
            properties = {**TABLE_PROPERTIES, **table.properties, "comment": table.grain}
            catalog.create_table(
                table.name, schema, partition_spec=_partition_spec(table, schema), properties=properties
            )
            changed.append(f"created {table.name}")
            continue
        live = catalog.load_table(table.name)
        missing = [field for field in schema.fields if field.name not in live.schema().column_names]
        if missing:
            with live.update_schema() as update:
                for field in missing:
                    update.add_column(field.name, field.field_type, doc=field.doc)
            changed.append(f"added to {table.name}: {', '.join(field.name for field in missing)}")
    return changed
