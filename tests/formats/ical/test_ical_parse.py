"""Understanding one event."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from allmende.formats import ical
from allmende.formats.records import (
    Address,
    Contact,
    MediaItem,
    Override,
    Parsed,
    Problem,
    RawRecord,
    ReadOptions,
    Record,
    Schedule,
)

BERLIN = ReadOptions(timezone="Europe/Berlin")


def parse(*lines: str, options: ReadOptions = BERLIN, head: str = "") -> Parsed:
    text = f"BEGIN:VCALENDAR\n{head}BEGIN:VEVENT\nUID:talk\n" + "\n".join(lines) + "\nEND:VEVENT\nEND:VCALENDAR\n"
    return ical.parse(RawRecord("talk", text.encode(), "line 10"), options)


def read(*lines: str, options: ReadOptions = BERLIN, head: str = "") -> Record:
    record = parse(*lines, options=options, head=head).record
    assert record is not None
    return record


def times(*lines: str, head: str = "", options: ReadOptions = BERLIN) -> Schedule:
    schedule = read("SUMMARY:Talk", *lines, head=head, options=options).schedule
    assert schedule is not None
    return schedule


def codes(parsed: Parsed) -> list[tuple[str, str]]:
    return [(problem.where, problem.code) for problem in parsed.problems]


START = "DTSTART;TZID=Europe/Berlin:20260501T190000"


def test_every_field_finds_its_place() -> None:
    record = read(
        "SUMMARY:Concert\\, with dance",
        "DESCRIPTION:First line\\nsecond; line\\\\",
        START,
        "DTEND;TZID=Europe/Berlin:20260501T210000",
        "LOCATION:Kandertalhalle\\, Hauptstr. 1\\, 79400 Kandern",
        "GEO:47.7;7.66",
        "URL:https://example.org/concert",
        "CATEGORIES:Music,Dance\\, modern",
        "CATEGORIES:Children",
        'ORGANIZER;CN="Music school":mailto:info@example.org',
        "CONTACT:Anna Adam\\, anna@example.org",
        "LAST-MODIFIED:20260102T030405Z",
        "IMAGE;VALUE=URI;FMTTYPE=image/png:https://example.org/a.png",
        "ATTACH:https://example.org/b.jpg",
        "ATTACH;FMTTYPE=application/pdf:https://example.org/c.pdf",
        "CONFERENCE;VALUE=URI:https://meet.example.org/1",
        "TRANSP:TRANSPARENT",
    )
    assert record == Record(
        kind="event",
        key="talk",
        name={"": "Concert, with dance"},
        description={"": "First line\nsecond; line\\"},
        url="https://example.org/concert",
        categories=["Music", "Dance, modern", "Children"],
        lon=7.66,
        lat=47.7,
        address=Address(street="Hauptstr. 1", postal_code="79400", locality="Kandern"),
        place_name="Kandertalhalle",
        organiser=Contact(name="Music school", email="info@example.org"),
        contact=Contact(name="Anna Adam, anna@example.org", email="anna@example.org"),
        schedule=Schedule(datetime(2026, 5, 1, 19), datetime(2026, 5, 1, 21), "Europe/Berlin"),
        online_url="https://meet.example.org/1",
        media=[MediaItem("https://example.org/a.png"), MediaItem("https://example.org/b.jpg")],
        modified=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        extra={
            "location": "Kandertalhalle, Hauptstr. 1, 79400 Kandern",
            "attachments": ["https://example.org/c.pdf"],
        },
    )


@pytest.mark.parametrize(
    ("location", "place", "address"),
    [
        ("Town hall", "Town hall", Address()),
        ("Markt 3\\n04109 Leipzig\\nGermany", "", Address("Markt 3", "04109", "Leipzig", country="DE")),
        ("Musée, 12 rue Haute, 31000 Toulouse", "Musée", Address("12 rue Haute", "31000", "Toulouse")),
        ("Hall, Storgatan 5, 123 45 Lund, Sweden", "Hall", Address("Storgatan 5", "123 45", "Lund", country="SE")),
        (
            "Hall, Room 2, Kerkstraat 1, 1017 AB Amsterdam",
            "Hall, Room 2",
            Address("Kerkstraat 1", "1017 AB", "Amsterdam"),
        ),
        ("Park, by the big oak, Kandern", "Park, by the big oak, Kandern", Address()),
        ("D-79400 Kandern", "", Address("", "79400", "Kandern", country="DE")),
    ],
)
def test_a_location_is_told_apart_only_around_a_postal_code(location: str, place: str, address: Address) -> None:
    record = read("SUMMARY:Talk", START, f"LOCATION:{location}")
    assert (record.place_name, record.address) == (place, address)
    whole = location.replace("\\n", " ")
    assert record.extra.get("location", record.place_name) == whole


def test_a_location_that_is_an_address_in_the_web_is_where_to_join() -> None:
    record = read("SUMMARY:Talk", START, "LOCATION:https://meet.example.org/1")
    assert (record.online_url, record.place_name) == ("https://meet.example.org/1", "")


def test_html_becomes_paragraphs() -> None:
    record = read("SUMMARY:Talk", START, "DESCRIPTION:<p>One</p><p>Two &amp; <b>three</b></p>")
    assert record.description == {"": "One\n\nTwo & three"}
    record = read("SUMMARY:Talk", START, "X-ALT-DESC;FMTTYPE=text/html:<html><body><p>Only here</p></body></html>")
    assert record.description == {"": "Only here"}


def test_languages_are_kept_apart() -> None:
    record = read("SUMMARY;LANGUAGE=de-DE:Vortrag", "SUMMARY;LANGUAGE=fr:Conférence", "DESCRIPTION:Ein Abend", START)
    assert record.name == {"de": "Vortrag", "fr": "Conférence"}
    assert record.language == "de"
    assert record.description == {"de": "Ein Abend"}


# Time zones


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("europe/stockholm", "Europe/Stockholm"),
        ('"W. Europe Standard Time"', "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("posix/Europe/Vaduz", "Europe/Vaduz"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome"', "Europe/Amsterdam"),
        ("GMT+0200", "Etc/GMT-2"),
        ("UTC-5", "Etc/GMT+5"),
    ],
)
def test_a_time_zone_is_found_by_its_name(tzid: str, zone: str) -> None:
    assert times(f"DTSTART;TZID={tzid}:20260501T190000") == Schedule(datetime(2026, 5, 1, 19), None, zone)


def test_utc_is_told_in_the_calendars_zone() -> None:
    assert times("DTSTART:20260501T170000Z") == Schedule(datetime(2026, 5, 1, 19), None, "Europe/Berlin")
    london = "X-WR-TIMEZONE:Europe/London\n"
    assert times("DTSTART:20260501T170000Z", head=london) == Schedule(datetime(2026, 5, 1, 18), None, "Europe/London")
    assert times("DTSTART;TZID=UTC:20260501T170000", head=london).start == datetime(2026, 5, 1, 18)


def test_a_calendar_that_only_says_utc_does_not_say_where_it_is() -> None:
    assert times("DTSTART:20260501T170000Z", head="X-WR-TIMEZONE:UTC\n").timezone == "Europe/Berlin"


def test_floating_times_belong_to_the_calendars_zone() -> None:
    assert times("DTSTART:20260501T190000") == Schedule(datetime(2026, 5, 1, 19), None, "Europe/Berlin")


def test_an_unknown_calendar_zone_is_noted() -> None:
    parsed = parse("SUMMARY:Talk", START, head="X-WR-TIMEZONE:Middle Earth\n")
    assert codes(parsed) == [("line 10", "bad-zone")]


def test_an_unknown_zone_is_noted_and_read_as_the_calendars() -> None:
    parsed = parse("SUMMARY:Talk", "DTSTART;TZID=Shire:20260501T190000")
    assert parsed.record is not None
    assert parsed.record.schedule == Schedule(datetime(2026, 5, 1, 19), None, "Europe/Berlin")
    assert codes(parsed) == [("line 13", "odd-zone")]


def zone(winter: str, summer: str, tzid: str = "Our Hall") -> str:
    return f"""BEGIN:VTIMEZONE
