"""Figures by place and hour, as the attacks on trajectories and membership need them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from allmende.engines.flows.attack.cube import Cube, Floats, Ints
from allmende.engines.flows.attack.labels import offset_of
from allmende.engines.flows.grid import corner

_GRID = re.compile(r"CRS3035RES(\d+)mN(\d+)E(\d+)")
AREA_AXES = ("cell", "area", "areas", "site", "sites", "zone", "zones", "place", "municipality")


@dataclass(frozen=True)
class Hourly:
    """Places in metres (``nan`` where unknown), and for each figure its place, its hour since 1970 and its people."""

    cube: Cube
    area: int
    hour: int
    place_names: tuple[str, ...]
    xy: Floats
    place: Ints
    hours: Ints
    people: Floats
    hour_of_code: Ints
    ahead: int = 0
    """Hours by which the clocks there are ahead of UTC, as far as the tables show it."""


def hour_of(label: object) -> int | None:
    """Hours since 1970 of a number of hours or of an ISO 8601 time; ``None`` for anything else."""
    if isinstance(label, datetime):
        return int(label.replace(tzinfo=label.tzinfo or UTC).timestamp() // 3600)
    text = str(label)
    if text.isdigit():
        return int(text) if 200_000 <= int(text) <= 1_000_000 else None
    if len(text) >= 13 and text[10:11] in ("T", " "):
        try:
            moment = datetime.fromisoformat(text if len(text) > 13 else f"{text}:00")
        except ValueError:
            return None
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() // 3600)
    return None


def hourly(cube: Cube) -> Hourly | None:
    """The figures by smallest place and hour, over all classes and origins; ``None`` if the cube tells of no hours."""
    hour_axis, hours = _hours(cube)
    if hour_axis is None:
        return None
    others = [at for at in range(len(cube.axes)) if at != hour_axis]
    area = next(
        (at for at in others if cube.axes[at].name in AREA_AXES or any(n[at] in AREA_AXES for n in cube.names)), None
    )
    if area is None:
        return None
    axis = cube.axes[area]
    is_leaf = np.ones(len(axis.labels), np.bool_)
    is_leaf[axis.edge_parent] = False
    place, hour = cube.codes(cube.keys, area), cube.codes(cube.keys, hour_axis)
    use = is_leaf[place] & (hours[hour] >= 0)
    for at in others:
        if at != area:
            use &= cube.codes(cube.keys, at) == 0
    if not use.any():
        return None
    return Hourly(
        cube,
        area,
        hour_axis,
        axis.labels,
        _metres(axis.labels),
        place[use],
        hours[hour[use]],
        cube.values[use],
        hours,
        round(offset_of(cube.sources[0].table) / timedelta(hours=1)),
    )


def _hours(cube: Cube) -> tuple[int | None, Ints]:
    for position, axis in enumerate(cube.axes):
        found = [hour_of(label) for label in axis.labels]
        if sum(one is not None for one in found) >= max(2, len(found) // 2):
            return position, np.array([-1 if one is None else one for one in found], np.int64)
    return None, np.zeros(0, np.int64)


def _metres(labels: tuple[str, ...]) -> Floats:
    places = np.full((len(labels), 2), np.nan)
    for at, label in enumerate(labels):
        if found := _GRID.fullmatch(label):
            size, north, east = map(int, found.groups())
            places[at] = east + size / 2, north + size / 2
        elif label.isdigit() and 90_000_000 <= int(label) <= 99_999_999_999:
            size = 1000 if int(label) < 9_999_999_999 else 100
            x, y = corner(np.array([int(label)], np.int64), size)
            places[at] = x[0] + size / 2, y[0] + size / 2
    return places
