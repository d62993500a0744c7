"""What operators deliver, part by part: row groups of Parquet files, with what is known about their times before reading."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allmende.engines.flows.cleaning import Lost, clock_faults, named_day, natural
from allmende.engines.flows.kernels.group import DAY_US, compact, deal_days
from allmende.engines.flows.tables import CELL_EVENTS, EVENTS, TableError, check

Array = npt.NDArray[Any]
COLUMNS = ("device_id", "ts", "lon", "lat", "mcc")
PLACED = "cell_row"
"""Column of events placed by cells: the row of the plan, or why there is none (``cellplan.UNKNOWN``, …)."""


class IntakeError(ValueError):
    """Events cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Part:
    """One row group of one file.  Times are microseconds since 1970, or None where the file does not tell."""

    path: str
    group: int
    rows: int
    first: int | None
    last: int | None
    file: int = 0
    """Number of the file in the order of delivery: of names, where ``part-10`` comes after ``part-2``."""
    date: int | None = None
    """The day after which the file or its folder is named, days since 1970."""


@dataclass(frozen=True, slots=True)
class Split:
    """Events of a part by UTC day (days since 1970), and what of it cannot be used."""

    chunks: dict[int, Chunk]
    lost: Lost = field(default_factory=Lost)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events of one day from one part: key uint64, t, lon, lat int32 (seconds of the day, 1e-7 degrees), mcc int16.

    ``file`` is the number of the delivery (``Part.file``).
    """

    key: Array
    t: Array
    lon: Array
    lat: Array
    mcc: Array
    file: int = 0

    @classmethod
    def of(cls, arrays: Iterable[Array], file: int = 0) -> Chunk:
        """From the five arrays in the order of the fields."""
        key, t, lon, lat, mcc = arrays
        return cls(key, t, lon, lat, mcc, file)

    @property
    def bytes(self) -> int:
        """Size in memory."""
        return int(self.key.nbytes + self.t.nbytes + self.lon.nbytes + self.lat.nbytes + self.mcc.nbytes)


UNITS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}


def _bounds(column: Any) -> tuple[int | None, int | None]:
    """First and last time of a column of a row group, by its statistics.

    Their raw numbers: as moments they would be read through pandas, which takes a third of a second to load.
    """
    statistics = column.statistics
    if statistics is None or not statistics.has_min_max or statistics.physical_type != "INT64":
        return None, None
    unit = json.loads(statistics.logical_type.to_json()).get("timeUnit")
    if unit == "nanoseconds":
        return statistics.min_raw // 1_000, statistics.max_raw // 1_000
    if unit not in UNITS:
        return None, None
    return statistics.min_raw * UNITS[unit], statistics.max_raw * UNITS[unit]


def parquet_files(path: Path) -> list[Path]:
    """The Parquet files at ``path``: itself, or those below it in order of their names.

    Raises:
        IntakeError: if there are none.
    """
    if path.is_file():
        return [path]
    found = sorted(
        p for p in path.rglob("*.parquet") if not any(part.startswith(("_", ".")) for part in p.relative_to(path).parts)
    )
    if not found:
        raise IntakeError(f"{path}: no Parquet files. Name a file, or a folder with files that end in .parquet.")
    return found


def parts_of(files: list[Path], spec: Any = EVENTS) -> list[Part]:
    """The row groups of all files in order of their first times.

    Raises:
        IntakeError: a file is no Parquet.
        TableError: a file does not keep to the schema of events.
    """
    parts: list[Part] = []
    rank = {path: i for i, path in enumerate(sorted(files, key=lambda path: natural(str(path))))}
    for path in files:
        try:
            meta = pq.read_metadata(path)
            schema = meta.schema.to_arrow_schema()
        except (pa.ArrowInvalid, OSError) as error:
            raise IntakeError(
                f"{path}: cannot be read as Parquet ({error}). Deliver it again, or leave it out."
            ) from None
        violations = check(schema.empty_table(), spec)
        if violations:
            raise TableError(violations)
        column = schema.get_field_index("ts")
        for group in range(meta.num_row_groups):
            first, last = _bounds(meta.row_group(group).column(column))
            parts.append(
                Part(
                    str(path),
                    group,
                    meta.row_group(group).num_rows,
                    first,
                    last,
                    rank[path],
                    named_day(str(path)),
                )
            )
    return sorted(parts, key=lambda part: (part.first if part.first is not None else -1, part.path, part.group))


def digest_of(path: Path) -> str:
    """A fingerprint of a file that changes with its content: size and the digests in or of it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def _numbers(column: pa.ChunkedArray, type_: pa.DataType) -> Array:
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if array.type != type_:
        array = pc.cast(array, type_)
    return np.asarray(array.to_numpy(zero_copy_only=False))


