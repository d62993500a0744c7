"""Blocks: how arrays travel as rows of the Spark API, and how a task waits until all blocks of its own are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.intake import Chunk
from allmende.engines.flows.kernels.group import count_into, deal_days

Array = npt.NDArray[Any]
Batches = Iterable[pa.RecordBatch]

ARRAYS = ("key", "t", "lon", "lat", "mcc")
"""The arrays of a chunk."""

EVENTS = pa.schema(
    [
        pa.field("day", pa.int32()),
        pa.field("block", pa.int32()),
        pa.field("seq", pa.int64()),
        pa.field("file", pa.int32()),
        pa.field("unusable", pa.int64()),
        pa.field("outside", pa.int64()),
        pa.field("lost", pa.string()),
        *(pa.field(name, pa.binary()) for name in ARRAYS),
    ]
)
"""One row: the events of one part (``seq``, its place in the delivery) on one day in one block of shards.  ``lost``: JSON of
reason -> events of that day that cannot be used; ``unusable`` and ``outside``: of the whole part."""
MADE = pa.schema(
    [
        pa.field("day", pa.int32()),
        pa.field("unusable", pa.int64()),
        pa.field("outside", pa.int64()),
        pa.field("quality", pa.string()),
    ]
)
"""One row: what was found in one block of a day whose pieces are in the store."""
PARTS = pa.schema(
    [
        pa.field("name", pa.string()),
        pa.field("range", pa.int32()),
        pa.field("seq", pa.int64()),
        pa.field("blob", pa.binary()),
    ]
)
"""One row: a part of a table (``blob``: Arrow IPC) from one task; ``seq`` is the task's place in the order of shards."""
_TYPES = (np.uint64, np.int32, np.int32, np.int32, np.int16)


def ddl(schema: pa.Schema) -> str:
    """The schema as Spark writes one."""
    words = {pa.int32(): "int", pa.int64(): "bigint", pa.binary(): "binary", pa.string(): "string"}
    return ", ".join(f"`{field.name}` {words[field.type]}" for field in schema)


def _binary(array: Array, bounds: Array) -> pa.Array:
    """Slices of an array as binary values, without copying."""
    array = np.ascontiguousarray(array)
    offsets = (bounds * array.itemsize).astype(np.int32)
    return pa.Array.from_buffers(
        pa.binary(), len(bounds) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(array.view(np.uint8))]
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What is said beside the events of a part on a day; see ``EVENTS``."""

    unusable: int = 0
    outside: int = 0
    lost: str = "{}"


def packed(day: int, seq: int, beside: Told, chunk: Chunk, block: Array, blocks: int) -> pa.RecordBatch:
    """A chunk as one row of ``EVENTS`` for each block; ``block`` int32 [events]."""
    n = len(chunk.key)
    if blocks > 1:
        counts = np.zeros(blocks, np.int64)
        count_into(block, counts)
        bounds = np.zeros(blocks + 1, np.int64)
        np.cumsum(counts, out=bounds[1:])
        moved = Chunk.of((np.empty(n, kind) for kind in _TYPES), chunk.file)
        deal_days(
            block, bounds[:-1].copy(), chunk.key, chunk.t, chunk.lon, chunk.lat, chunk.mcc,
            moved.key, moved.t, moved.lon, moved.lat, moved.mcc,
        )  # fmt: skip
        chunk = moved
    else:
        bounds = np.array([0, n], np.int64)
    # what is told of the part is told once, with its first block
    unusable, outside = np.zeros(blocks, np.int64), np.zeros(blocks, np.int64)
    unusable[0], outside[0] = beside.unusable, beside.outside
    head = [
        np.full(blocks, day, np.int32), np.arange(blocks, dtype=np.int32), np.full(blocks, seq, np.int64),
        np.full(blocks, chunk.file, np.int32), unusable, outside,
    ]  # fmt: skip
    lost = pa.array([beside.lost, *["{}"] * (blocks - 1)], pa.string())
    return pa.record_batch(
        [*map(pa.array, head), lost, *(_binary(getattr(chunk, name), bounds) for name in ARRAYS)],
        schema=EVENTS,
    )


def nothing() -> Chunk:
    """No events."""
    return Chunk.of(np.empty(0, kind) for kind in _TYPES)


def unpacked(batch: pa.RecordBatch, row: int) -> Chunk:
    """The events of one row of ``EVENTS``; copied, so that the batch can go."""
    first = batch.schema.get_field_index("key")
    arrays = (np.frombuffer(batch.column(first + i)[row].as_buffer(), kind).copy() for i, kind in enumerate(_TYPES))
    return Chunk.of(arrays, batch.column("file")[row].as_py())


def together(
    batches: Batches,
    columns: tuple[str, str],
    expected: Callable[[Any], int],
    take: Callable[[pa.RecordBatch, int], Any],
) -> Iterator[tuple[tuple[Any, Any], list[tuple[int, Any]]]]:
    """What belongs together (by two columns) as soon as all of it has come, in order of ``seq``.

    The API promises no order, so rows wait; ``expected`` says for a value of the first column how many come (0: unknown,
    then they wait until the end).

    Raises:
        RuntimeError: fewer or more came than expected.
    """
    waiting: dict[tuple[Any, Any], list[tuple[int, Any]]] = {}
    for batch in batches:
        keys = list(zip(batch.column(columns[0]).to_pylist(), batch.column(columns[1]).to_pylist(), strict=True))
        seq = batch.column("seq").to_pylist()
        for row, key in enumerate(keys):
            rows = waiting.setdefault(key, [])
            rows.append((seq[row], take(batch, row)))
            if len(rows) == expected(key[0]):
                yield key, sorted(waiting.pop(key), key=_seq)
        del batch
    for key in sorted(waiting):
        if expected(key[0]):
            raise RuntimeError(f"{len(waiting[key])} of {expected(key[0])} blocks of {key} came. Run again.")
        yield key, sorted(waiting[key], key=_seq)


def _seq(row: tuple[int, Any]) -> int:
    return row[0]


def to_bytes(table: pa.Table) -> bytes:
    """A table as Arrow IPC."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def from_bytes(blob: pa.Buffer | bytes) -> pa.Table:
    """The table of ``to_bytes``."""
    return pa.ipc.open_stream(blob).read_all()
