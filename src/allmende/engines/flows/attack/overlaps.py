"""Overlapping and shifted zones, and windows of time that differ by a few days.

Two published zones of which one lies in the other differ by a strip: O. Duke-Williams, P. Rees, Can Census Offices publish
statistics for more than one small area geography?, Int. J. of Geographical Information Science 12/6 (1998).  What lies in
what is read from the hierarchies, from INSPIRE codes and from ISO 8601 windows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from allmende.engines.flows.attack.cube import Axis, Ints
from allmende.engines.flows.attack.findings import MOST_NAMED, Finding, capped
from allmende.engines.flows.attack.implied import days_of
from allmende.engines.flows.attack.knowledge import Sums

ZONES = "overlapping zones"
WINDOWS = "adjacent windows"


def overlaps(sums: Sums) -> Iterator[Finding]:
    """Pairs of published zones or windows whose difference is some people, and fewer than the threshold."""
    for position, axis in enumerate(sums.cube.axes):
        inner, outer = _nested(axis)
        if len(inner):
            yield from _differences(sums, position, inner, outer)


def _nested(axis: Axis) -> tuple[Ints, Ints]:
    """Pairs of codes (inside, outside) of zones that no hierarchy puts above each other."""
    none = np.zeros(0, np.int64)
    pointer, _ = axis.parents
    if not (np.diff(pointer) > 1).any():
        return none, none  # a tree: every zone lies in one other, and that is subtraction
    leaves, above = _leaves(axis)
    sizes = leaves.sum(axis=1)
    shared = (leaves @ leaves.T).tocoo()
    first, second = shared.coords
    inside = (shared.data == sizes[first]) & (sizes[first] < sizes[second]) & (sizes[first] > 1)
    first, second = first[inside].astype(np.int64), second[inside].astype(np.int64)
    related = np.asarray(above[first, second]).ravel() > 0 if len(first) else np.zeros(0, np.bool_)
    return first[~related], second[~related]


def _leaves(axis: Axis) -> tuple[csr_array, csr_array]:
    """(zone x leaf, descendant x ancestor) as sparse matrices of zeros and ones; ``*`` has no leaves."""
    count = len(axis.labels)
    up = csr_array((np.ones(len(axis.edge_child)), (axis.edge_child, axis.edge_parent)), shape=(count, count))
    reach, step = up, up
    for _ in range(10):
        step = step @ up
        if not step.nnz:
            break
        reach = reach + step
    reach = reach.tocsr()
    reach.data = np.ones(len(reach.data))
    is_leaf = np.ones(count, np.bool_)
    is_leaf[axis.edge_parent] = False
    down = reach.T.tocsr()
    down = down[:, np.flatnonzero(is_leaf)]
    no_top = np.ones(count)
    no_top[0] = 0
    keep = csr_array((no_top, (np.arange(count), np.arange(count))), shape=(count, count))
    return (keep @ down).tocsr(), reach


def _differences(sums: Sums, position: int, inner: Ints, outer: Ints) -> Iterator[Finding]:
    cube, known = sums.cube, sums.known
    order = np.argsort(inner, kind="stable")
    inner, outer = inner[order], outer[order]
    start, stop = (
        np.searchsorted(inner, (codes := cube.codes(cube.keys, position))),
        np.searchsorted(inner, codes, "right"),
    )
    counts = stop - start
    row = np.repeat(np.arange(len(cube.keys)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    target = cube.move(cube.keys[row], position, outer[start[row] + within])
    at, there = cube.find(target)
    row, at = row[there], at[there]
    rest = cube.values[at] - cube.values[row]
    error = float(sums.error(2.0))
    chosen = np.flatnonzero((rest - error > 0) & (rest + error < known.small) & (rest >= known.weight / 2))
    labels = cube.axes[position].labels
    axis = cube.axes[position].name
    windows = len(chosen) and days_of(labels[int(cube.codes(cube.keys[row[chosen[:1]]], position)[0])]) is not None
    attack = WINDOWS if windows else ZONES
    found = []
    for one in chosen[:MOST_NAMED]:
        inside = labels[int(cube.codes(cube.keys[row[one]], position))]
        big = int(cube.keys[at[one]])
        low, high = float(rest[one] - error), float(rest[one] + error)
        found.append(
            Finding(
                attack,
                cube.table_name(big),
                {**cube.place(big), "without": inside},
                f"{rest[one]:g} people were in {labels[int(cube.codes(cube.keys[at[one]], position))]} and not in {inside}",
                f"Two published figures along {axis}, one inside the other, subtracted.",
                "leak",
                "Publish one set of zones or windows, or let them differ by at least the threshold.",
                low,
                high,
                known.devices(low),
                known.devices(high),
            )
        )
    yield from capped(found, len(chosen), attack, cube.sources[0].name)
