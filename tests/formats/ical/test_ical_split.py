"""Cutting a calendar into its events."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from allmende.formats import ical
from allmende.formats.records import Problem, RawRecord, ReadOptions, UnusableInput

TALK = (
    b"BEGIN:VEVENT\r\nUID:talk\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART:20260501T170000Z\r\nSUMMARY:Talk\r\nEND:VEVENT\r\n"
)
WALK = b"BEGIN:VEVENT\r\nUID:walk\r\nDTSTART:20260502T080000Z\r\nSUMMARY:Walk\r\nEND:VEVENT\r\n"


def calendar(*parts: bytes) -> bytes:
    return b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + b"".join(parts) + b"END:VCALENDAR\r\n"


def split(data: bytes) -> tuple[list[RawRecord], list[Problem]]:
    items = list(ical.split(io.BytesIO(data), ReadOptions()))
    return [item for item in items if isinstance(item, RawRecord)], [
        item for item in items if isinstance(item, Problem)
    ]


def codes(problems: list[Problem]) -> list[tuple[str, str, str]]:
    return [(problem.where, problem.code, problem.severity) for problem in problems]


def test_each_event_becomes_a_small_calendar_of_its_own() -> None:
    records, problems = split(calendar(TALK, WALK))
    assert [(record.key, record.where) for record in records] == [("talk", "line 3"), ("walk", "line 9")]
    assert records[1].raw.split(b"\n") == [
        b"BEGIN:VCALENDAR",
        *WALK.strip().split(b"\r\n"),
        b"END:VCALENDAR",
        b"",
    ]
    assert problems == []


def test_a_new_stamp_is_no_change() -> None:
    first, _ = split(calendar(TALK))
    second, _ = split(calendar(TALK.replace(b"20260101T000000Z", b"20270101T120000Z")))
    assert first == second


def test_line_ends_are_no_change() -> None:
    records, _ = split(calendar(TALK, WALK))
    assert split(calendar(TALK, WALK).replace(b"\r\n", b"\n"))[0] == records
    assert split(calendar(TALK, WALK).replace(b"\r\n", b"\r"))[0] == records


def test_a_changed_title_is_a_change() -> None:
    first, _ = split(calendar(TALK))
    second, _ = split(calendar(TALK.replace(b"Talk", b"Lecture")))
    assert first[0].key == second[0].key
    assert first[0].raw != second[0].raw


def test_a_moved_occurrence_joins_its_series_from_anywhere_in_the_file() -> None:
    moved = TALK.replace(b"SUMMARY", b"RECURRENCE-ID:20260508T170000Z\r\nSUMMARY")
    records, problems = split(calendar(moved, WALK, TALK))
    assert [(record.key, record.where) for record in records] == [("talk", "line 3 (and 15)"), ("walk", "line 10")]
    assert records[0].raw.count(b"BEGIN:VEVENT") == 2
    assert problems == []


def test_different_events_with_one_uid_are_both_kept() -> None:
    other = WALK.replace(b"UID:walk", b"UID:talk")
    records, problems = split(calendar(TALK, other))
    assert [record.key for record in records] == ["talk", "talk#20260502T080000Z"]
    assert codes(problems) == [("line 9", "shared-uid", "note")]


def test_dates_of_one_event_may_share_a_uid() -> None:
    again = TALK.replace(b"20260501T17", b"20260601T17")
    records, problems = split(calendar(TALK, again))
    assert [record.key for record in records] == ["talk"]
    assert problems == []


def test_without_uid_start_and_title_are_the_key() -> None:
    nameless = TALK.replace(b"UID:talk\r\n", b"")
    (record,), problems = split(calendar(nameless))
    assert record.key.startswith("no-uid-")
    assert split(calendar(WALK, nameless.replace(b"END:", b"LOCATION:Hall\r\nEND:")))[0][1].key == record.key
    assert codes(problems) == [("line 3", "no-uid", "note")]


def test_events_without_uid_that_differ_are_both_kept_and_copies_once() -> None:
    nameless = TALK.replace(b"UID:talk\r\n", b"")
    elsewhere = nameless.replace(b"END:", b"LOCATION:Hall\r\nEND:")
    records, problems = split(calendar(nameless, nameless, elsewhere))
    assert [record.key for record in records] == [records[0].key, records[0].key + "-2"]
    assert [problem.code for problem in problems] == ["duplicate-key", "shared-uid", "no-uid"]


def test_the_uid_of_an_alarm_is_not_the_events() -> None:
    alarm = b"BEGIN:VALARM\r\nUID:alarm\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
    (record,), _ = split(calendar(TALK.replace(b"UID:talk\r\n", alarm + b"UID:talk\r\n")))
    assert record.key == "talk"


def test_a_folded_uid_is_read_whole() -> None:
    (record,), _ = split(calendar(TALK.replace(b"UID:talk", b"UID:ta\r\n lk")))
    assert record.key == "talk"


def test_a_long_uid_is_shortened_and_stays_unique() -> None:
    long = b"x" * 300
    records, _ = split(
        calendar(TALK.replace(b"UID:talk", b"UID:a" + long), WALK.replace(b"UID:walk", b"UID:a" + long + b"b"))
    )
    assert [len(record.key) for record in records] == [241, 241]
    assert records[0].key != records[1].key


def test_only_a_time_zone_that_must_be_explained_travels_along() -> None:
    zones = b"".join(
        b"BEGIN:VTIMEZONE\r\nTZID:%b\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\n"
        b"END:STANDARD\r\nEND:VTIMEZONE\r\n" % name
        for name in (b"Europe/Berlin", b"Our Hall", b"Unused")
    )
    berlin = TALK.replace(b"DTSTART:20260501T170000Z", b"DTSTART;TZID=Europe/Berlin:20260501T190000")
    own = WALK.replace(b"DTSTART:20260502T080000Z", b'DTSTART;TZID="Our Hall":20260502T100000')
    records, _ = split(calendar(b"X-WR-TIMEZONE:Europe/Paris\r\n", berlin, own, zones))
    assert b"VTIMEZONE" not in records[0].raw
    assert records[1].raw.count(b"BEGIN:VTIMEZONE") == 1
    assert b"TZID:Our Hall" in records[1].raw
    assert all(record.raw.startswith(b"BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Paris\n") for record in records)


def test_several_calendars_keep_their_own_time_zones() -> None:
    first = calendar(b"X-WR-TIMEZONE:Europe/Paris\r\n", TALK)
    second = calendar(b"X-WR-TIMEZONE:Europe/London\r\n", WALK)
    records, _ = split(first + second)
    assert [record.raw.split(b"\n")[1] for record in records] == [
        b"X-WR-TIMEZONE:Europe/Paris",
        b"X-WR-TIMEZONE:Europe/London",
    ]


def test_what_is_complete_goes_in_when_the_file_breaks_off() -> None:
    records, problems = split(calendar(TALK, WALK)[:-60])
    assert [record.key for record in records] == ["talk"]
    assert codes(problems) == [("line 9", "truncated", "error"), ("file", "open-calendar", "note")]


def test_an_event_that_does_not_end_leaves_the_next_one_whole() -> None:
    records, problems = split(calendar(TALK.replace(b"END:VEVENT\r\n", b""), WALK))
    assert [record.key for record in records] == ["walk"]
    assert codes(problems) == [("line 3", "truncated", "error")]


def test_an_event_that_is_too_large_leaves_the_next_one_whole() -> None:
    large = TALK.replace(b"END:VEVENT", b"X-DATA:" + b"x" * 10_000_000 + b"\r\nLOCATION:Hall\r\nEND:VEVENT")
    records, problems = split(calendar(large, WALK))
    assert [(record.key, record.where) for record in records] == [("walk", "line 11")]
    assert codes(problems) == [("line 3", "too-big", "error")]


def test_a_series_with_too_many_changes_is_refused_with_the_limit() -> None:
    moved = TALK.replace(b"SUMMARY", b"RECURRENCE-ID:20260508T170000Z\r\nSUMMARY")
    records, problems = split(calendar(TALK, moved * 2000, WALK))
    assert [record.key for record in records] == ["walk"]
    assert codes(problems) == [("line 3", "too-big", "error")]
    assert "2000" in problems[0].message


def test_deep_nesting_is_refused() -> None:
    deep = TALK.replace(b"END:VEVENT", b"BEGIN:VALARM\r\n" * 100_000 + b"END:VEVENT")
    records, problems = split(calendar(deep, WALK))
    assert [record.key for record in records] == ["walk"]
    assert codes(problems) == [("line 3", "too-deep", "error")]


def test_a_bare_event_is_read_with_a_note() -> None:
    records, problems = split(TALK)
    assert [record.key for record in records] == ["talk"]
    assert codes(problems) == [("line 1", "no-calendar", "note")]


@pytest.mark.parametrize("name", [b"VTODO", b"VJOURNAL", b"VFREEBUSY", b"VAVAILABILITY"])
def test_a_calendar_without_events_yields_a_note(name: bytes) -> None:
    records, problems = split(calendar(b"BEGIN:%b\r\nUID:1\r\nEND:%b\r\n" % (name, name)))
    assert records == []
    assert codes(problems) == [("file", "no-events", "note")]
    assert name.decode() in problems[0].message


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "web page"),
        (b"\x1f\x8b\x08\x00abc", "gzip"),
        (b"PK\x03\x04abc", "ZIP"),
        (b"name;start\r\nTalk;2026-05-01\r\n", "no calendar"),
        (b"\xfa" * 5000, "no calendar"),
        (b"\0" * 5000, "no calendar"),
    ],
)
def test_what_is_no_calendar_is_refused_with_its_reason(data: bytes, word: str) -> None:
    with pytest.raises(UnusableInput, match=word):
        split(data)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_encoding_is_read(encoding: str) -> None:
    data = calendar(TALK.replace(b"Talk", "Führung".encode())).decode().encode(encoding)
    records, _ = split(data)
    assert [record.key for record in records] == ["talk"]
    assert "Führung" in records[0].raw.decode()


def test_nul_bytes_are_left_out_with_a_note() -> None:
    records, problems = split(calendar(TALK.replace(b"Talk", b"Ta\0lk")))
    assert b"SUMMARY:Talk\n" in records[0].raw
    assert codes(problems) == [("file", "nul-bytes", "note")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_the_size_of_the_pieces_makes_no_difference(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = b"BEGIN:VALARM\r\nUID:alarm\r\nEND:VALARM\r\n"
    data = calendar(TALK, b"X-WR-TIMEZONE:Europe/Paris\r\n", WALK.replace(b"UID", alarm + b"UID"), TALK[:-20], WALK)
    whole = list(ical.split(io.BytesIO(data), ReadOptions()))
    monkeypatch.setattr("allmende.formats.ical.scan.CHUNK", size)
    assert list(ical.split(io.BytesIO(data), ReadOptions())) == whole


def test_memory_does_not_grow_with_the_calendar(tmp_path: os.PathLike[str]) -> None:
    # 300,000 events are 60 MB; holding them would take at least that much.
    program = """
