"""Feeds: RSS 2.0 and 1.0 and Atom, where they say when something takes place.

The dates come from the RSS event module (``ev:startdate``), xCal (``xcal:dtstart``), Google's ``gd:when`` and dates
marked in the text (hCalendar, h-event).  ``pubDate`` is when an item was written, and never a date of an event.

An item is cut out with its envelope, so that a broken one costs only itself; ``feedparser`` then reads it alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.feed.cut import cut
from allmende.formats.feed.item import read_item
from allmende.formats.objects import Notes, finished, web_of
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions

__all__ = ["NAME", "VERSION", "next_page", "parse", "sniff", "split"]

NAME: Final = "feed"
VERSION: Final = 1

_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?(rss|feed|RDF)\b", re.IGNORECASE)
_NEXT: Final = re.compile(rb"<(?:[\w.-]+:)?link\b[^<>]*>", re.IGNORECASE)
_MAX_HEAD: Final = 64 * 1024


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are a feed."""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not start.startswith(b"<"):
        return 0.0
    root = _ROOT.search(start)
    if root is None:
        return 0.2 if filename.lower().endswith((".rss", ".atom")) else 0.0
    if root[1].lower() == b"rdf":
        return 0.97 if b"purl.org/rss/1.0/" in start else 0.0
    return 0.97


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """One raw record for each item, with the names and the language of its feed."""
    return cut(stream)


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event of one item."""
    notes = Notes(raw)
    return finished(notes, lambda: read_item(raw, options, notes))


def next_page(data: bytes) -> str | None:
    """The address of the page behind this one (RFC 5005: a link with ``rel="next"`` before the first item)."""
    for tag in _NEXT.findall(data[:_MAX_HEAD]):
        text = tag.decode("utf-8", "replace")
        if re.search(r"""\brel\s*=\s*["']next["']""", text):
            found = re.search(r"""\bhref\s*=\s*["']([^"']{1,2000})["']""", text)
            return web_of(html.unescape(found[1])) or None if found else None
    return None
