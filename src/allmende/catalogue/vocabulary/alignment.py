"""Small tables for planning together: what is alike, and what is under a roof.

``docs/explanation/alignment.md`` shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LIKE: Final = (
    ("music", "theatre-dance", "film", "festival"),
    ("exhibition", "guided-tour", "tradition-religion"),
    ("literature", "talk-learning", "film"),
    ("market-fair", "food-drink", "festival", "community"),
    ("sport", "nature-outdoor"),
    ("nature-outdoor", "guided-tour"),
    ("family-children", "workshop", "theatre-dance"),
    ("talk-learning", "workshop"),
)
"""Groups of categories between which guests choose."""
_FOR_LIKE: Final = (
    ("families", "children"),
    ("children", "schools"),
    ("youth", "schools"),
    ("youth", "adults"),
    ("adults", "seniors"),
    ("adults", "groups"),
    ("seniors", "groups"),
)
"""Audiences that partly are the same people."""


def _both_ways(groups: Iterable[tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in groups:
        for key in group:
            found.setdefault(key, set()).update(set(group) - {key})
    return {key: frozenset(others) for key, others in found.items()}


RELATED_CATEGORIES: Final = _both_ways(_LIKE)
RELATED_AUDIENCES: Final = _both_ways(_FOR_LIKE)

INDOOR: Final[dict[str, bool]] = {
    "exhibition": True,
    "film": True,
    "literature": True,
    "talk-learning": True,
    "theatre-dance": True,
    "workshop": True,
    "museum": True,
    "castle-monument": True,
    "church": True,
    "cultural-venue": True,
    "library": True,
    "wellness": True,
    "nature-outdoor": False,
    "nature": False,
    "viewpoint": False,
    "beach-lake": False,
    "market-fair": False,
}
"""Whether a category usually takes place under a roof; of categories that are not here nothing is known."""

VISITED: Final = frozenset(
    {
        "museum",
        "castle-monument",
        "church",
        "nature",
        "viewpoint",
        "beach-lake",
        "food",
        "lodging",
        "farm-shop",
        "cultural-venue",
        "wellness",
    }
)
"""Places that guests come for, or stay at: where one is, there are guests."""
