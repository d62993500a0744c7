"""What something did that was on or off by lot each day: the difference, and how often chance alone makes one as large.

The lots are the design, so they are also the test: R. A. Fisher (1935), The Design of Experiments; the interval inverts it
(P. R. Rosenbaum 2002, Observational Studies, 2.6.2) in its normal form.  Weekday and week of each unit are taken out before,
which the lots cannot have changed and which only makes the figure more exact (W. Lin 2013, Annals of Applied Statistics 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST: Final = 10
"""Days that are needed with it, and as many without, over all units."""
DRAWS: Final = 4000
BINS: Final = 25
"""An odd number: one of them is about nil."""


@dataclass(frozen=True, slots=True)
class LotsEffect:
    """The difference between days with and without, as a share (−0.08: 8 per cent fewer) of those without."""

    effect: float | None
    """None: there are too few days for an answer, or the lots fell just as weekdays and weeks do."""
    low: float | None
    high: float | None
    p: float | None
    """Share of redrawn lots with a difference at least as large; two-sided."""
    days_on: int
    days_off: int
    units: int
    redrawn: tuple[tuple[float, float, int], ...] = ()
    """What chance alone makes: from, to (shares), and how many redrawn lots lie between; evenly wide, rising."""


def by_lot(
    outcomes: NDArray[np.float64],
    is_on: NDArray[np.bool_],
    shares: NDArray[np.float64],
    weekdays: NDArray[np.int64],
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 1,
) -> LotsEffect:
    """The effect of what was drawn by lot.

    Args:
        outcomes: units × days, in people; NaN (no figure) and 0 are left out, never filled.
        is_on: units × days, as drawn.
        shares: units × days, the probability with which a day was drawn to be on, between 0 and 1 without both.
        weekdays: days, Monday is 0; consecutive days, so that weeks are known.
        level: of the interval.
        draws: how often the lots are drawn again.

    Raises:
        ValueError: shapes that do not fit, or a share of 0 or 1: then it was no lot.
    """
    if outcomes.shape != is_on.shape or outcomes.shape != shares.shape or outcomes.shape[1:] != weekdays.shape:
        raise ValueError("outcomes, lots and shares are units x days, and there is one weekday for each day")
    used = np.isfinite(outcomes) & (outcomes > 0)
    if ((shares <= 0) | (shares >= 1))[used].any():
        raise ValueError("a day with a share of 0 or 1 was not drawn by lot: leave it out")
    on, off = int((used & is_on).sum()), int((used & ~is_on).sum())
    units = int(used.any(axis=1).sum())
    if min(on, off) < LEAST:
        return LotsEffect(None, None, None, None, on, off, units)
    blocks = [
        _Block(np.log(outcomes[unit][used[unit]]), used[unit], weekdays) for unit in np.flatnonzero(used.any(axis=1))
    ]
    rows = np.flatnonzero(used.any(axis=1))
    lots = [is_on[unit][used[unit]].astype(float)[None, :] for unit in rows]
    observed = float(_difference(blocks, lots)[0])
    if not np.isfinite(observed):  # the lots fell as weekdays and weeks do: nothing is left to compare
        return LotsEffect(None, None, None, None, on, off, units)
    rng = np.random.default_rng(seed)
    again = [(rng.random((draws, int(used[unit].sum()))) < shares[unit][used[unit]]).astype(float) for unit in rows]
    null = _difference(blocks, again, minus=[observed * one[0] for one in lots])
    raw = _difference(blocks, again)
    # a redrawn lot that leaves nothing to compare says nothing against chance
    hits = int((~(np.abs(raw) < abs(observed) - 1e-12)).sum())
    half = NormalDist().inv_cdf(0.5 + level / 2) * float(np.nanstd(null))
    low, middle, high = (float(np.expm1(value)) for value in (observed - half, observed, observed + half))
    return LotsEffect(middle, low, high, (hits + 1) / (draws + 1), on, off, units, _redrawn(np.expm1(raw), middle))


def _redrawn(shares: NDArray[np.float64], observed: float) -> tuple[tuple[float, float, int], ...]:
    """``shares`` counted in steps about nil that reach as far as they do and as what was observed."""
    shares = shares[np.isfinite(shares)]
    reach = max(float(np.abs(shares).max(initial=0.0)), 1.1 * abs(observed), 1e-6) * (1 + 1e-9)
    edges = np.linspace(-reach, reach, BINS + 1)
    counts, _ = np.histogram(shares, edges)
    return tuple((float(low), float(high), int(n)) for low, high, n in zip(edges, edges[1:], counts, strict=False))


class _Block:
    """The days of one unit: what is left of a row when weekdays and weeks are taken out of it."""

    def __init__(self, values: NDArray[np.float64], used: NDArray[np.bool_], weekdays: NDArray[np.int64]) -> None:
        at = np.flatnonzero(used)
        monday = np.cumsum(np.r_[0, np.diff(weekdays) < 0])
        day, week = weekdays[at], monday[at]
        columns = [day == one for one in np.unique(day)] + [week == one for one in np.unique(week)[1:]]
        design = np.column_stack(columns).astype(float)
        left, sizes, _ = np.linalg.svd(design, full_matrices=False)
        self.basis = left[:, sizes > 1e-9 * sizes[0]]
        self.values = values

    def rest(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """``rows`` (any number × days) without weekdays and weeks."""
        left: NDArray[np.float64] = rows - (rows @ self.basis) @ self.basis.T
        return left


def _difference(
    blocks: list[_Block], lots: list[NDArray[np.float64]], minus: list[NDArray[np.float64]] | None = None
) -> NDArray[np.float64]:
    """For each drawing the difference of logarithms between on and off, over all units together."""
    above: NDArray[np.float64] = np.zeros(len(lots[0]))
    below: NDArray[np.float64] = np.zeros(len(lots[0]))
    for number, (block, drawn) in enumerate(zip(blocks, lots, strict=True)):
        values = block.values if minus is None else block.values - minus[number]
        rest = block.rest(drawn)
        above += rest @ values
        below += (rest * rest).sum(axis=1)
    differences: NDArray[np.float64] = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 1e-9)
    return differences
