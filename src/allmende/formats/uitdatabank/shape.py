"""What an object of the UiTdatabank is, and how it is known."""

from __future__ import annotations

import re
from typing import Any, Final

from allmende.formats.objects import Object, short_key, text_of, thing
from allmende.formats.records import Kind

_PATH: Final = re.compile(r"/(event|place|organi[sz]er)s?/([^/?#]+)/?$")
_NOWHERE: Final = "00000000-0000-0000-0000-000000000000"
"""The place of online events."""


def type_of(value: Object) -> str:
    """``Event``, ``Place``, ``Organizer``, or what else the object calls itself; ``""`` if nothing tells."""
    own = text_of(value.get("@type"))
    if own in ("Event", "Place", "Organizer"):
        return own
    match = _PATH.search(text_of(value.get("@id"))[:500])
    if match:
        return {"event": "Event", "place": "Place"}.get(match[1], "Organizer")
    context = text_of(value.get("@context"))
    for name in ("Event", "Place", "Organizer"):
        if f"/{name.lower()}" in context:
            return name
    if "location" in value or "attendanceMode" in value:
        return "Event"
    if "calendarType" in value:
        return "Place" if "address" in value else "Event"
    return own


def kind_of(value: Object) -> Kind | None:
    """A permanent event is an offer: something that is there whenever it is open."""
    name = type_of(value)
    if name == "Place":
        return "place"
    if name == "Event":
        return "offer" if text_of(value.get("calendarType")) == "permanent" else "event"
    return None


def key_of(value: Any) -> str:
    """The UUID at the end of the ``@id``, which events use for their places too; ``""`` for none."""
    own = text_of(thing(value).get("@id"))
    match = _PATH.search(own[:500])
    key = match[2] if match else own or text_of(thing(value).get("id"))
    return "" if key == _NOWHERE else short_key(key)


def is_reference(value: Object) -> bool:
    """Whether the object is only the address of one."""
    return "@id" in value and value.keys() <= {"@id", "@type", "@context"}
