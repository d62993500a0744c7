"""The cell plan: which cell of the network stood where, on which days, and where its devices are.

A plan (``tables.CELL_PLAN``) has one row for each cell and time of validity.  Here it becomes arrays, ordered by cell and
first day, that a compiled kernel can walk: ``starts[d]:starts[d + 1]`` are the rows of the cell with dense number ``d``.

The position of a cell is where a device of it is to be expected, not where its antenna stands: the centroid of the
coverage area where the operator delivers one, else of the sector (a disc without azimuth).  The radius holds 68 % of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from scipy.spatial import cKDTree

from allmende.engines.flows.areas import Zones, from_wkt
from allmende.engines.flows.grid import Floats, Ints, project, unproject
from allmende.engines.flows.tables import CELL_PLAN, TableError, Violation, check

Numbers = npt.NDArray[np.int32]
UNKNOWN, NOT_VALID, EMPTY = -1, -2, -3
"""In place of a row: no such cell in the plan; not on that day; the event names no cell."""
FIRST, LAST = -(2**31) + 1, 2**31 - 1
"""Days of a cell that is valid since ever, for ever."""
BEAM = 120.0
"""Degrees, opening of a sector whose plan names a direction only: three of them make a site."""
NEIGHBOURS, REACH, SHORTEST, LONGEST = 3, 2.0, 300.0, 15_000.0
"""A cell without a range reaches twice as far as its third neighbouring site, within these metres."""


@dataclass(frozen=True, slots=True)
class CellPlan:
    """Rows of the plan as arrays, by dense number of the cell and first day."""

    ids: pa.Array
    """The cells as delivered; position = dense number."""
    starts: Ints
    cell: Numbers
    """Dense number of each row's cell."""
    valid_from: Numbers
    valid_until: Numbers
    """Days since 1970, both included; ``FIRST`` and ``LAST`` where open."""
    antenna_x: Floats
    antenna_y: Floats
    range_m: Floats
    azimuth: Floats
    """Degrees clockwise from north; NaN: omnidirectional."""
    beam: Floats
    x: Floats
    y: Floats
    """Expected position of a device, metres (EPSG:3035)."""
    lon: Floats
    lat: Floats
    radius: Floats
    """Metres around the expected position, 68 %."""
    coverage: Zones
    covered: Numbers
    """For each row the position in ``coverage``; -1: described by range and sector."""
    violations: tuple[Violation, ...] = ()

    def __len__(self) -> int:
        return len(self.cell)

    def dense(self, cell_ids: pa.Array | pa.ChunkedArray) -> Numbers:
        """The dense number of each cell; ``UNKNOWN``, or ``EMPTY`` where none is named.  Texts may be dictionaries."""
        if isinstance(cell_ids, pa.ChunkedArray):
            cell_ids = cell_ids.combine_chunks()
        if pa.types.is_dictionary(cell_ids.type):
            words = self.dense(cell_ids.dictionary)
            index = np.asarray(pc.fill_null(cell_ids.indices, -1)).astype(np.int64)
            return np.where(index < 0, np.int32(EMPTY), np.append(words, np.int32(EMPTY))[index])
        given, ids = cell_ids, self.ids
        if given.type != ids.type:  # numbers and texts meet as texts: plans and events come from different systems
            given, ids = given.cast(pa.string()), ids.cast(pa.string())
        none = given.is_null() if not pa.types.is_string(given.type) else pc.fill_null(pc.equal(given, ""), True)
        found = np.asarray(pc.fill_null(pc.index_in(given, value_set=ids), UNKNOWN)).astype(np.int32)
        return np.where(np.asarray(none), np.int32(EMPTY), found)

    def rows(self, dense: Numbers, days: npt.ArrayLike) -> Numbers:
        """The row that describes each cell on a local day (days since 1970); else a reason below 0."""
        known = np.flatnonzero(dense >= 0)
        found = np.asarray(dense, np.int32).copy()
        if not len(known):
            return found
        day = np.broadcast_to(np.asarray(days, np.int64), found.shape)[known]
        keys = _key(self.cell, self.valid_from)
        row = np.searchsorted(keys, _key(found[known], day), side="right") - 1
        at = np.maximum(row, 0)
        right = (row >= 0) & (self.cell[at] == found[known]) & (day <= self.valid_until[at])
        found[known] = np.where(right, at, NOT_VALID)
        return found

    def changes(self, first: int, last: int) -> list[tuple[int, int]]:
        """The times from ``first`` to ``last`` (days since 1970, included) during which the plan stays the same."""
        after = self.valid_until[self.valid_until < LAST].astype(np.int64) + 1
        marks = np.unique(np.concatenate([self.valid_from.astype(np.int64), after]))
        begins = [first, *(int(day) for day in marks if first < day <= last)]
        return [(begin, end - 1) for begin, end in zip(begins, [*begins[1:], last + 1], strict=True)]

    def on(self, day: int) -> Numbers:
        """For each dense number its row on a day, or ``NOT_VALID``."""
        return self.rows(np.arange(len(self.ids), dtype=np.int32), day)

    def moved(self, rows: Numbers, x: Floats, y: Floats, radius: Floats) -> CellPlan:
        """The same plan with better expected positions for some rows, say from ``footprints.expected``."""
        new_x, new_y, new_radius = self.x.copy(), self.y.copy(), self.radius.copy()
        new_x[rows], new_y[rows], new_radius[rows] = x, y, radius
        lon, lat = unproject(new_x, new_y)
        return replace(self, x=new_x, y=new_y, radius=new_radius, lon=lon, lat=lat)