def keys_of(column: pa.ChunkedArray) -> Array:
    """Identifiers as uint64: whole numbers as they are, also when written as text; other text and bytes by a digest."""
    if pa.types.is_integer(column.type):
        return _numbers(column, pa.int64() if column.type != pa.uint64() else pa.uint64()).view(np.uint64)
    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = pc.dictionary_encode(encoded)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    words = encoded.dictionary.to_pylist()
    codes = np.array([_code(word) for word in words], np.uint64)
    found: Array = codes[np.asarray(encoded.indices.to_numpy(zero_copy_only=False))]
    return found


def _code(word: str | bytes) -> int:
    # one file has numbers, another the same numbers as text: a device is the same in both
    if (
        isinstance(word, str)
        and word.isdecimal()
        and word.isascii()
        and len(word) <= 19
        and (word[0] != "0" or word == "0")
    ):
        number = int(word)
        if number < 1 << 63:
            return number
    return int.from_bytes(
        hashlib.blake2b(word.encode() if isinstance(word, str) else word, digest_size=8).digest(), "little"
    )


def read_part(part: Part, *, located: Any = None) -> pa.Table:
    """The columns of a part that the engine needs; ``located`` turns a table with cells into one with coordinates."""
    with pq.ParquetFile(part.path) as file:
        names = set(file.schema_arrow.names)
        wanted = [name for name in (*COLUMNS, "cell_id", "accuracy") if name in names]
        if located is None and "cell_id" in wanted:
            wanted.remove("cell_id")
        table = file.read_row_group(part.group, columns=wanted, use_threads=False)
    return located(table) if located is not None else table


def split_by_day(table: pa.Table, day0: int, days: int, *, max_accuracy: float) -> tuple[dict[int, Chunk], int]:
    """Events by UTC day (days since 1970), and how many rows cannot be used (no place, no time, or outside the days)."""
    split = split_part(table, day0, days, max_accuracy=max_accuracy)
    return split.chunks, split.lost.unusable


