"""Words and looks of categories, audiences and access facts, ready for templates, one table for each language."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from allmende.catalogue import vocabulary

MOTIFS = {
    "music": "sound",
    "festival": "bunting",
    "theatre-dance": "stage",
    "film": "stage",
    "cultural-venue": "stage",
    "exhibition": "frames",
    "museum": "arches",
    "castle-monument": "arches",
    "church": "arches",
    "tradition-religion": "arches",
    "public-service": "arches",
    "market-fair": "stripes",
    "craft-shop": "stripes",
    "farm-shop": "fields",
    "food-drink": "fields",
    "food": "fields",
    "tasting": "fields",
    "sport": "tracks",
    "sports-facility": "tracks",
    "rental": "tracks",
    "route": "tracks",
    "guided-tour": "tracks",
    "nature-outdoor": "hills",
    "nature": "hills",
    "viewpoint": "hills",
    "activity": "hills",
    "lodging": "hills",
    "lodging-offer": "hills",
    "beach-lake": "waves",
    "wellness": "waves",
    "family-children": "confetti",
    "community": "confetti",
    "association": "confetti",
    "package": "confetti",
    "literature": "pages",
    "library": "pages",
    "talk-learning": "pages",
    "workshop": "weave",
    "course": "weave",
    "service": "weave",
}
"""Which family of pictures stands for a category without a photo; others get ``fields``."""
MOTIF_VARIANTS = {"arches": 5}
"""How many pictures a family has; most have three."""


class Look(NamedTuple):
    """How a category is shown."""

    key: str
    one: str
    many: str
    icon: str
    motif: str


@lru_cache(maxsize=8)
def looks(language: str) -> dict[str, Look]:
    """All categories by key, in a language."""
    return {
        c.key: Look(c.key, c.label(language), c.label(language, many=True), c.icon, MOTIFS.get(c.key, "fields"))
        for c in vocabulary.categories()
    }


def look(key: str, language: str) -> Look:
    """One category; an unknown key looks like "other"."""
    table = looks(language)
    return table.get(key) or table["other"]


@lru_cache(maxsize=1)
def hue_rules() -> str:
    """Style rules that give each category its hue (degrees in OKLCH)."""
    return "".join(f".hue-{c.key}{{--h:{c.hue}}}" for c in vocabulary.categories())