def _key(cell: Any, day: Any) -> Ints:
    return np.asarray(cell, np.int64) * (1 << 33) + np.asarray(day, np.int64) + (1 << 31)


@dataclass(frozen=True, slots=True)
class Located:
    """Where events of cells took place, and what could not be placed.  Arrays follow the events."""

    row: Numbers
    lon: Floats
    lat: Floats
    accuracy: npt.NDArray[np.float32]
    """Metres, radius of 68 %; lon, lat and accuracy are NaN where the event could not be placed."""
    events: int
    empty: int
    """Events that name no cell."""
    unknown: int
    """Events of cells that are not in the plan."""
    not_valid: int
    """Events of cells of the plan on a day on which they are not valid."""
    examples: tuple[str, ...] = field(default=())
    """Some of the cells that are not in the plan."""

    def violations(self, table: str = "cell_events") -> list[Violation]:
        """What could not be placed, as violations with rows and remedy."""
        said = (
            (EMPTY, self.empty, "the event names no cell", "Deliver the cell, or leave such events out."),
            (
                UNKNOWN,
                self.unknown,
                f"the cell is not in the plan ({', '.join(self.examples)})",
                "Deliver a plan of the same days with all cells, written the same way.",
            ),
            (
                NOT_VALID,
                self.not_valid,
                "the cell is not valid on that day",
                "Deliver the cell's row for that day, or correct valid_from and valid_until.",
            ),
        )
        return [
            Violation(table, "cell_id", problem, remedy, tuple(np.flatnonzero(self.row == why)[:5].tolist()), count)
            for why, count, problem, remedy in said
            if count
        ]


def locate(plan: CellPlan, cell_ids: pa.Array | pa.ChunkedArray, days: npt.ArrayLike) -> Located:
    """Positions of events by cell and local day (days since 1970)."""
    dense = plan.dense(cell_ids)
    row = plan.rows(dense, days)
    at = np.where(row >= 0, row, len(plan))
    missing = np.flatnonzero(row == UNKNOWN)
    named = pc.unique(cell_ids.take(pa.array(missing[:1000]))).to_pylist() if len(missing) else []
    return Located(
        row,
        np.append(plan.lon, np.nan)[at],
        np.append(plan.lat, np.nan)[at],
        np.append(plan.radius, np.nan)[at].astype(np.float32),
        events=len(row),
        empty=int((row == EMPTY).sum()),
        unknown=len(missing),
        not_valid=int((row == NOT_VALID).sum()),
        examples=tuple(str(name)[:40] for name in named[:5]),
    )


