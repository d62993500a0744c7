"""The iCalendar reader and writer (RFC 5545, with 7986 and what Google, Outlook and Apple add).

Only VEVENTs become records.  ``split`` cuts and compares bytes, ``parse`` understands one event, ``writer`` writes.
"""

from __future__ import annotations

from typing import Final

from allmende.formats.ical.reader import parse
from allmende.formats.ical.split import split

NAME: Final = "ical"
VERSION: Final = 1

__all__ = ["NAME", "VERSION", "parse", "sniff", "split"]


def sniff(head: bytes, filename: str) -> float:
    """How sure it is, 0 to 1, that a delivery is a calendar."""
    start = head.replace(b"\0", b"").upper()
    if b"BEGIN:VCALENDAR" in start:
        return 1.0 if start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"BEGIN:VCALENDAR") else 0.8
    if b"BEGIN:VEVENT" in start:
        return 0.7
    return 0.5 if filename.lower().endswith((".ics", ".ical", ".icalendar", ".ifb")) else 0.0
