"""UiTdatabank: four kinds of calendars, states, terms, prices, languages."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from allmende.formats import uitdatabank
from allmende.formats.records import (
    Address,
    Contact,
    Hours,
    MediaItem,
    Override,
    Price,
    ReadOptions,
    Record,
    UnusableInput,
)
from tests.formats.reading import UITDATABANK, assert_sound, codes, read, read_one, sample

FLANDERS = ReadOptions(language="nl", timezone="Europe/Brussels")


def page() -> dict[str, Record]:
    records, _ = read("uitdatabank", sample("uitdatabank", "page.json"), FLANDERS)
    return {record.name["nl"]: record for record in records}


def test_a_page_holds_events_offers_and_places() -> None:
    assert {name: record.kind for name, record in page().items()} == {
        "Vioolconcert": "event", "Tekenles": "event", "Vaste tentoonstelling": "offer", "Webinar": "event",
        "Cultuurhuis": "place",
    }  # fmt: skip


def test_what_is_rejected_or_deleted_is_left_out_and_said() -> None:
    _, problems = read("uitdatabank", sample("uitdatabank", "page.json"), FLANDERS)
    assert [(problem.code, problem.message) for problem in problems] == [
        ("other-types", "Left out, no events or places: 1 Organizer."),
        ("withdrawn", "Left out, rejected or deleted by the databank: 1 deleted, 1 rejected."),
    ]


def test_multiple_dates_of_which_one_is_cancelled() -> None:
    concert = page()["Vioolconcert"]
    assert concert.schedule is not None
    assert (concert.schedule.start, concert.schedule.end) == (datetime(2026, 5, 8, 20), datetime(2026, 5, 8, 22))
    assert concert.schedule.dates == [(datetime(2026, 5, 10, 20), datetime(2026, 5, 10, 22))]
    assert concert.schedule.overrides == [Override(datetime(2026, 5, 10, 20), cancelled=True)]
    assert concert.status == "scheduled"


def test_everything_else_of_an_event() -> None:
    concert = page()["Vioolconcert"]
    assert (concert.language, concert.name["fr"]) == ("nl", "Concert de violon")
    assert concert.description == {"nl": "Muziek van hier."}
    assert concert.categories == ["Concert", "Klassieke muziek", "Rolstoel ter beschikking", "zichtbaar"]
    assert concert.accessibility == {"step_free": "yes"}
    assert (concert.age_min, concert.age_max) == (6, 12)
    assert concert.prices == [
        Price(Decimal("10.5"), Decimal("10.5"), label={"nl": "Basistarief", "fr": "Tarif de base"}),
        Price(Decimal(0), Decimal(0), label={"nl": "Kinderen"}),
    ]
    assert concert.organiser == Contact(
        "Muziekvereniging", "https://muziek.example.org", "info@muziek.example.org", "09 000 00 00"
    )
    assert concert.media == [
        MediaItem("https://img.example.org/viool.png", credit="Foto Vereniging", alt={"nl": "Een viool"})
    ]
    assert (concert.place_name, concert.place_key) == ("Cultuurhuis", "00000000-1111-4000-8000-000000000001")
    assert concert.address == Address("Markt 1", "9999", "Dorp", "", "BE")
    assert (concert.lon, concert.lat) == (3.7, 50.9)
    assert concert.extra["ticket_url"] == "https://tickets.example.org/viool"
    assert concert.extra["languages"] == ["nl"]


def test_a_period_with_hours_is_a_weekly_date() -> None:
    lesson = page()["Tekenles"]
    assert lesson.schedule is not None
    assert (lesson.schedule.start, lesson.schedule.end) == (datetime(2026, 1, 5, 19), datetime(2026, 1, 5, 21))
    assert lesson.schedule.rrule == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260629T215959Z"
    assert lesson.audience == ["schools"]
    assert lesson.extra["workflow"] == "READY_FOR_VALIDATION"


def test_what_is_permanent_is_an_offer_with_hours() -> None:
    exhibition = page()["Vaste tentoonstelling"]
    assert exhibition.schedule is None
    assert exhibition.hours == [Hours((1, 2, 6), "10:00", "17:00")]


def test_an_online_event_that_is_full_has_no_place() -> None:
    webinar = page()["Webinar"]
    assert (webinar.online_url, webinar.status) == ("https://live.example.org/1", "sold_out")
    assert (webinar.place_key, webinar.place_name, webinar.address) == ("", "", Address())


def test_a_place_is_known_by_the_key_that_events_name() -> None:
    place = page()["Cultuurhuis"]
    assert place.key == page()["Vioolconcert"].place_key
    assert place.hours == [Hours((0, 1), "09:00", "17:00")]


def event(**fields: Any) -> dict[str, Any]:
    return {
        "@id": "https://io.uitdatabank.be/event/1", "mainLanguage": "nl", "name": {"nl": "Feest"}, "calendarType": "single",
        "startDate": "2026-05-08T18:00:00+00:00", "endDate": "2026-05-08T20:00:00+00:00", "location": {}, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": {"type": "Unavailable"}}, "cancelled"),
        ({"status": {"type": "TemporarilyUnavailable"}}, "postponed"),
        ({"bookingAvailability": {"type": "Unavailable"}}, "sold_out"),
        ({"subEvent": [{"startDate": "2026-05-08T18:00:00+00:00", "status": {"type": "Unavailable"}}]}, "cancelled"),
        ({}, "scheduled"),
    ],
)
def test_states_of_an_event(fields: dict[str, Any], status: str) -> None:
    assert read_one("uitdatabank", event(**fields), FLANDERS).status == status


def test_a_draft_waits_and_is_not_shown() -> None:
    from allmende.catalogue.bridges.records import state_of  # the catalogue decides; here is what it is told

    assert state_of(read_one("uitdatabank", event(workflowStatus="DRAFT"), FLANDERS)) == "draft"
    assert state_of(read_one("uitdatabank", event(workflowStatus="READY_FOR_VALIDATION"), FLANDERS)) == "published"


@pytest.mark.parametrize(
    ("hours", "rrule", "start"),
    [
        ([], "", date(2026, 1, 1)),
        ([{"opens": "10:00", "closes": "18:00", "dayOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}], "", date(2026, 1, 1)),
        ([{"opens": "10:00", "closes": "12:00", "dayOfWeek": ["saturday"]}, {"opens": "14:00", "closes": "18:00", "dayOfWeek": ["sunday"]}],
         "FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20261231", date(2026, 1, 3)),
    ],
    ids=["no hours", "every day", "different hours"],
)  # fmt: skip
def test_periods_keep_their_length(hours: list[dict[str, Any]], rrule: str, start: date) -> None:
    value = event(
        calendarType="periodic",
        startDate="2026-01-01T00:00:00+01:00",
        endDate="2026-12-31T23:59:59+01:00",
        openingHours=hours,
    )
    record = read_one("uitdatabank", value, FLANDERS)
    assert record.schedule is not None
    assert (record.schedule.start, record.schedule.rrule) == (start, rrule)
    assert rrule or record.schedule.end == date(2026, 12, 31)


def test_adjusted_days_are_hours_of_their_own() -> None:
    value = event(
        calendarType="permanent",
        openingHours=[{"opens": "09:00", "closes": "23:59", "dayOfWeek": ["monday"]}],
        openingHoursAdjustedDays=[{"startDate": "2026-12-21", "endDate": "2026-12-26", "openingHours": []}],
    )
    assert read_one("uitdatabank", value, FLANDERS).hours == [
        Hours((0,), "09:00", "00:00"),
        Hours(tuple(range(8)), "", "", date(2026, 12, 21), date(2026, 12, 26)),
    ]


def test_german_and_french_events_keep_their_language() -> None:
    record = read_one("uitdatabank", event(mainLanguage="de", name={"de": "Fest", "fr": "Fête"}), FLANDERS)
    assert (record.language, record.name) == ("de", {"de": "Fest", "fr": "Fête"})


def test_addresses_only_are_refused_with_what_to_ask_for() -> None:
    bare = {"member": [{"@id": "https://io.uitdatabank.be/event/1", "@type": "Event"}]}
    with pytest.raises(UnusableInput, match="embed=true"):
        read("uitdatabank", bare)


def test_the_next_page() -> None:
    assert (
        uitdatabank.next_page(sample("uitdatabank", "page.json"))
        == "https://search.example.org/offers?start=30&embed=true"
    )
    assert (
        uitdatabank.next_page(b'{"hydra:view": {"hydra:next": {"@id": "https://a.example/2"}}}')
        == "https://a.example/2"
    )
    assert uitdatabank.next_page(b'{"member": []}') is None


def test_all_samples_of_the_databank() -> None:
    """The five that are refused are requests of an older version, which say neither what they are nor where."""
    if not UITDATABANK.exists():
        pytest.skip("the samples of the UiTdatabank may not ship; set ALLMENDE_SHARED_DATA")
    found: Counter[str] = Counter()
    for folder in ("features/data/events", "features/data/places", "tests/EventExport/samples", "tests/Event/samples"):
        for path in sorted((UITDATABANK / folder).rglob("*.json")):
            try:
                records, problems = read("uitdatabank", path.read_bytes(), FLANDERS)
            except UnusableInput:
                found["refused"] += 1
                continue
            for record in records:
                assert_sound(record)
                found[record.kind] += 1
            assert "not-understood" not in codes(problems)
    assert (found["event"], found["offer"], found["place"], found["refused"]) == (77, 64, 34, 5)
