"""The tables of the dump to Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from allmende.formats.outgoing import Published

VERSION: Final = "1"


def write_dump(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[bytes]:
    """The archive."""
    # Arrow takes a third of a second and 60 MB to load; no page and no other format needs it.
    from allmende.formats import parquet_tables

    return parquet_tables.write_dump(tables)


def write_single(name: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One table."""
    from allmende.formats import parquet_tables  # the same

    return parquet_tables.write_single(name, rows)


def item_row(entry: Published) -> dict[str, Any]:
    """The row of an event, place or offer."""
    from allmende.formats import parquet_tables  # the same

    return parquet_tables.item_row(entry)
