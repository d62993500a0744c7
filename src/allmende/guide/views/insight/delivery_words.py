"""Words of the pages about deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from allmende.core import formats
from allmende.insight.deliveries.working import Work
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
    return {
        "kind": gettext("Kind"),
        "where": gettext("Place"),
        "message": gettext("Reason"),
        "remedy": gettext("What to do"),
        "code": gettext("Code"),
    }


def error_word(is_error: bool) -> str:
    """Whether something stays out, or is only said."""
    return gettext("Error") if is_error else gettext("Note")


def work_words(work: Work, language: str) -> str:
    """How far the work on a large file is."""
    told = {"done": formats.number(work.done, language), "total": formats.number(work.total, language)}
    if work.step == "reading" and not work.total:
        return ngettext("%(done)s row read", "%(done)s rows read", work.done) % told
    if work.step == "reading":
        return gettext("%(done)s of %(total)s columns read") % told
    if work.step == "understanding":
        return gettext("The rows are being understood")
    if work.step == "comparing":
        return gettext("%(done)s of %(total)s series compared with what is there") % told
    if work.step == "writing":
        return gettext("%(done)s of %(total)s series written") % told
    return gettext("It begins in a moment")


def period_words(period: str, zone: ZoneInfo, language: str) -> str:
    """``2026-11-24T09:00`` (UTC) as the clock of ``zone`` shows it; days and months belong to no zone."""
    if "T" in period:
        return formats.at_local(datetime.fromisoformat(period).replace(tzinfo=UTC).astimezone(zone), language)
    return period
