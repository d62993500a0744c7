"""Local times as UTC, with the hours that clocks leave out and those that they go through twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allmende.insight.deliveries.words import EPOCH


class Clock(NamedTuple):
    """For local minutes since 1970: the minute in UTC (the first, where there are two), and what is odd about it."""

    utc: NDArray[np.int64]
    skipped: NDArray[np.bool_]
    """The clock never showed it: it went forward."""
    twice: NDArray[np.bool_]
    """The clock showed it twice: it went back."""
    shift: NDArray[np.int64]
    """Minutes to the second time, where there is one."""


def to_utc(local: NDArray[np.int64], zone: str) -> Clock:
    """Minutes of a local clock as UTC; each different hour is asked of the time zone once."""
    info = ZoneInfo(zone)
    hours, place = np.unique(local // 60, return_inverse=True)
    offset, gap, shift = (np.zeros(len(hours), np.int64) for _ in range(3))
    for at, hour in enumerate(hours.tolist()):
        moment = (EPOCH + timedelta(hours=hour)).replace(tzinfo=None)
        first = moment.replace(tzinfo=info).utcoffset() or timedelta()
        second = moment.replace(tzinfo=info, fold=1).utcoffset() or timedelta()
        offset[at] = first.total_seconds() // 60
        back = moment.replace(tzinfo=info).astimezone(UTC).astimezone(info).replace(tzinfo=None)
        gap[at] = back != moment
        shift[at] = (first - second).total_seconds() // 60 if first > second else 0
    return Clock(local - offset[place], gap[place] > 0, shift[place] > 0, shift[place])


def to_local(utc: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Minutes in UTC as minutes of the local clock."""
    info = ZoneInfo(zone)
    hours, place = np.unique(utc // 60, return_inverse=True)
    offset = np.zeros(len(hours), np.int64)
    for at, hour in enumerate(hours.tolist()):
        moment: datetime = EPOCH + timedelta(hours=hour)
        offset[at] = (moment.astimezone(info).utcoffset() or timedelta()).total_seconds() // 60
    return utc + offset[place]
