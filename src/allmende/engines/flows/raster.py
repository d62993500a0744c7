"""Areas on a grid: which cells lie wholly inside an area, and which its outline runs through.

Built once from the edges of the outlines, all areas at a time, with array arithmetic only.  A point in a cell that lies
wholly inside one area needs no geometry; only points in cells that an outline touches are left for an exact test.

Cells on the outline are found by cutting each edge at the lines of the grid; cells inside by the even-odd rule on a line
through the middle of each row (J. D. Foley et al., Computer Graphics, 1990, section 3.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.grid import Floats, Ints

Numbers = npt.NDArray[np.int32]
OUTSIDE = -1
SIZES = (50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""Sizes of cells in metres, the finest first; one is chosen so that the table stays small."""
CELLS = 12_000_000
"""Cells of the table, at most: 48 MB."""
_NEAR = 1e-6
"""Of a cell: what is closer than this to a line of the grid touches both sides."""


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of all rings of all areas: metres (EPSG:3035), and the position of the area each belongs to."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    area: Numbers


@dataclass(frozen=True, slots=True)
class Raster:
    """For each cell: one area that holds it wholly, none, or a list of areas that hold or cut it."""

    size: int
    col0: int
    row0: int
    cols: int
    rows: int
    table: Numbers
    """Row by row: position of the area; ``OUTSIDE``; or -2 - k for list k."""
    starts: Ints
    areas: Numbers
    whole: npt.NDArray[np.bool_]
    """List k holds areas[starts[k]:starts[k + 1]]; ``whole`` where the area holds the whole cell."""

    def find(self, x: Floats, y: Floats) -> Numbers:
        """The entry of ``table`` for points in metres; what is not finite is outside."""
        with np.errstate(invalid="ignore"):
            col = np.floor(x / self.size) - self.col0
            row = np.floor(y / self.size) - self.row0
            inside = (col >= 0) & (col < self.cols) & (row >= 0) & (row < self.rows)
        flat = np.where(inside, row, 0).astype(np.int64) * self.cols + np.where(inside, col, 0).astype(np.int64)
        return np.where(inside, self.table[flat], np.int32(OUTSIDE))

    def corner(self, flat: Ints) -> tuple[Floats, Floats]:
        """South-west corner of cells of the table, metres."""
        row, col = np.divmod(flat, self.cols)
        return (col + self.col0) * float(self.size), (row + self.row0) * float(self.size)

    def entries(self, values: Numbers) -> tuple[Ints, Numbers, npt.NDArray[np.bool_]]:
        """What entries of ``table`` stand for: (position among ``values``, area, whether it holds the whole cell)."""
        single = np.flatnonzero(values >= 0)
        listed = np.flatnonzero(values < OUTSIDE)
        lists = -2 - values[listed].astype(np.int64)
        within, place = expand(self.starts[lists], self.starts[lists + 1])
        return (
            np.concatenate([single, listed[within]]),
            np.concatenate([values[single], self.areas[place]]),
            np.concatenate([np.ones(len(single), np.bool_), self.whole[place]]),
        )