def split_part(
    table: pa.Table,
    day0: int,
    days: int,
    *,
    max_accuracy: float,
    part: Part | None = None,
    late_before: int | None = None,
) -> Split:
    """Events of a part by UTC day, and what cannot be used, by reason and day; what has no day counts on the part's first.

    Args:
        late_before: microseconds since 1970; earlier events came late: they are used, and counted.
    """
    lost = Lost()
    file = part.file if part is not None else 0
    timeless = 0
    if table["device_id"].null_count or table["ts"].null_count:
        unnamed = pc.or_(pc.is_null(table["device_id"]), pc.is_null(table["ts"]))
        before = table.num_rows
        table = table.filter(pc.invert(unnamed))
        timeless = before - table.num_rows
    ts = _times(table["ts"])
    table, ts = _without(table, ts, day0, days, max_accuracy, lost)
    if late_before is not None and len(ts) and int(ts.min()) < late_before:
        lost.add("late", ts[ts < late_before] // DAY_US)
    n = table.num_rows
    key = keys_of(table["device_id"])
    lon, lat = _floats(table["lon"]), _floats(table["lat"])
    mcc = _countries(table, n)
    o_day, o_t = np.empty(n, np.int32), np.empty(n, np.int32)
    o_lon, o_lat = np.empty(n, np.int32), np.empty(n, np.int32)
    counts = np.zeros(days + 1, np.int64)
    one = compact(ts, lon, lat, day0, o_day, o_t, o_lon, o_lat, counts)
    if counts[days]:
        day = ts[o_day < 0] // DAY_US
        there = (day >= day0) & (day < day0 + days)
        lost.add("no_place", day[there])
        lost.add("outside", np.full(int((~there).sum()), _first_day(counts, day0, part)))
    if timeless:
        lost.add("no_time", np.full(timeless, _first_day(counts, day0, part)))
    if one and n:
        return Split({day0 + int(o_day[0]): Chunk(key, o_t, o_lon, o_lat, mcc, file)}, lost)
    used = n - int(counts[days])
    ends = np.cumsum(counts[:days])
    offsets = ends - counts[:days]
    starts = offsets.copy()
    moved = (np.empty(used, np.uint64), *(np.empty(used, np.int32) for _ in range(3)), np.empty(used, np.int16))
    deal_days(o_day, offsets, key, o_t, o_lon, o_lat, mcc, *moved)
    chunks = {
        day0 + int(day): Chunk.of((array[starts[day] : ends[day]] for array in moved), file)
        for day in np.flatnonzero(counts[:days])
    }
    return Split(chunks, lost)


def _first_day(counts: Array, day0: int, part: Part | None) -> int:
    """The first day of which there are usable events; else the part's first."""
    used = np.flatnonzero(counts[:-1])
    if len(used):
        return day0 + int(used[0])
    first = part.first // DAY_US if part is not None and part.first is not None else day0
    return min(max(first, day0), day0 + len(counts) - 2)


def _times(column: pa.ChunkedArray) -> Array:
    if column.type != pa.timestamp("us", tz="UTC") and column.type != pa.timestamp("us"):
        column = pc.cast(column, pa.timestamp("us", tz=column.type.tz), safe=False)
    return _numbers(column, pa.int64())


def _without(
    table: pa.Table, ts: Array, day0: int, days: int, max_accuracy: float, lost: Lost
) -> tuple[pa.Table, Array]:
    """The table without what is known to be wrong before places are looked at."""
    leave: Array | None = None

    def note(reason: str, mask: Array) -> None:
        nonlocal leave
        fresh = mask if leave is None else mask & ~leave
        lost.add(reason, ts[fresh] // DAY_US)
        leave = mask if leave is None else leave | mask

    faults = clock_faults(ts)
    if faults is not None:
        note("clock", faults & (ts >= day0 * DAY_US) & (ts < (day0 + days) * DAY_US))
    if PLACED in table.column_names:
        row = table[PLACED].to_numpy()
        if len(row) and row.min() < 0:
            for code, reason in ((-1, "unknown_cell"), (-2, "expired_cell"), (-3, "empty_cell")):
                note(reason, row == code)
    elif "accuracy" in table.column_names and max_accuracy < float("inf"):
        vague = pc.fill_null(pc.greater(table["accuracy"], max_accuracy), False)
        if pc.any(vague).as_py():
            note("inaccurate", np.asarray(vague.combine_chunks().to_numpy(zero_copy_only=False)))
    if leave is None or not leave.any():
        return table, ts
    return table.filter(pa.array(~leave)), ts[~leave]


def _floats(column: pa.ChunkedArray) -> Array:
    # a value that is missing becomes NaN, which is no coordinate
    return _numbers(column, pa.float64())


def _countries(table: pa.Table, n: int) -> Array:
    if "mcc" not in table.column_names:
        return np.full(n, -1, np.int16)
    column = table["mcc"]
    if column.null_count:
        column = pc.fill_null(column, -1)
    return _numbers(column, pa.int16())


def middle_day(part: Part) -> int:
    """The day of the median of a part's times, days since 1970."""
    with pq.ParquetFile(part.path) as file:
        ts = _times(file.read_row_group(part.group, columns=["ts"])["ts"].drop_null())
    return int(np.median(ts)) // DAY_US if len(ts) else 0


def days_between(parts: list[Part]) -> tuple[int, int] | None:
    """First and last UTC day (days since 1970) of the parts, or None if a part does not tell."""
    if any(part.first is None or part.last is None for part in parts) or not parts:
        return None
    return min(part.first or 0 for part in parts) // DAY_US, max(part.last or 0 for part in parts) // DAY_US


__all__ = [
    "CELL_EVENTS",
    "Chunk",
    "IntakeError",
    "Part",
    "Split",
    "days_between",
    "digest_of",
    "keys_of",
    "middle_day",
    "parquet_files",
    "parts_of",
    "read_part",
    "split_by_day",
    "split_part",
]
