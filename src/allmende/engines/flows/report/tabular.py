"""The released tables as arrays: areas, levels, periods, classes and origins, however the columns write them.

A table may hold its periods as ``hour`` or ``day`` (or both), as times, dates, whole numbers (hours or days since 1970; hours are
UTC) or text (``2026-07-04T11Z`` with an offset, ``2026-07-04T13``, ``2026-07-04``, ``2026-07`` local); text and numbers may mix
grains where hours lie in days by a hierarchy.  ``"*"`` stands for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.release import ALL, MEASURE, ReleasedTable

HOUR, DAY, LONGER = 0, 1, 2
_PERIODS = ("hour", "day", "period", "time")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as positions in its different values (as text)."""

    values: tuple[str, ...]
    at: npt.NDArray[np.int64]

    def is_(self, word: str) -> npt.NDArray[np.bool_]:
        """Rows with that value."""
        return np.asarray(self.at == (self.values.index(word) if word in self.values else -1), np.bool_)


@dataclass(frozen=True, slots=True)
class Rows:
    """A released table."""

    columns: dict[str, Coded]
    grain: npt.NDArray[np.int8]
    """HOUR, DAY or LONGER"""
    when: npt.NDArray[np.int64]
    """local hours since 1970 at which the period begins"""
    again: npt.NDArray[np.bool_]
    """the second of two hours of that name, in the night in which clocks go back"""
    people: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.people)

    def where(self, mask: npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(
            {name: Coded(column.values, column.at[mask]) for name, column in self.columns.items()},
            self.grain[mask],
            self.when[mask],
            self.again[mask],
            self.people[mask],
        )

    def total(self, name: str) -> Rows:
        """The rows of "all" in a dimension; all rows, where the table has none of these (they are then added up)."""
        if name not in self.columns:
            return self
        mask = self.columns[name].is_(ALL)
        return self.where(mask) if mask.any() else self

    def apart(self, name: str) -> Rows:
        """The rows that name something in a dimension."""
        return (
            self.where(~self.columns[name].is_(ALL)) if name in self.columns else self.where(np.zeros(len(self), bool))
        )

    def sums(self, name: str) -> dict[str, float]:
        """People by the values of a dimension."""
        column = self.columns[name]
        found = np.bincount(column.at, self.people, minlength=len(column.values))
        return {column.values[at]: float(found[at]) for at in np.unique(column.at)}

    def by_time(self) -> list[tuple[int, float]]:
        """(local hour since 1970 at which a period begins, people) for each period, in order; in the night in which clocks
        go back one hour is there twice."""
        keys, at = np.unique(self.when * 2 + self.again, return_inverse=True)
        return list(zip((keys // 2).tolist(), np.bincount(at, self.people).tolist(), strict=True)) if len(self) else []


def read_rows(table: ReleasedTable, timezone: str) -> Rows:
    """The table as arrays; ``timezone`` is for hours since 1970 and times with an offset."""
    columns: dict[str, Coded] = {}
    periods: list[tuple[str, Coded, pa.Array]] = []
    for name in table.dimensions:
        encoded = pc.dictionary_encode(table.rows[name].combine_chunks())
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        at = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
        coded = Coded(tuple(str(value) for value in encoded.dictionary.to_pylist()), at)
        if name in _PERIODS:
            periods.append((name, coded, encoded.dictionary))
        else:
            columns[name] = coded
    size = table.rows.num_rows
    grain, when, again = np.full(size, LONGER, np.int8), np.zeros(size, np.int64), np.zeros(size, np.bool_)
    zone = ZoneInfo(timezone)
    # Coarse first: an hour beside a day overrules it, unless the hour says "all".
    for name, coded, values in sorted(periods, key=lambda entry: entry[0] == "hour"):
        parsed = [_period(name, value, zone) for value in values.to_pylist()]
        kinds, hours = np.array([p[0] for p in parsed], np.int8), np.array([p[1] for p in parsed], np.int64)
        twice = np.array([p[2] for p in parsed], np.bool_)
        within_day = name == "hour" and len(periods) > 1 and all(0 <= p[1] < 24 for p in parsed if p[0] == HOUR)
        fine = kinds[coded.at] != LONGER
        when = np.where(fine, (when if within_day else 0) + hours[coded.at], when)
        again = np.where(fine, twice[coded.at], again)
        grain = np.where(fine, kinds[coded.at], grain).astype(np.int8)
    people = np.asarray(table.rows[MEASURE].cast(pa.float64()).to_numpy(), np.float64)
    return Rows(columns, grain, when, again, people)


def _period(name: str, value: object, zone: ZoneInfo) -> tuple[int, int, bool]:
    """(grain, local hours since 1970, whether it is the second hour of that name)."""
    if isinstance(value, datetime):
        return _hour(value, zone)
    if isinstance(value, date):
        return DAY, _hours(datetime(value.year, value.month, value.day)), False  # noqa: DTZ001  # local
    if isinstance(value, int):
        if name == "hour":
            if 0 <= value < 24:
                return HOUR, value, False
            return _hour(datetime.fromtimestamp(value * 3600, UTC), zone)
        return DAY, value * 24, False
    words = str(value)
    try:
        if len(words) >= 13:
            return _hour(datetime.fromisoformat(words), zone)
        if name == "hour" and len(words) <= 2:
            return HOUR, int(words), False
        if len(words) == 10:
            return DAY, _hours(datetime.fromisoformat(words)), False
    except ValueError:
        pass
    return LONGER, 0, False


def _hour(moment: datetime, zone: ZoneInfo) -> tuple[int, int, bool]:
    """An hour; a moment without an offset is local already."""
    local = moment.astimezone(zone) if moment.tzinfo else moment
    return HOUR, _hours(local.replace(tzinfo=None)), bool(moment.tzinfo and local.fold)


def _hours(local: datetime) -> int:
    return int((local - datetime(1970, 1, 1)) // timedelta(hours=1))  # noqa: DTZ001  # both are local


def day_of(hours: int) -> date:
    """The day of a local hour since 1970."""
    return date(1970, 1, 1) + timedelta(days=hours // 24)
