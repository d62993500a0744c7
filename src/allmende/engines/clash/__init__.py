"""Clashes: what competes with a planned event for the same guests, and which dates are better.

The unit is the **point**: 100 points are one equal rival, that is an event of the same kind, for the same guests, at the
same place, at the same time, on a working day, that takes place once.  Every rival gets

    points = 100 x likeness x time x distance x rarity x day
    likeness = 0.55 x audience + 0.45 x category

with parts between 0 and 1, and a day the sum of its rivals.  ``docs/explanation/alignment.md`` gives the tables.
Everything is deterministic; times are local minutes after midnight.
"""

from allmende.engines.clash.assess import assess, reach_km
from allmende.engines.clash.pairs import find_pairs
from allmende.engines.clash.parts import Numbers
from allmende.engines.clash.values import (
    Alternative,
    Assessment,
    DayLevel,
    Draft,
    Happening,
    Kinship,
    Pair,
    Parts,
    Rival,
    Rivalry,
    Showing,
    Weights,
)

__all__ = [
    "Alternative",
    "Assessment",
    "DayLevel",
    "Draft",
    "Happening",
    "Kinship",
    "Numbers",
    "Pair",
    "Parts",
    "Rival",
    "Rivalry",
    "Showing",
    "Weights",
    "assess",
    "find_pairs",
    "reach_km",
]
