"""UiTdatabank (publiq): events and places as JSON-LD, page by page or one by one.

What the databank calls permanent is an offer, not an event: it has opening hours and no date.  What is rejected or
deleted there is left out, so that the import withdraws it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.objects import LeftOut, elements, page_link, text_of, understand
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.schema_org.keys import fallback_key
from allmende.formats.uitdatabank.build import record_of
from allmende.formats.uitdatabank.shape import is_reference, key_of, kind_of, type_of

__all__ = ["NAME", "VERSION", "next_page", "parse", "sniff", "split"]

NAME: Final = "uitdatabank"
VERSION: Final = 1

_MARKS: Final = (
    b'"calendarType"', b'"mainLanguage"', b'"workflowStatus"', b'"calendarSummary"', b'"typicalAgeRange"',
    b'"completedLanguages"', b'"bookingAvailability"', b'"hiddenLabels"', b'"priceInfo"', b'"availableFrom"',
    b'"subEvent"', b'"mediaObject"', b'"attendanceMode"', b'"contactPoint"', b'"bookingInfo"',
    b'"terms"', b'"domain"', b'"openingHoursAdjustedDays"', b'"nl"',
)  # fmt: skip
_OWN: Final = (
    b"uitdatabank",
    b'"/contexts/event"',
    b'"/contexts/place"',
    b'"/contexts/organizer"',
    b"/api/1.0/event.jsonld",
)
_GONE: Final = ("REJECTED", "DELETED")


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are of the UiTdatabank."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return 0.0
    found = sum(mark in head for mark in _MARKS)
    if any(mark in head for mark in _OWN) and (found or b'"member"' in head or b'"@id"' in head):
        return 0.99
    if b"hydra/context" in head and b'"member"' in head and (b"/event" in head or b"/place" in head):
        return 0.97
    return 0.99 if found >= 3 and (b'"calendarType"' in head or b'"workflowStatus"' in head) else 0.0


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """One raw record for each event and place."""
    others, gone, bare = LeftOut(), LeftOut(), LeftOut()
    taken = 0
    for item in elements(stream, "member", "hydra:member", ""):
        if isinstance(item, Problem):
            yield item
            continue
        value = item.value
        if not isinstance(value, dict):
            others.add(type(value).__name__)
        elif is_reference(value):
            bare.add(type_of(value) or "object")
        elif kind_of(value) is None:
            others.add(type_of(value))
        elif text_of(value.get("workflowStatus")).upper() in _GONE:
            gone.add(text_of(value.get("workflowStatus")).lower())
        else:
            taken += 1
            yield RawRecord(key_of(value) or fallback_key(value), item.raw, item.where)
    if bare.counts and not taken and not gone.counts:
        raise UnusableInput("The answer holds addresses of events only, not the events. Add embed=true to the request.")
    if others.counts and not taken and not gone.counts:
        raise UnusableInput(
            f"There is no event or place of the UiTdatabank in the delivery, only: {', '.join(others.counts)}. "
            "Ask for /events or /places."
        )
    yield from bare.problems("only-addresses", "addresses only (add embed=true to the request)")
    yield from others.problems("other-types", "no events or places")
    yield from gone.problems("withdrawn", "rejected or deleted by the databank")


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event, place or offer of one object."""
    return understand(raw, lambda value, note: record_of(raw.key, value, options, note))


def next_page(data: bytes) -> str | None:
    """The address of the page behind this one."""
    return page_link(
        data, ("nextPage",), ("hydra:nextPage",), ("view", "next"), ("hydra:view", "hydra:next"), ("hydra:view", "next")
    )
