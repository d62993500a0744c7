"""Hourly forecasts up to fourteen days: the eight-week median of the hour of the week, and what boosted trees say of it.

The trees learn the logarithm of (figure ÷ median) from the calendar, the level of the last days and the same time of earlier
weeks and years; their forecast is averaged with what the last weeks say, which is better than either (Bates and Granger 1969).
Rows are days of the site's own zone × 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.kernels import boost
from allmende.engines.forecast.values import Array, Flags

Ints = NDArray[np.int64]
WEEKS: Final = 8
RECENT_WEEKS: Final = 3
MOST_DAYS_AHEAD: Final = 14
LEAST_DAYS: Final = 28
BINS: Final = 33
TRAINING_DAYS: Final = 3 * 365
REPEATS: Final = 1
TREES, DEPTH, RATE = 90, 5, 0.08
SMALL: Final = 3.0
"""Added to figures before logarithms: three people more or less are chance."""


@dataclass(frozen=True, slots=True)
class Days:
    """The calendar of a site, one entry for each local day of the past and of the days ahead."""

    first: int
    """Number of the first day (days since 1970-01-01)."""
    holiday: Flags
    """Public holidays, (days,)."""
    school: Flags
    """School holidays, (days,); all False where not known."""
    more: Array
    """Further columns (days × columns), NaN where not known: events near by, weather as forecast."""

    def __len__(self) -> int:
        return len(self.holiday)


@dataclass(frozen=True, slots=True)
class Trees:
    """What was learned."""

    edges: Array
    split_feature: Ints
    split_bin: Ints
    leaves: Array


def medians(y: Array, usable: Flags, days: int, weeks: int = WEEKS, least: int = 2) -> tuple[Array, Array]:
    """Medians of ``weeks`` weeks by hour of the week for (days × 24): known one week before, and two weeks before.

    NaN where fewer than ``least`` of the weeks have a usable figure.
    """
    flat, fine = y.ravel(), np.zeros(days * 24, np.bool_)
    fine[: len(flat)] = np.repeat(usable[: len(y)], 24)
    out = []
    for lead in (1, 2):
        lags = 168 * np.arange(lead, lead + weeks)
        out.append(boost.slot_medians(flat, fine, lags, least).reshape(days, 24))
    return out[0], out[1]


class Past:
    """Sums and ratios by day, made once for a series and read at every origin."""

    def __init__(self, y: Array, calendar: Days) -> None:
        self.y, self.calendar = y, calendar
        n = len(calendar)
        self.known = len(y)
        # Holidays do not speak for their weekday.
        self.base = medians(y, ~calendar.holiday, n)
        self.recent = medians(y, ~calendar.holiday, n, RECENT_WEEKS, 1)
        full = np.full((n, 24), np.nan)
        full[: len(y)] = y
        self.full = full
        both = ~np.isnan(full) & ~np.isnan(self.base[0])
        in_both = np.where(both, full, 0.0), np.where(both, self.base[0], 0.0)
        self.sum_y, self.sum_base = (one.sum(1) for one in in_both)
        self.cumulated_by_hour = [np.concatenate((np.zeros((1, 24)), one.cumsum(0))) for one in in_both]
        self.ratio = _log_ratio(self.sum_y, self.sum_base)
        self.cumulated = np.stack([np.concatenate(([0.0], np.cumsum(s))) for s in (self.sum_y, self.sum_base)])
        day = np.arange(n)
        dates = (calendar.first + day).astype("datetime64[D]")
        self.day_of_year = (dates - dates.astype("datetime64[Y]")).astype(int)
        self.weekday = (calendar.first + day + 3) % 7
        away = np.flatnonzero(calendar.holiday)
        self.to_next = _distance(day, away, ahead=True)
        self.since_last = _distance(day, away, ahead=False)
        self.year_before = _same_date_a_year_before(dates, calendar.first)

    def level(self, upto: Ints, length: int) -> Array:
        """Log of (figures ÷ medians) of the ``length`` days up to and with ``upto``."""
        return self._level(self.cumulated, upto, length)

    def level_by_hour(self, upto: Ints, length: int) -> Array:
        """The same for each hour of the day, (days, 24)."""
        return self._level(self.cumulated_by_hour, upto, length)

    def _level(self, cumulated: Iterable[Array], upto: Ints, length: int) -> Array:
        high = np.clip(upto + 1, 0, self.known)
        low = np.clip(upto + 1 - length, 0, self.known)
        return _log_ratio(*(c[high] - c[low] for c in cumulated))

    def lately(self, day: Ints, lead: Ints) -> tuple[Array, Array]:
        """Three-week medians and the last week's figures (days × 24), of the week before last where ``lead`` is beyond seven.

        Without one, as after a silent week, the eight-week median stands in; a holiday does not speak for the next week.
        """
        late = (lead > 7)[:, None]
        base, recent = (np.where(late, m[1][day], m[0][day]) for m in (self.base, self.recent))
        recent = np.where(np.isnan(recent) | np.isnan(base), base, recent)
        before = day - np.where(lead > 7, 14, 7)
        last = np.where(self.calendar.holiday[np.clip(before, 0, None)][:, None], np.nan, self._hour(before))
        return recent, np.where(np.isnan(last) | np.isnan(base), recent, last)

    def year_to_stretch(self, days: int) -> float:
        """How much more the three-week median was off in the last year than in its last ``days`` days, from 0.5 to 2.

        Log errors weighted by the median.  1 where there is no year of them.
        """
        begin = self.known - 364
        if begin < 7 * (RECENT_WEEKS + 1) or days <= 0:
            return 1.0
        came, middle = self.full[begin : self.known], self.recent[0][begin : self.known]
        off = np.abs(np.log((came + SMALL) / (middle + SMALL))) * middle
        weight = np.where(np.isnan(off), 0.0, middle).sum(1)
        total = np.nansum(off, axis=1)
        lately = total[-days:].sum() / max(float(weight[-days:].sum()), 1e-9)
        year = total.sum() / max(float(weight.sum()), 1e-9)
        return float(np.clip(year / lately, 0.5, 2.0)) if lately > 0 else 1.0

    def rows(self, day: Ints, lead: Ints) -> tuple[Array, Array]:
        """Features (days × 24 × columns) of the target days ``day``, ``lead`` days after the last known one; and the medians."""
        late = lead > 7
        base = np.where(late[:, None], self.base[1][day], self.base[0][day])
        origin = day - lead
        week = np.where(late, 14, 7)
        by_day = [
            self.weekday[day], lead, self.day_of_year[day],
            self.level(origin, 1), self.level(origin, 3), self.level(origin, 7), self.level(origin, 28),
            self._at(self.ratio, day - week), self._smooth(day - 364, 7), self._smooth(day - 728, 7),
            self._at(self.ratio, day - 364), self._at(self.ratio, self.year_before[day]), self._smooth(self.year_before[day], 3),
            self._flag(self.calendar.holiday, day), self._flag(self.calendar.holiday, day - 1), self._flag(self.calendar.holiday, day + 1),
            self.to_next[day], self.since_last[day], self._flag(self.calendar.holiday, day - week),
            self._flag(self.calendar.school, day), self._share(self.calendar.school, day - week),
            np.mean([self._at(self.ratio, day - week - 7 * k) for k in range(4)], axis=0),
            *self.calendar.more[day].T,
        ]  # fmt: skip
        hours = np.arange(24)
        last = self._hour(day - week)
        year = self._hour(day - 364)
        year_base = self.base[0][np.clip(day - 364, 0, None)]
        date = self.year_before[day]
        date_base = self.base[0][np.clip(date, 0, None)]
        recent = np.where(late[:, None], self.recent[1][day], self.recent[0][day])
        by_hour = [
            np.broadcast_to(hours, base.shape),
            np.log(base + SMALL),
            np.log((last + SMALL) / (base + SMALL)),
            np.log((self._hour(day - week - 7) + SMALL) / (base + SMALL)),
            np.log((recent + SMALL) / (base + SMALL)),
            self.level_by_hour(origin, 3), self.level_by_hour(origin, 7), self.level_by_hour(origin, 28),
            np.where((day >= 364)[:, None], np.log((year + SMALL) / (year_base + SMALL)), np.nan),
            np.where((date >= 0)[:, None], np.log((self._hour(date) + SMALL) / (date_base + SMALL)), np.nan),
        ]  # fmt: skip
        columns = [np.broadcast_to(np.asarray(c, float)[:, None], base.shape) for c in by_day] + by_hour
        return np.stack(columns, axis=-1), base

    def _hour(self, day: Ints) -> Array:
        return np.where(((day >= 0) & (day < self.known))[:, None], self.full[np.clip(day, 0, None)], np.nan)

    def _at(self, values: Array, day: Ints) -> Array:
        return np.where((day >= 0) & (day < self.known), values[np.clip(day, 0, None)], np.nan)

    def _flag(self, flags: Flags, day: Ints) -> Array:
        return flags[np.clip(day, 0, len(flags) - 1)].astype(float)

    def _share(self, flags: Flags, last: Ints) -> Array:
        c = np.concatenate(([0.0], np.cumsum(flags)))
        high = np.clip(last + 1, 0, len(flags))
        low = np.clip(high - 7 * WEEKS, 0, None)
        out: Array = (c[high] - c[low]) / np.maximum(1, high - low)
        return out

    def _smooth(self, day: Ints, length: int) -> Array:
        out = self.level(day + length // 2, length)
        return np.where(day - length // 2 >= 0, out, np.nan)


def _log_ratio(over: Array, under: Array) -> Array:
    out: Array = np.where(under > 0, np.log((over + SMALL) / (under + SMALL)), np.nan)
    return out


def _distance(day: Ints, marks: Ints, *, ahead: bool) -> Array:
    if not len(marks):
        return np.full(len(day), 15.0)
    if ahead:
        at = np.searchsorted(marks, day)
        gap = np.where(at < len(marks), marks[np.clip(at, 0, len(marks) - 1)] - day, 15)
    else:
        at = np.searchsorted(marks, day, side="right") - 1
        gap = np.where(at >= 0, day - marks[np.clip(at, 0, None)], 15)
    return np.minimum(gap, 15).astype(float)


def _same_date_a_year_before(dates: NDArray[np.datetime64], first: int) -> Ints:
    month = dates.astype("datetime64[M]")
    in_month = dates - month.astype("datetime64[D]")
    before = (month - 12).astype("datetime64[D]") + in_month
    out: Ints = before.astype(np.int64) - first
    return out


def learn(past: Past, upto: int, *, seed: int = 1) -> Trees | None:
    """Trees from the target days up to ``upto``; None where there is too little to learn from (ten weeks and more are needed)."""
    first = max(7 * (WEEKS + 2), upto - TRAINING_DAYS)
    day = np.arange(first, upto)
    if len(day) < 21:
        return None
    day = np.tile(day, REPEATS)
    # Each target day is forecast from one day in the past, so that all distances are learned evenly.
    chance = np.random.default_rng(seed)
    lead = chance.integers(1, MOST_DAYS_AHEAD + 1, len(day))
    rows, base = past.rows(day, lead)
    x = rows.reshape(-1, rows.shape[-1])
    actual, expected = past.full[day].ravel(), base.ravel()
    there = ~np.isnan(actual) & ~np.isnan(expected)
    x, actual, expected = x[there], actual[there], expected[there]
    if len(x) < 500:
        return None
    target = np.clip(np.log((actual + SMALL) / (expected + SMALL)), -2.5, 2.5)
    # Errors in people are what counts: an hour weighs as much as it usually holds.
    weight = expected + SMALL
    weight = weight / weight.mean()
    edges = _edges(x)
    bins = boost.binned(x, edges)
    grown = boost.grow(bins, target, weight, TREES, DEPTH, RATE, 40.0, 20.0, 0.5, BINS + 1, seed)
    return Trees(edges, grown[0], grown[1], grown[2])


def _edges(x: Array) -> Array:
    sample = x[:: max(1, len(x) // 6000)]
    out = np.full((x.shape[1], BINS - 1), np.inf)
    for j in range(x.shape[1]):
        values = np.unique(sample[:, j][~np.isnan(sample[:, j])])
        if len(values) > BINS - 1:
            values = np.unique(np.nanquantile(sample[:, j], np.linspace(0, 1, BINS + 1)[1:-1]))
        elif len(values):
            values = (values[:-1] + values[1:]) / 2
        out[j, : len(values)] = values
    return out


def expect(past: Past, trees: Trees | None, day: Ints, lead: Ints) -> tuple[Array, Array]:
    """Expected figures (days × 24) and the eight-week medians they rest on."""
    rows, base = past.rows(day, lead)
    if trees is None:
        return base, base
    bins = boost.binned(rows.reshape(-1, rows.shape[-1]), trees.edges)
    ratio = boost.predict(bins, trees.split_feature, trees.split_bin, trees.leaves, DEPTH).reshape(base.shape)
    return np.maximum(0.0, (base + SMALL) * np.exp(ratio) - SMALL), base
