"""What is known of one site and its neighbours before an hour to be forecast: medians by hour of the week, levels, years before.

Rows are days of the site's own zone × 24 hours.  The trees learn from them in ``hourly_trees``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast import hourly_years as years
from allmende.engines.forecast.kernels import boost
from allmende.engines.forecast.values import Array, Flags

Ints = NDArray[np.int64]
WEEKS: Final = 8
RECENT_WEEKS: Final = 3
YEAR, LATELY = 364, 56
LEAST_STRETCH, MOST_STRETCH = 0.6, 1.6
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


FEW: Final = 0.05
"""The same for sums in parts of a usual day."""


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
        number = calendar.first + day
        dates = number.astype("datetime64[D]")
        self.day_of_year = (dates - dates.astype("datetime64[Y]")).astype(int)
        self.weekday = (calendar.first + day + 3) % 7
        away = np.flatnonzero(calendar.holiday)
        self.to_next = _distance(day, away, ahead=True)
        self.since_last = _distance(day, away, ahead=False)
        self.year_before = years.same_date_a_year_before(number) - calendar.first
        self.twin = years.twin(number) - calendar.first
        self.two_before = years.twin(self.twin + calendar.first) - calendar.first
        self.dates = np.stack(
            (np.clip(years.from_easter(number), -50, 70), years.from_christmas(number), years.day_of_month(number))
        )

    def level(self, upto: Ints, length: int) -> Array:
        """Log of (figures ÷ medians) of the ``length`` days up to and with ``upto``."""
        return self._level(self.cumulated, upto, length)

    def level_by_hour(self, upto: Ints, length: int) -> Array:
        """The same for each hour of the day, (days, 24)."""
        return self._level(self.cumulated_by_hour, upto, length)

    def _level(self, cumulated: Iterable[Array], upto: Ints, length: int) -> Array:
        high = np.clip(upto + 1, 0, self.known)
        low = np.clip(upto + 1 - length, 0, self.known)
        over, under = (c[high] - c[low] for c in cumulated)
        return _log_ratio(over, under)

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
        """How much more restless than the last ``days`` days the next ones may be, from 0.6 to 1.6.

        Restless: how far the three-week median was off, as log errors weighted by it.  A half year holds one summer or one winter,
        so that the whole year speaks, and the last eight weeks, each to the power of a half.  1 where there is no year.
        """
        begin = self.known - YEAR
        if begin < 7 * (RECENT_WEEKS + 1) or days <= 0:
            return 1.0
        came, middle = self.full[begin : self.known], self.recent[0][begin : self.known]
        off = np.abs(np.log((came + SMALL) / (middle + SMALL)))
        mass = np.where(np.isnan(off), 0.0, np.maximum(middle, 0.0))
        total, weight = np.nansum(off * mass, axis=1), mass.sum(axis=1)
        year, half, lately = (
            float(total[-last:].sum() / max(weight[-last:].sum(), 1e-9)) for last in (YEAR, days, LATELY)
        )
        return float(np.clip(np.sqrt(year * lately) / half, LEAST_STRETCH, MOST_STRETCH)) if half > 0 else 1.0

    def rows(self, day: Ints, lead: Ints, around: Around) -> tuple[Array, Array]:
        """Features (days × 24 × columns) of the target days ``day``, ``lead`` days after the last known one; and the medians.

        What ``calendar.more`` holds is not among them: its effect is taken out before.
        """
        late = (lead > 7)[:, None]
        base = np.where(late, self.base[1][day], self.base[0][day])
        by_hour = np.stack([np.broadcast_to(np.arange(24), base.shape), *self._by_hour(day, lead, base)], axis=-1)
        by_day = np.stack([*self._by_day(day, lead), *around.by_day(self, day, lead)], axis=-1)
        wide = np.broadcast_to(by_day[:, None, :], (*base.shape, by_day.shape[1]))
        return np.concatenate((by_hour, wide), axis=-1), base

    def _by_day(self, day: Ints, lead: Ints) -> list[Array]:
        origin, week = day - lead, np.where(lead > 7, 14, 7)
        twin, date, holiday = self.twin[day], self.year_before[day], self.calendar.holiday
        level = self.level(origin, 7)
        then = self.level(twin - lead, 7)
        return [
            self.weekday[day].astype(float), lead.astype(float), self.day_of_year[day].astype(float), *self.dates[:, day].astype(float),
            self.level(origin, 1), self.level(origin, 3), level, self.level(origin, 14), self.level(origin, 28), self.level(origin, 56),
            self.level(origin - 7, 7), then, level - then,
            self._at(self.ratio, day - week), np.mean([self._at(self.ratio, day - week - 7 * k) for k in range(4)], axis=0),
            self._at(self.ratio, day - 364), self._smooth(day - 364, 7), self._smooth(day - 728, 7),
            self._at(self.ratio, date), self._smooth(date, 3), self._at(self.ratio, twin), self._smooth(twin, 3),
            self._flag(holiday, day), self._flag(holiday, day - 1), self._flag(holiday, day + 1),
            self._flag(holiday, day - week), np.where(twin >= 0, self._flag(holiday, twin), np.nan),
            self.to_next[day], self.since_last[day],
            self._flag(self.calendar.school, day), self._share(self.calendar.school, day - week),
        ]  # fmt: skip

    def _by_hour(self, day: Ints, lead: Ints, base: Array) -> list[Array]:
        origin, week = day - lead, np.where(lead > 7, 14, 7)
        below = np.log(base + SMALL)
        weeks = [np.log(self._hour(day - week - 7 * k) + SMALL) - below for k in range(4)]
        recent = np.where((lead > 7)[:, None], self.recent[1][day], self.recent[0][day])
        known = [~np.isnan(one) for one in weeks]
        mean = np.sum([np.where(k, one, 0.0) for k, one in zip(known, weeks, strict=True)], axis=0)
        count = np.sum(known, axis=0)
        return [
            below, *weeks, np.where(count > 0, mean / np.maximum(count, 1), np.nan), np.log(recent + SMALL) - below,
            self.level_by_hour(origin, 3), self.level_by_hour(origin, 7), self.level_by_hour(origin, 28),
            *(self._against_its_median(one) for one in (day - 364, self.year_before[day], self.twin[day])),
        ]  # fmt: skip

    def _against_its_median(self, day: Ints) -> Array:
        base = self.base[0][np.clip(day, 0, None)]
        out: Array = np.where((day >= 0)[:, None], np.log((self._hour(day) + SMALL) / (base + SMALL)), np.nan)
        return out

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


def _log_ratio(over: Array, under: Array, small: float = SMALL) -> Array:
    # Closed hours hold less than nobody once the effect of what is known in advance is taken out: sums of them are nobody.
    over, under = np.maximum(over, 0.0), np.maximum(under, 0.0)
    out: Array = np.where(under > 0, np.log((over + small) / (under + small)), np.nan)
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


class Around:
    """What the sites that are forecast together have in common: all figures against all medians, each site weighing the same."""

    def __init__(self, pasts: Sequence[Past]) -> None:
        self.first = min(past.calendar.first for past in pasts)
        n = max(past.calendar.first + past.known for past in pasts) - self.first
        sums, ratios = np.zeros((2, n)), np.full((len(pasts), n), np.nan)
        for row, past in enumerate(pasts):
            own = slice(past.calendar.first - self.first, past.calendar.first - self.first + past.known)
            usual = float(past.sum_y[: past.known].mean())
            # A site that hardly anybody comes to cannot say how busy the others' days are.
            weight = 1.0 / usual if usual >= SMALL else 0.0
            sums[:, own] += weight * np.stack((past.sum_y[: past.known], past.sum_base[: past.known]))
            ratios[row, own] = past.ratio[: past.known]
        self.cumulated = np.concatenate((np.zeros((2, 1)), sums.cumsum(axis=1)), axis=1)
        self.ratio = boost.column_medians(ratios)

    def by_day(self, past: Past, day: Ints, lead: Ints) -> list[Array]:
        """Columns for the target days of one of the sites."""
        shift = past.calendar.first - self.first
        origin, twin, week = day - lead + shift, past.twin[day] + shift, np.where(lead > 7, 14, 7)
        level = self._level(origin, 7)
        return [
            self._level(origin, 1), self._level(origin, 3), level, self._level(origin, 28), level - self._level(twin - lead, 7),
            *(self._at(one) for one in (day - week + shift, twin, day - 728 + shift, past.two_before[day] + shift)),
        ]  # fmt: skip

    def _level(self, upto: Ints, length: int) -> Array:
        n = self.cumulated.shape[1] - 1
        high, low = np.clip(upto + 1, 0, n), np.clip(upto + 1 - length, 0, n)
        y, base = self.cumulated[:, high] - self.cumulated[:, low]
        return _log_ratio(y, base, FEW)

    def _at(self, day: Ints) -> Array:
        inside = (day >= 0) & (day < len(self.ratio))
        return np.where(inside, self.ratio[np.clip(day, 0, len(self.ratio) - 1)], np.nan)
