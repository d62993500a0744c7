"""Raking: weights that agree with several known margins at once.

W. E. Deming and F. F. Stephan (1940), On a least squares adjustment of a sampled frequency table when the expected marginal
totals are known, Annals of Mathematical Statistics 11(4).  Where one unit adds to several cells of a margin (nights in July
and in August), its factor is the geometric mean of the cells' factors by its shares: generalised iterative scaling, J. N.
Darroch and D. Ratcliff (1972), Annals of Mathematical Statistics 43(5).  With one cell per unit both are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAST = 1e-9  # a factor below this is none: what is to vanish stays countable


@dataclass(frozen=True, slots=True)
class Margin:
    """Known totals.  Entry ``j`` says: each person whom unit ``unit[j]`` stands for adds ``amount[j]`` to ``cell[j]``."""

    name: str
    unit: Ints
    cell: Ints
    amount: Floats
    """1 for persons, the number of nights for nights; more than 0"""
    target: Floats
    """one total per cell"""


@dataclass(frozen=True, slots=True)
class Raking:
    """Weights after raking, the rounds it took, and what is left between each margin and its targets."""

    weights: Floats
    rounds: int
    gaps: tuple[Floats, ...]
    """per margin and cell: total of the weights / target - 1"""
    limited: int
    """units whose factor was held at the limit"""

    @property
    def gap(self) -> float:
        """The largest relative gap that is left."""
        return max((float(np.abs(gap).max()) for gap in self.gaps if gap.size), default=0.0)


def rake(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    max_factor: float = np.inf,
    rounds: int = 200,
    tolerance: float = 1e-6,
) -> Raking:
    """Adapt ``weights`` (one per unit) to the margins in turn until all agree to ``tolerance``, nothing moves or ``rounds`` are over.

    No weight changes by more than ``max_factor`` or its inverse.  Margins that contradict each other do not end in an
    error: ``gaps`` says what is left.  Cells that no unit adds to are left out.
    """
    base = np.asarray(weights, np.float64)
    logs = np.zeros(base.size)
    shares = [
        margin.amount / np.bincount(margin.unit, margin.amount, minlength=base.size)[margin.unit] for margin in margins
    ]
    limit = np.log(max_factor)
    done, off, moved = 0, bool(margins), np.inf
    while off and moved > tolerance / 10 and done < rounds:
        done += 1
        before = logs.copy()
        for margin, share in zip(margins, shares, strict=True):
            step = np.log(np.maximum(_ratio(margin, base * np.exp(logs)), _LEAST))
            logs += np.bincount(margin.unit, share * step[margin.cell], minlength=base.size)
            if np.isfinite(limit):
                np.clip(logs, -limit, limit, out=logs)
        # Margins that contradict each other lead in a circle: after a round nothing has moved.
        moved = float(np.abs(logs - before).max(initial=0))
        found = base * np.exp(logs)
        off = any(np.abs(_gap(margin, found)).max(initial=0) >= tolerance for margin in margins)
    found = base * np.exp(logs)
    return Raking(
        weights=found,
        rounds=done,
        gaps=tuple(_gap(margin, found) for margin in margins),
        limited=int((np.abs(logs) >= limit * (1 - 1e-12)).sum()) if np.isfinite(limit) else 0,
    )


def _ratio(margin: Margin, weights: Floats) -> Floats:
    """Target / total per cell; 1 where nothing adds to the cell."""
    totals = np.bincount(margin.cell, weights[margin.unit] * margin.amount, minlength=margin.target.size)
    return np.divide(margin.target, totals, out=np.ones(margin.target.size), where=totals > 0)


def _gap(margin: Margin, weights: Floats) -> Floats:
    """Total / target - 1 per cell."""
    return np.asarray(1 / np.maximum(_ratio(margin, weights), _LEAST) - 1, np.float64)