def expand(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Ranges laid out one after the other: for each element (number of its range, element)."""
    lengths = ends - starts
    number = np.repeat(np.arange(len(starts), dtype=np.int64), lengths)
    before = np.cumsum(lengths) - lengths
    return number, np.arange(int(lengths.sum()), dtype=np.int64) - before[number] + starts[number]


def fitting_size(edges: Edges, surface: float) -> int:
    """The finest size whose table keeps to ``CELLS``; ``surface``: square metres of all areas together."""
    width = float(edges.x1.max() - edges.x1.min()) if len(edges.x1) else 0.0
    height = float(edges.y1.max() - edges.y1.min()) if len(edges.y1) else 0.0
    for size in SIZES:
        if max((width / size + 3) * (height / size + 3), surface / size**2) <= CELLS:
            return size
    return SIZES[-1]


def rasterise(edges: Edges, size: int) -> Raster:
    """The table of ``size`` metres over the bounds of the areas."""
    if not len(edges.x0):
        nothing = np.zeros(0, np.int32)
        return Raster(size, 0, 0, 0, 0, np.full(1, OUTSIDE, np.int32), np.zeros(1, np.int64), nothing, nothing > 0)
    col0, row0 = int(np.floor(edges.x0.min() / size)) - 1, int(np.floor(edges.y0.min() / size)) - 1
    cols = int(np.floor(edges.x0.max() / size)) + 2 - col0
    rows = int(np.floor(edges.y0.max() / size)) + 2 - row0
    count = int(edges.area.max()) + 1
    x0, x1 = edges.x0 / size - col0, edges.x1 / size - col0
    y0, y1 = edges.y0 / size - row0, edges.y1 / size - row0
    border_cell, border_area = np.divmod(_touched(x0, y0, x1, y1, edges.area, cols, count), count)
    starts, ends, area = _spans(x0, y0, x1, y1, edges.area, cols)

    # Sums along the row say how many areas hold a cell and, where it is one, which.
    holders = np.zeros(rows * cols + 1, np.int32)
    np.add.at(holders, starts, 1)
    np.add.at(holders, ends, -1)
    table = np.zeros(rows * cols + 1, np.int64)
    np.add.at(table, starts, area + 1)
    np.add.at(table, ends, -(area + 1))
    np.cumsum(holders, out=holders)
    np.cumsum(table, out=table)
    table -= 1

    listed = holders[:-1] > 1
    listed[border_cell] = True
    list_cells = np.flatnonzero(listed)
    first, last = np.searchsorted(list_cells, starts), np.searchsorted(list_cells, ends)
    span, place = expand(first, last)
    held = np.setdiff1d(list_cells[place] * count + area[span], border_cell * count + border_area)
    keys = np.concatenate([border_cell * count + border_area, held])
    whole = np.concatenate([np.zeros(len(border_cell), np.bool_), np.ones(len(held), np.bool_)])
    order = np.argsort(keys, kind="stable")
    cell_of, area_of = np.divmod(keys[order], count)
    table[list_cells] = -2 - np.arange(len(list_cells))
    return Raster(
        size,
        col0,
        row0,
        cols,
        rows,
        table[:-1].astype(np.int32),
        np.searchsorted(cell_of, np.append(list_cells, rows * cols)).astype(np.int64),
        area_of.astype(np.int32),
        whole[order],
    )


def _touched(x0: Floats, y0: Floats, x1: Floats, y1: Floats, area: Numbers, cols: int, count: int) -> Ints:
    """Cells that an edge touches, as sorted keys cell x count + area."""
    numbers, cuts = [np.arange(len(x0))], [np.zeros(len(x0))]
    for a, b in ((x0, x1), (y0, y1)):
        low, high = np.minimum(a, b), np.maximum(a, b)
        edge, line = expand(np.floor(low).astype(np.int64) + 1, np.floor(high).astype(np.int64) + 1)
        numbers.append(edge)
        cuts.append((line - a[edge]) / (b[edge] - a[edge]))
    numbers.append(np.arange(len(x0)))
    cuts.append(np.ones(len(x0)))
    edge, t = np.concatenate(numbers), np.clip(np.concatenate(cuts), 0.0, 1.0)
    order = np.lexsort((t, edge))
    edge, t = edge[order], t[order]
    same = edge[1:] == edge[:-1]
    edge = np.concatenate([edge, edge[1:][same]])
    t = np.concatenate([t, ((t[1:] + t[:-1]) / 2)[same]])
    x, y = x0[edge] + t * (x1 - x0)[edge], y0[edge] + t * (y1 - y0)[edge]
    owner = area[edge].astype(np.int64)
    keys = [(np.floor(y).astype(np.int64) * cols + np.floor(x).astype(np.int64)) * count + owner]
    close = np.flatnonzero((np.abs(x - np.rint(x)) < _NEAR) | (np.abs(y - np.rint(y)) < _NEAR))
    x, y, owner = x[close], y[close], owner[close]
    for dx in (-_NEAR, _NEAR):
        for dy in (-_NEAR, _NEAR):
            cell = np.floor(y + dy).astype(np.int64) * cols + np.floor(x + dx).astype(np.int64)
            keys.append(cell * count + owner)
    return np.unique(np.concatenate(keys))


def _spans(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, area: Numbers, cols: int
) -> tuple[Ints, Ints, npt.NDArray[np.int64]]:
    """Runs of cells along a row whose middle lies inside an area: first cell, cell after the last, area."""
    low, high = np.minimum(y0, y1), np.maximum(y0, y1)
    edge, row = expand(np.ceil(low - 0.5).astype(np.int64), np.ceil(high - 0.5).astype(np.int64))
    x = x0[edge] + (row + 0.5 - y0[edge]) * ((x1 - x0)[edge] / (y1 - y0)[edge])
    order = np.lexsort((x, row, area[edge]))
    x, row, owner = x[order], row[order], area[edge][order].astype(np.int64)
    starts = row[::2] * cols + np.ceil(x[::2] - 0.5).astype(np.int64)
    ends = row[1::2] * cols + np.ceil(x[1::2] - 0.5).astype(np.int64)
    some = ends > starts
    return starts[some], ends[some], owner[::2][some]
