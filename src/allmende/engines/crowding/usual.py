"""What is usual: median and quartiles by hour of the week and season, and how unusual one hour was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from allmende.engines.crowding.local import HOURS_OF_WEEK, MONTHS, local_hours
from allmende.engines.crowding.values import Floats, Hours, Ints

LEAST_KNOWN: Final = 8
"""From fewer hours nothing is said to be usual: eight weeks of a season."""
CELLS: Final = MONTHS * HOURS_OF_WEEK
NEIGHBOURS: Final = (-1, 0, 1)
"""A season is a month with the one before and the one after it: a single one has four weeks, too few for quartiles; fixed
quarters would put the last of August beside the first of June, and November beside September."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """One hour against the others at the same hour of the week in the same season."""

    ratio: float | None
    """Its figure ÷ the median of the others; None where they are too few or their median is 0."""
    percentile: float | None
    """Share of the others that are lower, ties by half, 0 to 100; None where they are too few."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A profile of 12 seasons, each around one month, × 168 hours of the week (Monday 0:00 is 0)."""

    middle: Floats
    """(12, 168): median; NaN where too little is known."""
    low: Floats
    """(12, 168): lower quartile."""
    high: Floats
    """(12, 168): upper quartile."""
    known: Ints
    """(12, 168): on how many hours it rests."""
    _sorted: Floats
    _starts: Ints

    def unusual(self, cell: int, figure: float) -> Unusual:
        """How unusual ``figure``, itself one of those of ``cell`` (month × 168 + hour of the week), was there."""
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
    """The profile of all known hours, of several years together.

    Quantiles are interpolated between order statistics (Hyndman & Fan 1996, type 7).
    """
    known = np.flatnonzero(np.isfinite(hours.figures))
    known = known[np.argsort(hours.figures[known], kind="stable")]
    local = local_hours(hours.zone, hours.first, len(hours))
    hour_of_week = (local.weekday * 24 + local.hour)[known]
    month = local.month[known]
    # Each hour belongs to three seasons.  Sorted by value first, a stable sort by the short cell keeps the values in order.
    seasons = [((month + shift) % MONTHS) * HOURS_OF_WEEK + hour_of_week for shift in NEIGHBOURS]
    cells = np.stack(seasons, axis=1).ravel().astype(np.uint16)
    values = np.repeat(hours.figures[known], len(NEIGHBOURS))[np.argsort(cells, kind="stable")]
    counts = np.bincount(cells, minlength=CELLS)
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    low, middle, high = (_quantile(values, starts[:-1], counts, part) for part in (0.25, 0.5, 0.75))
    shape = (MONTHS, HOURS_OF_WEEK)
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
