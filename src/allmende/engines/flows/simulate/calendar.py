"""The days of a period: where they begin in UTC, how long they are, who works, how many visitors come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.simulate.profiles import Profile, ProfileError
from allmende.engines.holidays import is_public_holiday

Floats = npt.NDArray[np.float64]

RHYTHM = np.array(
    [
        0.25,
        0.2,
        0.18,
        0.18,
        0.2,
        0.3,
        0.6,
        1,
        1.2,
        1.2,
        1.25,
        1.3,
        1.35,
        1.3,
        1.25,
        1.3,
        1.4,
        1.45,
        1.4,
        1.3,
        1.15,
        0.95,
        0.7,
        0.4,
    ]
)
"""Events of a telephone by local hour, relative; few at night."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day."""

    number: int
    date: date
    start: int
    """Seconds since 1970, UTC, of local midnight; a whole hour."""
    hours: tuple[int, ...]
    """The local hour of each UTC hour of the day: 24 of them, 23 or 25 when clocks change."""
    change: float
    """Hours after midnight at which the clock changes; 99 if it does not."""
    shift: int
    """Hours by which the clock goes forward then."""
    working: bool
    factor: float
    """Visitors relative to an average day."""

    @property
    def end(self) -> int:
        """Seconds since 1970, UTC, of the next midnight."""
        return self.start + 3600 * len(self.hours)

    def utc(self, wall: Floats) -> Floats:
        """Whole seconds since 1970, UTC, of hours on the wall (0 to 24); an hour that is skipped is its beginning."""
        if not self.shift:
            return np.rint(self.start + wall * 3600)
        before = wall < self.change + max(self.shift, 0)
        passed = np.where(before, np.minimum(wall, self.change), wall - self.shift)
        return np.asarray(np.rint(self.start + passed * 3600), np.float64)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _factor(profile: Profile, day: date, holiday: bool) -> float:
    """The month's value in its middle, straight lines between; times the weekday; a public holiday counts as a Saturday."""
    position = day.month - 1 + (day.day - 15.5) / 30.5
    low = int(np.floor(position))
    part = position - low
    season = profile.season[low % 12] * (1 - part) + profile.season[(low + 1) % 12] * part
    return season * profile.week[5 if holiday and day.weekday() != 5 else day.weekday()]


def days_of(profile: Profile) -> list[Day]:
    """The days of the period.

    Raises:
        ProfileError: if the time zone is not whole hours from UTC on one of them.
    """
    zone = ZoneInfo(profile.timezone)
    found = []
    for number in range(profile.days):
        day = profile.start + timedelta(number)
        start, end = _midnight(day, zone), _midnight(day + timedelta(1), zone)
        if start % 3600 or end % 3600:
            raise ProfileError(f"timezone is {profile.timezone!r}; it must be whole hours from UTC, {day} is not.")
        hours = tuple(datetime.fromtimestamp(t, UTC).astimezone(zone).hour for t in range(start, end, 3600))
        odd = next((i for i, hour in enumerate(hours) if hour != i), 99) if len(hours) != 24 else 99
        holiday = bool(profile.country) and is_public_holiday(profile.country, "", day)
        working = day.weekday() < 5 and not holiday
        shift = 24 - len(hours)
        found.append(Day(number, day, start, hours, float(odd), shift, working, _factor(profile, day, holiday)))
    return found
