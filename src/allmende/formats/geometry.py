"""Where a GeoJSON geometry lies, as one point."""

from __future__ import annotations

import math
from typing import Any


def middle_of(geometry: dict[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude of a point, or of a point within any other geometry; ``None`` if it has no position."""
    if geometry.get("type") == "Point":
        return _point(geometry.get("coordinates"))
    from shapely.errors import ShapelyError  # Points are the rule, and this import takes a fifth of a second.
    from shapely.geometry import shape

    try:
        figure = shape(geometry)
        if figure.is_empty:
            return None
        middle = figure.representative_point()
        return _point([middle.x, middle.y])
    except (ShapelyError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return None


def _point(position: Any) -> tuple[float, float] | None:
    if not isinstance(position, list) or len(position) < 2:
        return None
    lon, lat = position[0], position[1]
    for value in (lon, lat):
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or abs(value) > 1e15
            or not math.isfinite(value)
        ):
            return None
    return float(lat), float(lon)
