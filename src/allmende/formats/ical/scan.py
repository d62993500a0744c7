"""Walking through a calendar once, from line to line where components begin and end.

Only what stands between BEGIN:VEVENT and END:VEVENT is cut out; nothing is understood yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple

from allmende.formats.encoding import CHUNK, TextSource, refuse_other_formats
from allmende.formats.ical.zones import named_zone
from allmende.formats.records import Problem

MAX_RAW: Final = 2 * 1024 * 1024
"""Largest event, with all its moved dates, that is read."""
MAX_DEPTH: Final = 32
MAX_HEADERS: Final = 4 * 1024 * 1024
"""Most bytes of time zone definitions kept per delivery."""
COMPONENTS: Final = frozenset(
    (
        *(b"VCALENDAR", b"VEVENT", b"VTODO", b"VJOURNAL", b"VFREEBUSY", b"VTIMEZONE", b"VAVAILABILITY", b"AVAILABLE"),
        *(b"VALARM", b"VPOLL", b"STANDARD", b"DAYLIGHT"),
    )
)
"""Names by which a calendar is known to be one."""
FOLD: Final = re.compile(rb"\n+[ \t]")
EDGE: Final = re.compile(rb"\n(?i:(BEGIN|END))[ \t]*:[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*(?=\n)")
_DEFINES = re.compile(rb"\n(?i:TZID)[ \t]*(?:;[^\n:]*)?:([^\n]*)")
_CALENDAR_ZONE = re.compile(rb"\n(?i:X-WR-TIMEZONE)[ \t]*(?:;[^\n:]*)?:([^\n]*)")


class Event(NamedTuple):
    """One VEVENT as delivered; ``block`` begins with the line end before it."""

    line: int
    calendar: int
    block: bytes


@dataclass(slots=True)
class Header:
    """What an event needs from its calendar."""

    zone: bytes = b""
    definitions: dict[bytes, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Seen:
    """What was met on the way, for the frame of the events and for the notes at the end."""

    components: set[bytes] = field(default_factory=set)
    outside_line: int = 0
    """Line of the first VEVENT that stands in no VCALENDAR."""
    nul: bool = False
    open_calendar: bool = False
    header_bytes: int = 0
    headers: dict[int, Header] = field(default_factory=dict)
    zones: dict[bytes, bytes] = field(default_factory=dict)
    """Names of zones, each kept once: a file may join very many calendars."""


def scan(stream: BinaryIO, seen: Seen) -> Iterator[Event | Problem]:
    """Events in order of their end, and a problem for each that does not end or is too large."""
    scanner = _Scanner(seen)
    for chunk in _chunks(stream, seen):
        yield from scanner.feed(chunk)
    yield from scanner.finish()


class _Scanner:
    """Follows BEGIN and END through the delivery.

    What is unfinished at the end of a chunk stays in the window and is read again with the next one.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._window = _Window()
        self._parents: list[bytes] = []
        self._calendar = 0
        self._inside = b""
        """The component that is being read: VEVENT, VTIMEZONE or none."""
        self._start = 0
        """Where it begins."""
        self._done = 0
        """Up to where everything has been read."""
        self._depth = 0
        self._skipping = False
        """Whether the component that is being read was found unusable."""

    def feed(self, chunk: bytes) -> Iterator[Event | Problem]:
        """Read one more piece."""
        self._window.text += chunk
        self._inside, self._done = b"", 0
        for edge in EDGE.finditer(self._window.text):
            begins = edge[1][0] in b"Bb"
            name = edge[2] if edge[2].isupper() else edge[2].upper()
            found: Event | Problem | None = None
            if not self._inside:
                self._between(edge.start(), edge.end(), begins, name)
            elif name == self._inside and not begins:
                found = self._close(edge.end())
            elif name in (b"VEVENT", b"VCALENDAR"):
                found = self._break_off()
                self._between(edge.start(), edge.end(), begins, name)
            else:
                found = self._nest(begins)
            if found is not None:
                yield found
        too_big = self._forget()
        if too_big is not None:
            yield too_big

    def finish(self) -> Iterator[Problem]:
        """What is left open at the end of the delivery."""
        if self._inside == b"VEVENT" and not self._skipping:
            yield _unreadable(self._window.line_at(self._start), "does not end: the delivery breaks off", "truncated")
        self._seen.open_calendar = b"VCALENDAR" in self._parents

    def _between(self, at: int, end: int, begins: bool, name: bytes) -> None:
        """A line that begins or ends something while no event or time zone is being read."""
        if at > self._done:
            _keep_calendar_zone(self._window.text[self._done : at], self._seen, self._calendar)
        self._done = end
        if not begins:
            if name in self._parents:
                while self._parents.pop() != name:
                    pass
            return
        self._seen.components.add(name if name in COMPONENTS else b"other")
        if name in (b"VEVENT", b"VTIMEZONE"):
            self._start, self._inside, self._depth = at, name, 0
            if name == b"VEVENT" and not self._seen.outside_line and b"VCALENDAR" not in self._parents:
                self._seen.outside_line = self._window.line_at(at)
        elif len(self._parents) < MAX_DEPTH:
            self._parents.append(name)
            self._calendar += name == b"VCALENDAR"

    def _close(self, end: int) -> Event | None:
        start, inside, skipped = self._start, self._inside, self._skipping
        self._done, self._inside, self._skipping = end, b"", False
        if skipped:
            return None
        block = self._window.text[start : end + 1]
        if inside == b"VEVENT":
            return Event(self._window.line_at(start), self._calendar, block)
        _keep_zone(block, self._seen, self._calendar)
        return None

    def _break_off(self) -> Problem | None:
        inside, skipped = self._inside, self._skipping
        self._inside, self._skipping = b"", False
        self._done = self._start
        if inside != b"VEVENT" or skipped:
            return None
        return _unreadable(self._window.line_at(self._start), "does not end: END:VEVENT is missing", "truncated")

    def _nest(self, begins: bool) -> Problem | None:
        self._depth = self._depth + 1 if begins else max(self._depth - 1, 0)
        if self._depth <= MAX_DEPTH or self._skipping:
            return None
        self._skipping = True
        return _unreadable(self._window.line_at(self._start), "holds components nested too deeply", "too-deep")

    def _forget(self) -> Problem | None:
        """Let go of what has been read; of an event that is too large, everything but its end."""
        window = self._window
        if self._inside:
            if len(window.text) - self._start <= MAX_RAW:
                window.drop(self._start)
                self._start = 0
                return None
            known, self._skipping = self._skipping, True
            line = window.line_at(self._start)
            window.restart(window.text.rfind(b"\n"), self._inside)
            self._start = 0
            return None if known else _unreadable(line, f"is larger than {MAX_RAW // 1024} KiB", "too-big")
        keep = max(window.text.rfind(b"\n"), self._done)
        if keep > self._done:
            _keep_calendar_zone(window.text[self._done : keep], self._seen, self._calendar)
        window.drop(keep)
        if len(window.text) > MAX_RAW:
            window.text = b" "
        return None


