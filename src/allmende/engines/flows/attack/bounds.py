"""Bounds on withheld figures by linear programming.

A figure that no single sum gives away may still be pinned down by several at once.  The audit asks for the lowest and the
highest value that each withheld figure can have, given all that is published: M. Fischetti, J.-J. Salazar (JASA 95, 2000);
A. Hundepool et al., Statistical Disclosure Control (2012), 4.4.  A row that is not there may be small, large or nobody: the only
bounds are the published sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from allmende.engines.flows.attack.cube import Floats, Ints
from allmende.engines.flows.attack.differences import bounds_in_words
from allmende.engines.flows.attack.findings import MOST_NAMED, Finding, Limits, capped
from allmende.engines.flows.attack.knowledge import Sums
from allmende.engines.flows.attack.programme import Programme, solve
from allmende.engines.flows.attack.recover import Known, errors_of, is_in, missing_children, rest_of

ATTACK = "bounds by linear programming"
REMEDY = "Withhold further figures of the sums that bound it, or release fewer totals."
ROUNDS = 3
MOST_GATHERED = 2_000_000
EPS = 1e-6


@dataclass
class _Rows:
    """Constraints as they are gathered: unknowns by key, and for each row its bounds."""

    key: list[Ints] = field(default_factory=list)
    row: list[Ints] = field(default_factory=list)
    entry: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    width: list[Ints] = field(default_factory=list)
    count: int = 0

    def add(self, row: Ints, key: Ints, entry: Floats) -> None:
        self.row.append(row + self.count)
        self.key.append(key)
        self.entry.append(entry)

    def close(self, low: Floats, high: Floats, width: Ints) -> None:
        self.low.append(low)
        self.high.append(high)
        self.width.append(width)
        self.count += len(low)


@dataclass
class _Table:
    """The families along one axis with what is known of them, looked up by the parent's key."""

    parent: Ints
    total: Floats
    count: Ints
    largest: Floats
    wrong: Floats


def bound(sums: Sums, known: Known, limits: Limits, remarks: list[str]) -> Iterator[Finding]:
    """The withheld figures that are bounded tighter than the interval and that no simple subtraction gave away."""
    tables = [_table(sums, known, position) for position in range(len(sums.modes))]
    cells, told, left = _start(sums, known, limits)
    if left:
        remarks.append(
            f"{sums.cube.measure}: {left} withheld figures were not bounded by linear programming (most_cells)."
        )
    if not len(cells):
        return
    kinds = np.unique(sums.cube.kind(sums.cube.keys))
    for _ in range(ROUNDS):
        more = _grown(sums, known, limits, tables, cells, kinds)
        if len(more) == len(cells):
            break
        cells = more
    programme, noise = _programme(sums, known, limits, tables, cells, kinds)
    wanted = np.isin(sums.cube.kind(cells), kinds)
    # What is no more than rounding may be nobody.
    wanted &= (programme.high > 2 * noise + EPS) & (programme.high >= sums.known.weight)
    # Of a small rest it is known already that each part is at most the rest; that a part is somebody is news.
    old = is_in(cells, told)
    bounded = solve(programme, sums.known.tight, wanted, old, limits.largest_component, limits.most_cells)
    if bounded.contradictions:
        remarks.append(f"{sums.cube.measure}: {bounded.contradictions} sums contradict each other and were loosened.")
    if bounded.unexamined:
        remarks.append(
            f"{sums.cube.measure}: {bounded.unexamined} withheld figures were left to looser bounds (most_cells)."
        )
    width = bounded.high - bounded.low
    people = (bounded.low > EPS) | ((bounded.high >= sums.known.weight) & (bounded.high > 2 * noise + EPS))
    people &= (bounded.low > EPS) | ~old
    chosen = np.flatnonzero(wanted & bounded.exact & (width < sums.known.tight - EPS) & people)
    yield from capped(
        [
            _finding(sums, int(cells[at]), max(float(bounded.low[at]), 0.0), float(bounded.high[at]))
            for at in chosen[np.argsort(width[chosen], kind="stable")][:MOST_NAMED]
        ],
        len(chosen),
        ATTACK,
        sums.cube.sources[0].name,
    )


