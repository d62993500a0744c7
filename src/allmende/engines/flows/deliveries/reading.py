"""Read a delivery (CSV or Parquet, packed or not) against its schema: the good rows, and what is wrong with the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from allmende.engines.flows.deliveries.schema import AREAS, DELIMITERS, DeliveryColumn, Schema
from allmende.engines.flows.tables import MAX_ROWS_NAMED, Violation

Mask = npt.NDArray[np.bool_]
TEXT = pa.dictionary(pa.int32(), pa.string())
EPOCH = date(1970, 1, 1)
Value = str | int | float | date | None
SHOWN = 40
"""Characters of a value that a violation quotes."""


class DeliveryError(ValueError):
    """Nothing of a delivery can be read; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was read.

    ``table`` has one column for each column of the schema, named by its ``output``: days as ``date32``, hours as ``int8``,
    areas and dimensions as text, measures as ``float64``.  A measure that was held back is null; ``<measure>_low`` and
    ``<measure>_high`` say between what it lies (for a known one both are the figure).  With day and hour there is also
    ``hour_utc``, hours since 1970.
    """

    schema: Schema
    table: pa.Table
    rows: npt.NDArray[np.int64]
    """For each row of ``table`` its number in the file, from 0."""
    delivered: int
    """Rows in the file."""
    violations: tuple[Violation, ...]

    def suppressed(self, measure: str) -> Mask:
        """The rows whose figure was held back."""
        return np.asarray(self.table[measure].is_null())

    def bounds(self, measure: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Between what the figures lie."""
        return np.asarray(self.table[f"{measure}_low"]), np.asarray(self.table[f"{measure}_high"])


def read_delivery(path: Path, schema: Schema, *, areas: Collection[str] | None = None) -> Delivery:
    """Read a delivery; ``areas``: the codes that may occur where the schema has an area, origin or destination.

    Rows with a value that cannot be, an unknown area, or the same dimensions as a row before are left out and named.

    Raises:
        DeliveryError: if the file cannot be opened or has none of the columns.
    """
    raw, ragged = _raw(path, schema)
    names = {column.output: found for column in schema.columns if (found := _delivered(column, raw))}
    violations = [
        Violation(schema.name, column.name, "the column is missing", f"Deliver it ({column.unit or column.role}).")
        for column in schema.columns
        if column.output not in names and not column.optional
    ]
    if not names or not any(column.output in names for column in schema.role("measure")):
        raise DeliveryError(
            f"{path.name}: none of the columns with figures is there. Expected {', '.join(c.name for c in schema.columns)}; "
            f"found {', '.join(raw.column_names)[:200]}."
        )
    number = np.arange(raw.num_rows, dtype=np.int64)
    for line in sorted(row for row in ragged if row >= 0):
        number[np.searchsorted(number, line) :] += 1
    if ragged:
        remedy = "Put texts that hold the separator into quotes; the rows are left out."
        shown = tuple(row for row in ragged[:MAX_ROWS_NAMED] if row >= 0)
        violations.append(Violation(schema.name, "*", "the number of values is wrong", remedy, shown, len(ragged)))
    columns: dict[str, pa.Array] = {}
    bad = np.zeros(raw.num_rows, np.bool_)
    for column in schema.columns:
        if column.output not in names:
            continue
        text = raw[names[column.output]]
        allowed = areas if column.role in AREAS else None
        made, wrong, why = _parsed(text, column, schema, allowed)
        columns.update(made)
        violations += _named(schema.name, column.name, wrong, number, why)
        bad |= wrong
    table = pa.table(columns)
    if "day" in columns and "hour" in columns:
        hours, skipped, twice = _utc(table, ~bad, schema.timezone)
        table = table.append_column("hour_utc", hours)
        violations += _named(schema.name, "hour", skipped, number, (f"the hour does not exist in {schema.timezone}", "Deliver local hours, or declare the time zone they are in; the rows are left out."))  # fmt: skip
        violations += _named(schema.name, "hour", twice, number, (f"the hour is there twice in {schema.timezone} (clocks go back)", "Say which is meant, or deliver UTC; it was taken as the first."))  # fmt: skip
        bad |= skipped
    again = _repeated(table, schema, names, ~bad)
    violations += _named(schema.name, "*", again, number, ("the row has the same dimensions as one before", "Deliver each combination once; the first was taken."))  # fmt: skip
    keep = ~(bad | again)
    return Delivery(schema, table.filter(pa.array(keep)), number[keep], raw.num_rows + len(ragged), tuple(violations))


