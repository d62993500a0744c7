"""GeoJSON (RFC 7946), with a mapping for the properties: collections of any size, newline-delimited features, one feature.

The position is the feature's geometry, or a point within it where it is no point, unless the mapping says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from allmende.formats.jsonstream import Element, split_json
from allmende.formats.mapping import Proposal, parse_with_mapping, paths_of, plan_for, propose_mapping
from allmende.formats.mapping.propose import SAMPLE
from allmende.formats.paging import next_page as next_page
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.tabular import KeyMaker, with_mapping

NAME: Final = "geojson"
VERSION: Final = 1

_HEAD = 1 << 16
_CRS = re.compile(r'"crs"\s*:\s*\{[^{}]*\{[^{}]*?"(?:name|code|href)"\s*:\s*"?([^",}]{1,200})')
_WGS84 = re.compile(r"(CRS:?84|EPSG:+(?:[\d.]+:)?4326|^4326|4979|WGS ?84)\b", re.IGNORECASE)
_POSITIONS = ("point", "geometry", "lat", "lon")


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are GeoJSON."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"\x1e"):
        return 0.0
    if re.search(rb'"type"\s*:\s*"Feature(Collection)?"', head):
        return 0.95
    return 0.5 if filename.lower().endswith(".geojson") else 0.05


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """Raw records, one for each feature; without a mapping in ``options`` one is proposed."""
    refuse_other_systems(stream)
    if options.mapping is None:
        options = with_mapping(options, propose(stream, options))
    plan = plan_for(options)
    keys = KeyMaker(plan)
    for item in split_json(stream, _records(stream, options)):
        if isinstance(item, Problem):
            yield item
        elif type(item.value) is not dict or item.value.get("type") != "Feature":
            yield Problem(item.where, "This is no GeoJSON feature; it was left out.", "not-a-feature")
        elif not plan.is_skipped(item.value):
            yield from keys.record(item.value, item.raw, item.where, item.name)


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one feature by the mapping of ``options``."""
    return parse_with_mapping(raw, options)


def propose(stream: BinaryIO, options: ReadOptions) -> Proposal:
    """A mapping proposed from the first features; the stream stands at its beginning again."""
    path = _records(stream, options)
    try:
        elements = (item for item in split_json(stream, path) if isinstance(item, Element))
        rows: list[Any] = [item.value for item in islice(elements, SAMPLE) if isinstance(item.value, dict)]
    finally:
        stream.seek(0)
    headers = [name for name in paths_of(rows) if name == "id" or name.startswith("properties.")]
    hint = None if options.kind == "event" else options.kind
    proposal = propose_mapping(headers, rows, kind_hint=hint)
    for name in _POSITIONS:
        proposal.mapping["fields"].pop(name, None)
    return proposal


def resolve_mapping(stream: BinaryIO, options: ReadOptions) -> dict[str, object]:
    """The mapping to read this delivery with: that of ``options``, else a proposed one."""
    return dict(options.mapping) if options.mapping is not None else propose(stream, options).mapping


def refuse_other_systems(stream: BinaryIO) -> None:
    """Raise :class:`UnusableInput` where the head or tail names coordinates other than WGS 84 (before RFC 7946 it could)."""
    head = stream.read(_HEAD)
    stream.seek(0, 2)
    stream.seek(max(0, stream.tell() - 4096))
    tail = stream.read()
    stream.seek(0)
    for part in (head, tail):
        match = _CRS.search(part.decode("utf-8", "replace"))
        if match and not _WGS84.search(match.group(1)):
            raise UnusableInput(
                f"The coordinates are in “{match.group(1)[:60]}”, not in WGS 84. Export as EPSG:4326, "
                "for example with ogr2ogr -t_srs EPSG:4326."
            )


def _records(stream: BinaryIO, options: ReadOptions) -> str:
    mapping = options.mapping or {}
    if mapping.get("records"):
        return str(mapping["records"])
    head = stream.read(_HEAD)
    stream.seek(0)
    # A single feature, or features line by line, are read as they stand.
    return "features" if b"FeatureCollection" in head or b'"features"' in head else ""
