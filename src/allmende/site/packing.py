"""Compressed forms of an answer, and which of them a browser takes."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Literal

import brotli

Packing = Literal["br", "gzip", ""]

SMALLEST = 700
"""Bytes below which packing saves nothing: the answer fits into one packet anyway."""
BROTLI_QUALITY = 5
GZIP_LEVEL = 6
_TEXTUAL = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/geo+json",
    "application/ld+json",
    "application/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/javascript",
    "application/manifest+json",
    "application/opensearchdescription+xml",
    "image/svg+xml",
)


def is_worth_packing(content_type: str, size: int) -> bool:
    """Whether the answer is text and long enough."""
    return size >= SMALLEST and content_type.startswith(_TEXTUAL)


@lru_cache(maxsize=256)
def accepted(header: str) -> Packing:
    """The best packing that an Accept-Encoding header allows (RFC 9110, 12.5.3)."""
    allowed = set()
    for part in header[:300].lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            allowed.add(name.strip())
    if "br" in allowed:
        return "br"
    return "gzip" if "gzip" in allowed else ""


def pack(body: bytes, packing: Packing) -> bytes:
    """``body`` in that packing."""
    if packing == "br":
        return bytes(brotli.compress(body, quality=BROTLI_QUALITY))
    if packing == "gzip":
        return gzip.compress(body, GZIP_LEVEL, mtime=0)
    return body