def silent_cells(plan: CellPlan, seen: Iterable[Numbers], day: int) -> pa.Array:
    """Cells that are valid on a day and of which no event came (``seen``: dense numbers or rows below 0 are skipped): a
    site that was down, or a part of the delivery that is missing."""
    heard = np.zeros(len(plan.ids), np.bool_)
    for part in seen:
        heard[part[part >= 0]] = True
    return plan.ids.take(pa.array(np.flatnonzero((plan.on(day) >= 0) & ~heard)))


def read_cell_plan(path: Path) -> CellPlan:
    """A plan from Parquet or CSV (comma or semicolon; names of columns as in ``tables.CELL_PLAN``).

    Raises:
        TableError: if it cannot be read or does not keep to ``tables.CELL_PLAN``.
    """
    try:
        if path.suffix == ".parquet":
            return cell_plan(pq.read_table(path))
        with pa.input_stream(path) as stream:
            head = stream.read(4096)
        semicolons = head.split(b"\n", 1)[0].count(b";")
        wanted = {c.name: c.type for c in CELL_PLAN.columns if c.name != "cell_id"}
        table = pacsv.read_csv(
            path,
            parse_options=pacsv.ParseOptions(delimiter=";" if semicolons else ",", newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types={"cell_id": pa.string(), **wanted}, strings_can_be_null=True, null_values=[""]
            ),
        )
    except (OSError, pa.ArrowInvalid) as error:
        remedy = "Deliver Parquet, or CSV in UTF-8 with the columns of the cell plan."
        raise TableError([Violation("cell_plan", "*", f"{path.name} cannot be read ({error})", remedy)]) from None
    return cell_plan(table)


def cell_plan(table: pa.Table) -> CellPlan:
    """The arrays of a plan.

    Times of validity of one cell that overlap are cut: the later row holds from its first day.  Coverage that cannot be
    read falls back to range and sector.  ``violations`` says so.

    Raises:
        TableError: if the table does not keep to ``tables.CELL_PLAN``.
    """
    broken = check(table, CELL_PLAN)
    if not broken and not table.num_rows:
        broken = [Violation("cell_plan", "cell_id", "there is no cell", "Deliver the plan of the days of the events.")]
    if broken:
        raise TableError(broken)
    ids = table["cell_id"].combine_chunks()
    if pa.types.is_dictionary(ids.type):
        ids = ids.dictionary_decode()
    if pa.types.is_large_string(ids.type):
        ids = ids.cast(pa.string())
    unique = pc.unique(ids)
    unique = unique.take(pc.sort_indices(unique))
    cell = np.asarray(pc.index_in(ids, value_set=unique)).astype(np.int32)
    valid_from = _numbers(table, "valid_from", FIRST).astype(np.int64)
    order = np.lexsort((valid_from, cell))
    table = table.take(pa.array(order))
    cell, valid_from = cell[order], valid_from[order]
    valid_until = _numbers(table, "valid_until", LAST).astype(np.int64)
    violations = _validity(cell, valid_from, valid_until, order)
    valid_until[:-1] = np.where(
        cell[1:] == cell[:-1], np.minimum(valid_until[:-1], valid_from[1:] - 1), valid_until[:-1]
    )
    lon, lat = _numbers(table, "lon", np.nan), _numbers(table, "lat", np.nan)
    antenna_x, antenna_y = project(lon, lat)
    range_m = _numbers(table, "range_m", np.nan)
    unsaid = np.isnan(range_m)
    if unsaid.any():
        range_m[unsaid] = _usual_range(antenna_x, antenna_y)[unsaid]
    azimuth = _numbers(table, "azimuth", np.nan)
    beam = np.where(np.isnan(azimuth), 360.0, _numbers(table, "beam", BEAM))
    azimuth[beam >= 360] = np.nan
    x, y, radius = _sector(antenna_x, antenna_y, range_m, azimuth, beam)
    coverage, covered, unread = _coverage(table, order)
    if len(coverage):
        has = covered >= 0
        centre_x, centre_y, spread = coverage.spread()
        x[has], y[has], radius[has] = centre_x[covered[has]], centre_y[covered[has]], spread[covered[has]]
    lon, lat = unproject(x, y)
    starts = np.searchsorted(cell, np.arange(len(unique) + 1)).astype(np.int64)
    first, last = valid_from.astype(np.int32), valid_until.astype(np.int32)
    return CellPlan(
        unique, starts, cell, first, last, antenna_x, antenna_y, range_m, azimuth, beam, x, y, lon, lat, radius,
        coverage, covered, (*violations, *unread),
    )  # fmt: skip