def _chunks(stream: BinaryIO, seen: Seen) -> Iterator[bytes]:
    """The delivery in pieces with LF line ends.  Bytes stay bytes: UTF-8 may be folded in the middle of a letter."""
    head = stream.read(4096)
    if b"BEGIN:V" not in head.upper():
        refuse_other_formats(head, "an iCalendar file")
    stream.seek(0)
    held = b""
    for chunk in _pieces(stream, head):
        if b"\0" in chunk:
            seen.nul = True
            chunk = chunk.replace(b"\0", b"")
        if b"\r" in chunk or held:
            chunk = held + chunk
            held = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk[: len(chunk) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield chunk
    yield b"\n"


def _pieces(stream: BinaryIO, head: bytes) -> Iterator[bytes]:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or head[:400].count(0) > max(
        len(head[:400]) // 3, 1
    )
    if wide:
        source = TextSource(stream)
        while text := source.read():
            yield text.encode("utf-8", "replace")
        return
    if head.startswith(b"\xef\xbb\xbf"):
        stream.seek(3)
    while chunk := stream.read(CHUNK):
        yield chunk


class _Window:
    """A part of the delivery that knows the line number of every place in it."""

    __slots__ = ("_line", "_mark", "text")

    def __init__(self) -> None:
        self.text = b"\n"
        self._mark = 1
        self._line = 1

    def line_at(self, position: int) -> int:
        """Number of the line that starts after the line end at ``position``.  Positions must not go back."""
        if position + 1 > self._mark:
            self._line += self.text.count(b"\n", self._mark, position + 1)
            self._mark = position + 1
        return self._line

    def drop(self, position: int) -> None:
        """Forget what stands before ``position``."""
        self.line_at(position)
        self.text = self.text[position:]
        self._mark -= position

    def restart(self, position: int, component: bytes) -> None:
        """Forget what stands before ``position`` in a component that is too large, and go on looking for its end."""
        self.drop(position)
        tail = self.text if len(self.text) < CHUNK else b"\n "
        self.text = b"\nBEGIN:" + component + tail
        self._line -= 1


def _unreadable(line: int, what: str, code: str) -> Problem:
    remedy = {
        "truncated": "Fetch the calendar again; if it stays so, ask its publisher.",
        "too-big": "Ask its publisher to leave embedded files out.",
        "too-deep": "Ask its publisher for a valid calendar.",
    }[code]
    return Problem(f"line {line}", f"This event {what}. It is left out. {remedy}", code)


def _keep_zone(block: bytes, seen: Seen, calendar: int) -> None:
    found = _DEFINES.search(FOLD.sub(b"", block))
    tzid = found[1].strip() if found else b""
    if not tzid or named_zone(tzid.decode("utf-8", "replace")) or seen.header_bytes + len(block) > MAX_HEADERS:
        return
    header = seen.headers.setdefault(calendar, Header())
    if tzid not in header.definitions:
        header.definitions[tzid] = block[1:]
        seen.header_bytes += len(block)


def _keep_calendar_zone(between: bytes, seen: Seen, calendar: int) -> None:
    if b"-wr-t" not in between.lower():
        return
    found = _CALENDAR_ZONE.search(between)
    zone = found[1].strip()[:200] if found else b""
    if zone and seen.header_bytes < MAX_HEADERS:
        header = seen.headers.setdefault(calendar, Header())
        header.zone = header.zone or seen.zones.setdefault(zone, zone)
        seen.header_bytes += 32