def _finding(sums: Sums, key: int, low: float, high: float) -> Finding:
    known = sums.known
    return Finding(
        ATTACK,
        sums.cube.table_name(key),
        sums.cube.place(key),
        f"the figure is {bounds_in_words(low, high)} people",
        f"All published sums together bound it tighter than {known.tight:g} people.",
        sums.severity(low, high),
        REMEDY,
        round(low, 3),
        round(high, 3),
        known.devices(low),
        known.devices(high),
    )


def _table(sums: Sums, known: Known, position: int) -> _Table:
    families = sums.cube.families(position, known.keys, known.values)
    children = sums.cube.families(position, known.keys, known.errors)
    return _Table(families.parent, families.total, families.count, families.largest, children.total)


def _start(sums: Sums, known: Known, limits: Limits) -> tuple[Ints, Ints, int]:
    """(withheld figures to begin with, those in a small rest, how many were left out)."""
    found: list[Ints] = []
    rank: list[Floats] = []
    told: list[Ints] = []
    for position, mode in enumerate(sums.modes):
        if mode == "none":
            continue
        families = sums.cube.families(position, known.keys, known.values)
        rest = rest_of(sums, position, families, errors_of(sums, position, known.keys, known.errors))
        narrow = (rest.missing <= limits.widest_family) & (rest.high > 0)
        reported = narrow & rest.small
        told.append(missing_children(sums, position, rest.parent[reported], known.keys)[1])
        worth = np.flatnonzero(narrow & ~rest.empty & (rest.low > 0))
        row, cell = missing_children(sums, position, rest.parent[worth], known.keys)
        found.append(cell)
        rank.append(rest.high[worth][row])
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), 0
    cells, ranks = np.concatenate(found), np.concatenate(rank)
    order = np.lexsort((ranks, cells))
    cells, first = np.unique(cells[order], return_index=True)
    ranks = ranks[order][first]
    left = max(0, len(cells) - MOST_GATHERED)
    if left:
        cells = cells[np.sort(np.argsort(ranks, kind="stable")[:MOST_GATHERED])]
    return cells, np.unique(np.concatenate(told)), left


