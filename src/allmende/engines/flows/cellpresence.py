"""Presence from cell connection probabilities: devices seen by cells of the network, laid on the grid.

Each device is spread over the places where it may be (``Footprints.location``); the sum is the expected number in each
grid cell.  That is one sparse product.  Nobody is lost or invented: for each hour, class and origin the thousandths on the
grid add up exactly to those that came in, less what is reported as ``unplaced``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from allmende.engines.flows.footprints import Footprints
from allmende.engines.flows.grid import Floats, Ints
from allmende.engines.flows.tables import Column, Spec, demand

MEASURES = ("devices_milli", "people_milli", "people_milli2")
GROUP = ("hour", "visitor_class", "origin")
_GROUPS = (
    Column("hour", pa.int64(), "hours since 1970, UTC"),
    Column("visitor_class", pa.int8(), "VisitorClass", 0, 6, optional=True),
    Column("origin", pa.int32(), "see device_days.origin", optional=True),
)

CELL_PRESENCE = Spec(
    "cell_presence",
    "devices seen by a cell of the network in an hour, by class and origin",
    (
        Column("cell", pa.int32(), "dense number of the cell in the plan, see CellPlan.dense"),
        *_GROUPS,
        Column(
            "devices_milli",
            pa.int64(),
            "thousandths of devices (a device in two cells: half in each)",
            0,
            optional=True,
        ),
        Column("people_milli", pa.int64(), "thousandths of people after expansion", 0),
        Column(
            "people_milli2", pa.int64(), "sum of squares of the devices' weights, thousandths squared", 0, optional=True
        ),
    ),
)

EXPECTED_PRESENCE = Spec(
    "expected_presence",
    "devices to be expected in a grid cell in an hour, by class and origin",
    (
        Column("cell", pa.int64(), "INSPIRE cell, see grid"),
        *_GROUPS,
        Column("devices_milli", pa.int64(), "thousandths of devices to be expected", 0, optional=True),
        Column("people_milli", pa.int64(), "thousandths of people to be expected", 0),
        Column("people_milli2", pa.int64(), "sum of squares of weights, thousandths squared", 0, optional=True),
    ),
)
AT_ONCE = 4_000_000
"""Grid cells x groups that are in memory at once."""
DENSE = 0.25
"""Where more of the product than this is not 0, a dense product is faster."""


@dataclass(frozen=True, slots=True)
class ExpectedPresence:
    """``table`` (``EXPECTED_PRESENCE``); ``unplaced``: for each measure what came from cells without a footprint."""

    table: pa.Table
    unplaced: dict[str, int]


def presence_from_cells(counts: pa.Table, feet: Footprints) -> ExpectedPresence:
    """Expected people per grid cell and hour (and class and origin, where given), from ``CELL_PRESENCE``.

    The counts must be of a time in which the plan stays the same (``CellPlan.changes``).

    Raises:
        TableError: if the counts do not keep to ``CELL_PRESENCE``.
    """
    parts = list(presence_parts(counts, feet))
    table = pa.concat_tables(parts) if parts else _empty(counts)
    return ExpectedPresence(table, unplaced(counts, feet))


def unplaced(counts: pa.Table, feet: Footprints) -> dict[str, int]:
    """For each measure the sum that came from cells without a footprint, unknown cells (below 0) included."""
    cell = np.asarray(counts["cell"])
    placed = np.append(np.diff(feet.location.indptr) > 0, False)
    lost = ~placed[np.where((cell >= 0) & (cell < len(placed) - 1), cell, len(placed) - 1)]
    return {name: int(np.asarray(counts[name])[lost].sum()) for name in MEASURES if name in counts.column_names}


def presence_parts(counts: pa.Table, feet: Footprints) -> Iterator[pa.Table]:
    """The same in parts that fit into memory, ordered by group and grid cell, say to write them to a file."""
    demand(counts, CELL_PRESENCE)
    measures = [name for name in MEASURES if name in counts.column_names]
    keys = [name for name in GROUP if name in counts.column_names]
    cell = np.asarray(counts["cell"]).astype(np.int64)
    counts = counts.filter(pa.array((cell >= 0) & (cell < feet.location.shape[0])))
    if not counts.num_rows or not len(feet.grid):
        return
    groups, group = _groups(counts, keys)
    cell = np.asarray(counts["cell"])
    shape = (groups.num_rows, feet.location.shape[0])
    # sparse.csr_array adds up rows with the same group and cell
    matrices = [
        sparse.csr_array((np.asarray(counts[name]).astype(float), (group, cell)), shape=shape) for name in measures
    ]
    width = np.diff(feet.location.indptr)
    work = np.bincount(group, width[cell], groups.num_rows)
    step = max(1, AT_ONCE // len(feet.grid))
    back = feet.location.T.tocsr()
    for start in range(0, groups.num_rows, step):
        part = slice(start, start + step)
        dense = work[part].sum() > DENSE * len(work[part]) * len(feet.grid)
        blocks = [m[part] for m in matrices]
        row, column, values = _dense(blocks, back) if dense else _sparse(blocks, feet.location)
        members = groups.slice(start, step).take(pa.array(row))
        yield pa.table(
            {
                "cell": feet.grid[column],
                **{name: members[name] for name in keys},
                **dict(zip(measures, values, strict=True)),
            }
        )


def _empty(counts: pa.Table) -> pa.Table:
    columns = [c for c in EXPECTED_PRESENCE.columns if c.name == "cell" or c.name in counts.column_names]
    return pa.schema([pa.field(c.name, c.type) for c in columns]).empty_table()


def _groups(counts: pa.Table, keys: list[str]) -> tuple[pa.Table, Ints]:
    """Different groups in order, and the number of the group of each row."""
    columns = [np.asarray(counts[name]) for name in keys]
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), np.bool_)
    new[0] = True
    for column in columns:
        new[1:] |= column[order][1:] != column[order][:-1]
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return counts.select(keys).take(pa.array(order[new])), number


Wholes = npt.NDArray[np.int64]


def _dense(blocks: list[sparse.csr_array], back: sparse.csr_array) -> tuple[Ints, Ints, list[Wholes]]:
    wholes = []
    for counts in blocks:
        product = np.ascontiguousarray((back @ counts.toarray().T).T)
        np.cumsum(product, axis=1, out=product)
        np.rint(product, out=product)
        product[:, 1:] -= product[:, :-1].copy()
        wholes.append(product)
    flat = np.flatnonzero(np.logical_or.reduce([whole != 0 for whole in wholes]).ravel())
    row, column = np.divmod(flat, wholes[0].shape[1])
    return row, column, [whole.ravel()[flat].astype(np.int64) for whole in wholes]


def _sparse(blocks: list[sparse.csr_array], location: sparse.csr_array) -> tuple[Ints, Ints, list[Wholes]]:
    rows, columns, wholes = [], [], []
    for counts in blocks:
        product = counts @ location
        product.sort_indices()
        rows.append(np.repeat(np.arange(product.shape[0]), np.diff(product.indptr)))
        columns.append(product.indices.astype(np.int64))
        wholes.append(_rounded(product.data, product.indptr))
    row, column, values = _side_by_side(rows, columns, wholes)
    some = np.logical_or.reduce([value != 0 for value in values])
    return row[some], column[some], [value[some] for value in values]


def _rounded(values: Floats, indptr: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Whole numbers that differ from the values by less than 1 and add up, run by run, to the rounded sum of the run:
    the running sum is rounded, not the value."""
    running = np.append(0.0, np.cumsum(values))
    begin = np.repeat(running[indptr[:-1]], np.diff(indptr))
    after = np.rint(running[1:] - begin).astype(np.int64)
    before = np.append(0, after[:-1])
    starts = indptr[:-1][np.diff(indptr) > 0]
    before[starts] = 0
    steps: Wholes = after - before
    return steps


