"""Reads the worst calendars that came to mind; 5 seconds of work or 300 MiB for one of them end the program."""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from allmende.formats import ical
from allmende.formats.records import Problem, ReadOptions, UnusableInput
from tests.formats.ical.ical_corpus import SECONDS, limit_memory

START = b"DTSTART:20260501T190000Z\nSUMMARY:Talk\n"


def event(body: bytes) -> bytes:
    return b"BEGIN:VEVENT\nUID:1\n" + START + body + b"END:VEVENT\n"


def calendar(body: bytes, head: bytes = b"") -> bytes:
    return b"BEGIN:VCALENDAR\n" + head + body + b"END:VCALENDAR\n"


def own_zone(days: bytes, rules: int) -> bytes:
    rule = b"DTSTART:00010101T000000\nRRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=" + days
    offsets = b"TZOFFSETFROM:+0100\nTZOFFSETTO:+0130\n"
    part = b"BEGIN:STANDARD\n" + rule + b"\n" + offsets + b"END:STANDARD\n"
    zone = b"BEGIN:VTIMEZONE\nTZID:Own\n" + part * rules + b"END:VTIMEZONE\n"
    return calendar(b"BEGIN:VEVENT\nUID:1\nSUMMARY:Talk\nDTSTART;TZID=Own:20260501T190000\nEND:VEVENT\n", zone)


CASES = {
    "one line of 10 MB": b"x" * 10_000_000,
    "10 MB of line ends": b"\n" * 10_000_000,
    "10 MB of begins": b"BEGIN:VEVENT\n" * 700_000,
    "10 MB of nesting": b"BEGIN:VTODO\n" * 700_000,
    "10 MB of ends": b"END:VEVENT\n" * 900_000,
    "10 MB in one text": calendar(event(b"DESCRIPTION:" + b"x" * 10_000_000 + b"\n")),
    "nearly 2 MB in one text": calendar(event(b"DESCRIPTION:" + b"x\\, " * 500_000 + b"\n")),
    "nearly 2 MB of tags": calendar(event(b"DESCRIPTION:" + b"<p><b>" * 300_000 + b"\n")),
    "nearly 2 MB of angles": calendar(event(b"DESCRIPTION:" + b"<!" * 900_000 + b"\n")),
    "nearly 2 MB of folds": calendar(event(b"DESCRIPTION:" + b"\n x" * 600_000 + b"\n")),
    "nearly 2 MB of loose lines": calendar(event(b"DESCRIPTION:x\n" + b"y\n" * 900_000)),
    "nearly 2 MB of parameters": calendar(event(b"DESCRIPTION" + b";A=1" * 450_000 + b":x\n")),
    "nearly 2 MB of quotes": calendar(event(b"DESCRIPTION" + b';A="' * 450_000 + b":x\n")),
    "nearly 2 MB of commas": calendar(event(b"DESCRIPTION;A=" + b"," * 1_900_000 + b"\n")),
    "nearly 2 MB of RDATE": calendar(event(b"RDATE:" + b"20260501T190000Z," * 110_000 + b"\n")),
    "nearly 2 MB of EXDATE lines": calendar(event(b"EXDATE:20260501T190000Z\n" * 80_000)),
    "nearly 2 MB of categories": calendar(event(b"CATEGORIES:" + b"a," * 900_000 + b"\n")),
    "nearly 2 MB of attachments": calendar(event(b"ATTACH:https://example.org/a.png\n" * 55_000)),
    "nearly 2 MB of location": calendar(event(b"LOCATION:" + b"12345 a, " * 200_000 + b"\n")),
    "nearly 2 MB of contact": calendar(event(b"CONTACT:" + b"a.a-" * 450_000 + b"\n")),
    "nearly 2 MB of organiser": calendar(event(b"ORGANIZER:mailto:" + b"a.a-" * 450_000 + b"\n")),
    "nearly 2 MB of url": calendar(event(b"URL:https://" + b"a." * 900_000 + b"\n")),
    "nearly 2 MB of rule": calendar(event(b"RRULE:FREQ=DAILY" + b";BYDAY=MO" * 200_000 + b"\n")),
    "2,000 changes": calendar(event(b"") + event(b"RECURRENCE-ID:20260501T190000Z\n") * 1999),
    "100,000 changes": calendar(event(b"RECURRENCE-ID:20260501T190000Z\n") * 100_000),
    "100,000 events without uid": calendar((b"BEGIN:VEVENT\n" + START + b"END:VEVENT\n") * 100_000),
    "100,000 calendars": calendar(event(b""), b"X-WR-TIMEZONE:Europe/Paris\n") * 100_000,
    "10 MB of time zones": calendar(
        b"".join(
            b"BEGIN:VTIMEZONE\nTZID:zone %d\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
            b"TZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n" % number
            for number in range(80_000)
        )
    ),
    "a time zone with many changes a year": own_zone(b"1,2,3,4,5,6,7,8,9", 19),
    "a time zone with too many changes a year": own_zone(b"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", 19),
    "a time zone with too many rules": own_zone(b"1", 100),
    "utf-16": ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n" * 100_000).encode("utf-16"),
    "nul bytes": b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" + b"\0" * 10_000_000,
}


def main() -> None:
    limit_memory()
    for name, data in CASES.items():
        sys.stderr.write(name + "\n")
        sys.stderr.flush()
        # A shared machine may be slow: what counts is the time that this process itself works.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            for item in ical.split(io.BytesIO(data), ReadOptions()):
                if not isinstance(item, Problem):
                    ical.parse(item, ReadOptions())
        except UnusableInput:
            sys.stderr.write("  refused\n")
        left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stderr.write(f"  {SECONDS - left:.2f} s\n")
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
