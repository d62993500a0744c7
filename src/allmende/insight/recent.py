"""The last figure of a series that says how full a place is: one rule for the owners' pages and for the guide.

Of people present (a stock) it may be that of the hour which is not over; of people passing (a flow) it is one of a whole
hour, for an hour that is not over, or of which readings are missing, counts too few.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.insight.store import Stretch, number_of
from allmende.insight.values import USABLE, Quality, Resolution

FRESH: Final = timedelta(hours=2)
"""So long after its hour has ended a figure says something about now."""
_STOCK: Final = np.array([number in USABLE for number in range(256)])
_FLOW: Final = _STOCK & ~np.isin(np.arange(256), (Quality.PROVISIONAL, Quality.PARTIAL))


def last_figure(stretch: Stretch, *, is_stock: bool, now: datetime) -> int | None:
    """Its place in a ``stretch`` of hours; None where there is none."""
    until = number_of(Resolution.HOUR, now) + is_stock - stretch.first
    if until <= 0:
        return None
    wanted = (_STOCK if is_stock else _FLOW)[stretch.quality[:until]] & np.isfinite(stretch.figures[:until])
    there = np.flatnonzero(wanted)
    return int(there[-1]) if len(there) else None


def tells(
    quality: NDArray[np.uint8], figures: NDArray[np.floating], *, is_stock: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """For many series at once which hours count as the last figure, (series, hours); the last hour is the one not over."""
    kinds: NDArray[np.bool_] = np.where(is_stock[:, None], _STOCK[quality], _FLOW[quality]) & np.isfinite(figures)
    kinds[:, -1:] &= is_stock[:, None]
    return kinds


def oldest_fresh(now: datetime) -> int:
    """The number of the first hour that ``is_fresh``."""
    return -(-int((now - FRESH).timestamp() - 3600) // 3600)


def is_fresh(number: int, *, now: datetime) -> bool:
    """Whether the hour with this number ended so lately that its figure says something about now."""
    return now.timestamp() - 3600.0 * (number + 1) <= FRESH.total_seconds()
