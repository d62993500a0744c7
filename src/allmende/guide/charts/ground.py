"""The ground of a map without tiles: longitudes and latitudes as places, and a bar that shows the distance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from allmende.core import formats
from allmende.guide.charts.scales import nice_step
from allmende.guide.charts.svg import num, path, text

KM_PER_DEGREE: Final = 111.2
LEAST_SPAN: Final = 0.005
"""Degrees that a map shows at least: about 500 m."""


@dataclass(frozen=True, slots=True)
class Ground:
    """An equirectangular map of a small part of the earth, true to scale in its middle."""

    west: float
    north: float
    squeeze: float
    """Length of a degree of longitude in degrees of latitude."""
    scale: float
    """Units of the picture for a degree of latitude."""
    left: float
    top: float
    width: float
    height: float

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        x = self.left + (lon - self.west) * self.squeeze * self.scale
        return round(x, 1), round(self.top + (self.north - lat) * self.scale, 1)


def ground_of(
    points: Iterable[tuple[float, float]], width: float, *, edge: float, most: float, least: float = 120
) -> Ground:
    """The map that holds all ``points`` (longitude, latitude) and is as wide as the picture, or as high as ``most``."""
    lons, lats = zip(*points, strict=True)
    middle = (min(lats) + max(lats)) / 2
    squeeze = max(0.05, math.cos(math.radians(middle)))
    wide = max((max(lons) - min(lons)) * squeeze, LEAST_SPAN)
    high = max(max(lats) - min(lats), LEAST_SPAN)
    scale = min((width - 2 * edge) / wide, (most - 2 * edge) / high)
    height = max(least, high * scale + 2 * edge)
    left = (width - wide * scale) / 2
    top = (height - high * scale) / 2
    west = (min(lons) + max(lons)) / 2 - wide / squeeze / 2
    return Ground(west, middle + high / 2, squeeze, scale, left, top, width, height)


def distance_bar(ground: Ground, language: str) -> list[str]:
    """A bar of a round number of kilometres, lower left."""
    span = ground.width / 4 / ground.scale * KM_PER_DEGREE
    km = nice_step(span, 1)
    while km > span * 1.4:
        km /= 2
    length = km / KM_PER_DEGREE * ground.scale
    y = ground.height - 6
    words = (
        f"{formats.number(round(km, 3), language)} km" if km >= 1 else f"{formats.number(round(km * 1000), language)} m"
    )
    return [path("ch-foot", f"M4 {num(y - 5)}v5h{num(length)}v-5"), text(4 + length + 7, y, words, "ch-tick")]
