"""What is usual: median and quartiles by hour of the week and quarter of the year, and how unusual one hour was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from allmende.engines.crowding.local import HOURS_OF_WEEK, QUARTERS, local_hours
from allmende.engines.crowding.values import Floats, Hours, Ints

LEAST_KNOWN: Final = 8
"""From fewer hours nothing is said to be usual: eight weeks of one quarter."""
CELLS: Final = QUARTERS * HOURS_OF_WEEK


@dataclass(frozen=True, slots=True)
class Unusual:
    """One hour against the others at the same hour of the week in the same quarter."""

    ratio: float | None
    """Its figure ÷ the median of the others; None where they are too few or their median is 0."""
    percentile: float | None
    """Share of the others that are lower, ties by half, 0 to 100; None where they are too few."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A profile of 4 quarters × 168 hours of the week (Monday 0:00 is 0)."""

    middle: Floats
    """(4, 168): median; NaN where too little is known."""
    low: Floats
    """(4, 168): lower quartile."""
    high: Floats
    """(4, 168): upper quartile."""
    known: Ints
    """(4, 168): on how many hours it rests."""
    _sorted: Floats
    _starts: Ints

    def unusual(self, cell: int, figure: float) -> Unusual:
        """How unusual ``figure``, itself one of those of ``cell`` (quarter × 168 + hour of the week), was there."""
        others = self._sorted[self._starts[cell] : self._starts[cell + 1]]
        at = int(np.searchsorted(others, figure))
        if at < len(others) and others[at] == figure:
            others = np.delete(others, at)
        if len(others) < LEAST_KNOWN:
            return Unusual(None, None)
        middle = float(np.median(others))
        lower, up_to = np.searchsorted(others, figure, "left"), np.searchsorted(others, figure, "right")
        percentile = 100 * float(lower + up_to) / 2 / len(others)
        return Unusual(figure / middle if middle > 0 else None, percentile)


def usual_of(hours: Hours) -> Usual:
    """The profile of all known hours.

    Quantiles are interpolated between order statistics (Hyndman & Fan 1996, type 7).  A quarter that spans several years
    takes all of them together.
    """
    known = np.flatnonzero(np.isfinite(hours.figures))
    cells = local_hours(hours.zone, hours.first, len(hours)).cell[known]
    order = np.lexsort((hours.figures[known], cells))
    values = hours.figures[known][order]
    counts = np.bincount(cells, minlength=CELLS)
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    low, middle, high = (_quantile(values, starts[:-1], counts, part) for part in (0.25, 0.5, 0.75))
    shape = (QUARTERS, HOURS_OF_WEEK)
    return Usual(middle.reshape(shape), low.reshape(shape), high.reshape(shape), counts.reshape(shape), values, starts)


def _quantile(values: Floats, starts: Ints, counts: Ints, part: float) -> Floats:
    found = np.full(len(starts), np.nan)
    enough = counts >= LEAST_KNOWN
    if not enough.any():
        return found
    at = starts[enough] + part * (counts[enough] - 1)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, starts[enough] + counts[enough] - 1)
    found[enough] = values[below] + (at - below) * (values[above] - values[below])
    return found
