"""Pieces to counts: each task makes the tables of some shards, as the first engine does for all; then counts are added up.

groups of shards --look--> home countries, a sample of cells
                [--weigh--> weights, if devices are expanded to people]
                 --count--> rows of devices into the store's spool, counts as rows of ``blocks.PARTS``
                 --shuffle--> added up per table and range of its areas or days, into the spool
driver: the spool's files one after the other into the month's tables
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows import months as m
from allmende.engines.flows import tables
from allmende.engines.flows.cellmonth import NAME as CELLS_HOUR
from allmende.engines.flows.cellmonth import NETWORK
from allmende.engines.flows.grid import cell_1km, project
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.plan import Expansion
from allmende.engines.flows.run import month_tables
from allmende.engines.flows.spark import laid
from allmende.engines.flows.spark.blocks import PARTS, Batches, ddl, from_bytes, to_bytes, together
from allmende.engines.flows.store import Store, whole

Array = npt.NDArray[Any]
KEYS = {
    "presence": ("cell", "hour", "visitor_class", "origin"),
    "od": ("period", "o", "d", "visitor_class"),
    "trip": ("period", "nights"),
}
"""What counts are ordered and added up by; all other columns are sums of whole numbers over devices, which no two shards share."""
SCHEMAS = {"presence": tables.PRESENCE.schema, "od": tables.OD.schema, "trip": tables.TRIP_COUNTS.schema}
SAMPLE = 200
"""Pieces of which one is looked at to know where people are; the sample only decides how the work is divided."""

GROUP_PIECES = 4_000_000
"""Pieces whose tables one task makes; bounds its memory."""


@runtime_checkable
class WeighedApart(Protocol):
    """Weights that need not see all devices in one place.  ``weigh`` of an ``Expansion`` may be such an object.

    Without it the driver loads all shards of the month, as the first engine does.
    """

    def __call__(self, shards: list[m.Shard]) -> list[Array]:
        """All in one place, for the first engine; equal to the two steps below."""
        ...

    def look(self, shard: m.Shard) -> Any:
        """What has to be known of a shard: something small, for example devices per origin."""
        ...

    def settle(self, looks: list[Any]) -> Callable[[m.Shard], Array]:
        """From what is known of all shards, in their order, to the weights (int64, thousandths) of each shard's devices."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What every task of a month needs to know."""

    store: Store
    month: m.Month
    clock: m.Clock
    ground: m.Ground
    p: Parameters
    unprotected: bool
    groups: int
    located: Any = None
    """Given (``placing.Placing``), presence is also laid on the grid by its plan of cells."""

    def shards(self, group: int) -> range:
        """The shards of a group; groups follow each other in the order of shards."""
        n = self.store.shards
        return range(group * n // self.groups, (group + 1) * n // self.groups)

    @property
    def spool(self) -> Path:
        """Where files lie that one task writes and another one reads."""
        return self.store.folder / "spool" / self.month.name


def look(batches: Batches, *, job: Job) -> Iterator[pa.RecordBatch]:
    """Task: country codes and how often they occur on the first day, and a sample of cells."""
    day = job.month.days[0]
    for batch in batches:
        for group in batch.column("id").to_pylist():
            found = [job.store.read_shard(day, shard) for shard in job.shards(group)]
            codes = np.concatenate([piece.column(6).to_numpy() for piece in found])
            values, n = np.unique(codes[codes >= 0], return_counts=True)
            lon, lat = (np.concatenate([piece.column(i).to_numpy()[::SAMPLE] for piece in found]) for i in (4, 5))
            cells = cell_1km(*project(lon / 1e7, lat / 1e7))
            yield _row("look", -1, group, pickle.dumps((values, n, cells)))


def weigh(batches: Batches, *, job: Job, home_mcc: Array, apart: Any) -> Iterator[pa.RecordBatch]:
    """Task: what the weights need to know of each shard; whole shards go by way of the spool."""
    for batch in batches:
        for group in batch.column("id").to_pylist():
            for shard in job.shards(group):
                pieces = [(day, job.store.read_shard(day, shard)) for day in job.month.days]
                made = m.shard_of_month(pieces, job.month, job.clock, job.ground, home_mcc, job.p)
                if apart is not None:
                    yield _row("weigh", -1, shard, pickle.dumps(apart.look(made)))
                    continue
                with whole(job.spool / f"shard.{shard}") as new:
                    new.write_bytes(pickle.dumps(made, protocol=5))
                yield _row("weigh", -1, shard, b"")


def count(
    batches: Batches, *, job: Job, home_mcc: Array, weights: Any, splits: Array, ranges: int
) -> Iterator[pa.RecordBatch]:
    """Task: the tables of a group of shards, counts cut into ranges; see ``month_tables``."""
    own = replace(job.p, home_mcc=tuple(int(code) for code in home_mcc), threads=1)
    for batch in batches:
        for group in batch.column("id").to_pylist():
            shards = job.shards(group)
            if not len(shards):
                continue

            def read(day: int, at: int, shards: range = shards) -> pa.RecordBatch:
                return job.store.read_shard(day, shards[at])

            def weigh_these(found: list[m.Shard], shards: range = shards) -> list[Array]:
                if callable(weights):
                    return [weights(shard) for shard in found]
                return [np.load(job.spool / f"weights.{shard}.npy") for shard in shards]

            seen: list[m.Shard] = []

            def weigh_and_keep(found: list[m.Shard], seen: list[m.Shard] = seen) -> list[Array]:
                if job.located is not None:
                    seen += found
                return m.unexpanded(found) if weights is None else weigh_these(found)

            expansion = Expansion(weigh_and_keep)
            made, facts = month_tables(
                read, len(shards), job.month, job.clock, job.ground, expansion, own, unprotected=job.unprotected
            )
            for at, table in laid.network_parts(seen, job):
                yield _row(NETWORK, at, group, to_bytes(table))
            for name, table in made.items():
                kind = name.partition("_")[0]
                if kind in KEYS:
                    cuts = _cuts(name, table, job.month, splits, ranges)
                    for at in range(len(cuts) - 1):
                        yield _row(name, at, group, to_bytes(table.slice(cuts[at], cuts[at + 1] - cuts[at])))
                else:
                    write(job.spool / f"{name}.{group}", table)
                    yield _row(name, -1, group, b"")
            yield _row("", -1, group, json.dumps(facts).encode())


def _row(name: str, range_: int, seq: int, blob: bytes) -> pa.RecordBatch:
    columns = [pa.array([name]), pa.array([range_], pa.int32()), pa.array([seq]), pa.array([blob], pa.binary())]
    return pa.record_batch(columns, schema=PARTS)


def _cuts(name: str, table: pa.Table, month: m.Month, splits: Array, ranges: int) -> list[int]:
    """Where a table, ordered by its first column, is cut; all tasks cut at the same values."""
    if name.startswith("od"):
        at = month.first + np.arange(1, ranges) * month.length // ranges
    elif name == "presence" or name.startswith("presence_cell"):
        at = splits
    else:
        at = np.empty(0, np.int64)  # few rows, one range
    return [0, *np.searchsorted(table.column(0).to_numpy(), at).tolist(), table.num_rows]


def add(batches: Batches, *, job: Job) -> Iterator[pa.RecordBatch]:
    """Task: the counts of all groups for one range of a table, added up; what else comes is passed on."""
    groups = sum(1 for group in range(job.groups) if len(job.shards(group)))
    for (name, at), rows in together(
        batches, ("name", "range"), lambda _: groups, lambda batch, row: bytes(batch.column("blob")[row].as_buffer())
    ):
        if at < 0:
            for seq, blob in rows:
                yield _row(name, at, seq, blob)
            continue
        whole_ = added_up(name, [from_bytes(blob) for _, blob in rows])
        if name == NETWORK:
            expected, lost = laid.on_grid(job, at, whole_)
            name, whole_ = CELLS_HOUR, expected
            yield _row(laid.UNPLACED, at, at, json.dumps(lost).encode())
        write(job.spool / f"{name}.{at}", whole_)
        yield _row(name, at, at, b"")


def added_up(name: str, parts: list[pa.Table]) -> pa.Table:
    """Counts of different devices as counts of all of them, in the order that the first engine gives them."""
    kind = name.partition("_")[0]
    table = pa.concat_tables(parts).combine_chunks()
    if not table.num_rows:
        return table
    order, new = _ordered([table.column(key) for key in KEYS[kind]])
    first = pa.array(order[new])
    columns = [
        table.column(c).take(first)
        if c in KEYS[kind]
        else pa.array(np.add.reduceat(table.column(c).to_numpy()[order], new))
        for c in table.column_names
    ]
    return pa.table(columns, schema=SCHEMAS[kind])


def _ordered(columns: list[pa.ChunkedArray]) -> tuple[Array, Array]:
    """The order of rows by their columns, and where in it each different row begins."""
    codes, sizes = [], []
    for column in columns:
        encoded = pc.dictionary_encode(column).combine_chunks()
        values = encoded.dictionary.to_numpy()
        by = np.argsort(values, kind="stable")
        rank = np.empty(len(by), np.int64)
        rank[by] = np.arange(len(by))
        codes.append(rank[encoded.indices.to_numpy()])
        sizes.append(len(by))
    if sum(float(np.log2(size)) for size in sizes) < 62:
        packed = codes[0]
        for code, size in zip(codes[1:], sizes[1:], strict=True):
            packed = packed * size + code
        order = np.argsort(packed, kind="stable")  # quick, since what came from each task is in order
        changes = np.diff(packed[order]) != 0
    else:
        order = np.lexsort(codes[::-1])
        changes = np.any([np.diff(code[order]) != 0 for code in codes], axis=0)
    return order, np.flatnonzero(np.r_[True, changes])


def write(path: Path, table: pa.Table) -> None:
    """A table into the spool, whole or not at all; a task that runs twice writes the same."""
    with whole(path) as new, pa.OSFile(str(new), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def read(paths: Iterable[Path]) -> Iterator[pa.Table]:
    """The tables of some files of the spool, one after the other."""
    for path in paths:
        with pa.memory_map(str(path)) as source:
            yield pa.ipc.open_stream(source).read_all()


def make_month(
    session: Any, job: Job, expansion: Expansion, ranges: int, done: Callable[[str], None]
) -> tuple[dict[str, Iterator[pa.Table]], dict[str, Any]]:
    """All tables of a month, bit by bit, and what is to be noted about it."""

    def run(task: Any, *more: Any) -> pa.Table:
        rows = session.range(0, job.groups, 1, job.groups).mapInArrow(task, ddl(PARTS))
        for function in more:
            rows = rows.repartition(job.groups, "name", "range").mapInArrow(function, ddl(PARTS))
        return rows.toArrow().sort_by([("name", "ascending"), ("range", "ascending"), ("seq", "ascending")])

    looks = [pickle.loads(blob) for blob in run(partial(look, job=job))["blob"].to_pylist()]  # noqa: S301 - our own tasks'
    home_mcc = np.array(job.p.home_mcc, np.int16) if job.p.home_mcc else _most_frequent(looks)
    cells = np.sort(np.concatenate([found for _, _, found in looks]))
    splits = cells[np.arange(1, ranges) * len(cells) // ranges] if len(cells) else np.zeros(ranges - 1, np.int64)

    weights: Any = None
    if expansion.weigh is not m.unexpanded:
        apart = expansion.weigh if isinstance(expansion.weigh, WeighedApart) else None
        looked = run(partial(weigh, job=job, home_mcc=home_mcc, apart=apart))
        if apart is not None:
            weights = apart.settle([pickle.loads(blob) for blob in looked["blob"].to_pylist()])  # noqa: S301
        else:
            weights = "spool"
            _weigh_here(job, expansion)
    done("expansion")
    laid.prepare(job)

    counted = run(
        partial(count, job=job, home_mcc=home_mcc, weights=weights, splits=splits, ranges=ranges),
        partial(add, job=job),
    )
    devices = 0
    lost: dict[str, int] = {}
    found: dict[str, list[Path]] = {}
    for name, seq, blob in zip(*(counted[c].to_pylist() for c in ("name", "seq", "blob")), strict=True):
        if name == laid.UNPLACED:
            for measure, n in json.loads(blob).items():
                lost[measure] = lost.get(measure, 0) + n
        elif name:
            found.setdefault(name, []).append(job.spool / f"{name}.{seq}")
        else:
            facts = json.loads(blob)
            devices += facts["devices"]
    facts["devices"] = devices
    if job.located is not None:
        facts["unplaced"] = lost
    done("stays, environment, classes, counts")
    return {name: read(paths) for name, paths in found.items()}, facts


def _most_frequent(looks: list[Any]) -> Array:
    codes, at = np.unique(np.concatenate([values for values, _, _ in looks]), return_inverse=True)
    n = np.bincount(at, np.concatenate([times for _, times, _ in looks]), len(codes))
    return codes[[int(np.argmax(n))]] if len(codes) else np.empty(0, np.int16)


def _weigh_here(job: Job, expansion: Expansion) -> None:
    shards = range(job.store.shards)
    found: list[m.Shard] = [pickle.loads((job.spool / f"shard.{shard}").read_bytes()) for shard in shards]  # noqa: S301
    for shard, weights in zip(shards, expansion.weigh(found), strict=True):
        with whole(job.spool / f"weights.{shard}.npy") as new:
            np.save(new, weights)
        (job.spool / f"shard.{shard}").unlink()