def _parents(sums: Sums, position: int, cells: Ints) -> tuple[Ints, Ints]:
    """(row of ``cells``, key of a parent along one axis)."""
    pointer, parents = sums.cube.axes[position].parents
    code = sums.cube.codes(cells, position)
    counts = pointer[code + 1] - pointer[code]
    row = np.repeat(np.arange(len(cells)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, sums.cube.move(cells[row], position, parents[pointer[code[row]] + within])


def _narrow_parents(
    sums: Sums, known: Known, limits: Limits, table: _Table, position: int, cells: Ints, kinds: Ints
) -> Ints:
    """Parents of the cells whose withheld children are few enough to look at, and that are published or could be."""
    parents = np.unique(_parents(sums, position, cells)[1])
    pointer, _ = sums.cube.axes[position].children
    code = sums.cube.codes(parents, position)
    possible = pointer[code + 1] - pointer[code]
    missing = possible - _look_up(table, parents, table.count)
    of_kind = np.isin(sums.cube.kind(parents), kinds)
    return np.asarray(parents[(missing <= limits.widest_family) & (is_in(parents, known.keys) | of_kind)])


def _look_up(table: _Table, parents: Ints, values: Floats | Ints) -> Floats:
    if not len(table.parent):
        return np.zeros(len(parents))
    at = np.minimum(np.searchsorted(table.parent, parents), len(table.parent) - 1)
    return np.where(table.parent[at] == parents, values[at], 0).astype(np.float64)


def _grown(sums: Sums, known: Known, limits: Limits, tables: list[_Table], cells: Ints, kinds: Ints) -> Ints:
    """The cells and all withheld figures that share a narrow sum with them, as long as there are not too many."""
    grown = [cells]
    for position, mode in enumerate(sums.modes):
        if mode == "none":
            continue
        parents = _narrow_parents(sums, known, limits, tables[position], position, cells, kinds)
        grown.append(missing_children(sums, position, parents, known.keys)[1])
        grown.append(parents[~is_in(parents, known.keys)])
    more = np.unique(np.concatenate(grown))
    return more if len(more) <= 2 * MOST_GATHERED else cells


def _programme(
    sums: Sums, known: Known, limits: Limits, tables: list[_Table], cells: Ints, kinds: Ints
) -> tuple[Programme, Floats]:
    """The programme over the cells, and for each the error of the sum that bounds it most."""
    low, high, noise = np.zeros(len(cells)), np.full(len(cells), np.inf), np.zeros(len(cells))
    rows = _Rows()
    for position, mode in enumerate(sums.modes):
        if mode == "none":
            continue
        table, additive = tables[position], mode == "additive"
        _tighten(sums, known, table, position, additive, cells, high, noise)
        parents = _narrow_parents(sums, known, limits, table, position, cells, kinds)
        row, child = missing_children(sums, position, parents, known.keys)
        inside = np.ones(len(parents), np.bool_)
        inside[row[~is_in(child, cells)]] = False
        shown = is_in(parents, known.keys)
        # A withheld parent of distinct people is hardly bounded by its children, and would tie all together.
        inside &= shown | (is_in(parents, cells) & additive)
        number = np.cumsum(inside) - 1
        use = inside[row]
        parents, row, child, shown = parents[inside], number[row[use]], child[use], shown[inside]
        total, count = _look_up(table, parents, table.total), _look_up(table, parents, table.count)
        value, value_error = _known_values(known, parents)
        error = sums.error(count + 1) + _look_up(table, parents, table.wrong) + value_error
        rest = np.where(shown, value - total, -total)
        rows.add(row, child, np.ones(len(row)))
        hidden = np.flatnonzero(~shown)
        rows.add(hidden, parents[hidden], -np.ones(len(hidden)))
        closed = sums.closed[position]
        rows.close(
            rest - error if closed else np.full(len(rest), -np.inf),
            rest + error if additive else np.full(len(rest), np.inf),
            np.bincount(row, minlength=len(parents)).astype(np.int64),
        )
        if not additive:
            largest = _look_up(table, cells, table.largest) - 2 * sums.slack
            low = np.maximum(low, largest)
    # Free upwards is written as a number far beyond all figures, so that the solver always ends at a point.
    beyond = 10.0 * float(known.values.max(initial=0.0)) + 1000.0 * sums.known.tight
    high = np.maximum(np.minimum(high, beyond), low)
    return (
        Programme(
            low,
            high,
            np.concatenate(rows.row),
            np.searchsorted(cells, np.concatenate(rows.key)),
            np.concatenate(rows.entry),
            np.concatenate(rows.low),
            np.concatenate(rows.high),
            np.concatenate(rows.width),
        ),
        noise,
    )


def _known_values(known: Known, keys: Ints) -> tuple[Floats, Floats]:
    at = np.minimum(np.searchsorted(known.keys, keys), len(known.keys) - 1)
    there = known.keys[at] == keys
    return np.where(there, known.values[at], 0.0), np.where(there, known.errors[at], 0.0)


def _tighten(
    sums: Sums, known: Known, table: _Table, position: int, additive: bool, cells: Ints, high: Floats, noise: Floats
) -> None:
    """A child is at most its parent, and along an axis that adds up at most what is left of it, also in wide families."""
    row, parents = _parents(sums, position, cells)
    shown = is_in(parents, known.keys)
    row, parents = row[shown], parents[shown]
    value, value_error = _known_values(known, parents)
    if additive:
        error = (
            sums.error(_look_up(table, parents, table.count) + 1) + _look_up(table, parents, table.wrong) + value_error
        )
        top = np.maximum(value - _look_up(table, parents, table.total) + error, 0.0)
    else:
        error = sums.slack + value_error
        top = value + error
    order = np.argsort(-top, kind="stable")
    row, top, error = row[order], top[order], error[order]
    better = top < high[row]
    high[row[better]] = np.minimum(high[row[better]], top[better])
    noise[row[better]] = error[better]
