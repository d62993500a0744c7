"""Small regions of made-up devices, counted at all levels."""

from __future__ import annotations

from random import Random
from typing import Any

from allmende.engines.flows.disclosure import Counts, Dimension, Plan, TablePlan, hierarchy
from tests.engines.flows.disclosure.reader import ALL, Key, World, as_table, count, levels_of

CELLS = {"c1": "zone A", "c2": "zone A", "c3": "zone A", "c4": "zone B", "c5": "zone B"}
HOURS = {"d1 08": "d1", "d1 09": "d1", "d2 08": "d2", "d2 09": "d2"}
CLASSES = ("resident", "commuter", "same_day", "overnight")
ORIGINS = {"north": "home", "south": "home", "germany": "abroad", "sweden": "abroad"}


def _same(value: str) -> str:
    return value


def _all(_: str) -> str:
    return ALL


def by_class_and_origin(seed: int, devices: int, classes: int = 4) -> tuple[World, Plan, Counts]:
    """One place and hour: visitor class by origin, origins in two groups; devices add up in both."""
    chance = Random(seed)
    weights = [chance.random() ** 3 for _ in CLASSES[:classes]], [chance.random() ** 3 for _ in ORIGINS]
    seen = {
        (d, chance.choices(CLASSES[:classes], weights[0])[0], chance.choices(list(ORIGINS), weights[1])[0])
        for d in range(devices)
    }
    levels = levels_of([[_same, _all], [_same, ORIGINS.__getitem__, _all]])
    found = count(seen, levels)
    dimensions = (Dimension("visitor_class"), Dimension("origin", "origins"))
    parents = {"origin": {o: [g] for o, g in ORIGINS.items()} | {g: [ALL] for g in ORIGINS.values()}}
    return _world(found, dimensions, parents, {"origins": hierarchy([*ORIGINS.items()])})


def by_cell_and_hour(seed: int, devices: int, with_class: bool = True) -> tuple[World, Plan, Counts]:
    """Cells in zones by hours in days (by class): distinct devices, which do not add up over cells and hours."""
    chance = Random(seed)
    seen: set[tuple[Any, ...]] = set()
    popular = [chance.random() ** 2 for _ in CELLS]
    for device in range(devices):
        visitor = chance.choices(CLASSES[:3], (6, 3, 1))[0]
        for _ in range(chance.randint(1, 3)):
            cell, hour = chance.choices(list(CELLS), popular)[0], chance.choice(list(HOURS))
            seen.add((device, cell, hour, visitor) if with_class else (device, cell, hour))
    functions: list[list[Any]] = [[_same, CELLS.__getitem__], [_same, HOURS.__getitem__, _all]]
    dimensions = [Dimension("cell", "areas", additive=False), Dimension("hour", "times", additive=False)]
    if with_class:
        functions.append([_same, _all])
        dimensions.append(Dimension("visitor_class"))
    found = count(seen, levels_of(functions))
    parents = {
        "cell": {c: [z] for c, z in CELLS.items()} | {z: [ALL] for z in CELLS.values()},
        "hour": {h: [d] for h, d in HOURS.items()} | {d: [ALL] for d in HOURS.values()},
    }
    trees = {"areas": hierarchy(CELLS.items()), "times": hierarchy(HOURS.items())}
    return _world(found, tuple(dimensions), parents, trees)


def _world(
    found: dict[Key, int], dimensions: tuple[Dimension, ...], parents: dict[str, dict[str, list[str]]], trees: Any
) -> tuple[World, Plan, Counts]:
    names = tuple(d.name for d in dimensions)
    world = World(names, parents, {d.name: d.additive for d in dimensions}, found)
    return world, Plan((TablePlan("presence", dimensions),), trees), {"presence": [as_table(found, names)]}
