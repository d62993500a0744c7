"""Hours, days and months of a release: their names, which lies in which, and when each begins on the clock of the region.

An hour is named by its start in UTC (``2026-10-25T00Z``), so that figures join whatever the clocks do; a day and a month are
local and named by their date (``2026-10-25``, ``2026-10``).  Beside each name a released table says when the period begins:
``starts``, a moment in UTC, and ``local``, the time that a clock in the region shows.  With its offset the latter is unambiguous:
in the night in which clocks go back ``2026-10-25T02:00+02:00`` is followed by ``2026-10-25T02:00+01:00``, and in the night in
which they go forward no period is called 02:00.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.release import ALL, Release, ReleasedTable
from allmende.engines.flows.store import EPOCH

PERIOD = "period"
STARTS, LOCAL = "starts", "local"
_HOUR, _DAY, _MONTH = 14, 10, 7
"""Letters of the name."""


class TimeZoneError(ValueError):
    """There is no time zone of that name; the message says what to write."""


def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name (``Europe/Berlin``).

    Raises:
        TimeZoneError: if there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneError(f"There is no time zone {name!r}. Write one such as Europe/Copenhagen.") from None


def mapped(column: pa.ChunkedArray, word: Callable[[int], str]) -> pa.Array:
    """Whole numbers as words, each different one asked for once."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    words = pa.array([word(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(encoded.indices, words)


def hour_word(hour: int) -> str:
    """Hours since 1970 (UTC) as ``2026-06-01T08Z``."""
    return f"{EPOCH + timedelta(days=hour // 24)}T{hour % 24:02d}Z"


def day_word(day: int) -> str:
    """Days since 1970 as ``2026-06-01``."""
    return str(EPOCH + timedelta(days=day))


def hour_text(hours: pa.ChunkedArray) -> pa.Array:
    """Hours since 1970 (UTC) as ``2026-06-01T08Z``."""
    return mapped(hours, hour_word)


def day_text(days: pa.ChunkedArray) -> pa.Array:
    """Days since 1970 as ``2026-06-01``."""
    return mapped(days, day_word)


def month_text(days: pa.ChunkedArray) -> pa.Array:
    """First days of months as ``2026-06``."""
    return mapped(days, lambda day: day_word(day)[:_MONTH])


def lies_in(hours: Iterable[int], days: Iterable[int], zone: ZoneInfo) -> pa.Table:
    """Which period lies in which (``child``, ``parent``): hours in local days, days in months, months in all.

    An hour lies in the local day of its middle: where a zone is half an hour off, midnight falls within one.
    """
    pairs: dict[str, str] = {}
    for hour in hours:
        middle = datetime.fromtimestamp(hour * 3600 + 1800, UTC).astimezone(zone)
        pairs[hour_word(hour)] = f"{middle:%Y-%m-%d}"
    for day in (*pairs.values(), *(day_word(day) for day in days)):
        pairs[day] = day[:_MONTH]
    for month in sorted({name for name in pairs.values() if len(name) == _MONTH}):
        pairs[month] = ALL
    return pa.table(
        {"child": pa.array(list(pairs), pa.string()), "parent": pa.array(list(pairs.values()), pa.string())}
    )


def begins(name: str, zone: ZoneInfo) -> datetime | None:
    """When the period of that name begins, on the clock of the zone; ``None`` for names that are none (``*``)."""
    try:
        if len(name) == _HOUR:
            return datetime.fromisoformat(name).astimezone(zone)
        if len(name) in (_DAY, _MONTH):
            return datetime.fromisoformat(name if len(name) == _DAY else f"{name}-01").replace(tzinfo=zone)
    except ValueError:
        pass
    return None


def local_word(moment: datetime) -> str:
    """``2026-10-25T02:00+02:00``."""
    return moment.isoformat(timespec="minutes")


def with_clock(release: Release, timezone: str) -> Release:
    """The release with ``starts`` and ``local`` beside each period, and the name of the zone in its manifest."""
    zone = zone_of(timezone)
    return replace(release, tables=tuple(_with_clock(table, zone) for table in release.tables), timezone=timezone)


def _with_clock(table: ReleasedTable, zone: ZoneInfo) -> ReleasedTable:
    if PERIOD not in table.dimensions:
        return table
    encoded = pc.dictionary_encode(table.rows[PERIOD].combine_chunks())
    moments = [begins(str(name), zone) for name in encoded.dictionary.to_pylist()]
    starts = pa.array([None if m is None else m.astimezone(UTC) for m in moments], pa.timestamp("s", tz="UTC"))
    local = pa.array([None if m is None else local_word(m) for m in moments], pa.string())
    at = table.rows.column_names.index(PERIOD) + 1
    rows = table.rows.add_column(at, STARTS, starts.take(encoded.indices))
    rows = rows.add_column(at + 1, LOCAL, local.take(encoded.indices))
    return replace(table, rows=rows, labels=(*table.labels, STARTS, LOCAL))


__all__ = [
    "LOCAL", "STARTS", "TimeZoneError", "begins", "day_text", "hour_text", "lies_in", "local_word", "mapped", "month_text",
    "with_clock", "zone_of",
]  # fmt: skip
