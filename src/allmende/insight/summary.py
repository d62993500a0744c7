"""What is counted once of a site's figures, and how it is kept."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

VERSION: Final = 1
"""Of the counting: summaries of another version are made anew."""
Floats32 = NDArray[np.float32]
EPOCH: Final = date(1970, 1, 1)
PROFILE: Final = (12, 168)
"""Seasons, each a month with its neighbours (January first) × hours of the week (Monday 0:00 first)."""


@dataclass(frozen=True, slots=True)
class WorstHour:
    """The fullest hour of one of the fullest days."""

    hour: int
    """Number of the hour since 1970-01-01T00:00Z."""
    figure: float
    pressure: float | None
    ratio: float | None
    """÷ what is usual at that hour of the week in that season; None: too little is known."""
    percentile: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the visitors: where from, or of which kind."""

    key: str
    total: float
    """Sum of the known figures."""
    suppressed: int
    """Periods whose figure was withheld; they are not in the sum."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long people stay: nights ÷ arrivals, over the periods in which both are known."""

    nights: float
    arrivals: float
    periods: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a site's pages show, from all figures of its main series."""

    measure: str
    unit: str
    resolution: str
    is_stock: bool
    timezone: str
    capacity: int | None
    lively_from: float
    full_from: float
    first: int
    """Number of the first hour (days: day) since 1970-01-01."""
    until: int
    """Number of the one after the last."""
    counts: Mapping[str, int]
    """Quality in lower case -> periods."""
    known_share: float
    year_known_share: float
    """The same of the last 365 days."""
    days_first: date
    days_peak: Floats32
    """Highest figure of each local day from ``days_first`` on; NaN where none is known."""
    days_total: Floats32
    days_known: NDArray[np.uint8]
    """Known hours of each day."""
    usual_low: Floats32
    """Lower quartile, ``PROFILE``; the median is in its own column."""
    usual_high: Floats32
    usual_known: NDArray[np.uint16]
    worst: tuple[WorstHour, ...]
    """Of the last 365 days."""
    full_hours: int | None
    """Hours at or above the threshold in the last 365 days; None without a capacity."""
    full_days: int | None
    peak_share: float | None
    """Share of everybody that the busiest tenth of the hours of the last 365 days brought."""
    gini_hours: float | None
    month_per_day: tuple[float | None, ...]
    """January to December: mean total of a day."""
    month_gini: float | None
    month_peak_ratio: float | None
    change: float | None
    """Last 52 weeks ÷ the 52 before, over hours known in both."""
    change_known_share: float
    origins: tuple[Part, ...] = ()
    classes: tuple[Part, ...] = ()
    parts_unit: str = ""
    stay: Stay | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; arrays as base64 of their little-endian bytes."""
        told = {name: getattr(self, name) for name in self.__slots__}
        for name, kind in ARRAYS.items():
            told[name] = base64.b64encode(np.asarray(told[name], kind).tobytes()).decode("ascii")
        told["days_first"] = self.days_first.isoformat()
        for name in ("worst", "origins", "classes"):
            told[name] = [asdict(one) for one in told[name]]
        told["stay"] = asdict(self.stay) if self.stay else None
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Summary:
        """The summary that ``to_json`` made."""
        values = dict(told)
        for name, kind in ARRAYS.items():
            values[name] = np.frombuffer(base64.b64decode(values[name]), kind)
        for name in ("usual_low", "usual_high", "usual_known"):
            values[name] = values[name].reshape(PROFILE)
        values["days_first"] = date.fromisoformat(values["days_first"])
        values["worst"] = tuple(WorstHour(**one) for one in values["worst"])
        values["origins"] = tuple(Part(**one) for one in values["origins"])
        values["classes"] = tuple(Part(**one) for one in values["classes"])
        values["month_per_day"] = tuple(values["month_per_day"])
        values["stay"] = Stay(**values["stay"]) if values["stay"] else None
        return cls(**values)

    def pressure(self, figure: float | None) -> float | None:
        """``figure`` ÷ capacity; None where either is not known."""
        if figure is None or not self.capacity or not np.isfinite(figure):
            return None
        return float(figure) / self.capacity

    def days_of_year(self, year: int) -> dict[date, float | None]:
        """Every day of ``year`` within the figures -> its highest figure."""
        first = max(0, (date(year, 1, 1) - self.days_first).days)
        until = min(len(self.days_peak), (date(year + 1, 1, 1) - self.days_first).days)
        return {
            self.days_first + timedelta(days=at): float(self.days_peak[at]) if self.days_known[at] else None
            for at in range(first, until)
        }

    @property
    def years(self) -> tuple[int, ...]:
        """The years in which there are figures, the latest first."""
        known = np.flatnonzero(self.days_known)
        if not len(known):
            return ()
        first, last = (self.days_first + timedelta(days=int(known[at])) for at in (0, -1))
        return tuple(range(last.year, first.year - 1, -1))


SEASON_BYTES: Final = 4 * PROFILE[1]
ARRAYS: Final[Mapping[str, str]] = {
    "days_peak": "<f4",
    "days_total": "<f4",
    "days_known": "u1",
    "usual_low": "<f4",
    "usual_high": "<f4",
    "usual_known": "<u2",
}


def usual_from_bytes(kept: bytes) -> Floats32 | None:
    """The medians of ``SiteSummary.usual`` as ``PROFILE``; None where they are not counted."""
    return np.frombuffer(kept, "<f4").reshape(PROFILE) if len(kept) == 4 * PROFILE[0] * PROFILE[1] else None


def season_from_bytes(kept: bytes) -> Floats32 | None:
    """The medians of one season, 168 of them; None where they are not counted."""
    return np.frombuffer(kept, "<f4") if len(kept) == SEASON_BYTES else None
