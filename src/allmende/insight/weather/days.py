"""Hours of weather as days: what a day was like when people are out, and the usual day of a week of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allmende.insight.bridges.forecast import local_hours
from allmende.insight.store import EPOCH
from allmende.insight.weather.store import CLOUD, PRECIPITATION, SUNSHINE, TEMPERATURE, WIND, Values

OUT_FROM, OUT_UNTIL = 7, 22
"""Hours of the day in which people are out."""
LEAST_HOURS: Final = 9
"""With fewer known hours of those, nothing is said of a day."""
AROUND: Final = 3
"""Days before and after that make up the same week of another year."""
Daily = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DayWeather:
    """A day; None where not known."""

    low: float | None
    high: float | None
    """°C, of the hours in which people are out."""
    rain: float | None
    """mm."""
    sun: float | None
    """Hours."""
    cloud: float | None
    """% of the sky, mean."""
    wind: float | None
    """m/s, the strongest hour."""
    hours: int
    """Known hours, of the fifteen."""


@dataclass(frozen=True, slots=True)
class Table:
    """Days × hours in which people are out (15) × 5 variables."""

    values: NDArray[np.float64]

    def _of(self, column: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        part = self.values[:, :, column]
        return part, np.isfinite(part).sum(axis=1) >= LEAST_HOURS

    def sums(self, column: int) -> Daily:
        """Sum of the day, scaled up to hours that are not known; NaN where too few are."""
        part, enough = self._of(column)
        n = np.maximum(1, np.isfinite(part).sum(axis=1))
        return np.where(enough, np.nansum(part, axis=1) * part.shape[1] / n, np.nan)

    def means(self, column: int) -> Daily:
        """Mean of the day; NaN where too few hours are known."""
        part, enough = self._of(column)
        n = np.maximum(1, np.isfinite(part).sum(axis=1))
        return np.where(enough, np.nansum(part, axis=1) / n, np.nan)

    def highest(self, column: int) -> Daily:
        """The highest hour; NaN where too few are known."""
        part, enough = self._of(column)
        return np.where(enough, np.where(np.isfinite(part), part, -np.inf).max(axis=1), np.nan)

    def lowest(self, column: int) -> Daily:
        """The lowest hour; NaN where too few are known."""
        part, enough = self._of(column)
        return np.where(enough, np.where(np.isfinite(part), part, np.inf).min(axis=1), np.nan)

    @property
    def known(self) -> NDArray[np.int64]:
        """Known hours of each day."""
        out: NDArray[np.int64] = np.isfinite(self.values).any(axis=2).sum(axis=1)
        return out


def table_of(values: Values, first: int, zone: ZoneInfo, first_day: date, days: int) -> Table:
    """Consecutive UTC hours by local day."""
    out = np.full((days * 24, values.shape[1]), np.nan)
    place = local_hours(first, len(values), zone) - (first_day - EPOCH).days * 24
    inside = (place >= 0) & (place < days * 24)
    out[place[inside]] = values[inside]
    return Table(out.reshape(days, 24, -1)[:, OUT_FROM:OUT_UNTIL])


def days_of(values: Values, first: int, zone: ZoneInfo, first_day: date, days: int) -> list[DayWeather]:
    """Each day in words' figures."""
    table = table_of(values, first, zone, first_day, days)
    columns = (
        table.lowest(TEMPERATURE),
        table.highest(TEMPERATURE),
        table.sums(PRECIPITATION),
        table.sums(SUNSHINE) / 60,
        table.means(CLOUD),
        table.highest(WIND),
    )
    told = zip(*columns, table.known, strict=True)
    return [
        DayWeather(_told(low), _told(high), _told(rain), _told(sun), _told(cloud), _told(wind), int(hours))
        for low, high, rain, sun, cloud, wind, hours in told
    ]


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def usual(column: Daily, first_day: date, wanted: range) -> Daily:
    """The mean of the same week of earlier years for days (numbers from ``first_day`` on); NaN where no year knows it."""
    out = np.full(len(wanted), np.nan)
    for at, day in enumerate(wanted):
        weeks = []
        for years in range(1, 11):
            middle = day - round(365.2425 * years)
            if middle + AROUND < 0:
                break
            week = column[max(0, middle - AROUND) : max(0, middle + AROUND + 1)]
            weeks.append(week[np.isfinite(week)])
        known = np.concatenate(weeks) if weeks else np.zeros(0)
        if len(known):
            out[at] = known.mean()
    return out