def _numbers(table: pa.Table, name: str, otherwise: float) -> Floats:
    if name not in table.column_names:
        return np.full(table.num_rows, otherwise, np.float64)
    values = table[name].combine_chunks()
    if pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    return np.asarray(pc.fill_null(values.cast(pa.float64()), otherwise)).astype(np.float64)


def _validity(cell: Numbers, valid_from: Ints, valid_until: Ints, order: Ints) -> list[Violation]:
    found = []
    wrong = np.flatnonzero(valid_until < valid_from)
    if len(wrong):
        problem, remedy = "the cell ends before it begins", "Exchange the dates; the row is never valid."
        rows = tuple(np.sort(order[wrong])[:5].tolist())
        found.append(Violation("cell_plan", "valid_until", problem, remedy, rows, len(wrong)))
    over = np.flatnonzero((cell[1:] == cell[:-1]) & (valid_until[:-1] >= valid_from[1:]))
    if len(over):
        problem = "two rows of one cell are valid on the same day"
        remedy = "End the first the day before the second begins; the later row was taken."
        rows = tuple(np.sort(order[over + 1])[:5].tolist())
        found.append(Violation("cell_plan", "valid_from", problem, remedy, rows, len(over)))
    return found


def _coverage(table: pa.Table, order: Ints) -> tuple[Zones, Numbers, tuple[Violation, ...]]:
    covered = np.full(table.num_rows, -1, np.int32)
    if "coverage" not in table.column_names:
        return Zones([], []), covered, ()
    texts = table["coverage"].to_pylist()
    rows = [row for row, text in enumerate(texts) if text]
    zones = from_wkt([str(row) for row in rows], [texts[row] for row in rows])
    covered[[int(code) for code in zones.codes]] = np.arange(len(zones))
    named = tuple(replace(v, rows=tuple(int(order[rows[place]]) for place in v.rows)) for v in zones.violations)
    return zones, covered, named


def _usual_range(x: Floats, y: Floats) -> Floats:
    sites = np.unique(np.column_stack([np.rint(x), np.rint(y)]), axis=0)
    if len(sites) < 2:
        return np.full(len(x), LONGEST)
    near, _ = cKDTree(sites).query(np.column_stack([x, y]), k=min(NEIGHBOURS + 1, len(sites)))
    usual: Floats = np.clip(REACH * near[:, -1], SHORTEST, LONGEST)
    return usual


def _sector(x: Floats, y: Floats, range_m: Floats, azimuth: Floats, beam: Floats) -> tuple[Floats, Floats, Floats]:
    """Centroid and radius of 68 % of sectors of discs; the radius from the moment of inertia, exact for a disc."""
    half = np.radians(beam) / 2
    out = np.where(np.isnan(azimuth), 0.0, 2 * range_m * np.sin(half) / (3 * half))
    towards = np.radians(np.nan_to_num(azimuth))
    radius = np.sqrt(2 * 0.68 * np.maximum(range_m**2 / 2 - out**2, 0.0))
    return x + out * np.sin(towards), y + out * np.cos(towards), radius
