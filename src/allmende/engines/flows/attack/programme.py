"""Bounds on many unknowns at once: a linear programme in blocks, solved with HiGHS.

The components of the programme share nothing, so one run of the solver bounds one unknown in each of them.  A point that
the solver passes shows for every unknown that it can be that high or low, which spares most of the runs (M. Fischetti,
J.-J. Salazar, Models and Algorithms for Optimizing Cell Suppression, JASA 95, 2000, for the audit programme itself; Q. Huangfu,
J. Hall, Parallelizing the dual revised simplex method, Math. Prog. Comp. 10, 2018, for HiGHS).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, identity
from scipy.sparse.csgraph import connected_components

from allmende.engines.flows.attack.cube import Floats, Ints

Mask = npt.NDArray[np.bool_]
BATCH = 4_000
"""Unknowns in one run of the solver."""
SHUFFLED_RUNS = 4
MOST_RUNS = 200
"""Runs for one batch, after which what is not bounded counts as not examined."""
RUNS_PER_UNKNOWN = 20
"""On average; the work of all runs together is limited by it."""
EPS = 1e-6


@dataclass(frozen=True)
class Programme:
    """Unknowns ``low <= x <= high`` and rows ``row_low <= A x <= row_high`` with ``A`` given by its entries."""

    low: Floats
    high: Floats
    row: Ints
    column: Ints
    entry: Floats
    row_low: Floats
    row_high: Floats
    width: Ints
    """Of each row: how many figures it takes together; the widest are given up first."""


@dataclass(frozen=True)
class Bounded:
    """What is feasible for each unknown, whether it is certain (``exact``), and rows that contradict each other."""

    low: Floats
    high: Floats
    exact: Mask
    contradictions: int
    unexamined: int


def solve(programme: Programme, tight: float, wanted: Mask, old: Mask, largest: int, most: int) -> Bounded:
    """Bound the wanted unknowns as far as it matters: one that is free by ``tight`` or more is left alone.

    One that is ``old`` is left alone as soon as it may be nothing.  Components of one row are worked out without the solver; of the others it sees ``most`` unknowns, the tightest first.
    The rest is bounded row by row.
    """
    count = len(programme.low)
    exact = np.zeros(count, np.bool_)
    keep, component = _components(programme, largest)
    matrix = csr_array(
        coo_array((programme.entry, (programme.row, programme.column)), shape=(len(programme.row_low), count))
    )[keep]
    row_low, row_high = programme.row_low[keep], programme.row_high[keep]
    entries = matrix.tocoo()
    row_component = np.zeros(len(row_low), np.int64)
    row_component[entries.coords[0]] = component[entries.coords[1]]
    sizes = np.bincount(component)
    single = np.bincount(row_component, minlength=len(sizes)) <= 1
    alone = single[component]
    low, high = _single(matrix, row_low, row_high, programme)
    exact[:] = True  # also where it is looser than the solver would have it: what is too tight by it is too tight
    tightest = np.full(len(sizes), np.inf)
    np.minimum.at(tightest, component, np.where(wanted, programme.high, np.inf))
    ranked = np.argsort(np.where(single | ~np.isfinite(tightest), np.inf, tightest), kind="stable")
    ranked = ranked[: int((~single & np.isfinite(tightest)).sum())]
    batch_of = np.full(len(sizes), -1, np.int64)
    filled = np.cumsum(sizes[ranked])
    batch_of[ranked] = np.where(filled <= max(most, int(sizes[ranked[:1]].sum())), filled // BATCH, -1)
    order = np.argsort(component, kind="stable")
    contradictions, unexamined = 0, int((wanted & ~alone & (batch_of[component] < 0)).sum())
    generator = np.random.default_rng(1)
    work = most * RUNS_PER_UNKNOWN
    for batch in np.unique(batch_of[batch_of >= 0]):
        columns = order[batch_of[component[order]] == batch]
        rows = np.flatnonzero(batch_of[row_component] == batch)
        one = _Batch(
            matrix[rows][:, columns],
            row_low[rows],
            row_high[rows],
            programme.low[columns],
            programme.high[columns],
            component[columns],
        )
        contradictions += one.relax()
        wide = wanted[columns] & ((high[columns] - low[columns] >= tight) | old[columns])
        work = one.run(tight, wide, old[columns], generator, work)
        settled = wide & (one.exact | ~one.unsettled(tight, wide, old[columns]))
        unexamined += int((wide & ~settled).sum())
        known = columns[settled]
        low[known], high[known], exact[known] = one.seen_low[settled], one.seen_high[settled], one.exact[settled]
    return Bounded(low, high, exact, contradictions, unexamined)


def _single(matrix: csr_array, row_low: Floats, row_high: Floats, programme: Programme) -> tuple[Floats, Floats]:
    """Bounds of each unknown by one row at a time: all there is to know where it is in one row, otherwise looser."""
    low, high = programme.low.copy(), programme.high.copy()
    entries = matrix.tocoo()
    (row, column), sign = entries.coords, entries.data
    least = np.where(sign > 0, low[column], -high[column])
    most = np.where(sign > 0, high[column], -low[column])
    all_least = np.bincount(row, least, minlength=len(row_low))
    all_most = np.bincount(row, most, minlength=len(row_low))
    floor = np.maximum(least, row_low[row] - (all_most[row] - most))
    top = np.minimum(most, row_high[row] - (all_least[row] - least))
    np.maximum.at(low, column, np.where(sign > 0, floor, -top))
    np.minimum.at(high, column, np.where(sign > 0, top, -floor))
    return np.minimum(low, high), np.maximum(low, high)


def _idle(programme: Programme) -> Mask:
    """Rows that hold whatever the unknowns are within their own bounds: they bind nothing and tie nothing together."""
    low, high = programme.low[programme.column], programme.high[programme.column]
    least = np.where(programme.entry > 0, low, -high)
    most = np.where(programme.entry > 0, high, -low)
    rows = len(programme.row_low)
    least_sum, most_sum = np.bincount(programme.row, least, rows), np.bincount(programme.row, most, rows)
    return np.asarray((least_sum >= programme.row_low - EPS) & (most_sum <= programme.row_high + EPS))


def _components(programme: Programme, largest: int) -> tuple[Ints, Ints]:
    """Rows that are kept, and the component of each unknown; too large ones are cut at their widest rows."""
    count, rows = len(programme.low), len(programme.row_low)
    keep = ~_idle(programme)
    limit = int(programme.width.max(initial=1))
    while True:
        used = keep[programme.row]
        graph = coo_array(
            (np.ones(int(used.sum())), (programme.column[used], programme.row[used] + count)),
            shape=(count + rows, count + rows),
        )
        _, labels = connected_components(graph, directed=False)
        component = np.unique(labels[:count], return_inverse=True)[1].astype(np.int64)
        big = np.bincount(component) > largest
        if not big.any() or limit <= 2:
            return np.flatnonzero(keep), component
        limit = limit * 2 // 3
        in_big = np.zeros(rows, np.bool_)
        in_big[programme.row[big[component[programme.column]]]] = True
        keep &= ~(in_big & (programme.width > limit))


class _Batch:
    """Some components together: the matrix, and for each unknown what was seen to be feasible."""

    def __init__(
        self, matrix: csr_array, row_low: Floats, row_high: Floats, low: Floats, high: Floats, component: Ints
    ):
        self.matrix, self.row_low, self.row_high = matrix, row_low, row_high
        self.low, self.high, self.component = low, high, component
        self.seen_low, self.seen_high = np.full(len(low), np.inf), np.full(len(low), -np.inf)
        self.exact = np.zeros(len(low), np.bool_)

    def relax(self) -> int:
        """Give rows that contradict each other the least room that makes them agree; how many did."""
        rows, count = self.matrix.shape
        if not rows:
            return 0
        wide = hstack([self.matrix, identity(rows), -identity(rows)]).tocsr()
        cost = np.concatenate([np.zeros(count), np.ones(2 * rows)])
        result = milp(
            cost,
            constraints=LinearConstraint(wide, self.row_low, self.row_high),
            bounds=Bounds(
                np.concatenate([self.low, np.zeros(2 * rows)]), np.concatenate([self.high, np.full(2 * rows, np.inf)])
            ),
        )
        if result.x is None:
            return int(rows)
        less, more = result.x[count : count + rows], result.x[count + rows :]
        off = np.maximum(less, more)
        wrong = off > EPS
        self.row_low = np.where(wrong, self.row_low - off - EPS, self.row_low)
        self.row_high = np.where(wrong, self.row_high + off + EPS, self.row_high)
        self._see(result.x[:count])
        return int(wrong.sum())

    def _see(self, point: Floats, only: Ints | None = None) -> None:
        at = slice(None) if only is None else only
        self.seen_low[at] = np.minimum(self.seen_low[at], point)
        self.seen_high[at] = np.maximum(self.seen_high[at], point)

    def _optimum(self, cost: Floats, columns: Ints) -> Floats | None:
        part = self.matrix[:, columns]
        rows = np.flatnonzero(np.diff(part.indptr))
        constraints = LinearConstraint(part[rows], self.row_low[rows], self.row_high[rows]) if len(rows) else ()
        result = milp(cost, constraints=constraints, bounds=Bounds(self.low[columns], self.high[columns]))
        if result.x is None:
            return None
        self._see(result.x, columns)
        point: Floats = result.x
        return point

    def unsettled(self, tight: float, wanted: Mask, old: Mask) -> Mask:
        """Those that were not seen to be free by ``tight``, nor, if they are old, to be nothing."""
        return np.asarray(wanted & (self.seen_high - self.seen_low < tight) & ~(old & (self.seen_low <= EPS)))

    def run(self, tight: float, wanted: Mask, old: Mask, generator: np.random.Generator, work: int) -> int:
        """Run the solver until every wanted unknown is free or bounded, or the work is used up; what work is left."""
        for number in range(MOST_RUNS):
            left = self.unsettled(tight, wanted, old) & ~self.exact
            columns = np.flatnonzero(np.isin(self.component, self.component[left]))
            if not len(columns) or work <= 0:
                break
            work -= 2 * len(columns)
            if number < SHUFFLED_RUNS:
                cost = generator.choice([-1.0, 1.0], len(columns)) * generator.uniform(0.5, 1.5, len(columns))
                if self._optimum(cost, columns) is None or self._optimum(-cost, columns) is None:
                    break
                continue
            first = np.unique(self.component[columns[left[columns]]], return_index=True)[1]
            chosen = columns[left[columns]][first]
            cost = np.zeros(len(columns))
            cost[np.searchsorted(columns, chosen)] = 1.0
            if self._optimum(cost, columns) is None or self._optimum(-cost, columns) is None:
                break
            self.exact[chosen] = True
        return work
