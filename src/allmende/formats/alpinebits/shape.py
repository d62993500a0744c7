"""Resources of DestinationData and the references between them."""

from __future__ import annotations

from typing import Final

from allmende.formats.objects import Object, text_of, thing, things
from allmende.formats.records import Kind

KINDS: Final[dict[str, Kind]] = {
    "events": "event",
    "venues": "place",
    "mountainAreas": "place",
    "lifts": "place",
    "skiSlopes": "place",
    "trails": "place",
    "snowparks": "place",
    "features": "place",
}
TERMS: Final = {
    "mountainAreas": "mountain area",
    "lifts": "lift",
    "skiSlopes": "ski slope",
    "trails": "ski slope",
    "snowparks": "snow park",
}
MAX_INCLUDED: Final = 100
_RELATIONS: Final = (
    "venues", "organizers", "publisher", "categories", "multimediaDescriptions", "series", "subEvents", "areaOwner",
    "licenseHolder", "copyrightOwner",
)  # fmt: skip


def related(resource: Object, relation: str) -> list[tuple[str, str]]:
    """Type and id of the resources that one of the relations names."""
    data = thing(thing(resource.get("relationships")).get(relation)).get("data")
    return [(text_of(item.get("type"))[:40], key[:500]) for item in things(data) if (key := text_of(item.get("id")))]


def references(resource: Object) -> list[tuple[str, str]]:
    """Everything that a record is put together from."""
    return [reference for relation in _RELATIONS for reference in related(resource, relation)]
