"""schema.org: events, places and offers as JSON-LD, bare, in lists and graphs, or inside web pages.

Purpose: read what the web sites of partners say about themselves anyway, and write the same for our own pages.

``split`` walks through the delivery twice, so that an event delivered as several nodes with one date each becomes one
record with all its dates, and references between nodes (``{"@id": ...}``) are resolved.
"""

from __future__ import annotations

import re
from typing import Final

from allmende.formats.paging import next_page
from allmende.formats.schema_org.pages import looks_like_html
from allmende.formats.schema_org.parse import parse
from allmende.formats.schema_org.split import split

__all__ = ["NAME", "VERSION", "next_page", "parse", "sniff", "split"]

NAME: Final = "schema-org"
VERSION: Final = 1

_JSON_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*[\[{]")


def sniff(head: bytes, filename: str) -> float:
    """How sure we are, 0 to 1, that bytes starting with ``head`` are schema.org."""
    name = filename.lower()
    if looks_like_html(head):
        return 0.95 if b"ld+json" in head or b"schema.org" in head else 0.7
    if not _JSON_START.match(head):
        return 0.1 if name.endswith((".jsonld", ".html", ".htm")) else 0.0
    if b"schema.org" in head and b'"@' in head:
        return 0.98
    if b'"@id"' in head and b'"schema:' in head:
        return 0.95
    if b'"@type"' in head and (b'"schema:' in head or b'"@context"' in head or b'"@graph"' in head):
        return 0.95
    return 0.9 if name.endswith(".jsonld") else 0.6 if b'"@type"' in head else 0.0
