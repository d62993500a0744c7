"""Linked Events (Helsinki and others): events and places as its API delivers them.

A recurring event and its dates, which the API delivers as events of their own, become one record with all dates.  What
is deleted, a draft or replaced by another event is left out, so that the import withdraws it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.linked_events.build import record_of
from allmende.formats.linked_events.shape import (
    MAX_DATES,
    gone,
    id_of,
    is_date_of,
    is_series,
    kind_of,
    parts_of,
    short_part,
    super_id,
    type_of,
)
from allmende.formats.objects import LeftOut, Object, dump, elements, load, page_link, short_key, understand
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.sidetable import SideTable

__all__ = ["NAME", "VERSION", "next_page", "parse", "sniff", "split"]

NAME: Final = "linked-events"
VERSION: Final = 1

_MARKS: Final = (
    b'"Event/LinkedEvent"', b'"super_event_type"', b'"super_event"', b'"sub_events"', b'"event_status"', b'"data_source"',
    b'"publication_status"', b'"short_description"', b'"location_extra_info"', b'"created_time"', b'"last_modified_time"',
    b'"info_url"', b'"audience_min_age"', b'"extension_course"', b'"street_address"', b'"divisions"', b'"custom_data"',
    b'"n_events"', b'"provider_contact_info"', b'"has_upcoming_events"',
)  # fmt: skip


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are of a Linked Events API; they name schema.org as well."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return 0.0
    if b'"Event/LinkedEvent"' in head:
        return 0.99
    return 0.99 if sum(mark in head for mark in _MARKS) >= 4 else 0.0


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """One raw record for each event and place; the dates of a series are within it."""
    table = SideTable()
    try:
        _keep_parts(stream, table)
        yield from _records(stream, table)
    finally:
        table.close()


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event or place of one object."""
    return understand(raw, lambda value, note: record_of(raw.key, value, options, note))


def next_page(data: bytes) -> str | None:
    """The address of the page behind this one."""
    return page_link(data, ("meta", "next"))


def _keep_parts(stream: BinaryIO, table: SideTable) -> None:
    """The first walk: which series there are, and which of their dates."""
    for item in elements(stream, "data", ""):
        value = None if isinstance(item, Problem) else item.value
        if not isinstance(value, dict) or kind_of(value) != "event":
            continue
        if is_series(value) and not gone(value):
            table.add(f"series {id_of(value)}", dump({"name": value.get("name")}))
        if whole := super_id(value):
            table.add(f"part {whole}", dump(short_part(value)))


def _records(stream: BinaryIO, table: SideTable) -> Iterator[RawRecord | Problem]:
    others, left = LeftOut(), LeftOut()
    seen = 0
    for item in elements(stream, "data", ""):
        if isinstance(item, Problem):
            yield item
            continue
        seen += 1
        value = item.value
        if not isinstance(value, dict) or kind_of(value) is None:
            others.add(type_of(value) if isinstance(value, dict) else type(value).__name__)
        elif reason := gone(value):
            left.add(reason)
        elif not id_of(value):
            yield Problem(item.where, "The object has no id. Ask the publisher for one; it was left out.", "no-key")
        elif not _is_absorbed(value, table):
            raw = _with_dates(value, table) if is_series(value) else item.raw
            yield RawRecord(short_key(id_of(value)), raw, item.where)
    if seen and sum(others.counts.values()) == seen:
        raise UnusableInput(
            f"There is no event or place of Linked Events in the delivery, only: {', '.join(others.counts)}. "
            "Ask for /event/ or /place/."
        )
    yield from others.problems("other-types", "no events or places")
    yield from left.problems("withdrawn", "withdrawn by the source")


def _is_absorbed(value: Object, table: SideTable) -> bool:
    """Whether an event is only one of the dates of a series in this delivery."""
    whole = super_id(value)
    series = table.first(f"series {whole}") if whole else None
    return series is not None and is_date_of(value, load(series))


def _with_dates(value: Object, table: SideTable) -> bytes:
    listed = [load(body) for body in table.all(f"part {id_of(value)}", MAX_DATES)]
    return dump({"event": value, "dates": [*listed, *parts_of(value)]})
