"""DATAtourisme, the French national catalogue: its archives (flux) and its single objects as JSON-LD.

An archive holds ``index.json``, ``context.jsonld`` and one file for each object.  What an object says is understood by
the schema.org reader, which knows this dialect; here the layout is read, and nothing but DATAtourisme is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats import schema_org
from allmende.formats.datatourisme.archive import objects_in
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput

__all__ = ["NAME", "VERSION", "parse", "sniff", "split"]

NAME: Final = "datatourisme"
VERSION: Final = 1

_MARKS: Final = (
    b"datatourisme", b'"isLocatedAt"', b'"hasDescription"', b'"takesPlaceAt"', b'"hasBeenCreatedBy"', b'"isOwnedBy"',
    b'"hasMainRepresentation"', b'"hasContact"', b'"PlaceOfInterest"', b'"PointOfInterest"', b'"EntertainmentAndEvent"',
    b'"hasBeenPublishedBy"', b'"isEquippedWith"', b'"offers"', b'"hasTheme"', b'"lastUpdateDatatourisme"',
)  # fmt: skip
_OWN_ADDRESS: Final = re.compile(rb'"@id"\s*:\s*"https?://data\.datatourisme\.(?:fr|gouv\.fr)/')
_ZIP: Final = b"PK\x03\x04"
_HEAD: Final = 4096
_MEMBERS: Final = (b"index.json", b"context.jsonld", b"objects/")


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are an archive or objects of DATAtourisme."""
    if head.startswith(_ZIP):
        return 0.97 if any(name in head for name in _MEMBERS) or b".json" in head[30:300] else 0.0
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return 0.0
    if _OWN_ADDRESS.search(head):
        return 0.99
    if _is_index(head):
        return 0.9
    found = sum(mark in head for mark in _MARKS)
    return 0.99 if found >= 3 or (found >= 2 and b'"@type"' in head) else 0.0


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """One raw record for each object that is an event, a place or a tour."""
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    if _is_index(head):
        raise UnusableInput(
            "This is only the index of a flux; it lists files and holds none. Deliver the whole archive (.zip)."
        )
    return objects_in(stream) if head.startswith(_ZIP) else schema_org.split(stream, options)


def _is_index(head: bytes) -> bool:
    return b'"lastUpdateDatatourisme"' in head and b'"file"' in head and b'"@id"' not in head


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event, place or tour of one object."""
    return schema_org.parse(raw, options)
