"""Labels of a released table: columns that claim to say a dimension in other words, taken at their word or not.

A label is harmless if it tells nothing that the dimension does not: one value for each of the dimension's, and that value no more
than the time at which the period of that name begins, on one clock for the whole table.  Anything else would be a way to let figures out beside the figures.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa

from allmende.engines.flows.release import ReleasedTable

FARTHEST = timedelta(hours=14)
"""No clock on Earth is farther from UTC."""
QUARTER = timedelta(minutes=15)
"""By so much the clocks of the Earth differ."""


def harmless(table: ReleasedTable, name: str) -> bool:
    """Whether a column is declared as a label and says nothing but when a period of one dimension begins."""
    return name in table.labels and any(_begins(table, name, dimension) for dimension in table.dimensions)


def _begins(table: ReleasedTable, name: str, dimension: str) -> bool:
    different = table.rows.group_by([dimension, name]).aggregate([])
    periods, labels = different[dimension].to_pylist(), different[name].to_pylist()
    if len(set(periods)) < len(periods):
        return False
    text = pa.types.is_string(different[name].type)
    told: list[tuple[datetime, timedelta]] = []
    for period, label in zip(periods, labels, strict=True):
        begin, is_moment = _begin_of(str(period))
        if begin is None or label is None:
            # one that is missing where it could be told would be a sign, too
            if begin is not None or label is not None:
                return False
            continue
        moment = _moment(label, text=text)
        if moment is None or not _is_begin(begin, moment, is_moment=is_moment, text=text):
            return False
        if text or not is_moment:
            told.append((moment, (moment.utcoffset() or timedelta()) if text else begin - moment))
    return _one_clock(told)


def _begin_of(period: str) -> tuple[datetime | None, bool]:
    """When a period begins by its name, in UTC, and whether that is a moment or a date on some clock; none for ``*``."""
    try:
        if "T" in period:
            begin = datetime.fromisoformat(period)
            return (begin if begin.tzinfo else begin.replace(tzinfo=UTC)), True
        return datetime.fromisoformat(period if len(period) == 10 else f"{period}-01").replace(tzinfo=UTC), False
    except ValueError:
        return None, False


def _moment(label: object, *, text: bool) -> datetime | None:
    try:
        moment = label if isinstance(label, datetime) else datetime.fromisoformat(str(label))
    except ValueError:
        return None
    if moment.tzinfo is None or moment.microsecond or (text and str(label) != moment.isoformat(timespec="minutes")):
        return None
    return moment


def _is_begin(begin: datetime, moment: datetime, *, is_moment: bool, text: bool) -> bool:
    if is_moment:
        return moment == begin
    # a local midnight, to the quarter of an hour by which zones differ
    near = abs(moment - begin) <= FARTHEST and int(moment.timestamp()) % 900 == 0
    return near and (not text or moment.replace(tzinfo=UTC) == begin)


def _one_clock(told: list[tuple[datetime, timedelta]]) -> bool:
    """Whether one clock may have been so far from UTC at these moments: it is put on or back twice a year, not as one pleases."""
    told = sorted(told)
    if any(abs(offset) > FARTHEST or offset % QUARTER for _, offset in told):
        return False
    changes = sum(one[1] != other[1] for one, other in pairwise(told))
    years = (told[-1][0] - told[0][0]).days // 365 if told else 0
    return changes <= 2 * (years + 1)


def offset_of(table: ReleasedTable) -> timedelta:
    """By how much the clocks of a table are ahead of UTC, as its labels show; nothing if they show none."""
    for name in table.labels:
        if pa.types.is_string(table.rows[name].type):
            for label in table.rows[name].slice(0, 1).to_pylist():
                if label:
                    return datetime.fromisoformat(label).utcoffset() or timedelta()
    return timedelta()
