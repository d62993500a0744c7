"""Cutting a calendar into one small calendar per event, without understanding it.

Feeds are read again every hour and hardly change, so this is the path that must be fast: it works on bytes, and leaves
events as they were delivered, byte for byte, with two exceptions.  Line ends become LF, and DTSTAMP gets one fixed
value, because many servers stamp every download anew and every event would seem to have changed.  A VTIMEZONE travels
with an event only if its TZID says nothing to us otherwise.

Events of one UID belong together wherever they stand in the file.  They wait in a temporary SQLite database on disk, so
that memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO, Final, NamedTuple

from allmende.formats.ical.scan import COMPONENTS, EDGE, FOLD, MAX_RAW, Event, Seen, scan
from allmende.formats.records import Problem, RawRecord, ReadOptions, UnusableInput

MAX_OVERRIDES: Final = 2000
"""Most VEVENTs with one UID."""
_STAMP_FIXED: Final = b"\nDTSTAMP:19700101T000000Z"
_STAMP = re.compile(rb"\n(?i:DTSTAMP)[:;][^\n]*(?:\n[ \t][^\n]*)*")
_UID = re.compile(rb"\n(?i:UID)[ \t]*(?:;[^\n:]*)?:([^\n]*)")
_TZID = re.compile(rb'(?i:TZID)[ \t]*=[ \t]*("[^"\n]*"|[^;:,\n]*)')


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """Yield one small calendar per UID, in order of first appearance; then notes about the delivery as a whole."""
    with closing(sqlite3.connect("", isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode=OFF")
        store.execute("PRAGMA synchronous=OFF")
        store.execute(
            "CREATE TABLE event(n INTEGER PRIMARY KEY, uid BLOB, named INT, line INT, calendar INT, block BLOB)"
        )
        store.execute("BEGIN")
        seen = Seen()
        rows: list[tuple[bytes, bool, int, int, bytes]] = []
        for item in scan(stream, seen):
            if isinstance(item, Problem):
                yield item
                continue
            rows.append(_row(item))
            if len(rows) >= 500:
                _insert(store, rows)
                rows.clear()
        _insert(store, rows)
        count = store.execute("SELECT count(*) FROM event").fetchone()[0]
        if not count and not seen.components & COMPONENTS:
            raise UnusableInput(
                "The delivery holds no calendar: no line BEGIN:VCALENDAR or BEGIN:VEVENT was found. "
                "Check the address or the file."
            )
        yield from _records(store, seen)
        yield from _notes(store, seen, count)


def _insert(store: sqlite3.Connection, rows: list[tuple[bytes, bool, int, int, bytes]]) -> None:
    store.executemany("INSERT INTO event(uid, named, line, calendar, block) VALUES (?, ?, ?, ?, ?)", rows)


def _row(event: Event) -> tuple[bytes, bool, int, int, bytes]:
    block = _STAMP.sub(_STAMP_FIXED, event.block, count=1)
    own = _without_nested(block) if block.count(b"\nBEGIN:") + block.count(b"\nbegin:") > 1 else block
    found = _UID.search(own)
    uid = found[1] if found else b""
    if not found or own[found.end() : found.end() + 2] in (b"\n ", b"\n\t", b"\n\n"):
        unfolded = FOLD.sub(b"", own)
        found = _UID.search(unfolded)
        uid = found[1] if found else b""
    uid = uid.strip()
    if uid:
        return uid, True, event.line, event.calendar, block[1:]
    return _made_up_uid(own), False, event.line, event.calendar, block[1:]


def _without_nested(block: bytes) -> bytes:
    """The event without its alarms: they have UIDs of their own."""
    kept = []
    depth = done = 0
    for edge in EDGE.finditer(block):
        begins = edge[1][0] in b"Bb"
        if begins:
            if depth == 1:
                kept.append(block[done : edge.start()])
            depth += 1
        elif depth > 1:
            depth -= 1
            done = edge.end()
    kept.append(block[done:])
    return b"".join(kept)


def _value(block: bytes, name: bytes) -> bytes:
    found = re.search(rb"\n(?i:" + name + rb")[ \t]*(?:;[^\n:]*)?:([^\n]*)", block)
    return found[1].strip() if found else b""


def _made_up_uid(block: bytes) -> bytes:
    block = FOLD.sub(b"", block)
    seed = _value(block, b"DTSTART") + b"\n" + _value(block, b"SUMMARY")
    return b"no-uid-" + hashlib.sha256(seed).hexdigest()[:24].encode()


def _records(store: sqlite3.Connection, seen: Seen) -> Iterator[RawRecord | Problem]:
    headers = _Headers(seen)
    store.execute("CREATE TABLE shared AS SELECT uid, min(n) AS first FROM event GROUP BY uid HAVING count(*) > 1")
    store.execute("CREATE UNIQUE INDEX shared_uid ON shared(uid)")
    store.execute("CREATE TABLE grouped AS SELECT event.* FROM event JOIN shared USING (uid) ORDER BY uid, n")
    store.execute("CREATE INDEX grouped_uid ON grouped(uid)")
    singles = store.execute(
        "SELECT n, uid, line, calendar, block, first FROM event LEFT JOIN shared USING (uid) "
        "WHERE first IS NULL OR first = n ORDER BY n"
    )
    for _, uid, line, calendar, block, first in singles:
        if first is None:
            yield RawRecord(_key(uid), headers.calendar(calendar, block), f"line {line}")
        else:
            yield from _group(store, uid, headers)


class _Headers:
    """Puts the frame of a calendar around events."""

    def __init__(self, seen: Seen) -> None:
        self._headers = seen.headers

    def calendar(self, calendar: int, events: bytes) -> bytes:
        header = self._headers.get(calendar)
        if header is None:
            return b"BEGIN:VCALENDAR\n" + events + b"END:VCALENDAR\n"
        parts = [b"BEGIN:VCALENDAR\n"]
        if header.zone:
            parts.append(b"X-WR-TIMEZONE:" + header.zone + b"\n")
        if header.definitions and b"TZID" in events.upper():
            used = {name.strip(b'" \t') for name in _TZID.findall(FOLD.sub(b"", events))}
            parts += [block for name, block in header.definitions.items() if name in used]
        return b"".join([*parts, events, b"END:VCALENDAR\n"])


class _Version(NamedTuple):
    line: int
    calendar: int
    block: bytes
    named: bool
    start: bytes
    title: bytes
    sequence: int
    kind: str
    """``"once"``, ``"series"`` or ``"override"``."""


def _group(store: sqlite3.Connection, uid: bytes, headers: _Headers) -> Iterator[RawRecord | Problem]:
    """The records of a UID that stands on several events."""
    count, size = store.execute("SELECT count(*), sum(length(block)) FROM grouped WHERE uid = ?", [uid]).fetchone()
    if count > MAX_OVERRIDES or size > MAX_RAW:
        line = store.execute("SELECT min(line) FROM grouped WHERE uid = ?", [uid]).fetchone()[0]
        yield Problem(
            f"line {line}",
            f"This event has {count} entries of {size // 1024} KiB in all; at most {MAX_OVERRIDES} entries and "
            f"{MAX_RAW // 1024} KiB are read. It is left out. Ask the publisher to shorten it.",
            "too-big",
            key=_key(uid),
        )
        return
    rows = store.execute("SELECT line, calendar, block, named FROM grouped WHERE uid = ? ORDER BY n", [uid])
    versions = [_version(*row) for row in rows]
    copies = len(versions) - len({version.block for version in versions})
    if copies and not versions[0].named:
        yield Problem(
            f"line {versions[0].line}",
            f"This event was delivered {copies + 1} times, word for word and without a UID; it is read once.",
            "duplicate-key",
            "note",
            _key(uid),
        )
    for number, (suffix, part) in enumerate(_separate(versions)):
        key = _key(uid, suffix)
        if number:
            yield Problem(
                f"line {part[0].line}",
                "This event has the UID of a different one before it; both are kept. Ask the publisher for unique UIDs."
                if part[0].named
                else "This event has no UID, and another one has the same start and title; both are kept.",
                "shared-uid",
                "note",
                key,
            )
        yield RawRecord(key, _join(part, headers), _where(part))


def _version(line: int, calendar: int, block: bytes, named: int) -> _Version:
    own = FOLD.sub(b"", _without_nested(b"\n" + block))
    sequence = _value(own, b"SEQUENCE")[:9]
    kind = "override" if _value(own, b"RECURRENCE-ID") else "series" if _value(own, b"RRULE") else "once"
    return _Version(
        line,
        calendar,
        block,
        bool(named),
        _value(own, b"DTSTART"),
        _value(own, b"SUMMARY"),
        int(sequence) if sequence.isdigit() else 0,
        kind,
    )


def _separate(versions: list[_Version]) -> Iterator[tuple[str, list[_Version]]]:
    """One list per event: usually all versions of one, but some publishers give different events the same UID."""
    masters = [version for version in versions if version.kind != "override"]
    if not versions[0].named:
        different: dict[bytes, _Version] = {}
        for version in versions:
            different.setdefault(version.block, version)
        for number, version in enumerate(different.values()):
            yield (f"-{number + 1}" if number else ""), [version]
        return
    newest = max((version.sequence for version in masters), default=0)
    current = [version for version in masters if version.sequence == newest]
    titles = {version.title for version in current}
    if len({version.start for version in current}) < 2 or (
        len(titles) == 1 and all(version.kind == "once" for version in current)
    ):
        yield "", versions
        return
    starts = list(dict.fromkeys(version.start for version in current))
    for number, start in enumerate(starts):
        part = [version for version in current if version.start == start]
        if number == 0:
            part = sorted([*part, *(version for version in versions if version.kind == "override")])
        yield (f"#{start.decode('ascii', 'replace')[:40]}" if number else ""), part


def _join(part: list[_Version], headers: _Headers) -> bytes:
    """One small calendar, or several in a row where the events come from several."""
    pieces: list[bytes] = []
    events: list[bytes] = []
    for version, following in zip(part, [*part[1:], None], strict=True):
        events.append(version.block)
        if following is None or following.calendar != version.calendar:
            pieces.append(headers.calendar(version.calendar, b"".join(events)))
            events = []
    return b"".join(pieces)


def _where(part: list[_Version]) -> str:
    first, *more = (version.line for version in part)
    return f"line {first}" + (f" (and {', '.join(map(str, more))})" if 0 < len(more) <= 20 else "")


def _key(uid: bytes, suffix: str = "") -> str:
    try:
        key = uid.decode()
    except UnicodeDecodeError:
        key = uid.decode("cp1252", "replace")
    if "\\" in key:
        key = re.sub(r"\\([,;\\])", r"\1", key)
    if not key.isprintable():
        key = "".join(letter for letter in key if letter.isprintable())
    key += suffix
    if len(key) <= 255 and key:
        return key
    return key[:200] + "-" + hashlib.sha256(uid + suffix.encode()).hexdigest()[:40]


def _notes(store: sqlite3.Connection, seen: Seen, count: int) -> Iterator[Problem]:
    if seen.nul:
        yield Problem("file", "The file holds NUL bytes; they were left out.", "nul-bytes", "note")
    if seen.outside_line:
        yield Problem(
            f"line {seen.outside_line}",
            "Events stand outside of a VCALENDAR; they are read all the same.",
            "no-calendar",
            "note",
        )
    unnamed, line = store.execute("SELECT count(*), min(line) FROM event WHERE NOT named").fetchone()
    if unnamed:
        yield Problem(
            f"line {line}",
            f"{unnamed} of {count} events have no UID. Start and title stand in for it: "
            "if one of them changes, the event counts as a new one.",
            "no-uid",
            "note",
        )
    if seen.open_calendar:
        yield Problem(
            "file", "END:VCALENDAR is missing; the calendar may be cut off. Fetch it again.", "open-calendar", "note"
        )
    if not count:
        others = sorted(name.decode() for name in seen.components & COMPONENTS - {b"VCALENDAR", b"VEVENT"})
        what = f"; it holds {', '.join(others)} only" if others else ""
        yield Problem("file", f"The calendar holds no complete event (VEVENT){what}.", "no-events", "note")
