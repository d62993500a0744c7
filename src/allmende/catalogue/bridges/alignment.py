"""Records to what the engines of planning together take: clashes, season, gaps."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from allmende.catalogue.values import ALL_DAY_RANK, AUDIENCE_FLAGS, ONGOING_RANK, Flag
from allmende.catalogue.vocabulary.alignment import RELATED_AUDIENCES, RELATED_CATEGORIES
from allmende.engines.clash import (
    Alternative,
    Assessment,
    DayLevel,
    Draft,
    Happening,
    Kinship,
    Pair,
    Rival,
    Rivalry,
    Showing,
    Weights,
    assess,
    find_pairs,
    reach_km,
)
from allmende.engines.holidays import is_public_holiday

__all__ = [
    "AUDIENCE_MASK",
    "KIN",
    "ONGOING_RANK",
    "Alternative",
    "Assessment",
    "DayLevel",
    "Draft",
    "Happening",
    "Pair",
    "Rival",
    "Rivalry",
    "Showing",
    "Weights",
    "assess",
    "audience_of",
    "find_pairs",
    "holidays_of",
    "reach_km",
    "to_start",
]

KIN = Kinship(RELATED_CATEGORIES, RELATED_AUDIENCES)
AUDIENCE_MASK = int(sum(AUDIENCE_FLAGS.values()))


@lru_cache(maxsize=1024)
def _audience(mask: int) -> frozenset[str]:
    names = {name for name, flag in AUDIENCE_FLAGS.items() if flag & Flag(mask)}
    # Whoever is for children has the families' flag as well; it says nothing more.
    return frozenset(names - {"families"} if "children" in names else names)


def audience_of(flags: int) -> frozenset[str]:
    """For whom, from the packed facts; empty: for everyone, or not told."""
    return _audience(flags & AUDIENCE_MASK)


def to_start(rank: int, all_day: Any) -> int | None:
    """Minutes after local midnight, or None for what lasts all day or goes on from an earlier one."""
    return None if all_day or rank == ONGOING_RANK or rank < ALL_DAY_RANK else rank


def holidays_of(country: str) -> Any:
    """Whether a day is a public holiday in a country."""
    return partial(is_public_holiday, country, "")
