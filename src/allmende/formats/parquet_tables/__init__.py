"""A dump of the catalogue as Parquet tables in one zip archive, in the manner of GTFS: flat tables that refer to each other.

The schemas are in ``schemas.py`` and in docs/reference/open-data.md.  Rows are written in groups, so that memory does not
grow with the catalogue; the archive stands in a temporary file.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.formats.outgoing import Published, first_text
from allmende.formats.outgoing.plain import plain
from allmende.formats.parquet_tables.schemas import SCHEMAS

GROUP: Final = 2000
"""Rows of a row group."""
_PIECE: Final = 1 << 16
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
Row = Mapping[str, Any]


def write_dump(tables: Mapping[str, Iterable[Row]]) -> Iterator[bytes]:
    """The archive with one ``<name>.parquet`` for each table; the names are those of ``SCHEMAS``."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for name, rows in tables.items():
                # The same rows give the same bytes: no time of day in the archive.
                entry = zipfile.ZipInfo(f"{name}.parquet", _STAMP)
                with archive.open(entry, "w", force_zip64=True) as target:
                    write_table(target, name, rows)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def write_single(name: str, rows: Iterable[Row]) -> Iterator[bytes]:
    """One table as a file of its own."""
    with tempfile.TemporaryFile() as file:
        write_table(file, name, rows)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def write_table(target: Any, name: str, rows: Iterable[Row]) -> int:
    """Write one table to a file opened for writing bytes; return the number of its rows."""
    schema = SCHEMAS[name]
    total = 0
    iterator = iter(rows)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while group := list(islice(iterator, GROUP)):
            columns = [pa.array([row.get(field.name) for row in group], type=field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=GROUP)
            total += len(group)
    return total


def item_row(entry: Published) -> dict[str, Any]:
    """The row of an event, place or offer."""
    record = entry.record
    value = plain(entry)
    row = {name: value.get(name) for name in _SAME}
    prices = record.prices
    amounts = [end for price in prices for end in (price.minimum, price.maximum) if end is not None]
    row |= {
        f"{record.kind}_id": record.key,
        "name": first_text(record.name, record.language),
        "summary": first_text(record.summary, record.language) or None,
        "description": first_text(record.description, record.language) or None,
        "names": list(record.name.items()),
        "summaries": list(record.summary.items()),
        "descriptions": list(record.description.items()),
        "machine_translated": list(record.machine_translated),
        "category_ids": list(record.categories),
        "audience": list(record.audience),
        "municipality_code": entry.municipality_code or None,
        "place_id": record.place_key or None,
        "prices": orjson.dumps(value["prices"]).decode() if prices else None,
        "price_min": min(amounts, default=None),
        "price_max": max(amounts, default=None),
        "currency": prices[0].currency if prices else None,
        "accessibility": list(record.accessibility.items()),
        "opening_hours": orjson.dumps(value["hours"]).decode() if record.hours else None,
        "images": [item.url for item in record.media],
        "created": entry.created,
        "updated": entry.updated,
        "source_modified": record.modified,
    }
    if record.schedule is not None:
        row |= {
            "starts_at": entry.starts_at,
            "ends_at": entry.ends_at,
            "all_day": not isinstance(record.schedule.start, datetime),
            "rrule": record.schedule.rrule or None,
        }
    return row


_SAME: Final = (
    "language", "timezone", "status", "online_url", "place_name", "organiser", "street", "postal_code", "locality",
    "country", "lon", "lat", "url", "phone", "email", "age_min", "age_max", "page", "source", "licence", "licence_url",
    "credit",
)  # fmt: skip
