"""The year by local days, and how its months are spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.crowding.even import gini
from allmende.engines.crowding.local import local_hours
from allmende.engines.crowding.values import Floats, Hours, Ints

WHOLE: Final = 0.9
"""Share of the hours that a day of this place usually has figures for, from which its total counts as that of a day."""
LEAST_OF_MONTH: Final = 0.5
"""Share of the days of a month that must be whole, or nothing is said of the month."""
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Days:
    """Consecutive local days."""

    first: int
    """The first, in days since 1970-01-01."""
    peak: Floats
    """Highest figure of each day; NaN where none is known."""
    total: Floats
    """Sum of its known hours; of a stock, person-hours; NaN where none is known."""
    known: Ints
    """How many of its hours have a figure."""
    length: Ints
    """How many hours it has in the stretch: 24, on nights that clocks change 23 or 25."""

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Whether the total is that of a day: nearly as many hours are known as usual.

        A museum may deliver its opening hours alone, so that what is usual is taken from the place's own days.
        """
        with_figures = self.known[self.known > 0]
        usual = float(np.median(with_figures)) if len(with_figures) else 24.0
        return (self.known > 0) & (self.known >= WHOLE * usual)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a year is spread over its months, each per day, so that February is not quiet because it is short."""

    per_day: tuple[float | None, ...]
    """January to December: mean total of the whole days; None where fewer than half of its days are whole."""
    gini: float | None
    """0: every month alike; 1 − 1/12: all in one month.  None unless all months are known."""
    peak_ratio: float | None
    """Busiest month ÷ mean of the months; None unless all are known."""
    known_share: float
    """Share of the days that are whole."""


def days_of(hours: Hours) -> Days:
    """Peak, total and known hours of every local day."""
    if not len(hours):
        nothing = np.zeros(0)
        return Days(0, nothing, nothing, nothing.astype(np.int64), nothing.astype(np.int64))
    day = local_hours(hours.zone, hours.first, len(hours)).day
    first, count = int(day.min()), int(day.max() - day.min()) + 1
    at = day - first
    is_known = np.isfinite(hours.figures)
    length = np.bincount(at, minlength=count)
    known = np.bincount(at[is_known], minlength=count)
    total = np.bincount(at[is_known], weights=hours.figures[is_known], minlength=count).astype(np.float64)
    peak = np.full(count, -np.inf)
    np.maximum.at(peak, at[is_known], hours.figures[is_known])
    nothing_known = known == 0
    peak[nothing_known] = np.nan
    total[nothing_known] = np.nan
    return Days(first, peak, total, known, length)


def season_spread(days: Days) -> Spread:
    """How the days, all years together, are spread over the months.

    Gini over the twelve means per day; the ratio of the busiest to the mean is Lundtorp's (2001) seasonality ratio.
    """
    whole = days.is_whole
    months = (days.first + np.arange(len(days.peak))).astype("datetime64[D]").astype("datetime64[M]")
    month = months.astype(np.int64) % MONTHS
    n_days = np.bincount(month, minlength=MONTHS)
    n_whole = np.bincount(month[whole], minlength=MONTHS)
    totals = np.bincount(month[whole], weights=days.total[whole], minlength=MONTHS)
    per_day = tuple(
        float(total / n) if n and n >= LEAST_OF_MONTH * of else None
        for total, n, of in zip(totals, n_whole, n_days, strict=True)
    )
    share = float(whole.mean()) if len(whole) else 0.0
    if any(value is None for value in per_day):
        return Spread(per_day, None, None, share)
    values = np.array(per_day, dtype=np.float64)
    mean = float(values.mean())
    return Spread(per_day, gini(values), float(values.max()) / mean if mean > 0 else None, share)


@dataclass(frozen=True, slots=True)
class Change:
    """The last 52 weeks against the 52 before, over the hours that are known in both."""

    ratio: float | None
    """Sum of the later ÷ sum of the earlier; None where less than half of the hours are known in both, or nobody came."""
    known_share: float
    """Share of the hours of 52 weeks that are known in both."""


def change_over_year(hours: Hours) -> Change:
    """How much fuller or emptier it became in a year.  52 weeks, so that a Saturday is compared with a Saturday.

    Only hours known in both count: a counter that was broken in one May makes that May no quieter.
    """
    year = 52 * 168
    if len(hours) < 2 * year:
        return Change(None, 0.0)
    late, early = hours.figures[-year:], hours.figures[-2 * year : -year]
    both = np.isfinite(late) & np.isfinite(early)
    share, before = float(both.mean()), float(early[both].sum())
    if share < LEAST_OF_MONTH or before <= 0:
        return Change(None, share)
    return Change(float(late[both].sum()) / before, share)
