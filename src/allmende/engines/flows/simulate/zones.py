"""Municipalities: a rectangle divided among towns, each point to the nearest; the zones beyond it; as GeoJSON."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import Voronoi, cKDTree

from allmende.engines.flows.grid import unproject

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Box = tuple[float, float, float, float]
"""West, south, east, north; metres, EPSG:3035."""

_FRONT = ("Al", "Bro", "Dal", "Ek", "Fager", "Grön", "Hav", "Is", "Klint", "Lund", "Mar", "Norr", "Orm", "Rosen", "Sol")
_BACK = ("by", "vik", "stad", "holm", "torp", "köping", "näs", "fors")
LONGEST_EDGE = 1000.0


@dataclass(frozen=True, slots=True)
class Zone:
    """A municipality, in or next to the area."""

    code: str
    name: str
    country: int
    """Mobile country code."""
    inside: bool
    """Whether it belongs to the area."""
    ring: Floats
    """Closed outline, (n, 2), metres, EPSG:3035, counter-clockwise."""

    @property
    def km2(self) -> float:
        """Area in square kilometres (the projection keeps areas)."""
        x, y = self.ring[:, 0] - self.ring[0, 0], self.ring[:, 1] - self.ring[0, 1]
        return float(0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 1e6)


def tiles(seeds: Floats, box: Box) -> list[Floats]:
    """The parts of ``box`` nearest to each of the ``seeds`` (n, 2), as closed rings.

    Mirror images of the seeds in the four sides make the sides edges of the Voronoi diagram.
    """
    west, south, east, north = box
    mirrored = [seeds]
    for axis, at in ((0, west), (0, east), (1, south), (1, north)):
        image = seeds.copy()
        image[:, axis] = 2 * at - image[:, axis]
        mirrored.append(image)
    diagram = Voronoi(np.concatenate(mirrored))
    rings = []
    for i, seed in enumerate(seeds):
        corners = diagram.vertices[diagram.regions[diagram.point_region[i]]]
        order = np.argsort(np.arctan2(corners[:, 1] - seed[1], corners[:, 0] - seed[0]))
        corners = np.clip(corners[order], (west, south), (east, north))
        rings.append(np.concatenate([corners, corners[:1]]))
    return rings


def names(rng: np.random.Generator, n: int) -> list[str]:
    """Different names of places that there are not."""
    every = [front + back for front in _FRONT for back in _BACK]
    return [every[i] for i in rng.permutation(len(every))[:n]]


@dataclass(frozen=True, slots=True)
class Zones:
    """All zones and where they are."""

    zones: tuple[Zone, ...]
    boxes: tuple[Box, ...]
    trees: tuple[cKDTree, ...]
    numbers: tuple[Ints, ...]
    """Per box: the positions of its seeds in ``zones``."""

    def of(self, x: Floats, y: Floats) -> Ints:
        """Position of the zone of each point, -1 outside all of them."""
        found = np.full(len(x), -1, np.int64)
        for box, tree, numbers in zip(self.boxes, self.trees, self.numbers, strict=True):
            hit = np.flatnonzero(within(box, x, y) & (found < 0))
            if len(hit):
                found[hit] = numbers[tree.query(np.c_[x[hit], y[hit]])[1]]
        return found


def within(box: Box, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in a box, its edges included."""
    return (x >= box[0]) & (y >= box[1]) & (x <= box[2]) & (y <= box[3])


def crosses(box: Box, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> npt.NDArray[np.bool_]:
    """Which straight ways touch a box (Liang and Barsky 1984: the parts of the way between each pair of sides overlap)."""
    enter, leave = np.zeros(len(x0)), np.ones(len(x0))
    with np.errstate(divide="ignore", invalid="ignore"):
        for a, b, low, high in ((x0, x1, box[0], box[2]), (y0, y1, box[1], box[3])):
            first, last = (low - a) / (b - a), (high - a) / (b - a)
            flat = a == b
            outside = flat & ((a < low) | (a > high))
            near = np.where(flat, -np.inf, np.minimum(first, last))
            far = np.where(flat, np.inf, np.maximum(first, last))
            enter = np.maximum(enter, near)
            leave = np.where(outside, -np.inf, np.minimum(leave, far))
    return enter <= leave


def build(parts: list[tuple[Box, Floats, int, bool, str]], rng: np.random.Generator) -> Zones:
    """Zones from (box, seeds, country code, inside the area, prefix of the codes)."""
    zones: list[Zone] = []
    numbers = []
    words = names(rng, sum(len(seeds) for _, seeds, _, _, _ in parts))
    for box, seeds, country, inside, prefix in parts:
        numbers.append(np.arange(len(zones), len(zones) + len(seeds)))
        for i, ring in enumerate(tiles(seeds, box)):
            zones.append(Zone(f"{prefix}{i + 1:02d}", words[len(zones)], country, inside, ring))
    boxes = tuple(part[0] for part in parts)
    return Zones(tuple(zones), boxes, tuple(cKDTree(part[1]) for part in parts), tuple(numbers))


def _degrees(ring: Floats) -> list[list[float]]:
    """The ring in degrees, with points at least every kilometre so that straight edges stay straight."""
    pieces = []
    for a, b in itertools.pairwise(ring):
        n = max(1, int(np.ceil(np.hypot(*(b - a)) / LONGEST_EDGE)))
        pieces.append(a + (b - a) * (np.arange(n) / n)[:, None])
    line = np.concatenate([*pieces, ring[-1:]])
    lon, lat = unproject(line[:, 0], line[:, 1])
    return [[round(float(a), 7), round(float(b), 7)] for a, b in zip(lon, lat, strict=True)]


def geojson(zones: Zones, population: Ints, timezone: str = "") -> dict[str, Any]:
    """The zones as a GeoJSON FeatureCollection (RFC 7946): code, name, population, area_km2, mcc, inside; and as a member of
    the whole the name of their time zone, if given."""
    return {
        "type": "FeatureCollection",
        **({"timezone": timezone} if timezone else {}),
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "code": zone.code,
                    "name": zone.name,
                    "population": int(people),
                    "area_km2": round(zone.km2, 3),
                    "mcc": zone.country,
                    "inside": zone.inside,
                },
                "geometry": {"type": "Polygon", "coordinates": [_degrees(zone.ring)]},
            }
            for zone, people in zip(zones.zones, population, strict=True)
        ],
    }
