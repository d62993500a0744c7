"""Occurrences of every event of the calendar corpora, beside those that recurring-ical-events finds.

Where the two differ on purpose, the event is listed with the reason.
"""

from __future__ import annotations

import json
import re
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events

from allmende.engines.recurrence import expand
from allmende.formats import ical
from allmende.formats.records import RawRecord, ReadOptions, Schedule
from tests.formats.ical.ical_corpus import raws

CORPUS = Path(__file__).parents[1] / "corpora" / "ics"
EXPECTED = json.loads((CORPUS.parents[1] / "formats" / "ical" / "corpus_expected.json").read_text(encoding="utf-8"))
FILES = sorted(name for name, entry in EXPECTED.items() if "unusable" not in entry)
YEARS = 4

INSTANT = "RECURRENCE-ID names another zone than the series; it is read as the instant it is, not by its digits"
UNKNOWN_ZONE = "a zone that nobody defines is our own; the library remembers a definition from a calendar read before"
WHOLE_DAY = "a period of whole days is read at the event's time of day"
END_FIRST = "an end before the start is unknown; the library swaps the two"
MIXED = "a whole day that ends at an hour is a whole day"
ALONE = "a change without a series that has dates of its own is the series"
FIRST = "the first date counts, also where the rule ended before it"
STALE = "an older change of a date that the newer rule no longer gives is kept, as nothing says that it is off"
FUTURE = "a change of all following dates is read as a change of one date, with a note"
SECOND_RULE = "only the first of several rules counts, with a note"

DIFFERENT = {
    ("issue42.ics", "1b105ugrhqak1ra2pq16he8r08@google.com"): INSTANT,
    ("issue42.ics", "46E4C4132DAF43789B033281D80EAD7600000000000000000000000000000000"): INSTANT,
    ("issue42.ics", "7888B0370F274F90B34788726AD0475200000000000000000000000000000000"): INSTANT,
    ("issue_526_calendar_with_different_events.ics", "ical-jacadzaca-3"): UNKNOWN_ZONE,
    ("issue_526_calendar_with_different_events.ics", "ical-jacadzaca-4"): UNKNOWN_ZONE,
    ("issue_526_calendar_with_event_subset.ics", "1"): UNKNOWN_ZONE,
    ("issue_526_calendar_with_events.ics", "1"): UNKNOWN_ZONE,
    ("issue_526_calendar_with_events.ics", "2"): UNKNOWN_ZONE,
    ("issue_526_calendar_with_shuffeled_events.ics", "1"): UNKNOWN_ZONE,
    ("issue_526_calendar_with_shuffeled_events.ics", "2"): UNKNOWN_ZONE,
    ("issue_1633_rdate_with_dates.ics", "1"): WHOLE_DAY,
    ("issue_1633_rdate_with_dates_and_tzid.ics", "1"): WHOLE_DAY,
    ("end_before_start_event.ics", "UYDQSG9TH4DE0WM3QFL2J"): END_FIRST,
    ("issue_132_swapped_start_and_end.ics", "84A72-65798A00-5-20465200"): END_FIRST,
    ("issue_201_mixed_datetime_and_date.ics", "19970901T130000Z-123403@example.com"): MIXED,
    ("issue_201_test_matrix.ics", "VEVENT-DATE-DATETIME"): MIXED,
    ("issue_201_test_matrix.ics", "VEVENT-DATE-UTC"): MIXED,
    ("issue_201_test_matrix.ics", "VEVENT-DATE-HOURS"): MIXED,
    ("issue_156_RDATE_with_PERIOD_TZID_khal.ics", "*"): ALONE,
    ("issue_156_RDATE_with_PERIOD_TZID_khal_2.ics", "*"): ALONE,
    ("issue_117_until_before_dtstart.ics", "*"): FIRST,
    ("issue_253_additional_recurrence_id.ics", "111"): STALE,
    ("issue_75_range_parameter.ics", "210"): FUTURE,
    ("multiple_rrule.ics", "56cdc4dc-11b7-407c-86c6-9faedfc28afb"): SECOND_RULE,
}
"""File and UID (``*``: the only event) -> why the occurrences differ."""

