"""Footprints: how strongly each grid cell is served by each cell of the network, and where its devices are.

The model of M. Tennekes and Y. A. P. M. Gootzen, "Bayesian location estimation of mobile devices using a signal strength
model", Journal of Spatial Information Science 25 (2022), as in mobloc and in Eurostat's multimno.  With distance d (m),
power W (watt) and path loss exponent γ::

    S(d)    = 30 + 10 log10 W - 10 γ log10 d - A(φ)      signal strength, dBm
    A(φ)    = B (1 - exp(-φ² / 2σ²))                     loss off the axis: 3 dB at half the beam, B = 30 dB at most
    s(g, a) = 1 / (1 + exp(-k (S - m)))                  signal dominance, m = -92.5 dBm, k = 0.2
    P(a|g)  = s(g, a) / Σ_b s(g, b)                      cell connection probability
    P(g|a)  = P(g) P(a|g) / Σ_h P(h) P(a|h)              where the devices of cell a are, with prior P(g)

A plan says how far a cell reaches rather than how strong it is.  So the power is taken such that the dominance at
``range_m`` is ``edge``, the value below which a cell no longer counts; beyond its range a cell serves nothing.  Where the
operator delivers the coverage area, dominance is the share of the grid cell that it covers, and a grid cell of which
no more than a part is covered weighs as much as that part.  Height and tilt of the antenna are not modelled.

Where cells of the network are smaller than those of the grid, the middle of a grid cell says little.  So the model is
asked at points ``sample`` metres apart, and P(g|a) is the sum over the points of g.

The prior is uniform, or any weight by grid cell, such as population or land use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from allmende.engines.flows.cellplan import CellPlan, Numbers
from allmende.engines.flows.grid import Floats, Ints
from allmende.engines.flows.raster import expand

CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class SignalModel:
    """Parameters of the model; defaults as in mobloc (macro cell)."""

    exponent: float = 3.75
    """γ: 2 in free space, 4 in built-up land, 6 indoors."""
    midpoint: float = -92.5
    """dBm at which dominance is one half."""
    steepness: float = 0.2
    """Per dB."""
    back_loss: float = 30.0
    """dB that a directed antenna is weaker off its axis, at most (a narrow beam behind it)."""
    edge: float = 0.01
    """Dominance at the range of a cell; less does not count (the threshold of multimno)."""
    nearest: float = 20.0
    """Metres: closer than this the strength grows no more."""
    most: int = 100
    """Cells that may serve one grid cell; the weaker ones are left out."""

    def __post_init__(self) -> None:
        if not (self.exponent > 0 and self.steepness > 0 and self.nearest > 0 and self.most >= 1):
            raise ValueError("exponent, steepness and nearest must be more than 0, most at least 1.")
        if not self.back_loss > 3:
            raise ValueError(f"back_loss is {self.back_loss}; it must be more than 3 dB.")
        if not 0 < self.edge < 1:
            raise ValueError(f"edge is {self.edge}; it must be a dominance between 0 and 1.")

    def dominance(self, distance: Floats, range_m: Floats, off_axis: Floats, beam: Floats) -> Floats:
        """s(g, a) for distances and ranges in metres, angles off the axis and beams in degrees (beam 360: all round)."""
        edge_dbm = self.midpoint + np.log(self.edge / (1 - self.edge)) / self.steepness
        away = np.maximum(distance, self.nearest)
        strength = edge_dbm + 10 * self.exponent * np.log10(np.maximum(range_m, self.nearest) / away)
        sigma = (beam / 2) / np.sqrt(-2 * np.log(1 - 3 / self.back_loss))  # 3 dB at half the beam
        loss = np.where(beam >= 360, 0.0, self.back_loss * (1 - np.exp(-(off_axis**2) / (2 * sigma**2))))
        value: Floats = 1 / (1 + np.exp(-self.steepness * (strength - loss - self.midpoint)))
        return value


@dataclass(frozen=True, slots=True)
class Footprints:
    """What each cell of the network serves, during a time in which the plan stays the same.

    ``dominance``, ``connection`` P(a|g) and ``location`` P(g|a) are sparse, cells of the network (dense numbers of the
    plan) x grid cells.  Columns of ``connection`` add up to 1, rows of ``location`` too (to 0 for a cell that is not valid).
    """

    size: int
    grid: Ints
    """The grid cells (see ``grid``), sorted."""
    dominance: sparse.csr_array
    connection: sparse.csr_array
    location: sparse.csr_array
    served: Floats
    """Share of each grid cell that is served; where coverage areas alone serve it, the covered share."""

    def with_prior(self, prior: Floats) -> Footprints:
        """The same footprints with other prior weights, one for each cell of ``grid``; a cell all of whose grid cells
        have weight 0 keeps the uniform prior.

        Raises:
            ValueError: if a weight is negative or no number.
        """
        weights = np.asarray(prior, np.float64)
        if weights.shape != self.grid.shape or not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError(f"prior: {len(self.grid)} weights of 0 or more are wanted, one for each grid cell.")
        location = _located(self.connection, weights * self.served, self.served)
        return Footprints(self.size, self.grid, self.dominance, self.connection, location, self.served)


def footprints(
    plan: CellPlan,
    day: int,
    *,
    size: int = 1000,
    sample: int = 250,
    model: SignalModel | None = None,
    prior: tuple[Ints, Floats] | None = None,
) -> Footprints:
    """The footprints of the cells that are valid on a day (days since 1970) on a grid of ``size`` metres, from points
    ``sample`` metres apart (or one in each grid cell); ``prior``: grid cells and their weights.

    Raises:
        ValueError: if ``size`` is not a multiple of ``sample``, or does not divide the grid.
    """
    fine = min(size, sample)
    if size % fine or 100_000 % size:
        raise ValueError(f"size is {size}, sample {sample}: size must divide 100,000 and be a multiple of sample.")
    found = _sampled(plan, day, fine, model or SignalModel())
    if fine < size:
        found = _coarser(found, size)
    return found if prior is None else found.with_prior(weights_on(found.grid, *prior))


def _coarser(feet: Footprints, size: int) -> Footprints:
    """The same on a coarser grid: probabilities are averaged over what is served of a cell."""
    base, times = 100_000_000 // feet.size, size // feet.size
    col, line = np.divmod(feet.grid, base)
    grid, column = _columns((col // times) * (100_000_000 // size) + line // times, size)
    step = sparse.csr_array((np.ones(len(column)), (np.arange(len(column)), column)), shape=(len(column), len(grid)))
    dominance = sparse.csr_array(feet.dominance @ step)
    dominance.data /= times * times
    covered = np.bincount(column, feet.served, len(grid))
    connection = sparse.csr_array(
        _same_places(feet.connection, feet.connection.data * feet.served[feet.connection.indices]) @ step
    )
    connection.data /= covered[connection.indices]
    served = covered / (times * times)
    return Footprints(size, grid, dominance, connection, _located(connection, served, served), served)


def _sampled(plan: CellPlan, day: int, size: int, model: SignalModel) -> Footprints:
    rows = plan.on(day)
    valid = np.flatnonzero(rows >= 0)
    drawn = valid[plan.covered[rows[valid]] < 0]
    parts = [_by_coverage(plan, rows, valid, size)]
    reach = np.ceil(plan.range_m[rows[drawn]] / size) + 1
    batch = np.cumsum((2 * reach + 1) ** 2) // CELLS_AT_ONCE
    parts += [_by_signal(plan, rows, drawn[batch == one], size, model) for one in np.unique(batch).tolist()]
    number = np.concatenate([part[0] for part in parts])
    grid_cell = np.concatenate([part[1] for part in parts])
    strength = np.concatenate([part[2] for part in parts])
    known, column = _columns(grid_cell, size)
    keep = _strongest(number, column, strength, model.most)
    if not keep.all():
        number, strength = number[keep], strength[keep]
        known, column = _columns(grid_cell[keep], size)
    dominance = sparse.csr_array((strength, (number.astype(np.int32), column)), shape=(len(plan.ids), len(known)))
    strengths = np.bincount(dominance.indices, dominance.data, len(known))
    connection = _same_places(dominance, dominance.data / strengths[dominance.indices])
    modelled = np.bincount(column, plan.covered[rows[number]] < 0, len(known)) > 0
    served = np.where(modelled, 1.0, np.minimum(strengths, 1.0))
    return Footprints(size, known, dominance, connection, _located(connection, served, served), served)


def _same_places(matrix: sparse.csr_array, data: Floats) -> sparse.csr_array:
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _columns(grid_cell: Ints, size: int) -> tuple[Ints, Numbers]:
    """The different grid cells, sorted, and for each entry the position of its grid cell among them."""
    if not len(grid_cell):
        return grid_cell, grid_cell.astype(np.int32)
    col, line = np.divmod(grid_cell, 100_000_000 // size)
    col0, line0, lines = int(col.min()), int(line.min()), int(np.ptp(line)) + 1
    flat = (col - col0) * lines + (line - line0)
    there = np.zeros((int(np.ptp(col)) + 1) * lines, np.bool_)
    there[flat] = True
    position = np.cumsum(there, dtype=np.int32) - np.int32(1)
    col, line = np.divmod(np.flatnonzero(there), lines)
    return (col + col0) * (100_000_000 // size) + line + line0, position[flat]


def weights_on(grid: Ints, cells: Ints, weights: Floats) -> Floats:
    """Weights given for some cells, laid on the cells of ``grid`` (sorted); 0 where none is given."""
    place = np.minimum(np.searchsorted(grid, cells), max(len(grid) - 1, 0))
    hit = grid[place] == cells if len(grid) else np.zeros(len(cells), np.bool_)
    return np.bincount(place[hit], np.asarray(weights, float)[hit], len(grid)).astype(np.float64)


def expected(feet: Footprints) -> tuple[Numbers, Floats, Floats, Floats]:
    """Where a device of each cell is to be expected: (dense numbers, x, y, radius of 68 %), metres, for ``CellPlan.moved``."""
    base = 100_000_000 // feet.size
    x, y = (feet.grid // base + 0.5) * feet.size, (feet.grid % base + 0.5) * feet.size
    some = np.flatnonzero(_sums(feet.location, 1) > 0).astype(np.int32)
    where = feet.location[some]
    mean_x, mean_y = where @ x, where @ y
    entry = np.repeat(np.arange(len(some)), np.diff(where.indptr))
    squares = (x[where.indices] - mean_x[entry]) ** 2 + (y[where.indices] - mean_y[entry]) ** 2 + feet.size**2 / 6
    second = np.bincount(entry, where.data * squares, len(some))
    return some, mean_x, mean_y, np.sqrt(2 * 0.68 * second)


def _sums(matrix: sparse.csr_array, axis: int) -> Floats:
    return np.asarray(matrix.sum(axis=axis), np.float64).ravel()


def _located(connection: sparse.csr_array, prior: Floats, otherwise: Floats) -> sparse.csr_array:
    """P(g|a); each row adds up to 1.  A row to which the prior gives nothing takes the other one."""
    weighted = _same_places(connection, connection.data * prior[connection.indices])
    total = _sums(weighted, 1)
    row = np.repeat(np.arange(len(total)), np.diff(connection.indptr))
    lost = total <= 0
    if lost.any():
        weighted.data = np.where(lost[row], connection.data * otherwise[connection.indices], weighted.data)
        total = _sums(weighted, 1)
    weighted.data /= total[row]
    return weighted


def _by_coverage(plan: CellPlan, rows: Numbers, valid: Ints, size: int) -> tuple[Ints, Ints, Floats]:
    zone, grid_cell, share = plan.coverage.cells(size)
    of_zone = np.full(len(plan.coverage) + 1, -1, np.int64)
    of_zone[plan.covered[rows[valid]]] = valid  # -1, no coverage, lands on the spare place at the end
    of_zone[-1] = -1
    cell = of_zone[zone]
    return cell[cell >= 0], grid_cell[cell >= 0], share[cell >= 0]


def _by_signal(plan: CellPlan, rows: Numbers, cells: Ints, size: int, model: SignalModel) -> tuple[Ints, Ints, Floats]:
    row = rows[cells]
    x, y, range_m = plan.antenna_x[row], plan.antenna_y[row], plan.range_m[row]
    col, line = np.floor(x / size).astype(np.int64), np.floor(y / size).astype(np.int64)
    reach = np.ceil(range_m / size).astype(np.int64)
    width = 2 * reach + 1
    which, place = expand(np.zeros(len(cells), np.int64), width * width)
    down, across = np.divmod(place, width[which])
    col, line = (col - reach)[which] + across, (line - reach)[which] + down
    dx, dy = (col + 0.5) * size - x[which], (line + 0.5) * size - y[which]
    distance = np.hypot(dx, dy)
    home = (np.abs(dx) <= size / 2) & (np.abs(dy) <= size / 2)  # the antenna's own grid cell is always served
    some = np.flatnonzero(((distance <= range_m[which]) | home) & (col >= 0) & (line >= 0))
    which, col, line, dx, dy, distance = which[some], col[some], line[some], dx[some], dy[some], distance[some]
    turned = np.degrees(np.arctan2(dx, dy)) - np.nan_to_num(plan.azimuth[row])[which]
    off_axis = np.abs((turned + 180) % 360 - 180)
    # In the antenna's own cell the direction to the middle says nothing, and the distance is that to a random place.
    off_axis[home[some]] = 0.0
    distance[home[some]] = np.maximum(distance[home[some]], 0.38 * size)
    value = model.dominance(distance, range_m[which], off_axis, plan.beam[row][which])
    kept = (value >= model.edge) | home[some]
    base = 100_000_000 // size
    return cells[which[kept]], col[kept] * base + line[kept], value[kept]


def _strongest(cell: Ints, column: Numbers, value: Floats, most: int) -> npt.NDArray[np.bool_]:
    """At most so many cells for each grid cell; a cell that would be left with nothing keeps its strongest place."""
    keep = np.ones(len(cell), np.bool_)
    crowded = np.flatnonzero((np.bincount(column) > most)[column]) if len(cell) else np.zeros(0, np.int64)
    if not len(crowded):
        return keep
    order = crowded[np.lexsort((cell[crowded], -value[crowded], column[crowded]))]
    first = np.flatnonzero(np.append(True, column[order][1:] != column[order][:-1]))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    keep[order[rank >= most]] = False
    left = np.setdiff1d(cell, cell[keep])
    if len(left):
        lone = np.flatnonzero(np.isin(cell, left))
        lone = lone[np.lexsort((column[lone], -value[lone], cell[lone]))]
        keep[lone[np.append(True, cell[lone][1:] != cell[lone][:-1])]] = True
    return keep