import resource, sys
from allmende.formats import ical
from allmende.formats.records import ReadOptions
event = "BEGIN:VEVENT\\r\\nUID:%d@example.org\\r\\nDTSTART:20260501T170000Z\\r\\nSUMMARY:Talk\\r\\n"
event += "DESCRIPTION:" + "x" * 100 + "\\r\\nEND:VEVENT\\r\\n"
with open(sys.argv[1], "w") as file:
    file.write("BEGIN:VCALENDAR\\r\\n")
    for number in range(300_000):
        file.write(event % number)
    file.write("END:VCALENDAR\\r\\n")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in ical.split(open(sys.argv[1], "rb"), ReadOptions()))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    path = os.path.join(tmp_path, "large.ics")
    ended = subprocess.run([sys.executable, "-c", program, path], capture_output=True, check=True)
    count, kibibytes = ended.stdout.split()
    assert int(count) == 300_000
    assert int(kibibytes) < 30_000


def test_sniff_tells_calendars_from_other_files() -> None:
    assert ical.sniff(calendar(TALK)[:4096], "feed") == 1.0
    assert ical.sniff(b"\xef\xbb\xbf" + calendar(TALK), "feed") == 1.0
    assert ical.sniff(calendar(TALK).decode().encode("utf-16"), "feed") == 1.0
    assert ical.sniff(TALK, "feed") == 0.7
    assert ical.sniff(b"no calendar", "a.ICS") == 0.5
    assert ical.sniff(b"name;start", "a.csv") == 0.0
