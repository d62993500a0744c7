"""Writing calendars, checked by reading them again: here, and with an independent library."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.recurrence import expand
from allmende.formats import ical
from allmende.formats.ical.writer import CalendarEvent, join_calendar, vevent, vtimezone, write_calendar
from allmende.formats.records import Contact, Override, RawRecord, ReadOptions, Record, Schedule, UnusableInput

TALK = CalendarEvent(
    "talk@example.org", "Talk", Schedule(datetime(2026, 5, 1, 19), datetime(2026, 5, 1, 21), "Europe/Berlin")
)


def write(*events: CalendarEvent) -> bytes:
    return b"".join(
        write_calendar(
            events, name="What is on", language="en", prodid="-//Example//EN", url="https://example.org/events"
        )
    )


def read(data: bytes) -> list[Record]:
    raws = [item for item in ical.split(io.BytesIO(data), ReadOptions()) if isinstance(item, RawRecord)]
    parsed = [ical.parse(raw, ReadOptions()) for raw in raws]
    assert [one.problems for one in parsed] == [[] for _ in parsed]
    return [one.record for one in parsed if one.record is not None]


def again(schedule: Schedule) -> Schedule:
    (record,) = read(write(CalendarEvent("talk", "Talk", schedule)))
    assert record.schedule is not None
    return record.schedule


def test_the_text_of_an_event() -> None:
    assert vevent(TALK).decode().split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:talk@example.org",
        "DTSTAMP:19700101T000000Z",
        "DTSTART;TZID=Europe/Berlin:20260501T190000",
        "DTEND;TZID=Europe/Berlin:20260501T210000",
        "SUMMARY:Talk",
        "END:VEVENT",
        "",
    ]


def test_every_field_is_read_again() -> None:
    event = CalendarEvent(
        uid="a,b;c\\d",
        name='Concert, "with" dance; at night \\o/ – für alle 🎶',
        schedule=Schedule(datetime(2026, 5, 1, 19), None, "Europe/Stockholm"),
        description="First\n\nsecond, third; " + "äöü " * 100,
        location="Hall, Storgatan 5, 123 45 Lund",
        lon=13.19,
        lat=55.7,
        url="https://example.org/a?b=c,d;e",
        categories=("Music", "Dance, modern"),
        organiser="Music; school",
        status="cancelled",
        modified=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        sequence=3,
    )
    (record,) = read(write(event))
    assert record.key == event.uid
    assert record.name == {"": event.name}
    assert record.schedule == event.schedule
    assert record.description == {"": event.description.strip()}
    assert (record.place_name, record.address.street, record.address.locality) == ("Hall", "Storgatan 5", "Lund")
    assert (record.lon, record.lat) == (13.19, 55.7)
    assert record.url == event.url
    assert record.categories == list(event.categories)
    assert record.contact == Contact(name="Music; school")
    assert record.status == "cancelled"
    assert record.modified == event.modified


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(datetime(2026, 5, 1, 19), None, "Europe/Berlin"),
        Schedule(datetime(2026, 5, 1, 19), datetime(2026, 5, 1, 21), "UTC"),
        Schedule(date(2026, 5, 1), date(2026, 5, 3), "UTC"),
        Schedule(date(2026, 5, 1), None, "UTC"),
        Schedule(
            datetime(2026, 5, 1, 19),
            datetime(2026, 5, 1, 21),
            "Europe/Berlin",
            "FREQ=WEEKLY;UNTIL=20261001T170000Z;BYDAY=FR",
            rdates=[datetime(2026, 5, 2, 19), datetime(2026, 5, 3, 19)],
            exdates=[datetime(2026, 5, 8, 19)],
            overrides=[
                Override(datetime(2026, 5, 15, 19), datetime(2026, 5, 16, 18), datetime(2026, 5, 16, 20), "Debate"),
                Override(datetime(2026, 5, 22, 19), datetime(2026, 5, 22, 19), datetime(2026, 5, 22, 21), "", True),
            ],
            dates=[(datetime(2026, 6, 1, 10), datetime(2026, 6, 1, 16))],
        ),
        Schedule(
            date(2026, 5, 1),
            date(2026, 5, 2),
            "UTC",
            "FREQ=YEARLY",
            exdates=[date(2028, 5, 1)],
            overrides=[Override(date(2027, 5, 1), date(2027, 5, 8), date(2027, 5, 9))],
            dates=[(date(2026, 12, 1), date(2026, 12, 24))],
        ),
    ],
)
def test_what_is_written_reads_back_as_an_equal_schedule(schedule: Schedule) -> None:
    assert again(schedule) == schedule


CORPUS = Path(__file__).parents[2] / "corpora" / "ics"
SPAN = {"after": datetime(2025, 1, 1, tzinfo=UTC), "before": datetime(2030, 1, 1, tzinfo=UTC)}
MOMENTS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, fold=0)
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    start = draw(MOMENTS)
    length = st.integers(1, 30).map(lambda hours: timedelta(hours=hours))
    other = draw(st.lists(MOMENTS.filter(lambda moment: moment != start), unique=True, max_size=4))
    longer = draw(
        st.lists(MOMENTS.filter(lambda moment: moment != start and moment not in other), unique=True, max_size=3)
    )
    schedule = Schedule(
        start,
        start + draw(length),
        draw(st.sampled_from(["Europe/Berlin", "UTC", "America/New_York"])),
        draw(st.sampled_from(["", "FREQ=WEEKLY;COUNT=5", "FREQ=MONTHLY;BYDAY=1SU;COUNT=3"])),
        rdates=other[:2],
        exdates=other[2:],
        dates=[(moment, moment + draw(length)) for moment in longer],
    )
    if draw(st.booleans()):
        moved = draw(MOMENTS)
        schedule.overrides.append(Override(start, moved, moved + draw(length), draw(st.sampled_from(["", "Other"]))))
    return schedule


@settings(max_examples=80, deadline=None)
@given(schedule=schedules())
def test_what_is_written_takes_place_at_the_same_times(schedule: Schedule) -> None:
    assert list(expand(again(schedule), **SPAN)) == list(expand(schedule, **SPAN))


@settings(max_examples=80, deadline=None)
@given(schedule=schedules())
@pytest.mark.filterwarnings("ignore")
def test_another_program_sees_the_same_times(schedule: Schedule) -> None:
    calendar = icalendar.Calendar.from_ical(write(CalendarEvent("talk", "Talk", schedule)))
    events = recurring_ical_events.of(calendar).between(SPAN["after"], SPAN["before"])
    theirs = sorted((event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) for event in events)
    ours = sorted((one.start_utc, one.end_utc) for one in expand(schedule, **SPAN))
    assert sorted(set(theirs)) == sorted(set(ours))


@settings(max_examples=150, deadline=None)
@given(name=st.text(min_size=1, max_size=120), description=st.text(max_size=400))
def test_any_text_stays_in_its_property(name: str, description: str) -> None:
    data = vevent(
        CalendarEvent("talk", f"x{name}", TALK.schedule, description, status=name, url="https://example.org/" + name)
    )
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    data.decode()
    event = icalendar.Event.from_ical(data)
    names = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "URL"}
    assert set(event.keys()) == (names | {"DESCRIPTION"} if description else names)


@pytest.mark.parametrize("field", ["uid", "name", "description", "location", "url", "organiser", "status"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x0b", "\x0c"])
def test_no_field_can_begin_a_line_of_its_own(field: str, end: str) -> None:
    values = {
        "uid": "talk",
        "name": "Talk",
        "schedule": TALK.schedule,
        field: f"a{end}END:VEVENT{end}BEGIN:VALARM{end}X:y",
    }
    text = vevent(CalendarEvent(**values)).decode()  # type: ignore[arg-type]
    assert text.splitlines().count("END:VEVENT") == 1
    assert "BEGIN:VALARM" not in text.splitlines()


def test_the_head_of_a_calendar() -> None:
    data = b"".join(
        write_calendar([], name="Été, ici", language="fr", prodid="-//Example//FR", url="https://example.org/fr/")
    )
    assert data.decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Example//FR",
        "CALSCALE:GREGORIAN",
        "NAME;LANGUAGE=fr:Été\\, ici",
        "X-WR-CALNAME:Été\\, ici",
        "URL:https://example.org/fr/",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "END:VCALENDAR",
        "",
    ]


def test_each_time_zone_is_described_once_before_it_is_used() -> None:
    paris = CalendarEvent("two", "Two", Schedule(datetime(2026, 5, 1, 19), None, "Europe/Paris"))
    data = write(TALK, paris, TALK, paris)
    assert [line for line in data.decode().split("\r\n") if line.startswith(("TZID:", "BEGIN:VEVENT"))] == [
        "TZID:Europe/Berlin",
        "BEGIN:VEVENT",
        "TZID:Europe/Paris",
        "BEGIN:VEVENT",
        "BEGIN:VEVENT",
        "BEGIN:VEVENT",
    ]


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_a_described_zone_keeps_the_time_of_the_zone(name: str) -> None:
    zone = icalendar.Timezone.from_ical(vtimezone(name)).to_tz(lookup_tzid=False)

    moment = datetime(2020, 1, 1, 12)
    while moment.year < 2036:
        assert moment.replace(tzinfo=zone).utcoffset() == moment.replace(tzinfo=ZoneInfo(name)).utcoffset()
        moment += timedelta(days=13)


def test_stored_texts_are_joined_to_the_same_calendar() -> None:
    stored = [(TALK.schedule.timezone, vevent(TALK))]
    joined = b"".join(
        join_calendar(
            stored, name="What is on", language="en", prodid="-//Example//EN", url="https://example.org/events"
        )
    )
    assert joined == write(TALK)


def test_a_zone_that_does_not_exist_is_not_described() -> None:
    assert vtimezone("Middle/Earth") == b""
    assert b"TZID=Middle EarthX:2026" in vevent(
        CalendarEvent("talk", "Talk", Schedule(datetime(2026, 5, 1), None, 'Middle ";:,\r\nEarthX'))
    )


def test_the_corpus_is_written_and_read_again() -> None:

    for path in sorted(CORPUS.rglob("*.ics")):
        if path.name == "issue42.ics" or "fuzzing" in path.parts:
            continue
        try:
            raws = [
                item for item in ical.split(io.BytesIO(path.read_bytes()), ReadOptions()) if isinstance(item, RawRecord)
            ]
        except UnusableInput:
            continue
        for raw in raws:
            record = ical.parse(raw, ReadOptions()).record
            if record is None or record.schedule is None:
                continue
            event = CalendarEvent(raw.key, next(iter(record.name.values())), record.schedule)
            (copy,) = read(write(event))
            assert copy.schedule is not None
            if not isinstance(record.schedule.start, datetime):
                # A calendar has no words for the zone of whole days.
                copy.schedule.timezone = record.schedule.timezone
            assert list(expand(copy.schedule, **SPAN)) == list(expand(record.schedule, **SPAN)), path.name
