"""Words of the pages about deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from allmende.core import formats
from allmende.insight.values import Measure

_LOOKS: Final = {
    "applied": "state-applied",
    "undone": "state-withdrawn",
    "refused": "bad",
    "unusable": "bad",
}


def state_look(state: str) -> str:
    """The class of a state's badge."""
    return _LOOKS.get(state, "warn")


def role_words() -> list[tuple[str, str]]:
    """What a column may be."""
    return [
        ("", gettext("– not used –")),
        ("site", gettext("Where: name of the place")),
        ("time", gettext("When: day and time")),
        ("date", gettext("When: day or month")),
        ("hour", gettext("When: hour of the day")),
        ("value", gettext("The figure")),
        ("measure", gettext("What is counted")),
        ("visitor_class", gettext("Who is counted")),
        ("origin", gettext("From where they come")),
    ]


def measure_words() -> dict[str, str]:
    """What the measures are called."""
    return {key: str(label) for key, label in Measure.choices}


def columns_of_problems() -> dict[str, str]:
    """Headings of the table of problems."""
    return {"where": gettext("Place"), "message": gettext("Reason"), "remedy": gettext("What to do")}


def period_words(period: str, zone: ZoneInfo, language: str) -> str:
    """``2026-11-24T09:00`` (UTC) as the clock of ``zone`` shows it; days and months belong to no zone."""
    if "T" in period:
        return formats.at_local(datetime.fromisoformat(period).replace(tzinfo=UTC).astimezone(zone), language)
    return period
