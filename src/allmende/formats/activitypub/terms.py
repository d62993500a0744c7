"""The words of FEP-8a8e, Mobilizon and our vocabulary, and how they follow from each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_NAMES: Final = frozenset({PUBLIC, "as:Public", "Public"})
CARRYING: Final = frozenset({"Create", "Update", "Announce", "Add"})
"""Activities that carry an object."""

CATEGORY_OUT: Final = {
    "music": "MUSIC",
    "theatre-dance": "PERFORMING_VISUAL_ARTS",
    "exhibition": "ARTS",
    "guided-tour": "LANGUAGE_CULTURE",
    "market-fair": "COMMUNITY",
    "festival": "FESTIVALS",
    "food-drink": "FOOD_DRINK",
    "sport": "SPORTS",
    "nature-outdoor": "OUTDOORS_ADVENTURE",
    "family-children": "FAMILY_EDUCATION",
    "literature": "BOOK_CLUBS",
    "film": "FILM_MEDIA",
    "talk-learning": "LEARNING",
    "workshop": "WORKSHOPS_SKILL_SHARING",
    "tradition-religion": "SPIRITUALITY_RELIGION_BELIEFS",
    "community": "COMMUNITY",
}
"""Our categories -> those that FEP-8a8e recommends, which are Mobilizon's."""
CATEGORY_IN: Final = {
    "ARTS": "exhibition",
    "BOOK_CLUBS": "literature",
    "CLIMATE_ENVIRONMENT": "nature-outdoor",
    "COMEDY": "theatre-dance",
    "COMMUNITY": "community",
    "CRAFTS": "workshop",
    "CREATIVE_JAM": "workshop",
    "DIY_MAKER_SPACES": "workshop",
    "FAMILY_EDUCATION": "family-children",
    "FESTIVALS": "festival",
    "FILM_MEDIA": "film",
    "FOOD_DRINK": "food-drink",
    "INCLUSIVE_SPACES": "community",
    "LEARNING": "talk-learning",
    "MOVEMENTS_POLITICS": "community",
    "MUSIC": "music",
    "NETWORKING": "community",
    "OUTDOORS_ADVENTURE": "nature-outdoor",
    "PERFORMING_VISUAL_ARTS": "theatre-dance",
    "PHOTOGRAPHY": "exhibition",
    "SCIENCE_TECH": "talk-learning",
    "SPIRITUALITY_RELIGION_BELIEFS": "tradition-religion",
    "SPORTS": "sport",
    "THEATRE": "theatre-dance",
    "WORKSHOPS_SKILL_SHARING": "workshop",
}
STATUS_OUT: Final = {
    "scheduled": ("EventScheduled", "CONFIRMED"),
    "sold_out": ("EventScheduled", "CONFIRMED"),
    "cancelled": ("EventCancelled", "CANCELLED"),
    "postponed": ("EventPostponed", "TENTATIVE"),
    "moved_online": ("EventMovedOnline", "CONFIRMED"),
}
"""Our status -> FEP-8a8e ``eventStatus``, iCalendar ``status`` (what Mobilizon reads)."""
STATUS_IN: Final = {
    "EventCancelled": "cancelled",
    "EventPostponed": "postponed",
    "EventMovedOnline": "moved_online",
    "CANCELLED": "cancelled",
}


def types_of(value: Mapping[str, Any]) -> list[str]:
    """The types of an object; there may be several."""
    found = value.get("type", value.get("@type"))
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]


def is_event(value: Mapping[str, Any]) -> bool:
    """Whether an object is an event."""
    return "Event" in types_of(value)


def is_public(value: Mapping[str, Any]) -> bool:
    """Whether an object is addressed to everybody; only such objects may be shown in a calendar (FEP-8a8e)."""
    found = value.get("to")
    return any(one in PUBLIC_NAMES for one in (found if isinstance(found, list) else [found]) if isinstance(one, str))
