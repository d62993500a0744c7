"""Calendars that were made to do harm, and calendars that chance made."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allmende.engines.recurrence import expand
from allmende.formats import ical
from allmende.formats.ical.writer import CalendarEvent, vevent
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput

CORPORA = Path(__file__).parents[2] / "corpora"
HOSTILE = sorted((CORPORA / "hostile" / "ical").glob("*.ics"))
BERLIN = ReadOptions(timezone="Europe/Berlin")
SPAN = {"after": datetime(2026, 1, 1, tzinfo=UTC), "before": datetime(2028, 1, 1, tzinfo=UTC)}
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def read(data: bytes) -> list[Parsed]:
    """Everything that a reader promises whatever comes in."""
    found = []
    keys = []
    for item in ical.split(io.BytesIO(data), BERLIN):
        if isinstance(item, Problem):
            check_problem(item)
            continue
        keys.append(item.key)
        assert 1 <= len(item.key) <= 255
        parsed = ical.parse(item, BERLIN)
        errors = [problem for problem in parsed.problems if problem.severity == "error"]
        assert len(errors) == (1 if parsed.record is None else 0)
        for problem in parsed.problems:
            check_problem(problem)
        if parsed.record is not None:
            check(parsed)
        found.append(parsed)
    assert len(set(keys)) == len(keys)
    return found


def check_problem(problem: Problem) -> None:
    assert problem.code != "unreadable", problem
    assert re.fullmatch(r"file|line [\d, ()and]+", problem.where)
    assert len(problem.message) < 400
    assert not INVISIBLE.search(problem.message)


def check(parsed: Parsed) -> None:
    record = parsed.record
    assert record is not None
    assert record.schedule is not None
    values = list(strings(asdict(record)))
    assert not any(INVISIBLE.search(value) for value in values if value not in record.key)
    for url in (
        record.url,
        record.online_url,
        record.organiser.url,
        record.contact.url,
        *(item.url for item in record.media),
    ):
        assert url == "" or re.fullmatch(r"https?://[\w.-]+(?::\d+)?(?:[/?#][!-~]*)?", url)
        assert not re.search(r"[\"<>\\^`{|}]", url)
    json.dumps(record.extra)
    assert len(expand(record.schedule, **SPAN)) <= 2000
    name = next(iter(record.name.values()))
    vevent(CalendarEvent(record.key, name, record.schedule)).decode()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from strings(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from strings(member)


def one(name: str) -> dict[str, Parsed]:
    data = (CORPORA / "hostile" / "ical" / name).read_bytes()
    raws = [item for item in ical.split(io.BytesIO(data), BERLIN) if isinstance(item, RawRecord)]
    return {raw.key: ical.parse(raw, BERLIN) for raw in raws}


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_what_is_meant_to_harm_keeps_every_promise(path: Path) -> None:
    assert len(read(path.read_bytes())) >= 6


def test_markup_becomes_text() -> None:
    found = one("scripts.ics")
    assert found["summary"].record is not None
    assert found["summary"].record.name == {"": "Concert"}
    assert found["description"].record is not None
    assert found["description"].record.description == {"": "One"}
    assert found["location"].record is not None
    assert found["location"].record.place_name == "Hall"
    assert found["category"].record is not None
    assert found["category"].record.categories == ["Music", '">Dance']
    assert found["organizer"].record is not None
    assert (found["organizer"].record.organiser.name, found["organizer"].record.organiser.url) == ("School", "")
    assert [problem.code for problem in found["onlyscript"].problems] == ["no-title"]


def test_no_address_that_runs_gets_through() -> None:
    urls = {parsed.record.url for parsed in one("addresses.ics").values() if parsed.record}
    assert urls == {"", "https://example.org/%22%20onmouseover=%22alert(1)", "https://example.org/%3Cscript"}


def test_time_zones_are_no_files() -> None:
    zones = {
        parsed.record.schedule.timezone
        for parsed in one("zones.ics").values()
        if parsed.record and parsed.record.schedule
    }
    assert zones == {"Europe/Berlin"}


def test_the_worst_calendars_stay_within_their_limits() -> None:
    """In a process of its own, which may take 5 seconds for each and 300 MiB."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(Path(__file__).with_name("ical_worst.py"))],
        capture_output=True,
        check=False,
        timeout=300,
        cwd=CORPORA.parents[1],
    )
    last = ended.stderr.decode().strip()[-500:]
    assert (ended.returncode, ended.stdout) == (0, b"done\n"), f"ended at: {last}"


