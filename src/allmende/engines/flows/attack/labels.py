"""Labels of a released table: columns that claim to say a dimension in other words, taken at their word or not.

A label is harmless if it tells nothing that the dimension does not: one value for each of the dimension's, and that value no more
than the time at which the period of that name begins.  Anything else would be a way to let figures out beside the figures.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from allmende.engines.flows.release import ReleasedTable

FARTHEST = timedelta(hours=14)
"""No clock on Earth is farther from UTC."""


def harmless(table: ReleasedTable, name: str) -> bool:
    """Whether a column is declared as a label and says nothing but when a period of one dimension begins."""
    return name in table.labels and any(_begins(table, name, dimension) for dimension in table.dimensions)


def _begins(table: ReleasedTable, name: str, dimension: str) -> bool:
    different = table.rows.group_by([dimension, name]).aggregate([])
    periods, labels = different[dimension].to_pylist(), different[name].to_pylist()
    if len(set(periods)) < len(periods):
        return False
    text = pa.types.is_string(different[name].type)
    seconds = all(not label.microsecond for label in labels if isinstance(label, datetime))
    return seconds and all(
        _is_begin(str(period), label, text=text) for period, label in zip(periods, labels, strict=True)
    )


def _is_begin(period: str, label: object, *, text: bool) -> bool:
    if label is None:
        return True
    try:
        moment = label if isinstance(label, datetime) else datetime.fromisoformat(str(label))
        if moment.tzinfo is None or (text and str(label) != moment.isoformat(timespec="minutes")):
            return False
        if "T" in period:
            begin = datetime.fromisoformat(period)
            return moment == (begin if begin.tzinfo else begin.replace(tzinfo=UTC))
        begin = datetime.fromisoformat(period if len(period) == 10 else f"{period}-01").replace(tzinfo=UTC)
    except ValueError:
        return False
    # a local midnight, to the quarter of an hour by which zones differ
    near = abs(moment - begin) <= FARTHEST and int(moment.timestamp()) % 900 == 0
    return near and (not text or moment.replace(tzinfo=UTC) == begin)


def offset_of(table: ReleasedTable) -> timedelta:
    """By how much the clocks of a table are ahead of UTC, as its labels show; nothing if they show none."""
    for name in table.labels:
        if pa.types.is_string(table.rows[name].type):
            for label in table.rows[name].slice(0, 1).to_pylist():
                if label:
                    return datetime.fromisoformat(label).utcoffset() or timedelta()
    return timedelta()
