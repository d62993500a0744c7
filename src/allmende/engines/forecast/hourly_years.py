"""Which day of the year before a day is like: a holiday that moves keeps its place, Christmas its date, the rest its weekday."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
EASTER_REACH: Final = 10
"""Days around Easter that move with it."""
CHRISTMAS_FIRST, CHRISTMAS_LAST = -5, 7
"""Days from 25 December that keep their date: 20 December to 1 January."""


def easter_sundays(years: Ints) -> Ints:
    """Easter Sunday of the years, as days since 1970-01-01 (Gregorian calendar, Meeus's form of the anonymous algorithm)."""
    a, (b, c) = years % 19, np.divmod(years, 100)
    d, e = np.divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = np.divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = np.divmod(h + rest - 7 * m + 114, 31)
    out: Ints = _number(years, month, day + 1)
    return out


def from_easter(day: Ints) -> Ints:
    """Days since the Easter Sunday of the day's year; negative before it.  ``day``: since 1970-01-01."""
    out: Ints = day - easter_sundays(_year(day))
    return out


def from_christmas(day: Ints) -> Ints:
    """Days since 25 December: of the year before in the first half of the year, of the same year in the second."""
    year = _year(day)
    early = day < _number(year, np.full_like(year, 7), np.ones_like(year))
    year = np.where(early, year - 1, year)
    out: Ints = day - _number(year, np.full_like(year, 12), np.full_like(year, 25))
    return out


def day_of_month(day: Ints) -> Ints:
    """From 1 on."""
    dates = day.astype("datetime64[D]")
    out: Ints = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return out


def same_date_a_year_before(day: Ints) -> Ints:
    """The same day and month; for 29 February it is 1 March."""
    dates = day.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    out: Ints = ((month - 12).astype("datetime64[D]") + (dates - month.astype("datetime64[D]"))).astype(np.int64)
    return out


def twin(day: Ints) -> Ints:
    """The day of the year before that is most like ``day`` (both since 1970-01-01): see the first line of this module."""
    moved = from_easter(day)
    out = np.where(np.abs(moved) <= EASTER_REACH, easter_sundays(_year(day) - 1) + moved, day - 364)
    near = from_christmas(day)
    out = np.where((near >= CHRISTMAS_FIRST) & (near <= CHRISTMAS_LAST), same_date_a_year_before(day), out)
    return out.astype(np.int64)


def _year(day: Ints) -> Ints:
    out: Ints = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return out


def _number(year: Ints, month: Ints, day: Ints) -> Ints:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    out: Ints = months.astype("datetime64[D]").astype(np.int64) + day - 1
    return out
