"""The ground of a map without tiles: longitudes and latitudes as places, and a bar that shows the distance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from allmende.core import formats
from allmende.guide.charts.scales import nice_step
from allmende.guide.charts.svg import num, path, text

Line = Sequence[tuple[float, float]]
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


def cropped(
    lines: Iterable[Line], points: Iterable[tuple[float, float]], around: float = 0.15
) -> list[list[tuple[float, float]]]:
    """The parts of ``lines`` within the box around ``points``, widened by this part of its longer side."""
    lons, lats = zip(*points, strict=True)
    edge = around * max(max(lons) - min(lons), max(lats) - min(lats), LEAST_SPAN)
    west, east, south, north = min(lons) - edge, max(lons) + edge, min(lats) - edge, max(lats) + edge
    found: list[list[tuple[float, float]]] = []
    for line in lines:
        run: list[tuple[float, float]] = []
        for here, there in itertools.pairwise(line):
            part = _within(here, there, west, east, south, north)
            if part is None:
                continue
            if not run or run[-1] != part[0]:
                run = [part[0]]
                found.append(run)
            run.append(part[1])
    return found


def _within(
    here: tuple[float, float], there: tuple[float, float], west: float, east: float, south: float, north: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a stretch inside a box, after Liang and Barsky (1984); None: it passes by."""
    (x, y), (dx, dy) = here, (there[0] - here[0], there[1] - here[1])
    first, last = 0.0, 1.0
    for step, room in ((-dx, x - west), (dx, east - x), (-dy, y - south), (dy, north - y)):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            first = max(first, room / step)
        else:
            last = min(last, room / step)
    if first > last:
        return None
    start = here if first == 0 else (x + first * dx, y + first * dy)
    return start, (there if last == 1 else (x + last * dx, y + last * dy))


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
