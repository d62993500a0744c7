"""Figures that follow from one sum each, again and again until nothing new follows.

A family with one withheld child gives it away; what was given away then counts as published in the other families.  This is
how a table is unpicked by hand (T. Evans, L. Zayatz, J. Slanta, Using Noise for Disclosure Limitation of Establishment Tabular
Data, Journal of Official Statistics 14/4, 1998, describe the suppressions that it forces).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.attack.cube import Families, Floats, Ints
from allmende.engines.flows.attack.knowledge import Sums

MOST_ROUNDS = 6
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rest:
    """What published children leave of their parents along one axis; people, ``error`` each way."""

    axis: int
    parent: Ints
    low: Floats
    high: Floats
    missing: Ints
    small: Mask
    """The rest is some people, and fewer than the threshold."""
    only: Mask
    """The rest is one withheld figure, bounded tighter than the interval."""
    empty: Mask
    """The rest is nobody."""


@dataclass(frozen=True)
class Known:
    """All figures that an outsider has, published ones first found: keys in order, people, errors, round of recovery (0: published)."""

    keys: Ints
    values: Floats
    errors: Floats
    rounds: Ints
    added: Mask
    """Recovered as the sum of its children, not from a total."""


def rest_of(sums: Sums, position: int, families: Families, wrong: Floats | None = None) -> Rest:
    """Subtract: along an axis that adds up the rest is exact, otherwise the distinct people of the parent only bound it."""
    known = sums.known
    error = sums.error(families.count + 1.0) + (0.0 if wrong is None else wrong)
    shown = np.isfinite(families.value)
    rest = np.where(shown, families.value - families.total, 0.0)
    missing = families.possible - families.count + (0 if sums.closed[position] else 1)
    low = np.maximum(rest - error, 0.0)
    additive = sums.modes[position] == "additive"
    high = np.where(shown, rest + error if additive else families.value + sums.slack, 0.0)
    sure = shown & (rest - error > 0) & (high >= known.weight / 2)
    small = sure & (high < known.small)
    if not additive:
        small &= missing == 1
    only = sure & ~small & (missing == 1) & sums.closed[position] & (high - low < known.tight - 1e-9)
    empty = shown & (rest <= error) & (missing > 0) & additive
    return Rest(position, families.parent, low, high, missing, small, only, empty)


def missing_children(sums: Sums, position: int, parents: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """(row of ``parents``, key) of the children of the parents' keys that are not among ``keys``."""
    cube = sums.cube
    pointer, children = cube.axes[position].children
    code = cube.codes(parents, position)
    counts = pointer[code + 1] - pointer[code]
    row = np.repeat(np.arange(len(parents)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    child = cube.move(parents[row], position, children[pointer[code[row]] + within])
    absent = ~is_in(child, keys)
    return row[absent], child[absent]


def is_in(wanted: Ints, keys: Ints) -> Mask:
    """Whether each is among ``keys``, which are in order."""
    if not len(keys):
        return np.zeros(len(wanted), np.bool_)
    return np.asarray(keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted)


def recover(sums: Sums) -> Known:
    """All figures that follow from single sums, with the round in which they did."""
    cube = sums.cube
    keys, values = cube.keys, cube.values
    errors, rounds = np.zeros(len(keys)), np.zeros(len(keys), np.int64)
    added = np.zeros(len(keys), np.bool_)
    for number in range(1, MOST_ROUNDS + 1):
        new_keys: list[Ints] = []
        new_values: list[Floats] = []
        new_errors: list[Floats] = []
        new_added: list[Mask] = []
        for position in range(len(cube.axes)):
            if sums.modes[position] != "additive" or not sums.closed[position]:
                continue
            families = sums.families[position] if number == 1 else cube.families(position, keys, values)
            wrong = np.zeros(len(families.parent)) if number == 1 else errors_of(sums, position, keys, errors)
            rest = rest_of(sums, position, families, wrong)
            single = np.isfinite(families.value) & (rest.missing == 1)
            row, child = missing_children(sums, position, families.parent[single], keys)
            middle = np.maximum(families.value[single] - families.total[single], 0.0)[row]
            new_keys.append(child)
            new_values.append(np.where(rest.empty[single][row], 0.0, middle))
            new_errors.append((sums.error(families.count[single] + 1.0) + wrong[single])[row])
            new_added.append(np.zeros(len(child), np.bool_))
            whole = ~np.isfinite(families.value) & (rest.missing == 0)
            new_keys.append(families.parent[whole])
            new_added.append(np.ones(int(whole.sum()), np.bool_))
            new_values.append(families.total[whole])
            new_errors.append(sums.error(families.count[whole] * 1.0) + wrong[whole])
        found = np.concatenate(new_keys) if new_keys else np.zeros(0, np.int64)
        if not len(found):
            break
        error, as_sum = np.concatenate(new_errors), np.concatenate(new_added)
        order = np.lexsort((~as_sum, error, found))
        found, first = np.unique(found[order], return_index=True)
        keys = np.concatenate([keys, found])
        values = np.concatenate([values, np.concatenate(new_values)[order][first]])
        errors = np.concatenate([errors, error[order][first]])
        rounds = np.concatenate([rounds, np.full(len(found), number)])
        added = np.concatenate([added, as_sum[order][first]])
        order = np.argsort(keys)
        keys, values, errors = keys[order], values[order], errors[order]
        rounds, added = rounds[order], added[order]
    return Known(keys, values, errors, rounds, added)


def errors_of(sums: Sums, position: int, keys: Ints, errors: Floats) -> Floats:
    """What the errors of recovered figures add to each family: of its children and of the parent itself."""
    of_families = sums.cube.families(position, keys, errors)
    return of_families.total + np.nan_to_num(of_families.value)
