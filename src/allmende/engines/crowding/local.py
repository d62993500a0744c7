"""Hours of UTC as the clocks of a place show them, over the nights on which clocks change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allmende.engines.crowding.values import Ints

HOURS_OF_WEEK: Final = 168
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Local:
    """For each of some consecutive UTC hours: the local hour in which it begins."""

    hour: NDArray[np.int64]
    """0 to 23.  The night that is an hour longer has its hour twice, the one that is shorter lacks it."""
    weekday: NDArray[np.int64]
    """Monday is 0."""
    day: Ints
    """Local day, in days since 1970-01-01."""
    month: NDArray[np.int64]
    """January is 0."""

    @property
    def cell(self) -> Ints:
        """Month × hour of the week (Monday 0:00 is 0) as one number, 0 to 2015."""
        return self.month * HOURS_OF_WEEK + self.weekday * 24 + self.hour


@lru_cache(maxsize=64)
def local_hours(zone: str, first: int, length: int) -> Local:
    """``length`` hours from the UTC hour with number ``first``, on the clocks of ``zone``."""
    hours = np.arange(first, first + length, dtype=np.int64)
    seconds = hours * 3600 + _offsets(zone, hours)
    day = seconds // 86400
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % MONTHS
    found = Local(seconds // 3600 % 24, (day + 3) % 7, day, month)
    for part in (found.hour, found.weekday, found.day, found.month):
        part.flags.writeable = False  # remembered, and handed to everybody who asks
    return found


def _offsets(zone: str, hours: Ints) -> Ints:
    """Seconds that the clocks are ahead of UTC at each hour: one look a day, and each hour of a day that changes."""
    if not len(hours):
        return np.zeros(0, np.int64)
    clocks = ZoneInfo(zone)
    first_day, last_day = int(hours[0]) // 24, int(hours[-1]) // 24
    by_day = np.array([_offset(clocks, day * 24) for day in range(first_day, last_day + 2)], np.int64)
    found: Ints = by_day[hours // 24 - first_day]
    for changed in np.flatnonzero(by_day[1:] != by_day[:-1]):
        of_day = np.flatnonzero(hours // 24 == first_day + changed)
        found[of_day] = [_offset(clocks, int(hours[at])) for at in of_day]
    return found


def _offset(clocks: ZoneInfo, hour: int) -> int:
    ahead = datetime.fromtimestamp(hour * 3600, UTC).astimezone(clocks).utcoffset()
    return round(ahead.total_seconds()) if ahead else 0