def _side_by_side(rows: list[Ints], columns: list[Ints], wholes: list[Wholes]) -> tuple[Ints, Ints, list[Wholes]]:
    """The measures on the same places: where one of them has none it is 0."""
    wide = 1 + max(int(column.max(initial=0)) for column in columns)
    keys = [row * wide + column for row, column in zip(rows, columns, strict=True)]
    if all(np.array_equal(keys[0], key) for key in keys[1:]):
        return rows[0], columns[0], wholes
    every = np.unique(np.concatenate(keys))
    filled = np.zeros((len(wholes), len(every)), np.int64)
    for measure, (key, whole) in enumerate(zip(keys, wholes, strict=True)):
        filled[measure, np.searchsorted(every, key)] = whole
    return every // wide, every % wide, list(filled)


def cell_counts(cells: Ints, hours: Ints, devices: Ints, weights_milli: Ints | None = None) -> pa.Table:
    """``CELL_PRESENCE`` from sightings, one row for each (cell, hour, device): a device that n cells saw in an hour counts
    1/n in each, so that it is one device in all.  Weights (thousandths of people) follow the rows."""
    order = np.lexsort((cells, devices, hours))
    cell, hour, device = cells[order], hours[order], devices[order]
    weight = np.full(len(order), 1000, np.int64) if weights_milli is None else np.asarray(weights_milli)[order]
    fresh = np.append(True, (hour[1:] != hour[:-1]) | (device[1:] != device[:-1]))[: len(order)]
    again = np.append(False, ~fresh[1:] & (cell[1:] == cell[:-1]))[: len(order)]
    cell, hour, weight, fresh = cell[~again], hour[~again], weight[~again], fresh[~again]
    first = np.flatnonzero(fresh)
    seen = np.diff(np.append(first, len(cell)))
    n, rank = np.repeat(seen, seen), np.arange(len(cell)) - np.repeat(first, seen)

    def share(whole: Ints) -> Ints:
        part: Ints = whole * (rank + 1) // n - whole * rank // n
        return part

    table = pa.table(
        {
            "cell": cell.astype(np.int32),
            "hour": hour.astype(np.int64),
            "devices_milli": share(np.full(len(cell), 1000, np.int64)),
            "people_milli": share(weight),
            "people_milli2": share(weight * weight),
        }
    )
    summed = table.group_by(["hour", "cell"]).aggregate([(name, "sum") for name in MEASURES])
    summed = summed.rename_columns([name.removesuffix("_sum") for name in summed.column_names])
    ordered = summed.take(pc.sort_indices(summed, [("hour", "ascending"), ("cell", "ascending")]))
    return ordered.select(["cell", "hour", *MEASURES])