REFUSED = {
    "corpus/america_new_york.ics": "several DTEND",
    "america_new_york_forward_reference.ics": "several DTEND",
    "bad_rrule_missing_until_event.ics": "UNTIL misspelt",
    "broken_ical.ics": "an empty parameter",
    "invalid_duration.ics": "a duration of ages",
    "issue_1081_invalid_rrule_freq.ics": "no FREQ",
    "issue_165_missing_event.ics": "spaces in a rule",
    "issue_464_invalid_rdate.ics": "one bad RDATE",
    "multiple_timezones.ics": "RDATE with a time only",
    "corpus/pacific_fiji.ics": "several DTEND",
    "calendars/pacific_fiji.ics": "several DTEND",
    "parsing_error.ics": "an empty EXDATE",
    "rfc_7529.ics": "RSCALE",
}
"""Calendars of which the library refuses an event that is read here, and what they hold."""

Span = set[tuple[str, str]]


def with_titles(data: bytes) -> bytes:
    """Many calendars of the corpora test one property and have no title, which an event needs here."""
    parts = re.split(rb"(?m)^(?=BEGIN:VEVENT)", data.replace(b"\r\n", b"\n"))
    titled = (
        re.sub(rb"\ABEGIN:VEVENT\n(?!(?:.*\n)*SUMMARY[:;])", b"BEGIN:VEVENT\nSUMMARY:untitled\n", part)
        for part in parts
    )
    return b"".join(titled)


def text(when: date | datetime) -> str:
    if not isinstance(when, datetime):
        return when.isoformat()
    return (when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)).isoformat()


def ours(schedule: Schedule, after: datetime, before: datetime) -> Span:
    found = expand(schedule, after=after, before=before, limit=10_000)
    assert found.cut == ""
    spans = set()
    for one in found:
        if one.all_day:
            spans.add((text(one.start), text((one.end or one.start) + timedelta(days=1))))
        else:
            spans.add((text(one.start_utc), text(one.end_utc or one.start_utc)))
    return spans


def theirs(raw: RawRecord, after: datetime, before: datetime) -> Span:
    spans = set()
    calendar = icalendar.Calendar.from_ical(raw.raw)
    for event in recurring_ical_events.of(calendar, components=["VEVENT"]).between(after, before):
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        if not isinstance(start, datetime) and end == start:
            # A whole day without length is that day.
            end = start + timedelta(days=1)
        spans.add((text(start), text(end)))
    return spans


@pytest.mark.parametrize("name", FILES)
@pytest.mark.filterwarnings("ignore")
def test_occurrences_are_those_of_the_library(name: str) -> None:
    file = name.rpartition("/")[2]
    records = raws(with_titles((CORPUS / name).read_bytes()), ReadOptions())
    differing = set()
    refused = 0
    for raw in records:
        record = ical.parse(raw, ReadOptions()).record
        if record is None or record.schedule is None:
            continue
        year = record.schedule.start.year
        after, before = (
            datetime(max(year - 1, 1900), 1, 1, tzinfo=UTC),
            datetime(max(year, 1900) + YEARS, 1, 1, tzinfo=UTC),
        )
        try:
            with warnings.catch_warnings():
                expected = theirs(raw, after, before)
        except Exception:
            refused += 1
            continue
        if ours(record.schedule, after, before) != expected:
            key = "*" if (file, "*") in DIFFERENT else raw.key
            differing.add((file, key))
    allowed = {entry for entry in DIFFERENT if entry[0] == file}
    unstable = {entry for entry in allowed if DIFFERENT[entry] == UNKNOWN_ZONE}
    assert differing | unstable == allowed
    assert bool(refused) == name.endswith(tuple(REFUSED))


def test_nothing_is_excused_that_does_not_exist() -> None:
    assert {file for file, _ in DIFFERENT} <= {name.rpartition("/")[2] for name in FILES}
    assert all(any(name.endswith(file) for name in FILES) for file in REFUSED)
