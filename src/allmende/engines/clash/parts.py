"""The parts of the formula: likeness, time, distance, rarity, day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from allmende.engines.clash.values import TIME_CODES, USUAL_MINUTES, Kinship, Sameness, Weights

Numbers = np.ndarray[Any, np.dtype[Any]]
OVERLAP, EVENING, NEAR, UNTOLD, DAY, WEEKEND = range(len(TIME_CODES))
EVERYONE = "everyone"


def audience_sameness(one: frozenset[str], other: frozenset[str], kin: Kinship) -> Sameness:
    """How near two audiences are; no audience named is one for everyone."""
    is_open, is_other_open = not one or EVERYONE in one, not other or EVERYONE in other
    if is_open and is_other_open:
        return "everyone"
    if is_open or is_other_open:
        return "open"
    return "same" if one & other else _related(one, other, kin.audiences)


def category_sameness(one: frozenset[str], other: frozenset[str], kin: Kinship) -> Sameness:
    """How near two sets of categories are; a set that names none may be anything."""
    if not one or not other:
        return "related"
    return "same" if one & other else _related(one, other, kin.categories)


def _related(one: frozenset[str], other: frozenset[str], kin: Mapping[str, frozenset[str]]) -> Sameness:
    nothing: frozenset[str] = frozenset()
    near = any(kin.get(key, nothing) & other for key in one) or any(kin.get(key, nothing) & one for key in other)
    return "related" if near else "other"


def likeness(audience: Sameness, category: Sameness, weights: Weights) -> float:
    """Whether they are for the same guests, 0 to 1."""
    share = weights.audience_share
    return share * weights.audience[audience] + (1 - share) * weights.category[category]


def km_between(lon: Any, lat: Any, lons: Numbers, lats: Numbers) -> Numbers:
    """Great-circle distances in km (haversine, mean Earth radius 6,371 km); the first two may be columns."""
    phi, phis = np.radians(lat), np.radians(lats)
    half = np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(np.radians(lons - lon) / 2) ** 2
    found: Numbers = 12742.0 * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return found


def decay(km: Numbers, half_km: float, weights: Weights) -> Numbers:
    """Half at each ``half_km``; nothing beyond the last halving."""
    found: Numbers = np.where(km <= half_km * weights.halvings, 0.5 ** (km / half_km), 0.0)
    return found


def rarity(days: Numbers, weights: Weights) -> Numbers:
    """What takes place on many days can be visited on another one."""
    found: Numbers = np.clip(np.sqrt(weights.few_days / np.maximum(days, 1)), weights.least_rarity, 1.0)
    return found


def time_parts(
    start: Any, minutes: Any, starts: Numbers, lengths: Numbers, weights: Weights
) -> tuple[Numbers, Numbers]:
    """For events of one day: (factor, code).  A start of -1 is not known; a length of -1 is the usual one.

    ``start`` and ``minutes`` are numbers or columns; ``starts`` and ``lengths`` rows.
    """
    start, minutes = np.asarray(start), np.asarray(minutes)
    mine = np.where(minutes < 1, USUAL_MINUTES, minutes)
    theirs = np.where(lengths < 1, USUAL_MINUTES, lengths)
    shared = np.minimum(start + mine, starts + theirs) - np.maximum(start, starts)
    part = np.clip(shared / np.minimum(mine, theirs), 0.0, 1.0)
    is_evening = (start >= weights.evening_from) & (starts >= weights.evening_from)
    told = weights.time
    code = np.select(
        [(start < 0) | (starts < 0), shared > 0, is_evening, -shared <= weights.near_minutes],
        [UNTOLD, OVERLAP, EVENING, NEAR],
        DAY,
    )
    table = np.array([told[name] for name in TIME_CODES])
    factor = table[code] + np.where(code == OVERLAP, (1.0 - told["overlap"]) * part, 0.0)
    return factor, code


def as_start(start: int | None) -> int:
    """As a number: -1 is not known."""
    return -1 if start is None else start


def as_length(minutes: int | None) -> int:
    """As a number: -1 is not known."""
    return -1 if minutes is None else minutes
