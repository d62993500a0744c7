"""Open Data Hub: what its objects become, and what is left out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from allmende.formats import opendatahub
from allmende.formats.records import Address, Hours, Override, Price, ReadOptions, UnusableInput
from tests.formats.reading import codes, read, read_one, sample


def test_a_real_page_of_events() -> None:
    records, problems = read("opendatahub", sample("opendatahub", "events_page.json"))
    assert problems == []
    fest, yoga = records
    assert (fest.key, fest.kind, fest.language) == ("47FD17D2DE264AAEBF6E44B3C32D1367", "event", "de")
    assert set(fest.name) == {"de", "en", "it"}
    assert fest.schedule is not None
    assert (fest.schedule.start, fest.schedule.end) == (datetime(2019, 6, 29, 10), None)
    assert yoga.schedule is not None
    assert [yoga.schedule.start, *(start for start, _ in yoga.schedule.dates)] == [
        date(2021, 4, 9), date(2021, 4, 10), date(2021, 4, 11),
    ]  # fmt: skip
    assert yoga.place_name == "Kurhaus"
    assert yoga.address == Address("Freiheitsstraße 31", "39012", "Meran", "Meran und Umgebung", "IT")
    assert yoga.categories == ["Tagungen Vorträge", "Sport", "Kurse/Bildung"]
    assert yoga.extra["licence"] == "CC0"


def test_a_real_lift_is_a_place_with_a_season() -> None:
    lift = read_one("opendatahub", sample("opendatahub", "lift.json"))
    assert (lift.kind, lift.name["it"]) == ("place", "Prato Abraham")
    assert lift.hours == [Hours((0, 1, 2, 3, 4, 5, 6), "08:30", "16:00", date(2018, 10, 27), date(2020, 5, 2))]
    assert (lift.lon, lift.lat) == (11.309652, 46.863848)
    assert lift.description["de"].startswith("Der Schlepplift Abrahamwiese befindet sich")
    assert [(item.licence, item.credit) for item in lift.media] == [
        ("CC0", "Tourimusverein Lajen"),
        ("CC0", "Tourismusverein Lajen"),
    ]


def test_events_places_and_lodgings_of_a_page_and_what_is_left_out() -> None:
    records, problems = read("opendatahub", sample("opendatahub", "mixed_synthetic.json"))
    assert [(record.key, record.kind) for record in records] == [
        ("EV1", "event"), ("ES1", "event"), ("POI1", "place"), ("AC1", "place"),
    ]  # fmt: skip
    assert codes(problems) == ["other-types", "inactive", "closed-data"]
    assert problems[0].message == "Left out, no events, places or lodgings: 1 article."


def test_single_days_are_dates_of_their_own_and_a_cancelled_one_stays_one() -> None:
    walk = read("opendatahub", sample("opendatahub", "mixed_synthetic.json"))[0][0]
    assert walk.schedule is not None
    assert (walk.schedule.start, walk.schedule.end) == (datetime(2026, 5, 4, 9, 30), datetime(2026, 5, 4, 11, 30))
    assert [start for start, _ in walk.schedule.dates] == [
        datetime(2026, 5, 5, 9, 30), datetime(2026, 5, 6, 9, 30), datetime(2026, 6, 1, 9, 30),
    ]  # fmt: skip
    assert walk.schedule.overrides == [Override(datetime(2026, 6, 1, 9, 30), cancelled=True)]
    assert walk.status == "scheduled"
    assert walk.prices == [Price(Decimal("12.5"), Decimal("12.5"), label={"de": "Erwachsene", "it": "Adulti"})]
    assert (walk.url, walk.extra["ticket_url"]) == (
        "https://hof.example.org/wandern",
        "https://tickets.example.org/ev1",
    )
    assert (walk.extra["meeting_point"], walk.extra["registration"]) == ("Hoftor", "bis am Vortag")
    assert walk.summary == {"de": "Zwei Stunden"}
    assert walk.categories == ["Führungen/Besichtigungen", "Wandern"]


def test_a_short_event_has_its_company_and_its_rooms() -> None:
    workshop = read("opendatahub", sample("opendatahub", "mixed_synthetic.json"))[0][1]
    assert workshop.name == {"de": "Offene Werkstatt", "en": "Open workshop"}
    assert (workshop.organiser.name, workshop.organiser.email) == ("Verein Werkstatt", "hallo@werkstatt.example.org")
    assert workshop.schedule is not None
    assert workshop.schedule.end == datetime(2026, 5, 7, 20, 30)
    assert workshop.extra["rooms"] == ["NOI Seminar 1"]


def test_hours_that_count_every_year_and_not_those_of_the_kitchen() -> None:
    museum = read("opendatahub", sample("opendatahub", "mixed_synthetic.json"))[0][2]
    assert museum.hours == [
        Hours((1, 2, 3, 4, 5, 6), "10:00", "17:00", date(2000, 5, 1), date(2000, 10, 31), every_year=True)
    ]
    assert museum.prices == [Price(Decimal(0), Decimal(0))]
    assert museum.contact.url == "https://muehle.example.org"


def test_texts_follow_the_language_of_the_source() -> None:
    records, _ = read("opendatahub", sample("opendatahub", "mixed_synthetic.json"), ReadOptions(language="it"))
    assert (records[0].language, records[0].place_name) == ("it", "Maso modello")


def event(**fields: Any) -> dict[str, Any]:
    return {"Id": "1", "Detail": {"de": {"Title": "Fest"}}, "EventDate": [{"From": "2026-05-01T00:00:00"}], **fields}


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ({"From": "2026-05-01T00:00:00", "To": "2026-05-03T00:00:00", "Begin": "10:00:00", "End": "18:00:00"},
         datetime(2026, 5, 1, 10), datetime(2026, 5, 3, 18)),
        ({"From": "2026-05-01T00:00:00", "To": "2026-05-01T00:00:00", "Begin": "22:00:00", "End": "02:00:00"},
         datetime(2026, 5, 1, 22), datetime(2026, 5, 2, 2)),
        ({"From": "2026-05-01T00:00:00", "To": "2026-09-30T00:00:00", "Begin": "00:00:00", "End": "00:00:00"},
         date(2026, 5, 1), date(2026, 9, 30)),
        ({"From": "2026-05-01T00:00:00", "To": "2026-04-01T00:00:00"}, date(2026, 5, 1), date(2026, 5, 1)),
    ],
    ids=["several days", "past midnight", "exhibition", "end before start"],
)  # fmt: skip
def test_periods(dates: dict[str, Any], start: Any, end: Any) -> None:
    records, _ = read("opendatahub", event(EventDate=[dates]))
    assert records[0].schedule is not None
    assert (records[0].schedule.start, records[0].schedule.end) == (start, end)


def test_an_event_without_dates_in_detail_has_those_of_the_whole() -> None:
    found = read_one("opendatahub", event(EventDate=[], DateBegin="2026-05-01T00:00:00", DateEnd="2026-05-02T00:00:00"))
    assert found.schedule is not None
    assert (found.schedule.start, found.schedule.end) == (date(2026, 5, 1), date(2026, 5, 2))


def test_all_dates_cancelled_is_a_cancelled_event() -> None:
    dates = [{"From": "2026-05-01T00:00:00", "IsCancelled": True}, {"From": "2026-05-02T00:00:00", "Cancelled": True}]
    assert read_one("opendatahub", event(EventDate=dates)).status == "cancelled"


def test_what_has_no_id_is_named_and_what_has_no_name_too() -> None:
    _, problems = read("opendatahub", [event(Id=None), event(Detail={})])
    assert codes(problems) == ["no-key", "no-title"]


def test_only_articles_are_refused_with_what_to_ask_for() -> None:
    with pytest.raises(UnusableInput, match="/v1/Event"):
        read("opendatahub", {"TotalResults": 1, "Items": [{"Id": "1", "_Meta": {"Type": "article"}}]})


def test_an_empty_page_holds_nothing() -> None:
    assert read("opendatahub", {"TotalResults": 0, "Items": []}) == ([], [])


def test_the_next_page() -> None:
    assert (
        opendatahub.next_page(sample("opendatahub", "mixed_synthetic.json"))
        == "https://hub.example.org/v1/ODHActivityPoi?pagenumber=2"
    )
    for page in (
        b"",
        b"<html>",
        b"[]",
        b'{"NextPage": null}',
        b'{"NextPage": "file:///etc/passwd"}',
        b'{"NextPage": [1]}',
    ):
        assert opendatahub.next_page(page) is None