def _delivered(column: DeliveryColumn, raw: pa.Table) -> str | None:
    return next((name for name in (column.name, *column.aliases) if name in raw.column_names), None)


def _named(table: str, column: str, mask: Mask, number: npt.NDArray[np.int64], why: tuple[str, str]) -> list[Violation]:
    found = number[mask]
    if not len(found):
        return []
    return [Violation(table, column, why[0], why[1], tuple(found[:MAX_ROWS_NAMED].tolist()), len(found))]


def _raw(path: Path, schema: Schema) -> tuple[pa.Table, list[int]]:
    """All columns as texts (of Parquet as they are), and the rows with too few or too many values."""
    ragged: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        ragged.append((row.number or 1) - 2)
        return "skip"

    try:
        if ".parquet" in path.suffixes:
            return pq.read_table(path), ragged
        with pa.input_stream(path, compression="detect") as stream:
            head = stream.read(65536).split(b"\n", 1)[0].decode("utf-8-sig").strip("\r")
        known = {name for column in schema.columns for name in (column.name, *column.aliases)}
        delimiter = max(DELIMITERS, key=lambda mark: len({name.strip('"') for name in head.split(mark)} & known))
        header = [name.strip('"') for name in head.split(delimiter)]
        if len(set(header)) < len(header):
            raise DeliveryError(f"{path.name}: two columns have the same name. Give each its own.")
        table = pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
            convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(header, TEXT), strings_can_be_null=False),
        )
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise DeliveryError(
            f"{path.name} cannot be read: {str(error)[:200]}. Deliver CSV in UTF-8 with a header, or Parquet."
        ) from None
    return table, ragged


def _parsed(
    values: pa.ChunkedArray, column: DeliveryColumn, schema: Schema, areas: Collection[str] | None
) -> tuple[dict[str, pa.Array], Mask, tuple[str, str]]:
    """The typed columns, the rows that cannot be read, and what is wrong with them.  Each different text is read once."""
    if not pa.types.is_dictionary(values.type):
        values = values.cast(pa.string()).dictionary_encode()
    encoded = values.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = (
            encoded.chunk(0) if encoded.num_chunks else pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), [])
        )
    index = np.asarray(pc.fill_null(encoded.indices, -1)).astype(np.int64)
    texts = [*(text.strip() if text else "" for text in encoded.dictionary.to_pylist()), ""]  # the last stands for null
    index[index < 0] = len(texts) - 1
    if column.role == "measure":
        return _measure(texts, index, column, schema)
    read = _reader(column, schema, areas)
    found: list[Value] = []
    wrong = np.zeros(len(texts), np.bool_)
    for place, text in enumerate(texts):
        missing = text in schema.missing or not text
        value = None if missing else read(text)
        wrong[place] = value is None and not (missing and column.nulls)
        found.append(value)
    kind = {"day": pa.date32(), "hour": pa.int8()}.get(column.role, pa.string())
    return (
        {column.output: pa.array(found, kind).take(pa.array(index))},
        wrong[index],
        _complaint(column, _quoted(texts, wrong, index)),
    )


def _quoted(texts: list[str], wrong: Mask, index: npt.NDArray[np.int64]) -> str:
    used = [place for place in np.flatnonzero(wrong).tolist() if place < len(texts) - 1] if len(index) else []
    return ", ".join(repr(texts[place][:SHOWN]) for place in used[:3]) or "no value"


def _complaint(column: DeliveryColumn, quoted: str) -> tuple[str, str]:
    if column.role == "day":
        return f"the day cannot be read ({quoted})", f"Write it as {column.format}."
    if column.role == "hour":
        return f"the hour cannot be read ({quoted})", "Write the hour that begins, 0 to 23."
    if column.role in AREAS:
        return (
            f"the area is not known ({quoted})",
            "Deliver the codes of the agreed areas, as texts with leading zeros, or the areas they belong to.",
        )
    if column.values:
        return f"the value is not declared ({quoted})", f"It may be {', '.join(sorted(set(column.values)))}."
    return f"the value is missing ({quoted})", "Fill it, or declare that it may be missing."


