"""Faulty records of Bronze read again with today's reader, by an operator's process: the stream goes on meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import And, BooleanExpression, EqualTo, NotNull
from pyiceberg.table import Table

from talentpulse.lakehouse.catalog import open_catalog
from talentpulse.settings import Settings
from talentpulse.transforms.postings import read_bodies
from talentpulse.transforms.readings import PLACE, READINGS

Place = tuple[str, int, int]
AS_DELIVERED = (*PLACE, "topic", "kafka_at", "key", "headers")
ROWS_AT_ONCE = 1_000  # bodies of up to 16 MiB


@dataclass(frozen=True)
class ReadAgain:
    """What today's reader makes of faulty records: how many it looked at, the faults that stay, what reads now.

    `readable` has the columns of bronze.readings but for `replay_id`, `is_duplicate` and `epoch`.
    """

    examined: int
    still: Counter[str]
    readable: pa.Table


def read_again(settings: Settings, fault: str, source: str | None, tell: Callable[[int], None]) -> ReadAgain:
    """Read the records that Bronze has with this fault, and that no later reading has healed; changes nothing.

    `tell` is told after each step how many records it was.
    """
    catalog = open_catalog(settings)
    healed = _healed(catalog.load_table("bronze.readings"))
    wanted: BooleanExpression = EqualTo(term="fault", value=fault)
    if source is not None:
        wanted = And(wanted, EqualTo(term="source", value=source))
    scan = catalog.load_table("bronze.postings").scan(wanted, (*AS_DELIVERED, "body"))
    examined, still, readable = 0, Counter[str](), []
    for batch in scan.to_arrow_batch_reader():
        for begin in range(0, len(batch), ROWS_AT_ONCE):
            records = batch.slice(begin, ROWS_AT_ONCE)
            places = zip(*(records.column(name).to_pylist() for name in PLACE), strict=True)
            records = records.filter(pa.array([place not in healed for place in places], pa.bool_()))
            columns = {name: records.column(name) for name in AS_DELIVERED} | read_bodies(records)
            read = pa.RecordBatch.from_pydict(columns)
            examined += len(read)
            still.update(code for code in columns["fault"].to_pylist() if code is not None)
            readable.append(read.filter(pc.is_null(read.column("fault"))))
            tell(len(read))
    return ReadAgain(examined, still, pa.Table.from_batches(readable) if readable else pa.table({"topic_id": []}))


def _healed(readings: Table) -> set[Place]:
    rows = readings.scan(NotNull(term="epoch"), PLACE).to_arrow()
    return set(zip(*(rows.column(name).to_pylist() for name in PLACE), strict=True))


def prepare(settings: Settings, readable: pa.Table, replay_id: int) -> None:
    """Put the readings into bronze.readings, in one commit. They count nothing until the stream has executed the request."""
    table = open_catalog(settings).load_table("bronze.readings")
    schema = table.schema().as_arrow()
    decided_later = {"is_duplicate": pa.nulls(len(readable), pa.bool_()), "epoch": pa.nulls(len(readable), pa.int64())}
    given = {"replay_id": pa.array([replay_id] * len(readable), pa.int64())} | decided_later
    columns = [given[name] if name in given else readable.column(name) for name in READINGS.column_names]
    arrays = [column.cast(schema.field(n).type) for n, column in enumerate(columns)]
    table.append(pa.Table.from_arrays(arrays, schema=schema))
