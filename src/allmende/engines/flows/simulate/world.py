"""The ground: towns, attractions, zones, the gates through which strangers come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.simulate import zones as zoning
from allmende.engines.flows.simulate.profiles import PLACES, Profile

Floats = npt.NDArray[np.float64]

WEST, SOUTH, SIDE = 4_480_000.0, 3_600_000.0, 120_000.0
EXTENT: zoning.Box = (WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
STRIP = 20_000.0
"""Width of the neighbouring zones around the area of a region."""
HOME_MCC, BORDER_MCC = 240, 238
TOWNS = 30


@dataclass(frozen=True, slots=True)
class World:
    """The ground of a simulation.  Metres, EPSG:3035."""

    area: zoning.Box
    """The area of which visitors are counted."""
    border: float
    """West of this is another country, where the operator sees nothing."""
    towns: Floats
    """(n, 4): x, y, weight, radius; the weights add up to 1."""
    near_towns: Floats
    """The same of the neighbouring zones in the country; empty in a benchmark."""
    far_towns: Floats
    """The same across the border."""
    places: Floats
    """(n, 2): x, y of the attractions, a festival's site last."""
    popularity: Floats
    """Adds up to 1; 0 for a festival's site."""
    zones: zoning.Zones
    gates: Floats
    """(n, 2): where strangers come in."""


def _ring_of_towns(rng: np.random.Generator, box: zoning.Box, n: int, exponent: float = 0.9) -> Floats:
    """Towns by Zipf's law, the larger the wider."""
    weight = np.arange(1, n + 1) ** -exponent
    weight /= weight.sum()
    radius = 700 + 5200 * np.sqrt(weight / weight.max())
    width, height = box[2] - box[0], box[3] - box[1]
    x = box[0] + rng.uniform(0.08, 0.92, n) * width
    y = box[1] + rng.uniform(0.08, 0.92, n) * height
    return np.stack([x, y, weight, radius], axis=1)


def _some_towns(rng: np.random.Generator, boxes: list[zoning.Box], each: int) -> Floats:
    towns = np.concatenate([_ring_of_towns(rng, box, each) for box in boxes])
    towns[:, 2] /= towns[:, 2].sum()
    towns[:, 3] = np.minimum(towns[:, 3], 2500)
    return towns


def _strips() -> tuple[zoning.Box, list[zoning.Box]]:
    """Zones across the border (west), and in the country (north, east, south)."""
    west, south, east, north = EXTENT
    return (west, south, west + STRIP, north), [
        (west + STRIP, north - STRIP, east, north),
        (east - STRIP, south + STRIP, east, north - STRIP),
        (west + STRIP, south, east, south + STRIP),
    ]


def build(profile: Profile, rng: np.random.Generator) -> World:
    """The world of a profile."""
    west, south, east, north = EXTENT
    if profile.kind == "benchmark":
        towns = _ring_of_towns(rng, EXTENT, TOWNS)
        places = np.c_[west + rng.uniform(0.05, 0.95, PLACES) * SIDE, south + rng.uniform(0.05, 0.95, PLACES) * SIDE]
        popularity = 1 / np.arange(1, PLACES + 1)
        parts = [(EXTENT, towns[: profile.municipalities, :2], HOME_MCC, True, "M")]
        none = np.empty((0, 4))
        tiled = zoning.build(parts, rng)
        gates = np.empty((0, 2))
        return World(EXTENT, -np.inf, towns, none, none, places, popularity / popularity.sum(), tiled, gates)
    area = (west + STRIP, south + STRIP, east - STRIP, north - STRIP)
    abroad, domestic = _strips()
    towns = _ring_of_towns(rng, area, TOWNS)
    near_towns, far_towns = _some_towns(rng, domestic, 3), _some_towns(rng, [abroad], 4)
    width = area[2] - area[0]
    places = np.c_[
        area[0] + rng.uniform(0.05, 0.95, PLACES + 1) * width, area[1] + rng.uniform(0.05, 0.95, PLACES + 1) * width
    ]
    popularity = np.append(1 / np.arange(1, PLACES + 1), 0.0)
    parts = [
        (area, towns[: profile.municipalities, :2], HOME_MCC, True, "M"),
        (abroad, far_towns[:, :2], BORDER_MCC, False, "A"),
        *((box, near_towns[i * 3 : i * 3 + 3, :2], HOME_MCC, False, "NES"[i]) for i, box in enumerate(domestic)),
    ]
    middle = (south + north) / 2
    gates = np.array(
        [
            (west + 1000, middle),
            ((west + east) / 2, north - 500),
            (east - 500, middle),
            ((west + east) / 2, south + 500),
        ]
    )
    return World(
        area, west + STRIP, towns, near_towns, far_towns, places, popularity / popularity.sum(),
        zoning.build(parts, rng), gates,
    )  # fmt: skip


def capacity(world: World) -> npt.NDArray[np.int64]:
    """How many people each place can take: by popularity, at least 20; a festival's site 4,000."""
    return np.where(world.popularity > 0, np.maximum(20, world.popularity * 4000), 4000).astype(np.int64)


def draw_homes(rng: np.random.Generator, towns: Floats, n: int, box: zoning.Box | None = None) -> Floats:
    """(n, 2) homes around towns, spread by half the radius of each; kept within ``box`` if there is one."""
    town = np.searchsorted(np.cumsum(towns[:, 2]), rng.random(n) * towns[:, 2].sum())
    town = np.minimum(town, len(towns) - 1)
    homes = towns[town, :2] + rng.standard_normal((n, 2)) * towns[town, 3:] * 0.5
    return keep_in(homes, box) if box else homes


def keep_in(points: Floats, box: zoning.Box, margin: float = 300.0) -> Floats:
    """Points (n, 2) moved into a box, by mirroring in its sides and, if that is not enough, onto the margin."""
    low, high = np.array(box[:2]) + margin, np.array(box[2:]) - margin
    points = np.where(points < low, 2 * low - points, points)
    points = np.where(points > high, 2 * high - points, points)
    return np.clip(points, low, high)


def near(rng: np.random.Generator, points: Floats, low: float, high: float, box: zoning.Box) -> Floats:
    """A point ``low`` to ``high`` metres from each of ``points`` (n, 2), in any direction, kept half a kilometre within ``box``."""
    angle, distance = rng.uniform(0, 2 * np.pi, len(points)), rng.uniform(low, high, len(points))
    moved = points + np.c_[np.cos(angle), np.sin(angle)] * distance[:, None]
    return np.asarray(np.clip(moved, np.array(box[:2]) + 500, np.array(box[2:]) - 500), np.float64)


def draw_places(rng: np.random.Generator, popularity: Floats, n: int) -> npt.NDArray[np.int64]:
    """Positions of places drawn by popularity."""
    edges = np.cumsum(popularity)
    found = np.searchsorted(edges, rng.random(n) * edges[-1], "right").astype(np.int64)
    return np.asarray(np.minimum(found, len(popularity) - 1), np.int64)