def _reader(column: DeliveryColumn, schema: Schema, areas: Collection[str] | None) -> Callable[[str], Value]:
    if column.role == "day":
        return lambda text: _day(text, column.format)
    if column.role == "hour":
        return lambda text: int(text) if text.isascii() and text.isdigit() and int(text) < 24 else None
    if column.role in AREAS and areas is not None:
        known = {*areas, *column.also}
        return lambda text: text if text in known else None
    if column.values:
        meanings = {**{meaning: meaning for meaning in column.values.values()}, **column.values}
        return meanings.get
    return lambda text: text


def _day(text: str, form: str) -> date | None:
    for pattern in (form, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a local day has no zone
        except ValueError:
            continue
    return None


def _number(text: str, decimal: str) -> float:
    try:
        value = float(text.replace(",", ".") if decimal == "," else text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text else math.nan


def _measure(
    texts: list[str], index: npt.NDArray[np.int64], column: DeliveryColumn, schema: Schema
) -> tuple[dict[str, pa.Array], Mask, tuple[str, str]]:
    marks = {marker.marker: marker for marker in schema.suppressed}
    # Parquet has numbers: a marker -1 may come as -1.0
    marked = {value: m for m in schema.suppressed if not math.isnan(value := _number(m.marker, "."))}
    low, high, known = (np.full(len(texts), np.nan) for _ in range(3))
    wrong = np.zeros(len(texts), np.bool_)
    for place, text in enumerate(texts):
        value = _number(text, schema.decimal)
        marker = marks.get(text) or marked.get(value)
        if marker is not None:
            low[place], high[place] = marker.low, marker.high
        elif value >= column.low:
            known[place] = low[place] = high[place] = value
        else:
            wrong[place] = True
    said = " or ".join(sorted(map(repr, marks))) or "none is declared"
    why = (
        f"the figure cannot be read ({_quoted(texts, wrong, index)})",
        f"Write a number of {column.unit}, at least {column.low:g}, or the marker of figures held back ({said}).",
    )
    made = {
        column.output: pa.array(known[index], from_pandas=True),
        f"{column.output}_low": pa.array(low[index]),
        f"{column.output}_high": pa.array(high[index]),
    }
    return made, wrong[index], why


def _utc(table: pa.Table, good: Mask, timezone: str) -> tuple[pa.Array, Mask, Mask]:
    """Hours since 1970 in UTC, the rows whose local hour does not exist, and those whose local hour is there twice."""
    zone = ZoneInfo(timezone)
    day = np.asarray(pc.fill_null(table["day"].cast(pa.int32()), 0)).astype(np.int64)
    hour = np.asarray(pc.fill_null(table["hour"], -1)).astype(np.int64)
    use = good & (hour >= 0) & np.asarray(table["day"].is_valid())
    different, place = np.unique(np.where(use, day * 24 + hour, -1), return_inverse=True)
    found = np.zeros(len(different), np.int64)
    gap, fold = np.zeros(len(different), np.bool_), np.zeros(len(different), np.bool_)
    for at, local in enumerate(different.tolist()):
        if local < 0:
            continue
        midnight = EPOCH + timedelta(days=local // 24)
        begins = datetime(midnight.year, midnight.month, midnight.day, local % 24, tzinfo=zone)
        found[at] = math.floor(begins.timestamp() / 3600)
        gap[at] = begins.astimezone(UTC).astimezone(zone).hour != begins.hour
        fold[at] = not gap[at] and begins.replace(fold=1).utcoffset() != begins.utcoffset()
    return pa.array(found[place], mask=~use), gap[place] & use, fold[place] & use


def _repeated(table: pa.Table, schema: Schema, names: dict[str, Any], good: Mask) -> Mask:
    keys = [c.output for c in schema.columns if c.role != "measure" and c.output in names]
    again = np.zeros(table.num_rows, np.bool_)
    place = np.flatnonzero(good)
    if not keys or not len(place):
        return again
    rows = table.select(keys).take(pa.array(place)).append_column("row", pa.array(place))
    firsts = np.asarray(rows.group_by(keys).aggregate([("row", "min")])["row_min"])
    again[place] = True
    again[firsts] = False
    return again
