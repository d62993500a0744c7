"""Content lines of RFC 5545: name, parameters, value.

Written here rather than taken from the icalendar library, because a record is read in a fifth of the time, because
lines that the library refuses can be repaired, and because a problem can then name its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from allmende.formats.text import one_line, strip_control

_FOLD = re.compile(r"\n+[ \t]")
_NAME = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*")
_PARAMETER = re.compile(
    r';[ \t]*([A-Za-z0-9-]*)[ \t]*(?:=[ \t]*("[^"\n]*"|[^";:,\n]*)((?:,(?:"[^"\n]*"|[^";:,\n]*))*))?[ \t]*'
)
_LOGICAL_LINE = re.compile(r"\n(?!\n*[ \t])")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n'^])")
_NO_PARAMETERS: Final[dict[str, str]] = {}

MAX_ODD: Final = 500
MAX_HEAD: Final = 10_000
"""Most characters of a property's name and parameters."""
_SHORT_HEAD: Final = 200
SINGLE_TEXTS = frozenset(("DESCRIPTION", "SUMMARY", "LOCATION", "COMMENT"))
WANTED = SINGLE_TEXTS | {
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "X-ALT-DESC",
    "GEO",
    "URL",
    "CATEGORIES",
    "ORGANIZER",
    "CONTACT",
    "STATUS",
    "CLASS",
    "LAST-MODIFIED",
    "ATTACH",
    "IMAGE",
    "CONFERENCE",
    "X-APPLE-STRUCTURED-LOCATION",
    "X-MICROSOFT-CDO-ALLDAYEVENT",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
}


class Line(NamedTuple):
    """One property."""

    name: str
    parameters: dict[str, str]
    value: str
    place: tuple[int, int]
    """Number of the event in the calendar and of the unfolded line in the event."""


@dataclass(slots=True)
class Component:
    """The properties of one VEVENT, in groups of one name."""

    number: int
    lines: dict[str, list[Line]] = field(default_factory=dict)
    odd: list[tuple[str, tuple[int, int]]] = field(default_factory=list)
    """Lines that are no properties, at most ``MAX_ODD``."""
    open_text: str = ""
    """Name of the text that the line before belongs to."""

    def first(self, name: str) -> Line | None:
        """The first property of this name."""
        found = self.lines.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list[Line]:
        """All properties of this name."""
        return self.lines.get(name, [])

    def value(self, name: str) -> str:
        """The first value of this name, or ``""``."""
        found = self.lines.get(name)
        return found[0].value if found else ""


@dataclass(slots=True)
class Calendar:
    """What one raw record holds."""

    events: list[Component] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    """TZID -> text of the VTIMEZONE."""
    zone: str = ""


