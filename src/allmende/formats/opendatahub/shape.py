"""What an object of the Open Data Hub is."""

from __future__ import annotations

import re
from typing import Final

from allmende.formats.objects import Object, text_of, thing
from allmende.formats.records import Kind

KINDS: Final[dict[str, Kind]] = {
    "event": "event",
    "eventshort": "event",
    "odhactivitypoi": "place",
    "smgpoi": "place",
    "poi": "place",
    "ltspoi": "place",
    "activity": "place",
    "ltsactivity": "place",
    "gastronomy": "place",
    "ltsgastronomy": "place",
    "accommodation": "place",
    "venue": "place",
    "skiarea": "place",
    "skiregion": "place",
}
_OTHERS: Final = frozenset(
    (
        "article", "tag", "odhtag", "webcam", "webcaminfo", "measuringpoint", "package", "wineaward", "announcement",
        "district", "municipality", "region", "metaregion", "tourismassociation", "experiencearea", "area", "eventtopic",
    )
)  # fmt: skip
_SELF: Final = re.compile(r"(?:^|/)([A-Za-z]+)/[^/]+$")


def type_of(value: Object) -> str:
    """Type in lower case: what the object calls itself, what its address says, else what its fields tell."""
    own = text_of(thing(value.get("_Meta")).get("Type")).lower()
    if own in KINDS or own in _OTHERS:
        return own
    match = _SELF.search(text_of(value.get("Self"))[:500])
    if match and (match[1].lower() in KINDS or match[1].lower() in _OTHERS):
        return match[1].lower()
    if "AccoDetail" in value:
        return "accommodation"
    if "EventTitle" in value or "AnchorVenue" in value:
        return "eventshort"
    if "EventDate" in value or "DateBegin" in value:
        return "event"
    if "ArticleDate" in value:
        return "article"
    if "Detail" in value and ("GpsInfo" in value or "GpsPoints" in value or "Latitude" in value):
        return "odhactivitypoi"
    return own[:40] or "no type"


def kind_of(value: Object) -> Kind | None:
    return KINDS.get(type_of(value))
