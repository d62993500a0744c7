"""ActivityPub: events as Gancio, Mobilizon and other federated calendars send them (FEP-8a8e).

A raw record is one ``Event`` object.  A delivery is a collection (an outbox, with its activities), one activity, one
object, or a list of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import orjson

from allmende.formats.activitypub.parse import parse_event
from allmende.formats.activitypub.terms import CARRYING, is_event
from allmende.formats.jsonstream import split_json
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions

__all__ = ["NAME", "VERSION", "object_key", "parse", "raw_event", "sniff", "split"]

NAME: Final = "activitypub"
VERSION: Final = 1
LONGEST_KEY: Final = 255
HEAD: Final = 64 * 1024
STREAMS = b"www.w3.org/ns/activitystreams"


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are ActivityStreams."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[") or STREAMS not in head:
        return 0.0
    return 0.99  # its context may name schema.org and JSON-LD keywords too


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """The events of a delivery; what is something else (notes, likes, places) is left out."""
    head = stream.read(HEAD)
    stream.seek(0)
    for item in split_json(stream, "orderedItems" if b'"orderedItems"' in head else ""):
        if isinstance(item, Problem):
            yield item
            continue
        event = event_in(item.value)
        if event is not None:
            yield raw_event(event, item.where)


def event_in(value: Any) -> dict[str, Any] | None:
    """The event that an object is, or that an activity carries; None for anything else."""
    if not isinstance(value, dict):
        return None
    if is_event(value):
        return value
    inside = value.get("object")
    return inside if value.get("type") in CARRYING and isinstance(inside, dict) and is_event(inside) else None


def object_key(identifier: str) -> str:
    """The key of an object: its ``id``, or ``""`` for one that is too long to keep."""
    return identifier if 0 < len(identifier) <= LONGEST_KEY else ""


def raw_event(event: dict[str, Any], where: str) -> RawRecord | Problem:
    """An event object as a raw record; one without a usable ``id`` is refused."""
    identifier = event.get("id")
    key = object_key(identifier) if isinstance(identifier, str) else ""
    if not key:
        return Problem(where, "The object has no id of at most 255 characters, so it cannot be kept.", "no-key")
    try:
        return RawRecord(key, orjson.dumps(event, option=orjson.OPT_SORT_KEYS), where)
    except (TypeError, ValueError):
        return Problem(where, "The object cannot be written down again as JSON.", "bad-json", key=key)


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one event object."""
    return parse_event(raw, options)