def read_calendar(text: str) -> Calendar:
    """The events and time zones of one raw record; lines that are no content lines are kept aside."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub("", text) if "\n\n" in text else text.replace("\n ", "").replace("\n\t", "")
    calendar = Calendar()
    event: Component | None = None
    definition: list[str] | None = None
    depth = 0
    number = 0
    for line in text.split("\n"):
        number += 1
        if line[:1] in "BbEe" and line[:5].upper().startswith(("BEGIN", "END")) and _is_edge(line):
            kind, _, name = line.partition(":")
            begins, name = kind.strip().upper() == "BEGIN", name.strip().upper()
            if definition is not None:
                definition.append(line)
                if name == "VTIMEZONE" and not begins:
                    _define(calendar, definition)
                    definition = None
            elif event is None:
                if begins and name == "VEVENT":
                    event, depth, number = Component(len(calendar.events)), 0, 0
                    calendar.events.append(event)
                elif begins and name == "VTIMEZONE":
                    definition = [line]
            elif name == "VEVENT" and not begins:
                event = None
            else:
                depth = max(depth + (1 if begins else -1), 0)
        elif definition is not None:
            definition.append(line)
        elif event is None:
            if line[:6].upper() == "X-WR-T" and not calendar.zone:
                calendar.zone = line.partition(":")[2].strip()
        elif not depth and line:
            _add(event, line, number)
    return calendar


def _is_edge(line: str) -> bool:
    kind, colon, name = line.partition(":")
    name = name.strip()
    return (
        bool(colon)
        and kind.strip().upper() in ("BEGIN", "END")
        and name[:1].isalpha()
        and name.replace("-", "").isalnum()
    )


def _define(calendar: Calendar, definition: list[str]) -> None:
    for line in definition:
        name, _, value = line.partition(":")
        if name.partition(";")[0].strip().upper() == "TZID":
            calendar.definitions.setdefault(value.strip(), "\n".join(definition) + "\n")
            return


def _add(event: Component, text: str, number: int) -> None:
    name, colon, value = text.partition(":")
    if colon and name.isupper() and ";" not in name and '"' not in name and " " not in name:
        line: Line | None = Line(name, _NO_PARAMETERS, value, (event.number, number))
    else:
        line = _with_parameters(text, (event.number, number))
    if line is None:
        _add_odd(event, text, number)
        return
    event.open_text = line.name if line.name in SINGLE_TEXTS else ""
    if line.name in WANTED:
        event.lines.setdefault(line.name, []).append(line)


def _add_odd(event: Component, text: str, number: int) -> None:
    """Many publishers forget to escape line ends in a text: what follows a text and is no property belongs to it."""
    if len(event.odd) >= MAX_ODD:
        return
    event.odd.append((text, (event.number, number)))
    if event.open_text:
        lines = event.lines[event.open_text]
        lines[-1] = lines[-1]._replace(value=f"{lines[-1].value}\n{text}")


def _with_parameters(text: str, place: tuple[int, int]) -> Line | None:
    head, colon, value = text.partition(":")
    if colon and len(head) <= _SHORT_HEAD and '"' not in head:
        found = _usual_head(head)
    else:
        found = _head(text[:MAX_HEAD])
        value = text[found[2] :] if found else ""
    return Line(found[0], found[1], value, place) if found else None


@lru_cache(maxsize=1024)
def _usual_head(head: str) -> tuple[str, dict[str, str], int] | None:
    """Heads without a quoted colon come again and again: ``DTSTART;TZID=Europe/Paris``."""
    return _head(head + ":")


def _head(head: str) -> tuple[str, dict[str, str], int] | None:
    """Name and parameters, and where the value begins; None for what is no property.  The parameters stay as they are."""
    start = _NAME.match(head)
    if start is None:
        return None
    parameters: dict[str, str] = {}
    position = start.end()
    while found := _PARAMETER.match(head, position):
        position = found.end()
        if found[1]:
            value = (found[2] or "").strip('"')
            more = found[3]
            parameters.setdefault(found[1].upper(), _uncaret(value + more.replace('"', "") if more else value))
    if not head.startswith(":", position):
        return None
    return start[1].upper(), parameters, position + 1


def _uncaret(text: str) -> str:
    if "^" not in text:
        return text
    return _CARET.sub(lambda found: {"n": "\n", "'": '"', "^": "^"}[found[1]], text)


def delivered_line(text: str, place: tuple[int, int]) -> int:
    """How many lines below its BEGIN:VEVENT the property of ``place`` begins in the raw record ``text``."""
    begins = [
        found.start() for found in re.finditer(r"^[ \t]*BEGIN[ \t]*:[ \t]*VEVENT", text, re.MULTILINE | re.IGNORECASE)
    ]
    if place[0] >= len(begins):
        return 0
    event = text[begins[place[0]] :]
    for number, found in enumerate(_LOGICAL_LINE.finditer(event), start=1):
        if number == place[1]:
            return event.count("\n", 0, found.end())
    return 0


def unescape(text: str) -> str:
    """A TEXT value without its backslashes."""
    if "\\" not in text:
        return text
    text = text.replace("\\r\\n", "\\n")
    if "\\\\" not in text:
        # The usual escapes one by one, each in a single pass; what is left over is odd.
        text = text.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
        if "\\" not in text:
            return text
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


def text_list(value: str) -> list[str]:
    """The members of a comma-separated TEXT list."""
    return [unescape(part) for part in re.split(r"(?<!\\),", value)]


def one_text(event: Component, name: str) -> str:
    """The first value of this name as plain text on one line."""
    return one_line(unescape(event.value(name)))


def quoted(text: str) -> str:
    """At most 60 characters of what was delivered, to show in a message."""
    text = " ".join(strip_control(text[:200]).split())
    return f"“{text[:59]}…”" if len(text) > 60 else f"“{text}”"
