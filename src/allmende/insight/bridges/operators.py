"""Operators' deliveries and the flow engine's releases, as plain arrays: moves between areas, presence on the grid, sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.flows.deliveries import DeliveryError, SchemaError, declared, read_delivery, read_schema
from allmende.engines.flows.release import ALL, Release, ReleaseError, read_release

Ints = NDArray[np.int64]
CELL: Final = re.compile(r"(?:CRS3035RES)?\d+(?:k?m)N\d+E\d+")
"""Code of a square of the INSPIRE grid."""
NOT_OURS: Final = (DeliveryError, SchemaError, ReleaseError)
MONTH: Final = 7
DAY: Final = 10


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column as different words and the number of one for each row."""

    words: list[str]
    codes: Ints


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with a delivery, in words."""

    where: str
    message: str
    remedy: str
    n: int
    is_error: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one kind: dimensions by name, the day of each (days since 1970), its figure, and the most it can be.

    A figure that was held back is NaN; ``high`` is then the upper bound, infinite where it is not known.
    """

    dimensions: Mapping[str, Dimension]
    day: Ints
    hour: Ints
    """Hours since 1970 (UTC), -1 where the rows are not by hour."""
    figure: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OperatorDelivery:
    """An operator's file, or a release."""

    flows: Rows | None = None
    cells: Rows | None = None
    sites: Rows | None = None
    """Hours of places; a row that is not there was held back."""
    told: list[Told] = field(default_factory=list)
    credit: str = ""
    read: int = 0
    by_day: bool = True
    """Days are summed up to months here; a release has months already."""


def shape_of(headers: Iterable[str], area_words: Mapping[str, list[str]]) -> str:
    """The declared schema that a table has: ``mitms_od``, ``od``, ``presence`` (of grid squares only), or ``""``."""
    there = {name.strip() for name in headers}
    for name in ("mitms_od", "od", "presence"):
        schema = declared()[name]
        if not all(column.optional or there & {column.name, *column.aliases} for column in schema.columns):
            continue
        area = next((column for column in schema.columns if column.role == "area"), None)
        if area is not None:
            found = next(one for one in (area.name, *area.aliases) if one in there)
            words = [word for word in area_words.get(found, []) if word][:50]
            if not words or not all(CELL.fullmatch(word) for word in words):
                continue  # areas that are places of ours are read as figures of places
        return name
    return ""


def read_operator(path: Path, shape: str) -> OperatorDelivery:
    """An operator's table against the schema of that name; raises one of ``NOT_OURS``."""
    schema = read_schema(shape)
    delivery = read_delivery(path, schema)
    measure = schema.role("measure")[0].output
    table = delivery.table
    dims = {
        name: _dimension(table[name])
        for name in ("origin", "destination", "area", "visitor_class")
        if name in table.column_names
    }
    figure = np.asarray(table[measure], np.float64)
    _, high = delivery.bounds(measure)
    day = np.asarray(table["day"].cast("int32"), np.int64)
    n = table.num_rows
    hour = np.asarray(table["hour_utc"].fill_null(-1), np.int64) if "hour_utc" in table.column_names else np.full(n, -1)
    rows = Rows(dims, day, hour, figure, np.asarray(high, np.float64))
    told = [
        Told(
            f"column {one.column}" + (f", row {one.rows[0] + 2}" if one.rows else ""),
            f"{one.problem[:1].upper()}{one.problem[1:]}" + (f" ({one.count:,} rows)." if one.count else "."),
            one.remedy,
            one.count or 1,
            "first" not in one.remedy and "first" not in one.problem,
        )
        for one in delivery.violations
    ]
    is_flow = "destination" in dims
    return OperatorDelivery(
        flows=rows if is_flow else None,
        cells=None if is_flow else rows,
        told=told,
        credit=schema.credit,
        read=delivery.delivered,
    )


def _dimension(column: Any) -> Dimension:
    array = column.combine_chunks()
    if not hasattr(array, "indices"):
        array = array.dictionary_encode()
    array = array.chunk(0) if hasattr(array, "chunk") else array
    words = [ALL if word is None else str(word) for word in array.dictionary.to_pylist()]
    codes = np.asarray(array.indices.fill_null(len(words)), np.int64)
    return Dimension([*words, ALL], codes)


# ---------------------------------------------------------------------- releases


def is_release(path: Path) -> bool:
    """Whether it is a folder that ``allmende flows publish`` wrote, or the folder of the run around it."""
    return (path / "manifest.json").is_file() or (path / "release" / "manifest.json").is_file()


def read_published(path: Path) -> OperatorDelivery:
    """A release of the flow engine; raises one of ``NOT_OURS``."""
    release = read_release(path if (path / "manifest.json").is_file() else path / "release")
    names = {table.name for table in release.tables}
    read = sum(table.rows.num_rows for table in release.tables)
    flows = _table(release, "od", ("o", "d", "visitor_class"), MONTH) if "od" in names else None
    cells = _table(release, "presence", ("area", "visitor_class", "origin"), MONTH) if "presence" in names else None
    sites = _table(release, "sites", ("area", "visitor_class", "origin"), 14) if "sites" in names else None
    return OperatorDelivery(flows, cells, sites, [], "", read, by_day=False)


def _table(release: Release, name: str, dimensions: tuple[str, ...], length: int) -> Rows | None:
    """The rows of a released table whose period is a month (7 letters) or an hour (14: ``2026-06-01T08Z``)."""
    table = release.table(name).rows
    period = _dimension(table["period"])
    fits = np.array([len(word) == length for word in period.words], np.bool_)
    days = np.array([_day_of(word) if fit else 0 for word, fit in zip(period.words, fits, strict=True)], np.int64)
    hours = [
        _day_of(w) * 24 + int(w[11:13]) if fit and length > DAY else -1
        for w, fit in zip(period.words, fits, strict=True)
    ]
    keep = np.flatnonzero(fits[period.codes])
    if not len(keep):
        return None
    words = {"o": "origin", "d": "destination"}
    dims = {}
    for one in dimensions:
        column = _dimension(table[one])
        dims[words.get(one, one)] = Dimension(column.words, column.codes[keep])
    figure = np.asarray(table["people"], np.float64)[keep]
    codes = period.codes[keep]
    return Rows(dims, days[codes], np.array(hours, np.int64)[codes], figure, figure)


def _day_of(word: str) -> int:
    return int(np.datetime64(word[:DAY] if len(word) >= DAY else f"{word}-01", "D").astype(np.int64))
