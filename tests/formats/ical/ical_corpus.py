"""Reads calendars the way an importer does, and tells in a few words what came out.

Run as a program it reads a whole folder under hard limits: a file that takes over 5 seconds or 300 MiB more than the
program itself ends it.  ``python ical_corpus.py FOLDER`` prints one JSON object, ``--write FILE`` stores it.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import signal
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from allmende.formats import ical
from allmende.formats.records import Problem, RawRecord, ReadOptions, Record, UnusableInput

SECONDS = 5
MEBIBYTES = 300
SHOWN = 12
"""Of longer calendars, only the first events are described."""


def outcome(data: bytes, options: ReadOptions) -> dict[str, Any]:
    """What reading ``data`` gives: the events, and what was noted or refused."""
    events: list[str] = []
    problems: list[Problem] = []
    refused = 0
    try:
        for item in ical.split(io.BytesIO(data), options):
            if isinstance(item, Problem):
                problems.append(item)
                continue
            parsed = ical.parse(item, options)
            problems += parsed.problems
            if parsed.record is None:
                refused += 1
            else:
                events.append(describe(parsed.record))
    except UnusableInput as error:
        return {"unusable": str(error)}
    found: dict[str, Any] = {"events": len(events), "refused": refused}
    if events:
        found["first"] = events[:SHOWN]
    for severity in ("error", "note"):
        lines = [f"{item.where}: {item.code}" for item in problems if item.severity == severity]
        if lines:
            found[severity + "s"] = lines
    return found


def describe(record: Record) -> str:
    """One line for one event."""
    schedule = record.schedule
    assert schedule is not None
    parts = [
        " / ".join(f"{code}:{text}" if code else text for code, text in record.name.items())[:60],
        f"{show(schedule.start)} – {show(schedule.end) if schedule.end else '?'} {schedule.timezone}",
    ]
    if schedule.rrule:
        parts.append(schedule.rrule)
    for name in ("rdates", "exdates", "dates", "overrides"):
        if getattr(schedule, name):
            parts.append(f"{len(getattr(schedule, name))} {name}")
    if record.status != "scheduled":
        parts.append(record.status)
    return " | ".join(parts)


def show(when: date | datetime) -> str:
    """A date or time in short."""
    return f"{when:%Y-%m-%d %H:%M}" if isinstance(when, datetime) else when.isoformat()


def raws(data: bytes, options: ReadOptions) -> list[RawRecord]:
    """The raw records of a calendar, without what was said about them."""
    return [item for item in ical.split(io.BytesIO(data), options) if isinstance(item, RawRecord)]


def limit_memory() -> None:
    """Let this process grow by at most ``MEBIBYTES``."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEBIBYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    """Read every calendar of a folder."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--write", type=Path)
    given = arguments.parse_args()
    limit_memory()
    found = {}
    for path in sorted(given.folder.rglob("*.ics")):
        name = path.relative_to(given.folder).as_posix()
        sys.stderr.write(name + "\n")
        sys.stderr.flush()
        signal.alarm(SECONDS)
        found[name] = outcome(path.read_bytes(), ReadOptions(timezone="Europe/Berlin"))
        signal.alarm(0)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if given.write:
        given.write.write_text(text, encoding="utf-8")
    else:
        sys.stdout.buffer.write(text.encode())


if __name__ == "__main__":
    main()
