"""What cannot be used of a part, by reason and day, and clocks that were wrong when the events were sent."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
DAY_US = 86_400_000_000
WRONG_US = 30 * 60 * 1_000_000
"""A row that is more than half an hour off from the rows around it was sent with a wrong clock."""
AROUND = 4
"""Rows looked at on either side."""
MOST_FAULTS, MOST_FALLS = 0.05, 0.001
"""Above these shares a file is in no order of arrival, and nothing can be said about clocks."""
EPOCH = date(1970, 1, 1)

REASONS = ("no_time", "no_place", "outside", "inaccurate", "clock", "empty_cell", "unknown_cell", "expired_cell")
"""Why an event is left out before its device's day is looked at; names of fields of ``DayQuality``."""
LATE = "late"


@dataclass(frozen=True, slots=True)
class Lost:
    """Events left out (and those that came late, which are used), by UTC day and reason."""

    counts: Counter[tuple[int, str]] = field(default_factory=Counter)

    def add(self, reason: str, days: Array) -> None:
        """One event of each of the days."""
        values, n = np.unique(days, return_counts=True)
        for day, count in zip(values.tolist(), n.tolist(), strict=True):
            self.counts[day, reason] += count

    @property
    def unusable(self) -> int:
        """Events left out."""
        return sum(n for (_, reason), n in self.counts.items() if reason != LATE)

    @property
    def outside(self) -> int:
        """Events outside the days that are looked at."""
        return sum(n for (_, reason), n in self.counts.items() if reason == "outside")

    def of_day(self, day: int) -> dict[str, int]:
        """Reason -> events of a day."""
        return {reason: n for (d, reason), n in self.counts.items() if d == day}


def clock_faults(ts: Array) -> Array | None:
    """Rows (a mask) that were sent with a wrong clock: in a file in order of arrival their times stand out from those of the
    rows around them.  None: there are none, or the file is in no such order."""
    if len(ts) < 2 * AROUND + 1:
        return None
    if not (ts[1:] < ts[:-1]).any():
        return None
    step = np.diff(ts)
    far = np.abs(step) > WRONG_US
    candidates = np.flatnonzero(np.r_[far, False] | np.r_[False, far])
    if not len(candidates) or len(candidates) > 3 * MOST_FAULTS * len(ts):
        return None
    candidates = candidates[(candidates >= AROUND) & (candidates < len(ts) - AROUND)]
    around = np.median(ts[candidates[:, None] + np.arange(-AROUND, AROUND + 1)], axis=1)
    wrong = candidates[np.abs(ts[candidates] - around) > WRONG_US]
    if not len(wrong) or len(wrong) > MOST_FAULTS * len(ts):
        return None
    mask = np.zeros(len(ts), np.bool_)
    mask[wrong] = True
    if (np.diff(ts[~mask]) < 0).mean() > MOST_FALLS:
        return None
    return mask


def named_day(path: str) -> int | None:
    """The day after which a delivered file or its folder is named (days since 1970), if it is."""
    for part in Path(path).parts[-3:]:
        for year, month, day in re.findall(r"(?<!\d)((?:19|20)\d\d)[-_]?(\d\d)[-_]?(\d\d)(?!\d)", part):
            try:
                return (date(int(year), int(month), int(day)) - EPOCH).days
            except ValueError:
                continue
    return None


def begin_of(day: int, zone: str) -> int:
    """Microseconds since 1970 of the beginning of a local day."""
    begin = datetime.combine(EPOCH + timedelta(day), datetime.min.time(), ZoneInfo(zone))
    return int(begin.timestamp()) * 1_000_000


def natural(path: str) -> tuple[tuple[int, int | str], ...]:
    """So that ``part-10`` comes after ``part-2``: deliveries are in order of their names."""
    return tuple((0, int(word)) if word.isdigit() else (1, word) for word in re.split(r"(\d+)", path) if word)
