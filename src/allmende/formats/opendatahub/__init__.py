"""Open Data Hub (South Tyrol), tourism: events, points of interest, activities and lodgings as its API delivers them.

A delivery is a page of the API (``{"TotalResults": …, "Items": […]}``), a list of its objects, or one of them.  Articles
and other content are left out, and so is what the hub marks as inactive or as closed data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from allmende.formats.jsonstream import Element
from allmende.formats.objects import LeftOut, elements, page_link, short_key, text_of, truth_of, understand
from allmende.formats.opendatahub.build import record_of
from allmende.formats.opendatahub.shape import kind_of, type_of
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput

__all__ = ["NAME", "VERSION", "next_page", "parse", "sniff", "split"]

NAME: Final = "opendatahub"
VERSION: Final = 1

_MARKS: Final = (
    b'"HasLanguage"', b'"LocationInfo"', b'"ContactInfos"', b'"ImageGallery"', b'"SmgActive"', b'"OdhActive"', b'"_Meta"',
    b'"GpsPoints"', b'"GpsInfo"', b'"EventDate"', b'"AccoDetail"', b'"EventTitle"', b'"Shortname"', b'"SmgTags"',
    b'"ODHTags"', b'"LicenseInfo"', b'"AnchorVenue"', b'"DateBegin"', b'"TopicRIDs"', b'"BaseText"',
)  # fmt: skip


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are of the Open Data Hub's tourism API."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return 0.0
    if b'"TotalResults"' in head and b'"Items"' in head:
        return 0.97
    return 0.97 if sum(mark in head for mark in _MARKS) >= 3 else 0.0


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """One raw record for each object that is an event, a place or an offer."""
    others, inactive, closed = LeftOut(), LeftOut(), LeftOut()
    seen = 0
    for item in elements(stream, "Items", ""):
        if isinstance(item, Problem):
            yield item
            continue
        seen += 1
        value = item.value
        kind = kind_of(value) if isinstance(value, dict) else None
        if kind is None:
            others.add(type_of(value) if isinstance(value, dict) else type(value).__name__)
        elif truth_of(value.get("Active")) is False or truth_of(value.get("ActiveWeb")) is False:
            inactive.add(kind)
        elif _is_closed(value):
            closed.add(kind)
        else:
            others.taken += 1
            yield _raw(item)
    if seen and not others.taken and sum(others.counts.values()) == seen:
        raise UnusableInput(
            f"There is no event, place or lodging of the Open Data Hub in the delivery, only: {', '.join(others.counts)}. "
            "Ask for /v1/Event, /v1/EventShort, /v1/ODHActivityPoi or /v1/Accommodation."
        )
    yield from others.problems("other-types", "no events, places or lodgings")
    yield from inactive.problems("inactive", "marked as inactive by the hub")
    yield from closed.problems("closed-data", "closed data that may not be shown")


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event, place or lodging of one object."""
    return understand(raw, lambda value, note: record_of(raw.key, value, options, note))


def next_page(data: bytes) -> str | None:
    """The address of the page behind this one."""
    return page_link(data, ("NextPage",))


def _raw(item: Element) -> RawRecord | Problem:
    key = text_of(item.value.get("Id"))
    if not key:
        return Problem(item.where, "The object has no Id. Ask the publisher for one; it was left out.", "no-key")
    return RawRecord(short_key(key), item.raw, item.where)


def _is_closed(value: dict[str, Any]) -> bool:
    licence = value.get("LicenseInfo")
    return isinstance(licence, dict) and truth_of(licence.get("ClosedData")) is True
