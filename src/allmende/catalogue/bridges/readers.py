"""The readers by name, and the choice of one for a file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from allmende.formats.records import (
    Parsed,
    Price,
    Problem,
    RawRecord,
    Reader,
    ReadOptions,
    Record,
    Schedule,
    UnusableInput,
)

__all__ = [
    "Parsed",
    "Price",
    "Problem",
    "RawRecord",
    "ReadOptions",
    "Reader",
    "Record",
    "Schedule",
    "UnusableInput",
    "choose_reader",
    "reader_named",
    "with_mapping",
]

READERS = {
    "ical": "allmende.formats.ical",
    "schema-org": "allmende.formats.schema_org",
    "csv": "allmende.formats.csv_table",
    "xlsx": "allmende.formats.xlsx_table",
    "geojson": "allmende.formats.geojson",
    "json": "allmende.formats.plain_json",
    "feed": "allmende.formats.feed",
    "datatourisme": "allmende.formats.datatourisme",
    "uitdatabank": "allmende.formats.uitdatabank",
    "linked-events": "allmende.formats.linked_events",
    "opendatahub": "allmende.formats.opendatahub",
    "alpinebits": "allmende.formats.alpinebits",
    "activitypub": "allmende.formats.activitypub",
}
"""A new reader is one folder in ``formats`` and one line here."""

HEAD = 4096


def reader_named(name: str) -> Reader:
    """The reader of that name; raise :class:`UnusableInput` with the names there are."""
    if name not in READERS:
        raise UnusableInput(f"There is no reader named {name!r}; choose one of {', '.join(READERS)}.")
    return cast(Reader, import_module(READERS[name]))


def choose_reader(path: Path) -> Reader:
    """The reader that is surest of a file."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise UnusableInput("The file is empty. Was the download complete?")
    best = max(((reader_named(name).sniff(head, path.name), name) for name in READERS), default=(0.0, ""))
    if best[0] <= 0:
        raise UnusableInput(f"The format of {path.name} was not recognised; name it with --format.")
    return reader_named(best[1])


def with_mapping(reader: Reader, path: Path, options: ReadOptions) -> ReadOptions:
    """``options`` with the reader's own proposal for a mapping where it needs one and none was given."""
    resolve: Any = getattr(cast(ModuleType, reader), "resolve_mapping", None)
    if resolve is None:
        return options
    with path.open("rb") as file:
        mapping = resolve(file, options)
    return ReadOptions(mapping=mapping, language=options.language, timezone=options.timezone, kind=options.kind)
