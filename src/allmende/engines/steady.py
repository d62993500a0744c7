"""Days on which the clocks do not change: nearly all of them, and there a time of day becomes UTC by one subtraction."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@lru_cache(maxsize=16384)
def steady_offset(zone: ZoneInfo, day: date) -> timedelta | None:
    """What the clocks of ``zone`` are ahead of UTC from one midnight to the next; None where that changes."""
    if day.year > 9998:
        return None
    midnight = datetime.combine(day, time())
    offsets = {
        moment.replace(tzinfo=zone, fold=fold).utcoffset()
        for moment in (midnight, midnight + _DAY / 2, midnight + _DAY)
        for fold in (0, 1)
    }
    return offsets.pop() if len(offsets) == 1 else None
