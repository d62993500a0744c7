"""Outlines to territory columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allmende.engines.outlines import BadOutline

__all__ = ["BadOutline", "from_outline", "to_overview", "whole_of"]

# The engine brings numpy and shapely, which take a quarter of a second to load: each function asks for it when it is
# called, so that pages and commands without outlines start without.

KEEP_TOLERANCE = 0.0005
"""About 50 m: the outlines are for maps of a region, not for cadastres."""


def from_outline(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a territory from a GeoJSON geometry; raise :class:`BadOutline`."""
    from allmende.engines import geo  # heavy, see above

    west, south, east, north, lon, lat = geo.describe(geometry)
    outline = geo.simplify(geometry, KEEP_TOLERANCE)
    return {
        "outline": outline,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "lon": round(lon, 5),
        "lat": round(lat, 5),
    }


def to_overview(geometry: Mapping[str, Any], tolerance: float) -> dict[str, Any]:
    """The outline for a map on which ``tolerance`` degrees are less than a pixel."""
    from allmende.engines import geo  # heavy, see above

    return geo.simplify(geometry, tolerance, digits=4 if tolerance < 0.005 else 3)


def whole_of(geometries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One outline around all."""
    from allmende.engines import geo  # heavy, see above

    return geo.union(geometries, 0.01)
