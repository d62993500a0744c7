"""Weights that are not negative and sum to one: the least squares problem of all synthetic comparisons.

    minimise  ‖A w − b‖² / n  +  ridge² ‖w‖²      over  w ≥ 0, Σ w = 1

Solved to the optimum by moving weight between two columns at a time, the pair chosen for the greatest fall (the working-set
rule of Fan, Chen and Lin 2005 for support vector machines); each move is exact, and the gradient is kept up to date.  From
even weights on: where many weights are equally good, those nearest to even are found, as in Arkhangelsky et al. (2021).
"""

from __future__ import annotations

from typing import cast

import numpy as np

from allmende.engines.evaluation.values import Array
from allmende.engines.flows.kernels.compiled import compiled


@compiled
def _move_pairs(gram: Array, linear: Array, weights: Array, tolerance: float, limit: int) -> int:
    """Moves weight until no pair gains more than ``tolerance``; changes ``weights``, returns the number of moves."""
    size = weights.size
    gradient = np.empty(size)
    for row in range(size):
        total = -linear[row]
        for column in range(size):
            total += gram[row, column] * weights[column]
        gradient[row] = total
    for move in range(limit):
        giver = -1
        for place in range(size):
            if weights[place] > 0.0 and (giver < 0 or gradient[place] > gradient[giver]):
                giver = place
        taker, best, gap = -1, 0.0, 0.0
        for place in range(size):
            difference = gradient[giver] - gradient[place]
            if difference > 0.0:
                gap = max(gap, difference)
                bend = gram[giver, giver] + gram[place, place] - 2.0 * gram[giver, place]
                gain = difference * difference / max(bend, 1e-14)
                if gain > best:
                    best, taker = gain, place
        if taker < 0 or gap <= tolerance:
            return move
        bend = max(gram[giver, giver] + gram[taker, taker] - 2.0 * gram[giver, taker], 1e-14)
        step = (gradient[giver] - gradient[taker]) / bend
        if step >= weights[giver]:
            step = weights[giver]
            weights[giver] = 0.0
        else:
            weights[giver] -= step
        weights[taker] += step
        for place in range(size):
            gradient[place] += step * (gram[place, taker] - gram[place, giver])
    return limit


def simplex_weights(
    columns: Array, target: Array, *, ridge: float = 0.0, has_intercept: bool = False, limit: int = 20_000
) -> Array:
    """Weights (columns,) with which ``columns`` (rows × columns) come nearest to ``target`` (rows,).

    ``ridge`` is the ζ of the papers, in the unit of the data.  ``has_intercept``: differences in level do not count.
    """
    rows, size = columns.shape
    if has_intercept:
        columns, target = columns - columns.mean(axis=0), target - target.mean()
    # A shift of all by the target changes nothing for weights that sum to one, and keeps numbers small.
    shifted = columns - target[:, None]
    gram = shifted.T @ shifted / rows
    gram[np.diag_indices(size)] += ridge**2
    weights = np.full(size, 1.0 / size)
    scale = float(np.trace(gram)) / size
    if scale > 0.0:
        _move_pairs(gram, np.zeros(size), weights, 1e-9 * scale, limit)
    return cast(Array, weights / weights.sum())
