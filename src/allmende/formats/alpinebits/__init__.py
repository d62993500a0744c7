"""AlpineBits DestinationData (2022-04, 2021-04): JSON:API documents of events and of the places of a destination.

Events become events; venues, mountain areas, lifts, slopes, snow parks and features become places.  Agents, pictures,
categories and series are put into the records that refer to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.alpinebits.build import record_of
from allmende.formats.alpinebits.shape import KINDS, MAX_INCLUDED, references
from allmende.formats.jsonstream import Element
from allmende.formats.objects import (
    LeftOut,
    Object,
    dump,
    elements,
    load,
    page_link,
    short_key,
    text_of,
    understand,
)
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.sidetable import SideTable

__all__ = ["NAME", "VERSION", "next_page", "parse", "sniff", "split"]

NAME: Final = "alpinebits"
VERSION: Final = 1

_MARKS: Final = (
    b'"dataProvider"', b'"multimediaDescriptions"', b'"mediaObjects"', b'"alpinebits:', b"/destinationdata/",
    b'"eventSeries"', b'"mountainAreas"', b'"skiSlopes"', b'"areaOwner"', b'"howToArrive"', b'"shortName"',
    b'"inPersonCapacity"', b'"contactPoints"',
)  # fmt: skip


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are DestinationData; JSON:API of other kinds is not."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return 0.0
    if b'"attributes"' not in head and b'"jsonapi"' not in head:
        return 0.0
    return 0.97 if sum(mark in head for mark in _MARKS) >= 2 else 0.0


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """One raw record for each event and place, with what it refers to in ``included``."""
    table = SideTable()
    try:
        _keep_included(stream, table)
        yield from _records(stream, table)
    finally:
        table.close()


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event or place of one resource."""
    return understand(raw, lambda value, note: record_of(raw.key, value, options, note))


def next_page(data: bytes) -> str | None:
    """The address of the page behind this one."""
    return page_link(data, ("links", "next"))


def _keep_included(stream: BinaryIO, table: SideTable) -> None:
    try:
        for item in elements(stream, "included"):
            if isinstance(item, Element) and isinstance(item.value, dict):
                table.add(_name_of(item.value), item.raw)
    except UnusableInput:
        return  # nothing is included, or it is no JSON, which the second walk tells better


def _name_of(resource: Object) -> str:
    return f"{text_of(resource.get('type'))[:40]} {text_of(resource.get('id'))[:500]}"


def _records(stream: BinaryIO, table: SideTable) -> Iterator[RawRecord | Problem]:
    others = LeftOut()
    for item in elements(stream, "data", ""):
        if isinstance(item, Problem):
            yield item
            continue
        value = item.value
        name = text_of(value.get("type")) if isinstance(value, dict) else type(value).__name__
        if name not in KINDS or not isinstance(value, dict):
            others.add(name)
        elif not text_of(value.get("id")):
            yield Problem(item.where, "The resource has no id. Ask the publisher for one; it was left out.", "no-key")
        else:
            others.taken += 1
            body = dump({"data": value, "included": _included(value, table)})
            yield RawRecord(short_key(text_of(value["id"])), body, item.where)
    if others.counts and not others.taken:
        raise UnusableInput(
            f"There is no event or place of DestinationData in the delivery, only: {', '.join(others.counts)}. "
            "Ask for /events or /venues, with include=venues,organizers,multimediaDescriptions,categories."
        )
    yield from others.problems("other-types", "no events or places")


def _included(resource: Object, table: SideTable) -> list[Object]:
    """What the resource refers to, and what that refers to, as far as the delivery includes it."""
    found: dict[str, Object] = {}
    wanted = references(resource)
    for _ in range(2):
        further: list[tuple[str, str]] = []
        for kind, key in wanted:
            name = f"{kind} {key}"
            if name in found or len(found) >= MAX_INCLUDED:
                continue
            body = table.first(name)
            if body is not None:
                found[name] = load(body)
                further += references(found[name])
        wanted = further
    return list(found.values())
