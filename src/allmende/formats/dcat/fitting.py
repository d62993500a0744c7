"""Which of our readers fits what a catalogue says of a file."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_BY_NAME: Final = {
    "text/calendar": "ical", "ics": "ical", "ical": "ical", "icalendar": "ical",
    "text/csv": "csv", "csv": "csv", "tsv": "csv", "text/tab-separated-values": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "xlsx": "xlsx",
    "application/geo+json": "geojson", "application/vnd.geo+json": "geojson", "geojson": "geojson",
    "application/ld+json": "schema-org", "json-ld": "schema-org", "json_ld": "schema-org", "jsonld": "schema-org",
    "application/rss+xml": "feed", "application/atom+xml": "feed", "rss": "feed", "atom": "feed",
    "application/json": "json", "json": "json", "application/x-ndjson": "json", "ndjson": "json",
}  # fmt: skip
_BY_WORD: Final = (
    (re.compile(r"alpine-?bits|destination-?data", re.IGNORECASE), "alpinebits"),
    (re.compile(r"datatourisme", re.IGNORECASE), "datatourisme"),
    (re.compile(r"uitdatabank|publiq", re.IGNORECASE), "uitdatabank"),
    (re.compile(r"linked-?events", re.IGNORECASE), "linked-events"),
    (re.compile(r"opendatahub\.(?:com|bz\.it|testingmachine)", re.IGNORECASE), "opendatahub"),
)
"""Interfaces of their own, known by their address or by the standard that they name."""
_ALSO_OTHERS: Final = ("csv", "xlsx", "geojson", "ical", "feed")
"""Formats that stay what they are, also at an interface that has one of its own."""
_SUFFIX: Final = re.compile(r"\.([a-z]{2,8})(?:\.(?:zip|gz))?$")


def reader_for(url: str, media_type: str, format_name: str, standard: str = "") -> str:
    """Name of the reader; ``""`` if none fits, as for web pages, maps and documents."""
    named = _BY_NAME.get(media_type.partition(";")[0].strip().lower()) or _BY_NAME.get(format_name.strip().lower())
    if named is None and not media_type and not format_name:
        match = _SUFFIX.search(_path_of(url))
        named = _BY_NAME.get(match[1]) if match else None
    if named in _ALSO_OTHERS:
        return named
    is_zip = "zip" in media_type.lower() or format_name.strip().lower() == "zip"
    if named is not None or standard or is_zip or not (media_type or format_name):
        for pattern, reader in _BY_WORD:
            if pattern.search(standard) or (pattern.search(url) and not (is_zip and reader != "datatourisme")):
                return reader
    return named or ""


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.lower()
    except ValueError:
        return ""
