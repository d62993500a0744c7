"""Plain values of the catalogue: kinds, flags, grid cells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import IntFlag
from functools import lru_cache
from typing import Any, Final, Literal

from allmende.core.languages import LANGUAGES

Kind = Literal["event", "place", "offer"]
KINDS: Final[tuple[Kind, ...]] = ("event", "place", "offer")
KIND_CODES: Final[dict[str, int]] = {"event": 1, "place": 2, "offer": 3}
"""Numbers of the kinds in the search index and in map data."""
KIND_OF_CODE: Final[dict[int, Kind]] = {1: "event", 2: "place", 3: "offer"}

ONGOING_RANK: Final = 1440
"""Occurrences that began on an earlier day stand behind those that begin this day (minutes after midnight)."""
ALL_DAY_RANK: Final = 0


class Flag(IntFlag):
    """Facts that guests filter by, packed into one number beside every occurrence."""

    FREE = 1
    STEP_FREE = 2
    TOILET = 4
    HEARING = 8
    VISION = 16
    ASSISTANCE_DOG = 32
    EASY_LANGUAGE = 64
    PARKING = 128
    FAMILIES = 256
    CHILDREN = 512
    YOUTH = 1024
    ADULTS = 2048
    SENIORS = 4096
    SCHOOLS = 8192
    GROUPS = 16384
    ONLINE = 32768


HIDDEN_SHIFT: Final = 16
"""Above the facts stand the languages in which a record is held back, one bit each: see :func:`hidden_bit`."""


def hidden_bit(language: str) -> int:
    """The bit of a language in ``hidden_in``; 0 for a language that the interface does not speak."""
    return 1 << LANGUAGES.index(language) if language in LANGUAGES else 0


ACCESS_FLAGS: Final[dict[str, Flag]] = {
    "step_free": Flag.STEP_FREE,
    "toilet": Flag.TOILET,
    "hearing": Flag.HEARING,
    "vision": Flag.VISION,
    "assistance_dog": Flag.ASSISTANCE_DOG,
    "easy_language": Flag.EASY_LANGUAGE,
    "parking": Flag.PARKING,
}
AUDIENCE_FLAGS: Final[dict[str, Flag]] = {
    "families": Flag.FAMILIES,
    "children": Flag.CHILDREN,
    "youth": Flag.YOUTH,
    "adults": Flag.ADULTS,
    "seniors": Flag.SENIORS,
    "schools": Flag.SCHOOLS,
    "groups": Flag.GROUPS,
}


def flags_of(
    *, is_free: bool, accessibility: Mapping[str, str], audience: Iterable[str], is_online: bool = False
) -> int:
    """The packed facts of a record.  Only a clear yes counts: "partly" is shown, not found."""
    said = [fact for fact, state in accessibility.items() if state == "yes"]
    return _packed(is_free, is_online, tuple(said), tuple(audience))


@lru_cache(maxsize=4096)
def _packed(is_free: bool, is_online: bool, access: tuple[str, ...], audience: tuple[str, ...]) -> int:
    """The same few mixes come again and again."""
    flags = Flag.FREE if is_free else Flag(0)
    for fact in access:
        flags |= ACCESS_FLAGS.get(fact, Flag(0))
    for name in audience:
        flags |= AUDIENCE_FLAGS.get(name, Flag(0))
    if "children" in audience:
        flags |= Flag.FAMILIES
    if is_online:
        flags |= Flag.ONLINE
    return int(flags)


CELL_DEGREES: Final = 0.05
"""Side of a look-up cell, about 5.5 km north-south: "near" reads a few cells, never the whole catalogue."""
CELL_COLUMNS: Final = 10_000


def cell_of(lon: float | None, lat: float | None) -> int | None:
    """The look-up cell of a point (degrees, EPSG:4326)."""
    if lon is None or lat is None:
        return None
    return math.floor((lat + 90) / CELL_DEGREES) * CELL_COLUMNS + math.floor((lon + 180) / CELL_DEGREES)


def cells_around(lon: float, lat: float, km: float) -> list[int]:
    """The look-up cells that a circle of radius ``km`` may touch."""
    rows = math.ceil(km / 111.2 / CELL_DEGREES)
    columns = math.ceil(km / (111.2 * max(0.1, math.cos(math.radians(lat)))) / CELL_DEGREES)
    row, column = divmod(cell_of(lon, lat) or 0, CELL_COLUMNS)
    return [
        r * CELL_COLUMNS + c
        for r in range(row - rows, row + rows + 1)
        for c in range(column - columns, column + columns + 1)
    ]


def distance_km(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Great-circle distance in km (haversine, mean Earth radius 6,371 km)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half = (
        math.sin((phi_b - phi_a) / 2) ** 2
        + math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    )
    return 12742.0 * math.asin(min(1.0, math.sqrt(half)))


def is_free(prices: Iterable[Mapping[str, Any]]) -> bool:
    """Whether every named price is zero; no price named means unknown, not free."""
    amounts = [price.get("max") or price.get("min") or "0" for price in prices]
    return bool(amounts) and all(float(amount) == 0 for amount in amounts)
