"""From one raw node to a record: dates, places, prices, hours, texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from allmende.formats.records import Address, Contact, Hours, MediaItem, Override, Price, Schedule
from tests.formats.schema_org.schema_reading import codes, event, place, read, read_one

BERLIN = "Europe/Berlin"


def schedule(**fields: Any) -> Schedule:
    found = read_one(event(**fields)).schedule
    assert found is not None
    return found


# --- dates


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-05-02", None, (date(2026, 5, 2), date(2026, 5, 2))),
        ("2026-05-02", "2026-05-04", (date(2026, 5, 2), date(2026, 5, 4))),
        ("2026-05-02T19:30", None, (datetime(2026, 5, 2, 19, 30), None)),
        ("2026-05-02T19:30:00+02:00", "2026-05-02T20:00Z", (datetime(2026, 5, 2, 19, 30), datetime(2026, 5, 2, 22, 0))),
        ("2026-05-02T19:30:00-04:00", None, (datetime(2026, 5, 3, 1, 30), None)),
        ("2026-05-02T19:30", "2026-05-04", (datetime(2026, 5, 2, 19, 30), datetime(2026, 5, 5, 0, 0))),
        ("2026-05-02T19:30", "2026-05-02", (datetime(2026, 5, 2, 19, 30), None)),
        ("2026-05-02T00:00:00", "2026-05-03T23:59:59", (date(2026, 5, 2), date(2026, 5, 3))),
        ("2026-05-02T00:00", "2026-05-04T00:00", (date(2026, 5, 2), date(2026, 5, 3))),
        ("20260502T193000", None, (datetime(2026, 5, 2, 19, 30), None)),
        ("2026-5-2 19:30", None, (datetime(2026, 5, 2, 19, 30), None)),
        ("02.05.2026 19:30 Uhr", None, (datetime(2026, 5, 2, 19, 30), None)),
        ("2026-05-02T24:00", None, (date(2026, 5, 3), date(2026, 5, 3))),
        ({"@type": "Date", "@value": "2026-05-02"}, None, (date(2026, 5, 2), date(2026, 5, 2))),
    ],
)
def test_dates_and_times(start: Any, end: Any, expected: tuple[date, date | None]) -> None:
    found = schedule(startDate=start, endDate=end)
    assert (found.start, found.end) == expected
    assert found.timezone == BERLIN


def test_an_end_before_the_start_is_left_out_with_a_note() -> None:
    records, problems = read(event(startDate="2026-05-02T19:30", endDate="2026-05-01T22:00"))
    assert records[0].schedule == Schedule(datetime(2026, 5, 2, 19, 30), None, BERLIN)
    assert codes(problems) == ["end-before-start"]


def test_a_duration_gives_the_end() -> None:
    assert schedule(startDate="2026-05-02T19:30", duration="PT1H30M").end == datetime(2026, 5, 2, 21, 0)
    assert schedule(startDate="2026-05-02", duration="P3D").end == date(2026, 5, 4)


def test_several_start_dates_pair_with_their_ends() -> None:
    found = schedule(
        startDate=["2026-05-09T10:00", "2026-05-02T10:00"], endDate=["2026-05-09T12:00", "2026-05-02T11:00"]
    )
    assert (found.start, found.end) == (datetime(2026, 5, 2, 10, 0), datetime(2026, 5, 2, 11, 0))
    assert found.dates == [(datetime(2026, 5, 9, 10, 0), datetime(2026, 5, 9, 12, 0))]


def test_a_date_that_is_none_is_refused_and_named() -> None:
    records, problems = read(event(startDate="soon"))
    assert records == []
    assert [(problem.code, problem.severity) for problem in problems] == [("bad-date", "note"), ("no-start", "error")]
    assert "“soon”" in problems[0].message


def test_a_series_has_the_dates_of_its_parts() -> None:
    found = schedule(
        **{"@type": "EventSeries"},
        subEvent=[
            {"@type": "Event", "name": "First", "startDate": "2026-05-02T10:00"},
            {"@type": "Event", "name": "Second", "startDate": "2026-05-09T10:00"},
        ],
    )
    assert (found.start, found.dates) == (datetime(2026, 5, 2, 10, 0), [(datetime(2026, 5, 9, 10, 0), None)])


def test_a_festival_keeps_its_own_dates_and_its_programme() -> None:
    record = read_one(
        event(
            endDate="2026-05-03",
            subEvent=[{"@type": "Event", "name": "Parade", "startDate": "2026-05-02T14:00"}],
        )
    )
    assert record.schedule == Schedule(date(2026, 5, 2), date(2026, 5, 3), BERLIN)
    assert record.extra["parts"] == [{"name": "Parade", "start": "2026-05-02T14:00", "url": ""}]


def test_one_cancelled_date_of_several() -> None:
    first, second = event(), event(startDate="2026-05-09", eventStatus="https://schema.org/EventCancelled")
    record = read_one([first, second])
    assert record.status == "scheduled"
    assert record.schedule is not None
    assert record.schedule.dates == [(date(2026, 5, 9), date(2026, 5, 9))]
    assert record.schedule.overrides == [Override(date(2026, 5, 9), cancelled=True)]


def test_all_dates_cancelled_is_a_cancelled_event() -> None:
    record = read_one(event(eventStatus="EventCancelled"))
    assert (record.status, record.schedule.overrides if record.schedule else None) == ("cancelled", [])


def test_days_and_times_together_become_days_with_a_note() -> None:
    records, problems = read([event(), event(startDate="2026-05-09T10:00")])
    assert records[0].schedule is not None
    assert [records[0].schedule.start, *(start for start, _ in records[0].schedule.dates)] == [
        date(2026, 5, 2),
        date(2026, 5, 9),
    ]
    assert codes(problems) == ["mixed-dates"]


# --- schedules


def rule(schedule_node: dict[str, Any], **fields: Any) -> Schedule:
    return schedule(eventSchedule={"@type": "Schedule", **schedule_node}, **fields)


@pytest.mark.parametrize(
    ("node", "start", "rrule"),
    [
        (
            {"repeatFrequency": "P1W", "byDay": ["Monday", "https://schema.org/Wednesday"], "startTime": "10:00"},
            datetime(2026, 5, 4, 10, 0),
            "FREQ=WEEKLY;BYDAY=MO,WE",
        ),
        (
            {"repeatFrequency": "weekly", "byDay": "Saturday", "repeatCount": 4},
            date(2026, 5, 2),
            "FREQ=WEEKLY;BYDAY=SA;COUNT=4",
        ),
        ({"repeatFrequency": "P2W"}, date(2026, 5, 2), "FREQ=WEEKLY;INTERVAL=2"),
        (
            {"repeatFrequency": "Daily", "endDate": "2026-05-31"},
            date(2026, 5, 2),
            "FREQ=DAILY;UNTIL=20260531",
        ),
        (
            {"repeatFrequency": "P1Y", "byMonth": [12], "byMonthDay": [24]},
            date(2026, 12, 24),
            "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
        ),
        ({"repeatFrequency": "P1M", "byDay": "-1FR"}, date(2026, 5, 29), "FREQ=MONTHLY;BYDAY=-1FR"),
        ({"byDay": "Sunday"}, date(2026, 5, 3), "FREQ=WEEKLY;BYDAY=SU"),
    ],
)
def test_schedules_become_rules(node: dict[str, Any], start: date, rrule: str) -> None:
    found = rule(node)
    assert (found.start, found.rrule) == (start, rrule)


def test_a_schedule_in_its_own_time_zone_ends_in_utc_and_leaves_out_days() -> None:
    found = rule(
        {
            "repeatFrequency": "P1W",
            "byDay": "https://schema.org/Tuesday",
            "startDate": "2026-05-01",
            "endDate": "2026-06-30",
            "startTime": "19:00:00",
            "endTime": "01:00:00",
            "exceptDate": ["2026-05-12", "2026-05-19T19:00"],
            "scheduleTimezone": "Europe/Stockholm",
        }
    )
    assert found == Schedule(
        datetime(2026, 5, 5, 19, 0),
        datetime(2026, 5, 6, 1, 0),
        "Europe/Stockholm",
        "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260630T215959Z",
        exdates=[datetime(2026, 5, 12, 19, 0), datetime(2026, 5, 19, 19, 0)],
    )


def test_an_end_before_the_last_repeat_wins() -> None:
    assert rule({"repeatFrequency": "P1D", "repeatCount": 30, "endDate": "2026-05-04"}).rrule.endswith("UNTIL=20260504")
    assert rule({"repeatFrequency": "P1D", "repeatCount": 2, "endDate": "2026-05-04"}).rrule.endswith("COUNT=2")


def test_schedules_that_differ_are_written_out_with_a_note() -> None:
    weekly = {"repeatFrequency": "P1W", "startTime": "10:00", "endTime": "11:00", "endDate": "2026-05-31"}
    records, problems = read(
        event(
            eventSchedule=[
                {**weekly, "byDay": "Saturday"},
                {**weekly, "byDay": "Sunday", "startTime": "15:00", "endTime": "18:00"},
            ]
        )
    )
    found = records[0].schedule
    assert found is not None
    assert found.rrule == "FREQ=WEEKLY;BYDAY=SA;UNTIL=20260531T215959Z"
    assert found.dates == [
        (datetime(2026, 5, day, 15, 0), datetime(2026, 5, day, 18, 0)) for day in (3, 10, 17, 24, 31)
    ]
    assert codes(problems) == ["several-schedules"]


def test_schedules_with_single_dates_are_dates() -> None:
    days = [{"startDate": f"2026-05-0{n}", "startTime": "10:00", "endTime": "12:00"} for n in (3, 4)]
    found = schedule(eventSchedule=days)
    assert found.rrule == ""
    assert (found.start, found.dates) == (
        datetime(2026, 5, 3, 10, 0),
        [(datetime(2026, 5, 4, 10, 0), datetime(2026, 5, 4, 12, 0))],
    )


def test_an_unknown_time_zone_is_noted() -> None:
    _, problems = read(event(eventSchedule={"repeatFrequency": "P1W", "scheduleTimezone": "Mars/Base"}))
    assert codes(problems) == ["bad-timezone"]


# --- places


def test_a_location_in_every_shape() -> None:
    assert read_one(event(location="Town hall")).place_name == "Town hall"
    assert read_one(event(location="https://meet.example/x")).online_url == "https://meet.example/x"
    record = read_one(event(location={"@type": "PostalAddress", "name": "Hall", "streetAddress": "Road 1"}))
    assert (record.place_name, record.address.street) == ("Hall", "Road 1")


def test_an_address_in_one_line_is_taken_apart_where_that_is_sure() -> None:
    record = read_one(place(address="Hauptstr. 5, D-79400 Kandern, Deutschland"))
    assert record.address == Address("Hauptstr. 5", "79400", "Kandern", "", "DE")
    assert read_one(place(address="220 S. Michigan Ave, Chicago")).address == Address("220 S. Michigan Ave, Chicago")


@pytest.mark.parametrize(
    ("written", "code"),
    [("Deutschland", "DE"), ("DEU", "DE"), ("fr", "FR"), ({"@type": "Country", "name": "Sverige"}, "SE"), ("Atlantis", "Atlantis")],
)  # fmt: skip
def test_countries_get_their_code(written: Any, code: str) -> None:
    assert read_one(place(address={"@type": "PostalAddress", "addressCountry": written})).address.country == code


@pytest.mark.parametrize(
    ("geo", "lon", "lat", "noted"),
    [
        ({"latitude": "47,5", "longitude": 7.6}, 7.6, 47.5, []),
        ({"@type": "GeoShape", "box": "47 7 48 8"}, 7.5, 47.5, []),
        ({"@type": "GeoShape", "circle": "47.5 7.5 1000"}, 7.5, 47.5, []),
        ({"latitude": 147, "longitude": 7}, None, None, ["bad-coordinates"]),
        ({"latitude": 0, "longitude": 0}, None, None, ["bad-coordinates"]),
        ({"latitude": "north", "longitude": "east"}, None, None, ["bad-coordinates"]),
    ],
)
def test_points(geo: dict[str, Any], lon: float | None, lat: float | None, noted: list[str]) -> None:
    records, problems = read(place(geo=geo))
    assert (records[0].lon, records[0].lat) == (lon, lat)
    assert codes(problems) == noted


def test_a_place_tells_whom_to_ask() -> None:
    record = read_one(place(url="https://mill.example/", telephone="+49 1", email="mailto:info@mill.example"))
    assert record.contact == Contact("", "https://mill.example/", "info@mill.example", "+49 1")
    assert record.key == "https://village.example/p/1"


def test_organisers_in_every_shape() -> None:
    assert read_one(event(organizer="Choir")).organiser == Contact("Choir")
    assert read_one(event(organizer=[{"name": "Choir", "url": "https://c.example"}, {"name": "Band"}])).organiser == (
        Contact("Choir, Band", "https://c.example")
    )


# --- hours


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"openingHours": "Mo-Fr 09:00-18:00"}, [Hours((0, 1, 2, 3, 4), "09:00", "18:00")]),
        (
            {"openingHours": ["Tu,Th 16:00-20:00", "PH off"]},
            None,
        ),
        (
            {"openingHoursSpecification": {"dayOfWeek": "https://schema.org/Friday", "opens": "18:00:00", "closes": "02:00:00"}},
            [Hours((4,), "18:00", "02:00")],
        ),
        (
            {"openingHoursSpecification": [{"dayOfWeek": ["Monday", "PublicHolidays"], "opens": "00:00", "closes": "00:00"}]},
            [Hours((0, 7), "", "")],
        ),
        (
            {"openingHoursSpecification": {"dayOfWeek": {"@id": "schema:Sunday"}, "opens": "00:00", "closes": "23:59"}},
            [Hours((6,), "00:00", "00:00")],
        ),
        (
            {"specialOpeningHoursSpecification": {"validFrom": "2026-12-24", "validThrough": "2026-12-26"}},
            [Hours(tuple(range(8)), "", "", date(2026, 12, 24), date(2026, 12, 26))],
        ),
        (
            {"openingHoursSpecification": {"dayOfWeek": "Monday", "opens": "10:00", "closes": "12:00", "validFrom": "--11-01", "validThrough": "--02-28"}},
            [Hours((0,), "10:00", "12:00", date(2000, 11, 1), date(2000, 2, 28), every_year=True)],
        ),
        ({"openingHoursSpecification": {"dayOfWeek": "Monday", "opens": "10:00"}}, []),
    ],
)  # fmt: skip
def test_hours(fields: dict[str, Any], expected: list[Hours] | None) -> None:
    record = read(place(**fields))[0][0]
    if expected is None:
        assert record.hours == [Hours((1, 3), "16:00", "20:00")]
        assert record.hours_text == {"": "PH off"}
    else:
        assert record.hours == expected


def test_one_line_for_each_day_becomes_one_line() -> None:
    days = [{"dayOfWeek": day, "opens": "10:00", "closes": "12:00"} for day in ("Sunday", "Monday", "Friday")]
    assert read_one(place(openingHoursSpecification=days)).hours == [Hours((0, 4, 6), "10:00", "12:00")]


def test_hours_that_are_not_understood_stay_in_words_with_a_note() -> None:
    records, problems = read(place(openingHours="by appointment, ring twice"))
    assert (records[0].hours, records[0].hours_text) == ([], {"": "by appointment, ring twice"})
    assert codes(problems) == ["hours-in-words"]


# --- prices, pictures, audience, access


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"offers": {"price": "12,50 €"}}, [Price(Decimal("12.50"), Decimal("12.50"), "EUR")]),
        ({"offers": {"price": 0, "priceCurrency": "SEK"}}, [Price(Decimal(0), Decimal(0), "SEK")]),
        ({"offers": {"price": "gratuit"}}, [Price(Decimal(0), Decimal(0), "EUR")]),
        ({"offers": {"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 8}}, [Price(Decimal(5), Decimal(8), "EUR")]),
        ({"offers": {"@type": "AggregateOffer", "lowPrice": 5}}, [Price(Decimal(5), None, "EUR")]),
        ({"isAccessibleForFree": True}, [Price(Decimal(0), Decimal(0), "EUR")]),
        ({"isAccessibleForFree": "False"}, []),
        (
            {"offers": {"priceCurrency": "DKK", "priceSpecification": [{"price": 50, "name": "Adults"}, {"price": 25}]}},
            [Price(Decimal(50), Decimal(50), "DKK", {"": "Adults"}), Price(Decimal(25), Decimal(25), "DKK")],
        ),
        ({"offers": [{"price": 5}, {"price": 5}]}, [Price(Decimal(5), Decimal(5), "EUR")]),
        ({"offers": {"price": "1.234,50", "priceCurrency": "EUR"}}, [Price(Decimal("1234.50"), Decimal("1234.50"), "EUR")]),
    ],
)  # fmt: skip
def test_prices(fields: dict[str, Any], expected: list[Price]) -> None:
    assert read_one(event(**fields)).prices == expected


def test_an_offer_on_its_own_has_its_price_and_a_nameless_one_is_no_thing() -> None:
    tour = {"@type": "Offer", "@id": "https://v.example/o/1", "name": "Tour", "price": "8", "priceCurrency": "EUR"}
    records, problems = read([tour, {"@type": "Offer", "price": 5}])
    assert [(record.kind, record.name, record.prices) for record in records] == [
        ("offer", {"": "Tour"}, [Price(Decimal(8), Decimal(8), "EUR")])
    ]
    assert codes(problems) == ["other-types"]


def test_pictures_keep_their_rights() -> None:
    image = [
        "https://v.example/1.jpg",
        {
            "@type": "ImageObject",
            "contentUrl": "https://v.example/2.jpg",
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "creditText": "Ada",
            "caption": "The mill",
            "width": {"@type": "QuantitativeValue", "value": 800},
            "height": "600px",
        },
        "https://v.example/1.jpg",
        "javascript:alert(1)",
        {"@type": "ImageObject", "caption": "no address"},
    ]
    assert read_one(event(image=image)).media == [
        MediaItem("https://v.example/1.jpg"),
        MediaItem(
            "https://v.example/2.jpg",
            "https://creativecommons.org/licenses/by/4.0/",
            "Ada",
            {"": "The mill"},
            800,
            600,
        ),
    ]


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("7-9", (7, 9)),
        ("18+", (18, None)),
        ("7-", (7, None)),
        ("-12", (None, 12)),
        ("ab 6 Jahren", (6, None)),
        ("dès 3 ans", (3, None)),
        ("12", (12, 12)),
        ("all ages", (None, None)),
        ("1999-2001", (None, None)),
    ],
)
def test_ages(text: str, ages: tuple[int | None, int | None]) -> None:
    record = read_one(event(typicalAgeRange=text))
    assert (record.age_min, record.age_max) == ages


def test_an_audience_with_ages() -> None:
    record = read_one(
        event(audience={"@type": "PeopleAudience", "audienceType": "Familien, Kinder", "suggestedMinAge": 4})
    )
    assert (record.audience, record.age_min) == (["families", "children"], 4)


def test_access_facts() -> None:
    features = [
        {"@type": "LocationFeatureSpecification", "name": "Wheelchair accessible", "value": True},
        {"name": "Behindertengerechte Toilette", "value": "false"},
        {"name": "Induction loop", "value": "partly"},
        {"name": "WiFi", "value": True},
        "Assistance dogs welcome",
    ]
    assert read_one(place(amenityFeature=features)).accessibility == {
        "step_free": "yes",
        "toilet": "no",
        "hearing": "partly",
        "assistance_dog": "yes",
    }
    assert read_one(event(accessibilityFeature=["braille", "signLanguage"])).accessibility == {
        "vision": "yes",
        "hearing": "yes",
    }


# --- texts and the rest


def test_texts_in_many_languages_and_shapes() -> None:
    record = read_one(
        event(
            name=[{"@value": "Marché", "@language": "fr"}, {"@value": "Markt", "@language": "de-CH"}],
            description={"fr": ["Un", "Deux"], "de": "Eins"},
        )
    )
    assert record.name == {"fr": "Marché", "de": "Markt"}
    assert record.description == {"fr": "Un\n\nDeux", "de": "Eins"}


def test_html_in_texts_becomes_paragraphs() -> None:
    record = read_one(event(name="A &amp; B", description="<p>One</p><script>x()</script><p>Two &euro;</p>"))
    assert record.name == {"": "A & B"}
    assert record.description == {"": "One\n\nTwo €"}


def test_the_language_of_the_delivery() -> None:
    graph = {"@context": {"@vocab": "https://schema.org/", "@language": "da"}, "@graph": [event()]}
    assert read_one(graph).language == "da"
    assert read_one(event(inLanguage="nl-BE")).language == "nl"
    assert read_one(event(inLanguage=["nl", "fr"])).language == ""


def test_categories_are_types_then_words() -> None:
    record = read_one(
        event(
            **{"@type": ["Event", "MusicEvent"]},
            additionalType="https://www.productontology.org/id/Jazz_festival",
            keywords="Jazz, open air",
            genre={"@type": "DefinedTerm", "name": "Swing"},
        )
    )
    assert record.categories == ["schema:MusicEvent", "Jazz_festival", "Swing", "Jazz", "open air"]
    assert read_one(event()).categories == ["schema:Event"]


@pytest.mark.parametrize(
    ("type_name", "kind"),
    [("Festival", "event"), ("Winery", "place"), ("TouristTrip", "offer"), ("Course", "offer"), ("Hotel", "place")],
)
def test_kinds(type_name: str, kind: str) -> None:
    assert read_one(event(**{"@type": type_name})).kind == kind


def test_the_last_change() -> None:
    assert read_one(event(dateModified="2026-01-02T03:04:05Z")).modified == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert read_one(event(dateModified="2026-01-02")).modified == datetime(2026, 1, 2, tzinfo=ZoneInfo(BERLIN))
    assert read_one(event(dateModified="yesterday")).modified is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("https://schema.org/EventPostponed", "postponed"),
        ("EventMovedOnline", "moved_online"),
        ("http://schema.org/EventRescheduled", "scheduled"),
        ("nonsense", "scheduled"),
    ],
)
def test_statuses(status: str, expected: str) -> None:
    assert read_one(event(eventStatus=status)).status == expected


def test_an_event_without_a_name_is_refused() -> None:
    records, problems = read(event(name=" "))
    assert records == []
    assert [(problem.code, problem.severity, problem.key) for problem in problems] == [
        ("no-title", "error", "https://village.example/e/1")
    ]


def test_notes_never_quote_more_than_80_characters() -> None:
    _, problems = read(event(startDate="x" * 500, location={"geo": {"latitude": "y" * 500, "longitude": 1}}))
    assert problems
    assert all("x" * 81 not in problem.message and "y" * 81 not in problem.message for problem in problems)
