"""Squares of a wide region gathered into larger ones, so that a map of them can be read; nothing is guessed.

A larger square has the sum of the figures that are known in it.  Where some of its squares are withheld the sum is a lower
bound, and says so; where all are, there is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from allmende.insight.bridges import crowding as bridge
from allmende.partners.models import Territory

MOST_ACROSS: Final = 24
"""Squares beside each other that a telephone shows at a size that can be told apart."""
STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200)
NEAR: Final = 0.12
"""Degrees within which a municipality gives its name."""
MOST_CLUSTERS: Final = 40
_CODE: Final = re.compile(r"CRS3035RES(\d+)mN(\d+)E(\d+)")
Corner = tuple[int, int, int]
"""Size, north, east in metres of EPSG:3035."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One larger square."""

    code: str
    square: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    people: float | None
    parts: int
    withheld: int
    cluster: str
    """Code of its cluster."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Squares that touch, such as a town with its surroundings."""

    code: str
    """That of its first square; stands in addresses."""
    name: str
    """Of the municipality nearest to its middle; empty: none is known near it."""
    people: float
    """Sum of what is known."""
    withheld: int
    codes: tuple[str, ...]


def corner_of(code: str) -> Corner | None:
    """Size, north and east of an INSPIRE cell."""
    match = _CODE.fullmatch(code)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def code_of(corner: Corner) -> str:
    """The code of an INSPIRE cell."""
    size, north, east = corner
    return f"CRS3035RES{size}mN{north}E{east}"


def size_for(codes: Sequence[str]) -> int:
    """The size in metres at which these squares can be told apart on a map of them all; theirs where they can already."""
    corners = [corner for corner in map(corner_of, codes) if corner]
    if not corners:
        return 0
    base = max(size for size, _, _ in corners)
    across = max(
        max(corner[axis] for corner in corners) - min(corner[axis] for corner in corners) + base for axis in (1, 2)
    )
    return next((base * step for step in STEPS if across / (base * step) <= MOST_ACROSS), base * STEPS[-1])


def gather(figures: Mapping[str, float | None], size: int, clusters: Sequence[Cluster]) -> list[Gathered]:
    """The squares of ``figures`` (code -> people, None: withheld) by larger squares of ``size`` metres."""
    of_cluster = {code: cluster.code for cluster in clusters for code in cluster.codes}
    inside: dict[Corner, list[str]] = defaultdict(list)
    for code in figures:
        corner = corner_of(code)
        if corner:
            inside[size, corner[1] // size * size, corner[2] // size * size].append(code)
    found = []
    for corner, codes in sorted(inside.items()):
        square = bridge.square_of(code_of(corner))
        if square is None:
            continue
        known = [value for value in (figures[code] for code in codes) if value is not None]
        people = sum(known) if known else None
        cluster = of_cluster.get(codes[0], "")
        found.append(Gathered(code_of(corner), square, people, len(codes), len(codes) - len(known), cluster))
    return found


def clusters_of(figures: Mapping[str, float | None]) -> list[Cluster]:
    """Squares that lie no farther than four others from each other, those with the most people first; one query."""
    corners = {code: corner for code in figures if (corner := corner_of(code))}
    cells: dict[tuple[int, int], list[str]] = defaultdict(list)
    for code, (size, north, east) in corners.items():
        cells[north // (5 * size), east // (5 * size)].append(code)
    groups = []
    left = set(cells)
    while left:
        waiting, group = [min(left)], []
        left.discard(waiting[0])
        while waiting:
            here = waiting.pop()
            group += cells[here]
            beside = {(here[0] + dy, here[1] + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= beside
            waiting += beside
        groups.append(sorted(group))
    groups.sort(key=lambda group: (-sum(figures[code] or 0 for code in group), group[0]))
    groups = groups[:MOST_CLUSTERS]
    names = _names([_middle(group, figures) for group in groups])
    return [
        Cluster(
            group[0],
            name,
            sum(figures[code] or 0 for code in group),
            sum(figures[code] is None for code in group),
            tuple(group),
        )
        for group, name in zip(groups, names, strict=True)
    ]


def _middle(codes: Sequence[str], figures: Mapping[str, float | None]) -> tuple[float, float]:
    """Longitude and latitude of the square with the most people."""
    west, south, east, north = bridge.square_of(max(codes, key=lambda code: figures[code] or 0)) or (0, 0, 0, 0)
    return (west + east) / 2, (south + north) / 2


def _names(middles: Sequence[tuple[float, float]]) -> list[str]:
    """The municipality nearest to each place."""
    near = Q(pk__in=[])
    for lon, lat in middles:
        near |= Q(lon__range=(lon - NEAR, lon + NEAR), lat__range=(lat - NEAR, lat + NEAR))
    rows = Territory.objects.filter(near, level=Territory.Level.MUNICIPALITY).order_by()
    towns = [(name, lon or 0.0, lat or 0.0) for name, lon, lat in rows.values_list("name", "lon", "lat")]

    def away(town: tuple[str, float, float], lon: float, lat: float) -> float:
        return (town[1] - lon) ** 2 * 0.5 + (town[2] - lat) ** 2

    return [
        min(towns, key=lambda town: away(town, lon, lat))[0] if any(away(t, lon, lat) < NEAR**2 for t in towns) else ""
        for lon, lat in middles
    ]
