"""What an object of Linked Events is, and how events belong together."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from allmende.formats.objects import Object, text_of, texts_of, thing, truth_of
from allmende.formats.records import Kind

MAX_DATES: Final = 5000
_PART: Final = ("id", "start_time", "end_time", "event_status", "name", "deleted", "publication_status")


def type_of(value: Object) -> str:
    own = text_of(value.get("@type"))
    if own:
        return own
    if "start_time" in value or "super_event" in value:
        return "Event/LinkedEvent"
    return "Place" if "street_address" in value or "position" in value else "no type"


def kind_of(value: Object) -> Kind | None:
    name = type_of(value)
    return "event" if name.startswith("Event") else "place" if name == "Place" else None


def id_of(value: Any) -> str:
    """The ``id`` of an object, or the one at the end of its ``@id`` (``…/v1/place/tprek:7254/``)."""
    own = text_of(thing(value).get("id"))
    if own:
        return own
    address = text_of(value) if isinstance(value, str) else text_of(thing(value).get("@id"))
    return unquote(address.rstrip("/").rpartition("/")[2])[:500]


def super_id(value: Object) -> str:
    return id_of(value.get("super_event")) if value.get("super_event") else ""


def is_series(value: Object) -> bool:
    return text_of(value.get("super_event_type")) == "recurring"


def gone(value: Object) -> str:
    """Why the source does not show an object any more, or not yet; ``""`` if it does."""
    if truth_of(value.get("deleted")):
        return "deleted"
    if text_of(value.get("publication_status")) == "draft":
        return "draft"
    return "replaced" if value.get("replaced_by") else ""


def is_date_of(part: Object, series: Object) -> bool:
    """Whether a part of a series bears its name or none: then it is a date, else something of its own."""
    name = texts_of(part.get("name"), single_line=True)
    whole = texts_of(series.get("name"), single_line=True)
    return not name or any(whole.get(tag) == text for tag, text in name.items())


def short_part(value: Object) -> Object:
    return {name: value[name] for name in _PART if name in value}


def parts_of(value: Object) -> list[Object]:
    """Dates that the series brings along itself (``include=sub_events``); mere references say nothing."""
    parts = value.get("sub_events")
    listed = parts[:MAX_DATES] if isinstance(parts, list) else []
    return [short_part(item) for item in listed if isinstance(item, dict) and "start_time" in item]
