"""The rules for gaps that ship, in the small vocabulary of ``engines.gaps``.  One that does not suit a region is set aside."""

from __future__ import annotations

from typing import Any, Final

WEEKEND: Final = (5, 6)
WORKING_DAYS: Final = (0, 1, 2, 3, 4)
LOW_SEASON: Final = (11, 12, 1, 2, 3)
MUSEUMS: Final = frozenset({"museum", "castle-monument"})
FOR_FAMILIES: Final = frozenset({"families", "children"})

RULES: Final[tuple[dict[str, Any], ...]] = (
    {
        "key": "rainy-sunday",
        "kinds": ("event", "place"),
        "km": 20.0,
        "when": {"within": 56, "weekdays": (6,)},
        "audience": FOR_FAMILIES,
        "suits": frozenset({"family-children", "museum", "library"}),
        "indoor": True,
    },
    {"key": "quiet-weekend", "kinds": ("event",), "km": 15.0, "when": {"within": 14, "weekdays": WEEKEND, "first_only": True}},
    {"key": "indoor-week", "kinds": ("event",), "km": 20.0, "when": {"within": 7}, "indoor": True},
    {
        "key": "step-free-weekend",
        "kinds": ("event",),
        "km": 20.0,
        "when": {"within": 14, "weekdays": WEEKEND, "first_only": True},
        "step_free": True,
    },
    {
        "key": "evening-low-season",
        "kinds": ("event",),
        "km": 15.0,
        "when": {"within": 150, "weekdays": (4,), "months": LOW_SEASON},
        "not_before": 18 * 60,
    },
    {
        "key": "museum-sunday",
        "kinds": ("place",),
        "km": 15.0,
        "when": {"within": 28, "weekdays": (6,)},
        "categories": MUSEUMS,
    },
    {
        "key": "free-weekend",
        "kinds": ("event",),
        "km": 15.0,
        "when": {"within": 28, "weekdays": WEEKEND},
        "free": True,
    },
    {
        "key": "youth-month",
        "kinds": ("event",),
        "km": 20.0,
        "when": {"within": 28},
        "audience": frozenset({"youth"}),
    },
    {
        "key": "seniors-weekday",
        "kinds": ("event",),
        "km": 15.0,
        "when": {"within": 28, "weekdays": WORKING_DAYS},
        "audience": frozenset({"seniors"}),
    },
    {"key": "english", "kinds": ("place",), "km": 20.0, "categories": MUSEUMS, "language": "en", "minor": True},
)  # fmt: skip
