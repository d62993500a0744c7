"""The edit form of a record: columns to input texts and back, field by field.

Only fields whose inputs a person changed are read, so nothing is pinned by saving, and what the form cannot show in full
(a rich recurrence rule, a price with labels in five languages) survives unless it is edited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allmende.guide.views.workspace.inputs import facts, hours, schedule, texts
from allmende.guide.views.workspace.inputs.base import Columns, Typed, Wrong, print_of, typed

COMMON = (
    "name",
    "summary",
    "description",
    "categories",
    "audience",
    "accessibility",
    "prices",
    "address",
    "point",
    "url",
    "contact",
)
FIELDS = {
    "event": (*COMMON, "schedule", "status", "venue", "organiser"),
    "place": (*COMMON, "hours"),
    "offer": (*COMMON, "hours"),
}
"""Fields of each kind, in the words of ``catalogue.queries.editing.GROUPS``."""

_SHOW: dict[str, Callable[[Columns], Any]] = {
    "categories": facts.show_categories,
    "audience": facts.show_audience,
    "accessibility": facts.show_accessibility,
    "prices": facts.show_prices,
    "address": facts.show_address,
    "point": facts.show_point,
    "url": lambda columns: {"url.url": columns["url"]},
    "contact": facts.show_contact,
    "hours": hours.show,
    "schedule": schedule.show,
    "status": lambda columns: {"status.status": columns["status"]},
    "venue": lambda columns: {"venue.place_name": columns["place_name"]},
    "organiser": lambda columns: {"organiser.organiser_name": columns["organiser_name"]},
}
_READ: dict[str, Callable[[Typed, Columns], dict[str, Any]]] = {
    "audience": facts.read_audience,
    "accessibility": facts.read_accessibility,
    "prices": facts.read_prices,
    "address": facts.read_address,
    "point": facts.read_point,
    "url": facts.read_url,
    "contact": facts.read_contact,
    "hours": hours.read,
    "schedule": schedule.read,
    "status": facts.read_status,
    "venue": facts.read_venue,
    "organiser": facts.read_organiser,
}


def show(kind: str, columns: Columns) -> Typed:
    """What stands in the form for a record."""
    found: dict[str, Any] = {}
    for group in FIELDS[kind]:
        found.update(texts.show(columns, group) if group in texts.LONGEST else _SHOW[group](columns))
    return typed(found)


def read(kind: str, group: str, inputs: Typed, columns: Columns) -> dict[str, Any]:
    """Column values of one field as typed; raises :class:`Wrong`."""
    if group in texts.LONGEST:
        return texts.read(inputs, columns, group)
    if group == "categories":
        return facts.read_categories(inputs, columns, kind)
    return _READ[group](inputs, columns)


def prints(kind: str, inputs: Typed) -> dict[str, str]:
    """A short print of each field, to see which of them somebody changed."""
    return {group: print_of(inputs, group) for group in FIELDS[kind]}


__all__ = ["FIELDS", "Columns", "Typed", "Wrong", "prints", "read", "show", "typed"]
