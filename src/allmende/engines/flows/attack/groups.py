"""Groups that give themselves away although their figures are large enough: dominance, and rare home and destination.

Dominance: where one child holds nearly all of its parent, whoever is in the child knows the few others (the (n,k) and p% rules:
L. Willenborg, T. de Waal, Elements of Statistical Disclosure Control, 2001, 6.2).  Homogeneity: if everyone from one home went to
one destination, being from there tells where one went (A. Machanavajjhala et al., l-Diversity, ACM TKDD 1, 2007).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allmende.engines.flows.attack.cube import ORIGIN_AXES
from allmende.engines.flows.attack.findings import Finding, Limits
from allmende.engines.flows.attack.knowledge import Sums

DOMINANCE = "dominance"
RARE = "rare home and destination"
HOME_AXES = ORIGIN_AXES | {"o", "origin_area", "from"}
GOAL_AXES = (
    "d",
    "destination",
    "destination_area",
    "to",
    "cell",
    "area",
    "areas",
    "site",
    "sites",
    "zone",
    "municipality",
)
FEW = 2.0
"""Thresholds up to which a group of one home and one destination is named."""


def dominance(sums: Sums, limits: Limits) -> Iterator[Finding]:
    """Parents of distinct people that have some people besides their largest child, and fewer than the threshold."""
    cube, known = sums.cube, sums.known
    for position, families in enumerate(sums.families):
        if sums.modes[position] != "bounded":
            continue
        others = families.value - families.largest
        error = float(sums.error(2.0))
        few = np.isfinite(others) & (others - error > 0) & (others + error < known.small) & (others >= known.weight / 2)
        chosen = np.flatnonzero(few)
        if not len(chosen):
            continue
        at = chosen[np.argmin(others[chosen])]
        key = int(families.parent[at])
        axis = cube.dimension(position, key)
        yield Finding(
            DOMINANCE,
            cube.table_name(key),
            {**cube.place(key), f"{axis} besides the largest": ""},
            f"{others[at]:g} of {families.value[at]:g} people were not in its largest part ({len(chosen)} figures like it)",
            f"Distinct people over {axis} minus the largest of its parts.",
            "leak" if limits.strict else "note",
            "Round both figures, or leave the total out.",
            max(float(others[at]) - error, 0.0),
            float(others[at]) + error,
            known.devices(max(float(others[at]) - error, 0.0)),
            known.devices(float(others[at]) + error),
            count=len(chosen),
        )


def rare(sums: Sums) -> Iterator[Finding]:
    """Homes that are seen with one destination only, in groups of few."""
    cube, known = sums.cube, sums.known
    names = [axis.name for axis in cube.axes]
    shown = [set(named) | {name} for name, *named in zip(names, *cube.names, strict=True)]
    home = next((at for at, found in enumerate(shown) if found & HOME_AXES), None)
    goals = [at for goal in GOAL_AXES for at, found in enumerate(shown) if goal in found and at != home]
    if home is None or not goals:
        return
    goal = goals[0]
    leaf = cube.axes[goal].depth == cube.axes[goal].depth.max()
    homes, ends = cube.codes(cube.keys, home), cube.codes(cube.keys, goal)
    named = (homes != 0) & (ends != 0) & leaf[ends]
    at = np.flatnonzero(named)
    if not len(at) or len(np.unique(ends[at])) < 2:
        return
    # All destinations of a home, over all other dimensions.
    seen = np.unique(homes[at] * len(leaf) + ends[at])
    origin, different = np.unique(seen // len(leaf), return_counts=True)
    single = origin[different == 1]
    alone = at[np.isin(homes[at], single) & (cube.values[at] < FEW * known.small)]
    if not len(alone):
        return
    of_homes, first = np.unique(homes[alone], return_index=True)
    for code, index in list(zip(of_homes, first, strict=True))[:50]:
        key = int(cube.keys[alone[index]])
        value = float(cube.values[alone[index]])
        yield Finding(
            RARE,
            cube.table_name(key),
            cube.place(key),
            f"everyone who is shown from {cube.axes[home].labels[int(code)]} went to one destination",
            f"{value:g} people, and no figure of that home with another destination.",
            "note",
            "Show rare homes together, by region.",
            value,
            value,
            known.devices(value),
            known.devices(value),
        )
