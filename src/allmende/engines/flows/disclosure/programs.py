"""Linear programs over the bonds among some facts: how low and how high each can be.

Before the solver sees a program it is taken apart.  A row of one unknown is a bound; a row that holds whatever the unknowns are
within their bounds says nothing; what is left falls into components that share nothing.  One run of the solver then
asks about one fact of each component, or about many at once, and each solution is a witness for every fact in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from allmende.engines.flows.disclosure.facts import Bools, Ints
from allmende.engines.flows.disclosure.suppress import Shield, entries

Floats = npt.NDArray[np.float64]
TRIES = 8
"""Runs that push all facts in question at once, up or down by chance and then the other way round."""
FEWER, SHARE = 24, 0.12
"""Runs after these that push so small a share of the facts of a component: they get in each other's way less.  What is
open after these is asked about one fact at a time."""
AT_ONCE = 4_000
"""Unknowns of one run."""
EPS = 1e-6


@dataclass(frozen=True, slots=True)
class Program:
    """``equal x = equal_to``, ``under x <= under_to``, ``low <= x <= high``; and the component of each unknown."""

    equal: sp.csr_matrix
    equal_to: Floats
    under: sp.csr_matrix
    under_to: Floats
    low: Floats
    high: Floats
    component: Ints

    def part(self, columns: Ints) -> Program:
        """The program of whole components."""
        equal, equal_to = _cut(self.equal, self.equal_to, columns)
        under, under_to = _cut(self.under, self.under_to, columns)
        return Program(equal, equal_to, under, under_to, self.low[columns], self.high[columns], self.component[columns])

    def solve(self, cost: Floats) -> Floats | None:
        """A point of least cost; none if the solver finds none."""
        found = linprog(
            cost,
            *((self.under, self.under_to) if self.under.shape[0] else (None, None)),
            *((self.equal, self.equal_to) if self.equal.shape[0] else (None, None)),
            np.column_stack([self.low, self.high]),
            method="highs",
        )
        if found.status != 0:
            return None
        point: Floats = found.x
        return point


def _cut(matrix: sp.csr_matrix, right: Floats, columns: Ints) -> tuple[sp.csr_matrix, Floats]:
    cut = matrix[:, columns]
    rows = np.flatnonzero(np.diff(cut.indptr))
    return cut[rows], right[rows]


def tight_by_programs(state: Shield, asked: Ints, which: Ints, low: Floats, high: Floats, proven: Bools) -> Ints:
    """The facts among ``asked`` whose bounds by linear programs are closer than the interval; the others are proven.

    What was proven stays so when more is left out: whoever attacks knows less then.  Facts beyond those asked about stand
    at ``low`` and ``high``.
    """
    program = program_of(state, asked, which, low, high)
    alone = np.bincount(program.component)[program.component] == 1
    free = alone & _unbound(program)
    tight: Bools = free & (program.high - program.low < state.interval - EPS) & ~proven[asked]
    open_ = np.zeros(len(program.component), np.bool_)
    open_[program.component[~proven[asked] & ~free]] = True
    rest = np.flatnonzero(open_[program.component])
    for columns in _batches(program.component, rest):
        tight[columns] = _tight(
            program.part(columns), state.size[asked[columns]], proven[asked[columns]], state.interval
        )
    proven[asked[~tight]] = True
    found: Ints = asked[tight]
    return found


def _unbound(program: Program) -> Bools:
    """Unknowns in no row at all."""
    used = np.zeros(len(program.low), np.bool_)
    used[program.equal.indices] = True
    used[program.under.indices] = True
    return ~used


def _batches(component: Ints, columns: Ints) -> list[Ints]:
    """The columns in parts of whole components."""
    if not len(columns):
        return []
    columns = columns[np.argsort(component[columns], kind="stable")]
    first = np.searchsorted(component[columns], component[columns])  # where its component begins
    part = first // AT_ONCE
    return np.split(columns, np.flatnonzero(np.diff(part)) + 1)


def _tight(whole: Program, true: Ints, proven: Bools, interval: float) -> Bools:
    chance = np.random.default_rng(len(true))
    seen_low = true.astype(np.float64)  # what is true is one solution
    seen_high = seen_low.copy()
    done_low, done_high = proven.copy(), proven.copy()
    here, program = np.arange(len(true)), whole
    before = np.zeros(len(true))
    tries = 0
    while True:
        open_ = (seen_high - seen_low < interval) & ~(done_low & done_high)
        if not open_.any():
            break
        wanted = np.isin(whole.component, whole.component[open_])
        if wanted.sum() < 0.8 * len(here):  # leave behind what is settled
            here = np.flatnonzero(wanted)
            program = whole.part(here)
        cost = np.zeros(len(true))
        target = candidates = np.flatnonzero(open_)
        if tries < TRIES + FEWER and tries % 2:
            cost = -before  # the corner opposite
        elif tries < TRIES + FEWER:  # far corners, which settle many facts at once
            some = _some(candidates, whole.component, chance, 1.0 if tries < TRIES else SHARE)
            cost[some] = np.where(chance.random(len(some)) < 0.5, -1.0, 1.0)
        else:
            target = candidates[np.unique(whole.component[candidates], return_index=True)[1]]
            upward = ~done_high[target]
            cost[target] = np.where(upward, -1.0, 1.0)
        before = cost
        point = program.solve(cost[here])
        if point is None:
            return ~proven  # it cannot be: what is true solves it.  Fail closed
        seen_low[here] = np.minimum(seen_low[here], point)
        seen_high[here] = np.maximum(seen_high[here], point)
        if tries >= TRIES + FEWER:
            done_high[target[upward]] = True
            done_low[target[~upward]] = True
        tries += 1
    return np.asarray((seen_high - seen_low < interval - EPS) & ~proven)


def _some(candidates: Ints, component: Ints, chance: np.random.Generator, share: float) -> Ints:
    """Some of the facts in question, by lot: a share of each component, at least one."""
    if share >= 1:
        return candidates
    mixed = candidates[chance.permutation(len(candidates))]
    mixed = mixed[np.argsort(component[mixed], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(component[mixed]) != 0])
    size = np.diff(np.r_[starts, len(mixed)])
    rank = np.arange(len(mixed)) - np.repeat(starts, size)
    return mixed[rank < np.maximum(1, np.repeat(size, size) * share)]


def program_of(state: Shield, asked: Ints, which: Ints, low: Floats, high: Floats) -> Program:
    """The bonds ``which`` among the facts asked about, taken apart."""
    # far beyond the interval nothing more needs to be known, and programs with small numbers are solved more surely
    cap = float(state.size.max() + 10 * state.interval + 10)
    least, most = np.clip(low[asked], 0.0, cap), np.clip(high[asked], 0.0, cap)
    place = np.full(len(state.size), -1)
    place[asked] = np.arange(len(asked))
    bonds = state.bonds
    owner, child = entries(bonds, which)
    touched = np.zeros(len(which), np.bool_)
    touched[owner[place[child] >= 0]] = True
    touched |= place[bonds.parent[which]] >= 0
    which = which[touched]
    owner, child = entries(bonds, which)
    parent, additive = bonds.parent[which], bonds.additive[which]
    # sum of children - parent (= or >=) 0; facts that are not unknowns move to the right side
    rows = np.r_[owner, np.arange(len(which))]
    facts = np.r_[child, parent]
    signs = np.r_[np.ones(len(child)), -np.ones(len(parent))]
    known = place[facts] < 0
    at = np.where(signs > 0, high[facts], low[facts])
    right: Floats = -np.bincount(rows[known], (signs * at)[known], len(which)).astype(np.float64)
    matrix = sp.csr_matrix((signs[~known], (rows[~known], place[facts[~known]])), shape=(len(which), len(asked)))
    # no child is larger than its parent where devices are in several
    part = np.flatnonzero(~additive[owner])
    up, down = place[parent[owner[part]]], place[child[part]]
    lone = (up < 0) & (down >= 0)
    np.minimum.at(most, down[lone], high[parent[owner[part[lone]]]])
    lone = (down < 0) & (up >= 0)
    np.maximum.at(least, up[lone], low[child[part[lone]]])
    both = (up >= 0) & (down >= 0)
    up, down = up[both], down[both]
    binding = most[down] > least[up]
    up, down = up[binding], down[binding]
    lines = np.arange(len(up))
    below = sp.csr_matrix(
        (np.r_[np.ones(len(up)), -np.ones(len(up))], (np.r_[lines, lines], np.r_[down, up])),
        shape=(len(up), len(asked)),
    )
    covering = np.flatnonzero(~additive)
    covering = covering[_least(matrix[covering], least, most) < right[covering]]
    under = sp.vstack([-matrix[covering], below], format="csr")
    under_to = np.r_[-right[covering], np.zeros(len(up))]
    equal, equal_to = matrix[additive], right[additive]
    return Program(equal, equal_to, under, under_to, least, most, _components(equal, under))


def _least(matrix: sp.csr_matrix, low: Floats, high: Floats) -> Floats:
    """The least that each row can be."""
    positive, negative = matrix.maximum(0), matrix.minimum(0)
    least: Floats = positive @ low + negative @ high
    return least


def _components(equal: sp.csr_matrix, under: sp.csr_matrix) -> Ints:
    rows = sp.vstack([equal, under], format="coo")
    n = rows.shape[0] + rows.shape[1]
    graph = sp.coo_matrix((np.ones(rows.nnz, np.int8), (rows.col, rows.shape[1] + rows.row)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    found: Ints = np.unique(label[: rows.shape[1]], return_inverse=True)[1].astype(np.int64)
    return found
