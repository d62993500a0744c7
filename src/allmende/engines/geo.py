"""Areas and points: which municipality holds a point, a simpler outline, the middle of an area.

Coordinates are lon/lat in degrees, EPSG:4326; outlines are GeoJSON geometries (Polygon or MultiPolygon).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from allmende.engines.outlines import BadOutline

__all__ = ["AreaIndex", "BadOutline", "describe", "read_outline", "simplify", "union"]

Geometry = Mapping[str, Any]
NEAR_DEGREES = 0.006
"""A point this close outside of every outline (about 600 m) belongs to the nearest: outlines are simplified."""


def read_outline(geometry: Geometry) -> Any:
    """A valid polygon or multipolygon; small self-crossings are repaired."""
    kind = geometry.get("type")
    if kind not in {"Polygon", "MultiPolygon"}:
        raise BadOutline(f"an outline must be a Polygon or MultiPolygon, not {kind!r}")
    try:
        area = shape(dict(geometry))
    except (TypeError, ValueError, IndexError, shapely.errors.GEOSException) as error:
        raise BadOutline("the outline's coordinates cannot be read") from error
    if not area.is_valid:
        area = shapely.make_valid(area, method="structure", keep_collapsed=False)
    if area.is_empty or area.geom_type not in {"Polygon", "MultiPolygon"}:
        raise BadOutline("the outline has no area")
    return area


def simplify(geometry: Geometry, tolerance: float, digits: int = 4) -> dict[str, Any]:
    """The outline with fewer points: none is off by more than ``tolerance`` degrees."""
    area = read_outline(geometry)
    simpler = area.simplify(tolerance, preserve_topology=True)
    return _rounded(mapping(simpler), digits)


def describe(geometry: Geometry) -> tuple[float, float, float, float, float, float]:
    """(west, south, east, north, lon, lat): the bounding box and a point that surely lies inside."""
    area = read_outline(geometry)
    west, south, east, north = area.bounds
    inside = area.representative_point()
    return west, south, east, north, inside.x, inside.y


def union(geometries: Iterable[Geometry], tolerance: float, digits: int = 3) -> dict[str, Any]:
    """One outline around several areas, simplified to ``tolerance`` degrees."""
    whole = shapely.union_all([read_outline(geometry).buffer(tolerance / 4) for geometry in geometries])
    if whole.is_empty:
        raise BadOutline("no areas were given")
    return _rounded(mapping(whole.simplify(tolerance, preserve_topology=True)), digits)


def _rounded(geometry: Mapping[str, Any], digits: int) -> dict[str, Any]:
    def walk(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [walk(part) for part in value]
        return round(value, digits)

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


AREA_TYPES = (3, 6)
"""Polygon and multipolygon, as shapely numbers types."""


def _read_outlines(geometries: Sequence[str | Geometry]) -> Any:
    """Like :func:`read_outline` for very many: all at once where they are sound, one by one where not."""
    texts = [geometry if isinstance(geometry, str) else json.dumps(geometry) for geometry in geometries]
    try:
        found = np.array(shapely.from_geojson(texts), dtype=object)
    except shapely.errors.GEOSException:
        return np.array([read_outline(json.loads(text)) for text in texts], dtype=object)
    sound = np.isin(shapely.get_type_id(found), AREA_TYPES) & shapely.is_valid(found) & ~shapely.is_empty(found)
    for place in np.flatnonzero(~sound).tolist():
        found[place] = read_outline(json.loads(texts[place]))
    return found


class AreaIndex:
    """Many areas, asked for the one that holds a point.  Built once, asked in batches."""

    def __init__(self, areas: Iterable[tuple[int, str | Geometry]]) -> None:
        """``areas``: (identifier, GeoJSON geometry as text or mapping)."""
        given = list(areas)
        self._ids = [identifier for identifier, _ in given]
        self._tree = shapely.STRtree(_read_outlines([geometry for _, geometry in given]))

    def __len__(self) -> int:
        return len(self._ids)

    def locate(self, points: Sequence[tuple[float, float] | None]) -> list[int | None]:
        """For each (lon, lat) the identifier of the area that holds it, or of one within ``NEAR_DEGREES``, or None."""
        found: list[int | None] = [None] * len(points)
        asked = [place for place, point in enumerate(points) if point is not None]
        if not asked or not self._ids:
            return found
        geometries: Any = shapely.points(np.array([points[place] for place in asked], dtype=float))
        inputs, areas = self._tree.query(geometries, predicate="intersects")
        for position, area in zip(inputs.tolist(), areas.tolist(), strict=True):
            if found[asked[position]] is None:
                found[asked[position]] = self._ids[area]
        missed = [position for position, place in enumerate(asked) if found[place] is None]
        if missed:
            inputs, areas = self._tree.query_nearest(geometries[missed], max_distance=NEAR_DEGREES, all_matches=False)
            for position, area in zip(inputs.tolist(), areas.tolist(), strict=True):
                found[asked[missed[position]]] = self._ids[area]
        return found
