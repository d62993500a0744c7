"""The figures of a site as one outcome for each day (or month): the chosen hours and weekdays, in the site's own time.

A day counts only if all of its chosen hours have a figure that may be computed with; anything else is NaN.  Flows are added
up, stocks (people present) averaged.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allmende.insight.models import Series
from allmende.insight.store import EPOCH, Stretch, number_of, read_many
from allmende.insight.values import STOCKS, Resolution

Days = NDArray[np.int64]
"""Days (or months) since 1970-01-01."""
Outcomes = NDArray[np.float64]

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Which days are looked at, and which hours of them."""

    first: date
    until: date
    """The last day."""
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()

    def days(self) -> Days:
        """The days of the chosen weekdays."""
        days = np.arange((self.first - EPOCH).days, (self.until - EPOCH).days + 1, dtype=np.int64)
        return days[_is_chosen(days, self.weekdays)] if self.weekdays else days


def _is_chosen(days: Days, weekdays: Collection[int]) -> NDArray[np.bool_]:
    # 1970-01-01 was a Thursday.
    return np.isin((days + 3) % 7, list(weekdays))


@lru_cache(maxsize=16)
def local_hours(zone_name: str, first: int, length: int) -> tuple[Days, Days]:
    """Local day and hour of each of ``length`` hours from the hour ``first`` on."""
    zone = ZoneInfo(zone_name)
    moments = [datetime.fromtimestamp(3600 * (first + step), zone) for step in range(length)]
    days = np.array([moment.toordinal() for moment in moments], np.int64) - EPOCH.toordinal()
    return days, np.array([moment.hour for moment in moments], np.int64)


def outcomes_of_hours(stretch: Stretch, zone: str, window: Window, *, is_stock: bool) -> Outcomes:
    """One figure for each of ``window.days()``; ``stretch`` reaches over their edges."""
    days = window.days()
    if not len(days):
        return np.empty(0)
    local_day, local_hour = local_hours(zone, stretch.first, len(stretch))
    wanted = (local_day >= days[0]) & (local_day <= days[-1])
    if window.hours:
        wanted &= np.isin(local_hour, list(window.hours))
    usable = stretch.usable[wanted].astype(np.float64)
    place = local_day[wanted] - days[0]
    size = int(days[-1] - days[0]) + 1
    there = np.isfinite(usable)
    expected = np.bincount(place, minlength=size)
    found = np.bincount(place[there], minlength=size)
    total = np.bincount(place[there], weights=usable[there], minlength=size)
    whole = (found == expected) & (expected > 0)
    value = np.where(whole, total / np.maximum(found, 1) if is_stock else total, np.nan)
    return np.asarray(value[days - days[0]], np.float64)


def read_outcomes(series: Sequence[Series], window: Window) -> dict[int, Outcomes]:
    """Of each of ``series`` (hours or days; with their sites), one figure for each of ``window.days()``.

    Series of days have no hours to choose from: they are NaN where ``window.hours`` asks for some.
    """
    days = window.days()
    found: dict[int, Outcomes] = {}
    hourly = [one for one in series if one.resolution == Resolution.HOUR]
    begin = datetime.combine(window.first - ONE_DAY, datetime.min.time(), UTC)
    end = datetime.combine(window.until + 2 * ONE_DAY, datetime.min.time(), UTC)
    for one, stretch in _read(hourly, begin, end):
        found[one.pk] = outcomes_of_hours(stretch, one.site.timezone, window, is_stock=one.measure in STOCKS)
    daily = [one for one in series if one.resolution == Resolution.DAY]
    for one, stretch in _read(daily, window.first, window.until + ONE_DAY):
        values = stretch.usable.astype(np.float64)[days - number_of(Resolution.DAY, window.first)]
        found[one.pk] = np.full(len(days), np.nan) if window.hours else values
    return found


def _read(series: list[Series], first: datetime | date, until: datetime | date) -> list[tuple[Series, Stretch]]:
    stretches = read_many(series, first, until)
    return [(one, stretches[one.pk]) for one in series]


def read_months(series: Sequence[Series], first: date, until: date) -> tuple[list[date], dict[int, Outcomes]]:
    """First days of the months from that of ``first`` to that of ``until``, and the figures of each series of months."""
    begin, end = (number_of(Resolution.MONTH, day) for day in (first, until))
    months = [date(1970 + number // 12, number % 12 + 1, 1) for number in range(begin, end + 1)]
    after = date(1970 + (end + 1) // 12, (end + 1) % 12 + 1, 1)
    monthly = [one for one in series if one.resolution == Resolution.MONTH]
    return months, {one.pk: stretch.usable.astype(np.float64) for one, stretch in _read(monthly, months[0], after)}
