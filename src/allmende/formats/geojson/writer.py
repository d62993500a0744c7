"""Published records as a GeoJSON FeatureCollection (RFC 7946); the position is the geometry, all else are properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from allmende.formats.outgoing import FeedInfo, Published
from allmende.formats.outgoing.plain import plain


def write_geojson(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """The collection, a feature on each line.  What has no position is a feature without geometry."""
    yield b'{"type":"FeatureCollection","features":[\n'
    between = b""
    for entry in entries:
        yield between + orjson.dumps(feature(entry))
        between = b",\n"
    yield b"\n]}\n"


def feature(entry: Published) -> dict[str, Any]:
    """One record as a feature."""
    properties = plain(entry)
    lon, lat = properties.pop("lon", None), properties.pop("lat", None)
    has_point = lon is not None and lat is not None
    return {
        "type": "Feature",
        "id": properties["id"],
        "geometry": {"type": "Point", "coordinates": [lon, lat]} if has_point else None,
        "properties": properties,
    }