# Chance

CALENDARS = [
    path.read_bytes()
    for path in [*sorted((CORPORA / "ics").rglob("*.ics")), *HOSTILE]
    if path.stat().st_size < 6000 and "fuzzing" not in path.parts
]
NAMES = st.sampled_from(
    (
        *(
            "DTSTART",
            "DTEND",
            "DURATION",
            "RRULE",
            "RDATE",
            "EXDATE",
            "RECURRENCE-ID",
            "SUMMARY",
            "DESCRIPTION",
            "LOCATION",
        ),
        *("GEO", "URL", "CATEGORIES", "ORGANIZER", "CONTACT", "STATUS", "CLASS", "LAST-MODIFIED", "ATTACH", "IMAGE"),
        *("SEQUENCE", "UID", "DTSTAMP", "X-ALT-DESC", "BEGIN", "END", "X-WR-TIMEZONE", "TZID"),
    )
)
VALUES = st.one_of(
    st.sampled_from(
        (
            *(
                "20260501T190000Z",
                "20260501T190000",
                "20260501",
                "20260501/20260503",
                "20260501T190000Z/PT5H",
                "PT2H",
                "P1D",
            ),
            *(
                "-P1W",
                "VEVENT",
                "VCALENDAR",
                "VALARM",
                "VTIMEZONE",
                "CANCELLED",
                "47.7;7.66",
                "Europe/Berlin",
                "3",
                "Talk",
            ),
            *("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO;COUNT=4", "FREQ=MONTHLY;UNTIL=20270101", "mailto:a@example.org"),
            "https://example.org/a.png",
        )
    ),
    st.text(max_size=30),
    st.from_regex(r"[0-9TZPWDHMS/,;=+-]{0,24}", fullmatch=True),
)
PARAMETERS = st.sampled_from(
    [
        "",
        "",
        "",
        ";TZID=Europe/Berlin",
        ";VALUE=DATE",
        ";VALUE=PERIOD",
        ";TZID=Nowhere",
        ';X="',
        ";LANGUAGE=de",
        ";RANGE=THISANDFUTURE",
    ]
)
LINES = st.tuples(NAMES, PARAMETERS, VALUES).map(lambda parts: f"{parts[0]}{parts[1]}:{parts[2]}")


def mutate(data: bytes, changes: list[tuple[int, int, bytes, bool]]) -> bytes:
    for at, length, new, doubled in changes:
        at = at % (len(data) + 1)
        old = data[at : at + length]
        data = data[:at] + (old + old if doubled else new) + data[at + length :]
    return data


def survives(data: bytes) -> None:
    try:
        read(data)
    except UnusableInput as refusal:
        message = str(refusal)
    else:
        return
    assert 20 < len(message) < 400


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300))
@example(b"BEGIN:VEVENT\nEND:VEVENT")
@example(b"\nBEGIN:VEVENT\r\r\n \r\nEND:VEVENT\r")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(data)
    survives(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT\n")
    parsed = ical.parse(RawRecord("key", data, "line 1"), BERLIN)
    assert all(problem.code != "unreadable" for problem in parsed.problems)


@settings(max_examples=250, deadline=None)
@given(
    data=st.sampled_from(CALENDARS),
    changes=st.lists(
        st.tuples(st.integers(0, 6000), st.integers(0, 60), st.binary(max_size=20), st.booleans()),
        min_size=1,
        max_size=6,
    ),
)
def test_a_damaged_calendar_is_read_or_refused(data: bytes, changes: list[tuple[int, int, bytes, bool]]) -> None:
    survives(mutate(data, changes))


@settings(max_examples=300, deadline=None)
@given(events=st.lists(st.lists(LINES, max_size=8), min_size=1, max_size=3))
def test_any_properties_are_read_or_refused(events: list[list[str]]) -> None:
    body = "".join(
        "\n".join(["BEGIN:VEVENT", "SUMMARY:Talk", "DTSTART:20260501T190000Z", *lines, "END:VEVENT", ""])
        for lines in events
    )
    survives(f"BEGIN:VCALENDAR\n{body}END:VCALENDAR\n".encode("utf-8", "replace"))