TZID:{tzid}
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
END:DAYLIGHT
END:VTIMEZONE
"""


def test_a_zone_of_its_own_that_keeps_our_time_is_ours() -> None:
    schedule = times('DTSTART;TZID="Our Hall":20260501T190000', head=zone("+0100", "+0200"))
    assert schedule == Schedule(datetime(2026, 5, 1, 19), None, "Europe/Berlin")
    elsewhere = times('DTSTART;TZID="Our Hall":20260501T190000', head=zone("+0100", "+0200"), options=ReadOptions())
    assert elsewhere.timezone == "Europe/Berlin"


def test_a_zone_of_its_own_that_keeps_another_time_is_converted() -> None:
    parsed = parse(
        "SUMMARY:Talk",
        "DTSTART;TZID=Our Hall:20260501T190000",
        "DTEND;TZID=Our Hall:20260501T210000",
        head=zone("+0330", "+0430"),
    )
    assert parsed.record is not None
    # 19:00 at +04:30 is 14:30 in UTC.
    assert parsed.record.schedule == Schedule(
        datetime(2026, 5, 1, 16, 30), datetime(2026, 5, 1, 18, 30), "Europe/Berlin"
    )
    assert codes(parsed) == [("line 13", "own-zone")]


def test_a_zone_that_would_take_for_ever_is_not_followed() -> None:
    hostile = zone("+0100", "+0200").replace("FREQ=YEARLY", "FREQ=SECONDLY")
    parsed = parse("SUMMARY:Talk", "DTSTART;TZID=Our Hall:20260501T190000", head=hostile)
    assert codes(parsed) == [("line 13", "odd-zone")]


def test_a_zone_and_the_z_of_utc_together_mean_the_zone() -> None:
    parsed = parse("SUMMARY:Talk", "DTSTART;TZID=America/New_York:20260501T190000Z")
    assert parsed.record is not None
    assert parsed.record.schedule == Schedule(datetime(2026, 5, 1, 19), None, "America/New_York")
    assert codes(parsed) == [("line 13", "odd-zone")]


# Ends


def test_the_end_of_whole_days_is_the_last_day() -> None:
    assert times("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260504").end == date(2026, 5, 3)
    assert times("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260501").end == date(2026, 5, 1)
    assert times("DTSTART:20260501", "DURATION:P1W").end == date(2026, 5, 7)
    assert times("DTSTART:20260501").end is None


def test_a_duration_counts_days_by_the_calendar_and_hours_exactly() -> None:
    # Clocks go forward in the night to 29 March.
    start = "DTSTART;TZID=Europe/Berlin:20260328T120000"
    assert times(start, "DURATION:P1D").end == datetime(2026, 3, 29, 12)
    assert times(start, "DURATION:PT24H").end == datetime(2026, 3, 29, 13)


def test_an_end_in_another_zone_is_converted() -> None:
    assert times(START, "DTEND;TZID=Europe/London:20260501T200000").end == datetime(2026, 5, 1, 21)
    assert times(START, "DTEND:20260501T190000Z").end == datetime(2026, 5, 1, 21)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("DTEND;TZID=Europe/Berlin:20260501T180000", "end-before-start"),
        ("DTEND:tomorrow", "bad-end"),
        ("DURATION:P999999999999999999W", "bad-end"),
        ("DURATION:-PT1H", "bad-end"),
        ("DURATION:P", "bad-end"),
        ("DURATION:P999999999D", "bad-end"),
    ],
)
def test_an_end_that_cannot_be_is_noted_and_unknown(line: str, code: str) -> None:
    parsed = parse("SUMMARY:Talk", START, line)
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.end is None
    assert codes(parsed) == [("line 14", code)]


def test_a_zero_length_has_no_end() -> None:
    parsed = parse("SUMMARY:Talk", START, "DTEND;TZID=Europe/Berlin:20260501T190000")
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert (parsed.record.schedule.end, parsed.problems) == (None, [])


def test_outlooks_whole_days_are_whole_days() -> None:
    schedule = times(
        "DTSTART;TZID=Europe/Berlin:20260501T000000",
        "DTEND;TZID=Europe/Berlin:20260503T000000",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
    )
    assert schedule == Schedule(date(2026, 5, 1), date(2026, 5, 2), "Europe/Berlin")


# Recurrence


def rule(text: str, start: str = START) -> tuple[str, list[tuple[str, str]]]:
    parsed = parse("SUMMARY:Talk", start, f"RRULE:{text}")
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    return parsed.record.schedule.rrule, codes(parsed)


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", "FREQ=WEEKLY;BYDAY=FR"),
        ("freq=weekly; byday=mo, fr;", "FREQ=WEEKLY;BYDAY=MO,FR"),
        ("FREQ=DAILY;INTERVAL=1;COUNT=3", "FREQ=DAILY;COUNT=3"),
        ("FREQ=DAILY;UNTIL=20260601T170000Z", "FREQ=DAILY;UNTIL=20260601T170000Z"),
        ("FREQ=DAILY;UNTIL=20260601T190000", "FREQ=DAILY;UNTIL=20260601T170000Z"),
        ("FREQ=DAILY;UNTIL=20260601", "FREQ=DAILY;UNTIL=20260601T215959Z"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT", "FREQ=YEARLY"),
    ],
)
def test_a_rule_is_kept_in_clean_form(given: str, clean: str) -> None:
    assert rule(given) == (clean, [])


def test_the_end_of_a_rule_of_whole_days_is_a_day() -> None:
    assert rule("FREQ=DAILY;UNTIL=20260601T235959Z", "DTSTART:20260501") == ("FREQ=DAILY;UNTIL=20260601", [])


@pytest.mark.parametrize(
    "given",
    [
        "FREQ=SOMETIMES",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;COUNT=many",
        "FREQ=DAILY;UNTIL=later",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=YEARLY;BYSETPOS=0",
        "FREQ=DAILY;BYMONTH=" + "1," * 5000 + "1",
    ],
)
def test_a_broken_rule_is_noted_and_the_first_date_kept(given: str) -> None:
    assert rule(given) == ("", [("line 14", "bad-rule")])


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("FREQ=WEEKLY;UNTL=20261001", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;COUNT=-1", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261001T170000Z", "FREQ=WEEKLY;UNTIL=20261001T170000Z"),
        ("FREQ=YEARLY;SKIP=FORWARD", "FREQ=YEARLY"),
    ],
)
def test_an_odd_rule_is_repaired_with_a_note(given: str, clean: str) -> None:
    assert rule(given) == (clean, [("line 14", "odd-rule")])


def test_a_rule_in_utc_is_followed_in_local_time_with_a_note() -> None:
    assert rule("FREQ=WEEKLY", "DTSTART:20260501T170000Z") == ("FREQ=WEEKLY", [("line 13", "utc-rule")])


def test_a_rule_whose_day_would_change_stays_in_utc() -> None:
    parsed = parse("SUMMARY:Talk", "DTSTART:20260504T230000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO")
    assert parsed.record is not None
    assert parsed.record.schedule == Schedule(datetime(2026, 5, 4, 23), None, "UTC", "FREQ=WEEKLY;BYDAY=MO")
    assert codes(parsed) == [("line 13", "utc-rule")]


def test_dates_are_told_in_the_zone_of_the_start() -> None:
    schedule = times(
        START,
        "RRULE:FREQ=WEEKLY",
        "RDATE:20260506T170000Z",
        "RDATE;TZID=Europe/London:20260507T180000,20260508T180000",
        "EXDATE;TZID=Europe/Berlin:20260515T190000",
        "EXDATE;VALUE=DATE:20260522",
        "EXDATE:",
    )
    assert schedule.rdates == [datetime(2026, 5, 6, 19), datetime(2026, 5, 7, 19), datetime(2026, 5, 8, 19)]
    assert schedule.exdates == [datetime(2026, 5, 15, 19), datetime(2026, 5, 22, 19)]


def test_a_period_is_a_date_with_an_end_of_its_own() -> None:
    schedule = times(START, "RDATE;VALUE=PERIOD:20260506T170000Z/20260506T200000Z,20260507T170000Z/PT4H")
    assert schedule.dates == [
        (datetime(2026, 5, 6, 19), datetime(2026, 5, 6, 22)),
        (datetime(2026, 5, 7, 19), datetime(2026, 5, 7, 23)),
    ]


def test_a_bad_date_in_a_list_leaves_the_others() -> None:
    parsed = parse("SUMMARY:Talk", START, "RDATE:20260506T170000Z,20269999T170000Z,20260508T170000Z")
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.rdates == [datetime(2026, 5, 6, 19), datetime(2026, 5, 8, 19)]
    assert codes(parsed) == [("line 14", "bad-date")]


def test_too_many_dates_are_refused_with_the_limit() -> None:
    dates = ",".join(
        f"2026{number % 12 + 1:02}{number % 28 + 1:02}T{number % 24:02}{number % 60:02}00Z" for number in range(2001)
    )
    parsed = parse("SUMMARY:Talk", START, f"RDATE:{dates}")
    assert parsed.record is None
    assert codes(parsed) == [("line 14", "too-big")]
    assert "2000" in parsed.problems[0].message
    lines = [f"EXDATE:{part}" for part in dates.split(",")]
    assert codes(parse("SUMMARY:Talk", START, *lines)) == [("line 14", "too-big")]


MASTER = (
    f"BEGIN:VEVENT\nUID:talk\nSUMMARY:Talk\n{START}\n"
    "DTEND;TZID=Europe/Berlin:20260501T210000\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n"
)


def several(*events: str) -> Parsed:
    text = "BEGIN:VCALENDAR\n" + "".join(events) + "END:VCALENDAR\n"
    return ical.parse(RawRecord("talk", text.encode(), "line 10 (and 20, 30)"), BERLIN)


def change(*lines: str) -> str:
    return "BEGIN:VEVENT\nUID:talk\n" + "\n".join(lines) + "\nEND:VEVENT\n"


def test_reader_keeps_a_moved_occurrence() -> None:
    moved = change(
        "RECURRENCE-ID:20260508T170000Z", "DTSTART:20260509T170000Z", "DTEND:20260509T190000Z", "SUMMARY:Talk"
    )
    parsed = several(moved, MASTER)
    assert parsed.problems == []
    assert parsed.record is not None
    assert parsed.record.schedule == Schedule(
        datetime(2026, 5, 1, 19),
        datetime(2026, 5, 1, 21),
        "Europe/Berlin",
        "FREQ=WEEKLY",
        overrides=[Override(datetime(2026, 5, 8, 19), datetime(2026, 5, 9, 19), datetime(2026, 5, 9, 21))],
    )


def test_reader_keeps_a_cancelled_and_a_renamed_occurrence() -> None:
    cancelled = change("RECURRENCE-ID;TZID=Europe/Berlin:20260508T190000", "SUMMARY:Talk", "STATUS:CANCELLED")
    renamed = change("RECURRENCE-ID;TZID=Europe/Berlin:20260515T190000", "SUMMARY:Debate", "LOCATION:Garden")
    parsed = several(MASTER, cancelled, renamed)
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.overrides == [
        Override(datetime(2026, 5, 8, 19), cancelled=True),
        Override(datetime(2026, 5, 15, 19), name="Debate"),
    ]
    assert parsed.record.extra == {
        "occurrences": [{"recurrence_id": "20260515T190000", "location": "Garden"}],
    }


def test_the_newest_version_counts() -> None:
    newer = MASTER.replace("SUMMARY:Talk", "SUMMARY:Lecture\nSEQUENCE:2")
    parsed = several(newer, MASTER)
    assert parsed.record is not None
    assert parsed.record.name == {"": "Lecture"}
    assert codes(parsed) == [("line 10", "duplicate-key")]


def test_a_moved_date_that_was_left_out_later_stays_out() -> None:
    moved = change("RECURRENCE-ID:20260508T170000Z", "DTSTART:20260509T170000Z", "SUMMARY:Talk")
    parsed = several(MASTER.replace("RRULE", "EXDATE:20260508T170000Z\nRRULE"), moved)
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.overrides == []
    assert codes(parsed) == [("line 22", "excluded-date")]


def test_a_change_of_all_following_dates_is_noted() -> None:
    later = change("RECURRENCE-ID;RANGE=THISANDFUTURE:20260508T170000Z", "DTSTART:20260509T170000Z", "SUMMARY:Talk")
    assert codes(several(MASTER, later)) == [("line 22", "this-and-future")]


def test_moved_dates_without_their_series_are_dates_of_one_event() -> None:
    first = change("RECURRENCE-ID:20260508T170000Z", "DTSTART:20260508T170000Z", "SUMMARY:Talk")
    second = change("RECURRENCE-ID:20260515T170000Z", "DTSTART:20260515T180000Z", "SUMMARY:Debate")
    parsed = several(first, second)
    assert parsed.record is not None
    assert parsed.record.schedule == Schedule(
        datetime(2026, 5, 8, 19),
        None,
        "Europe/Berlin",
        overrides=[Override(datetime(2026, 5, 15, 20), datetime(2026, 5, 15, 20), name="Debate")],
        dates=[(datetime(2026, 5, 15, 20), None)],
    )
    assert codes(parsed) == [("line 10", "no-series")]


def test_entries_of_one_uid_are_dates_of_one_event() -> None:
    entries = [change(f"DTSTART:2026050{day}T170000Z", "DURATION:PT1H", "SUMMARY:Talk") for day in (1, 2, 3)]
    parsed = several(*entries)
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.start == datetime(2026, 5, 1, 19)
    assert parsed.record.schedule.dates == [
        (datetime(2026, 5, 2, 19), datetime(2026, 5, 2, 20)),
        (datetime(2026, 5, 3, 19), datetime(2026, 5, 3, 20)),
    ]
    assert codes(parsed) == [("line 10", "many-starts")]


def test_a_whole_day_series_is_matched_by_the_day_that_is_written() -> None:
    series = change("SUMMARY:Bin", "DTSTART;VALUE=DATE:20260402", "RRULE:FREQ=WEEKLY")
    moved = change("SUMMARY:Bin", "RECURRENCE-ID;TZID=GMT Standard Time:20260416T000000", "DTSTART;VALUE=DATE:20260417")
    parsed = several(series, moved)
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.overrides == [Override(date(2026, 4, 16), date(2026, 4, 17))]


# What is wrong


def refused(*lines: str) -> list[Problem]:
    parsed = parse(*lines)
    assert parsed.record is None
    return [problem for problem in parsed.problems if problem.severity == "error"]


@pytest.mark.parametrize(
    "value", ["INVALID", "20260230T100000", "20260501T250000", "", "20260501T", "٢٠٢٦٠٥٠١", "00010101"]
)
def test_a_bad_start_is_refused_with_line_and_value(value: str) -> None:
    (problem,) = refused("SUMMARY:Talk", "LOCATION:Long\n line", f"DTSTART:{value}")
    assert (problem.where, problem.code, problem.key) == ("line 15", "bad-date", "talk")
    assert problem.message.startswith(f"DTSTART “{value}” ")


def test_an_event_without_start_is_refused() -> None:
    assert [problem.code for problem in refused("SUMMARY:Talk")] == ["no-start"]


def test_an_event_without_title_takes_it_from_its_description() -> None:
    parsed = parse(START, "DESCRIPTION:An evening\\nwith music")
    assert parsed.record is not None
    assert parsed.record.name == {"": "An evening"}
    assert codes(parsed) == [("line 10", "no-title")]


def test_an_event_with_nothing_to_call_it_by_is_refused() -> None:
    assert [problem.code for problem in refused(START, "SUMMARY: ", "DESCRIPTION:")] == ["no-title"]


def test_line_ends_that_were_not_escaped_stay_in_the_text() -> None:
    parsed = parse("SUMMARY:Talk", "DESCRIPTION:First", "", "second, with Begin", "Begin: 19:00", START)
    assert parsed.record is not None
    assert parsed.record.description == {"": "First\nsecond, with Begin"}
    assert codes(parsed) == [("line 15", "odd-line")]


def test_windows_1252_is_read_with_a_note() -> None:
    text = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:talk\nSUMMARY:Führung\n{START}\nEND:VEVENT\nEND:VCALENDAR\n"
    parsed = ical.parse(RawRecord("talk", text.encode("cp1252"), "line 2"), BERLIN)
    assert parsed.record is not None
    assert parsed.record.name == {"": "Führung"}
    assert codes(parsed) == [("line 2", "latin-1")]


def test_a_letter_that_was_folded_in_its_middle_is_whole_again() -> None:
    text = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:talk\nSUMMARY:Führung\n{START}\nEND:VEVENT\nEND:VCALENDAR\n".encode()
    folded = text.replace("ü".encode(), "ü".encode()[:1] + b"\n " + "ü".encode()[1:])
    parsed = ical.parse(RawRecord("talk", folded, "line 2"), BERLIN)
    assert parsed.record is not None
    assert (parsed.record.name, parsed.problems) == ({"": "Führung"}, [])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/calendar", "ftp://example.org"]
)
def test_an_address_that_is_not_of_the_web_is_left_out(url: str) -> None:
    parsed = parse("SUMMARY:Talk", START, f"URL:{url}")
    assert parsed.record is not None
    assert parsed.record.url == ""
    assert codes(parsed) == [("line 14", "bad-url")]


@pytest.mark.parametrize("value", ["91;0", "north;east", "47.7", "nan;7", "1e400;7"])
def test_a_point_outside_of_the_world_is_left_out(value: str) -> None:
    parsed = parse("SUMMARY:Talk", START, f"GEO:{value}")
    assert parsed.record is not None
    assert (parsed.record.lat, parsed.record.lon) == (None, None)
    assert codes(parsed) == [("line 14", "bad-point")]


def test_cancelled_and_private_events_say_so() -> None:
    assert read("SUMMARY:Talk", START, "STATUS:CANCELLED").status == "cancelled"
    parsed = parse("SUMMARY:Talk", START, "CLASS:PRIVATE")
    assert parsed.record is not None
    assert parsed.record.extra == {"class": "private"}
    assert codes(parsed) == [("line 14", "private")]


def test_embedded_files_are_noted_and_left_out() -> None:
    parsed = parse("SUMMARY:Talk", START, "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA")
    assert parsed.record is not None
    assert parsed.record.media == []
    assert codes(parsed) == [("line 14", "embedded-file")]


def test_parameters_may_be_quoted_empty_or_coded() -> None:
    record = read('SUMMARY;X-A="a:b;c";;X-B:Talk', START, "ORGANIZER;CN=George ^'Babe^' Ruth:mailto:b@example.org")
    assert record.name == {"": "Talk"}
    assert record.organiser == Contact(name='George "Babe" Ruth', email="b@example.org")


def test_messages_hold_little_of_the_input() -> None:
    (problem,) = refused("SUMMARY:Talk", "DTSTART:" + "9" * 5000)
    assert "9" * 60 not in problem.message
