"""An independent reader of a release: knows which figures are empty and the exact devices of what is shown, and tries to
bound the rest by linear programs over all relations at once.  Written in plain dictionaries, apart from the code it judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Key = tuple[str, ...]
ALL = "*"


@dataclass
class World:
    """Devices by figure; for each dimension its parents (child -> parents) and whether devices add up."""

    dimensions: tuple[str, ...]
    parents: dict[str, dict[str, list[str]]]
    additive: dict[str, bool]
    devices: dict[Key, int]

    def ancestors(self, dimension: str, value: str) -> set[str]:
        if value == ALL:
            return set()
        found: set[str] = set()
        for parent in self.parents.get(dimension, {}).get(value, [ALL]):
            found |= {parent} | self.ancestors(dimension, parent)
        return found | {ALL}

    def above(self, at: int, key: Key) -> list[Key]:
        """All facts that contain this one along one dimension."""
        return [
            upper
            for value in self.ancestors(self.dimensions[at], key[at])
            if (upper := (*key[:at], value, *key[at + 1 :])) in self.devices
        ]


def count(seen: set[tuple[Any, ...]], world_levels: list[tuple[Any, ...]]) -> dict[Key, int]:
    """Distinct devices: ``seen`` has (device, values…); a level is one function per dimension (value -> value above)."""
    found: dict[Key, set[Any]] = {}
    for device, *values in seen:
        for level in world_levels:
            key = tuple(up(value) for up, value in zip(level, values, strict=True))
            found.setdefault(key, set()).add(device)
    return {key: len(devices) for key, devices in found.items()}


def levels_of(functions: list[list[Any]]) -> list[tuple[Any, ...]]:
    return list(product(*functions))


def as_table(devices: dict[Key, int], dimensions: tuple[str, ...], weight: int = 1000) -> pa.Table:
    keys = list(devices)
    columns: dict[str, Any] = {d: pa.array([k[i] for k in keys], pa.string()) for i, d in enumerate(dimensions)}
    columns["devices"] = pa.array([devices[k] for k in keys], pa.int64())
    columns["people_milli"] = pa.array([devices[k] * weight for k in keys], pa.int64())
    return pa.table(columns)


def shown(rows: pa.Table, dimensions: tuple[str, ...]) -> set[Key]:
    columns = [rows[d].to_pylist() if d in rows.column_names else [ALL] * rows.num_rows for d in dimensions]
    return set(zip(*columns, strict=True))


def intervals(world: World, seen: set[Key]) -> dict[Key, tuple[float, float]]:
    """Lowest and highest devices of each figure that is not shown, by linear programs over everything."""
    gone = [key for key in world.devices if key not in seen]
    place = {key: i for i, key in enumerate(gone)}
    equal: list[list[float]] = []
    equal_to: list[float] = []
    under: list[list[float]] = []
    under_to: list[float] = []

    def row(terms: dict[Key, float]) -> tuple[list[float], float]:
        line, right = [0.0] * len(gone), 0.0
        for key, sign in terms.items():
            if key in place:
                line[place[key]] += sign
            else:
                right -= sign * world.devices[key]
        return line, right

    for at, dimension in enumerate(world.dimensions):
        nearest: dict[Key, list[Key]] = {}
        for key in world.devices:
            above = world.above(at, key)
            for upper in above:
                if not any(other != upper and upper in world.above(at, other) for other in above):
                    nearest.setdefault(upper, []).append(key)
                line, right = row({key: 1.0, upper: -1.0})
                under.append(line)
                under_to.append(right)
        for upper, children in nearest.items():
            line, right = row({upper: 1.0, **dict.fromkeys(children, -1.0)})
            if world.additive[dimension] and sum(world.devices[c] for c in children) == world.devices[upper]:
                equal.append(line)
                equal_to.append(right)
            elif not world.additive[dimension]:
                under.append(line)
                under_to.append(right)
    under_rows = csr_matrix(np.array(under)) if under else None
    equal_rows = csr_matrix(np.array(equal)) if equal else None
    found = {}
    top = 10.0 * max(world.devices.values())
    for key, i in place.items():
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(gone))
            cost[i] = sign
            solved = linprog(cost, under_rows, under_to or None, equal_rows, equal_to or None, (0, top))
            assert solved.status == 0, solved.message
            ends.append(float(solved.x[i]))
        found[key] = (ends[0], ends[1])
    return found


def findings(world: World, seen: set[Key], threshold: int, interval: int | None = None) -> list[str]:
    """What gives something away: small figures, small differences, small rests, and close bounds."""
    wrong = [f"{key} is shown from {world.devices[key]}" for key in seen if world.devices[key] < threshold]
    for at, dimension in enumerate(world.dimensions):
        parts: dict[Key, list[Key]] = {}
        for key in seen:
            above = [u for u in world.above(at, key) if u in seen]
            for upper in above:
                difference = world.devices[upper] - world.devices[key]
                if 0 < difference < threshold:
                    wrong.append(f"{upper} minus {key} is {difference}")
                if not any(o != upper and upper in world.above(at, o) for o in above):
                    parts.setdefault(upper, []).append(key)
        for upper, children in parts.items():
            rest = world.devices[upper] - sum(world.devices[c] for c in children)
            if 0 < rest < threshold and len(children) > 1 and _one_partition(world, dimension):
                wrong.append(f"{upper} minus {children} leaves {rest}")
    for key, (low, high) in intervals(world, seen).items():
        if high - low < (interval or threshold) - 1e-6:
            wrong.append(f"{key} ({world.devices[key]}) lies in [{low}, {high}]")
    return wrong


def _one_partition(world: World, dimension: str) -> bool:
    return all(len(parents) == 1 for parents in world.parents.get(dimension, {}).values())
