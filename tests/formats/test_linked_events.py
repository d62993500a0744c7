"""Linked Events: series with their dates, places, what the source has withdrawn."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from allmende.formats import linked_events
from allmende.formats.records import Address, Contact, MediaItem, Override, Price, ReadOptions, UnusableInput
from tests.formats.reading import codes, read, read_one, sample

HELSINKI = ReadOptions(language="sv", timezone="Europe/Helsinki")


def page() -> dict[str, Any]:
    records, _ = read("linked_events", sample("linked_events", "page.json"), HELSINKI)
    return {record.key: record for record in records}


def test_a_recurring_event_is_one_record_with_all_its_dates() -> None:
    records = page()
    assert list(records) == ["town:1", "town:4", "town:5", "tprek:7254"]
    story = records["town:1"]
    assert story.schedule.start == datetime(2026, 5, 1, 17)
    assert story.schedule.dates == [(datetime(2026, 5, 15, 17), datetime(2026, 5, 15, 18))]
    assert story.schedule.overrides == [Override(datetime(2026, 5, 15, 17), cancelled=True)]
    assert (story.place_key, story.extra["location_extra"]) == ("tprek:7254", "Lastenosasto")
    assert (story.age_min, story.age_max, story.categories) == (3, 6, ["sagor"])
    assert story.prices == [Price(Decimal(0), Decimal(0))]
    assert story.media == [
        MediaItem("https://img.example.org/saga.jpg", "https://creativecommons.org/licenses/by/4.0/", "F. Fotograf", {"fi": "Satukirja"})
    ]  # fmt: skip
    assert (story.organiser.name, story.url) == ("Biblioteket", "https://bibliotek.example.org/saga")
    assert story.extra["languages"] == ["sv"]
    assert story.summary == {"fi": "Satuja lapsille", "sv": "Sagor för barn"}


def test_an_umbrella_and_its_parts_stay_events_of_their_own() -> None:
    records = page()
    festival, concert = records["town:4"], records["town:5"]
    assert (festival.schedule.start, festival.schedule.end) == (date(2026, 9, 5), date(2026, 9, 6))
    assert festival.address == Address("Torget 1", "00100", "Byn", "", "")
    assert (festival.lon, festival.lat) == (24.95, 60.17)
    assert (concert.extra["part_of"], concert.extra["part_of_key"]) == ("Skördefest", "town:4")
    assert concert.prices == [Price(Decimal(8), Decimal("12.50"), label={"sv": "Vuxna"})]
    assert concert.extra["ticket_url"] == "https://biljetter.example.org/5"


def test_a_place_with_its_contact() -> None:
    library = page()["tprek:7254"]
    assert library.kind == "place"
    assert library.contact == Contact("", "https://bibliotek.example.org", "bib@example.org", "+358 9 000 000")


def test_what_is_deleted_a_draft_or_replaced_is_left_out() -> None:
    _, problems = read("linked_events", sample("linked_events", "page.json"), HELSINKI)
    assert [(problem.code, problem.message) for problem in problems] == [
        ("withdrawn", "Left out, withdrawn by the source: 1 deleted, 1 draft, 1 replaced.")
    ]


def event(key: str, **fields: Any) -> dict[str, Any]:
    return {"@type": "Event/LinkedEvent", "id": key, "name": {"fi": "Kurssi"}, "start_time": "2026-05-01", **fields}


def test_dates_of_a_series_that_is_on_another_page_stand_alone() -> None:
    records, _ = read("linked_events", [event("a", super_event={"@id": "https://x/v1/event/z/"}), event("b")])
    assert [record.key for record in records] == ["a", "b"]
    assert records[0].extra["part_of_key"] == "z"


def test_dates_of_a_withdrawn_series_are_not_lost_with_it() -> None:
    series = event("s", super_event_type="recurring", deleted=True)
    records, _ = read("linked_events", [series, event("a", super_event={"@id": "https://x/event/s/"})])
    assert [record.key for record in records] == ["a"]


def test_a_series_without_its_dates_is_not_every_day_between() -> None:
    series = event(
        "s", super_event_type="recurring", start_time="2026-05-01T10:00:00Z", end_time="2026-12-31T12:00:00Z"
    )
    records, problems = read("linked_events", series, HELSINKI)
    assert codes(problems) == ["no-dates-of-series"]
    assert records[0].schedule is not None
    assert (records[0].schedule.start, records[0].schedule.end) == (datetime(2026, 5, 1, 13), None)


def test_dates_that_the_series_brings_along() -> None:
    parts = [event("a", start_time="2026-05-01T10:00:00Z"), event("b", start_time="2026-05-08T10:00:00Z", deleted=True)]
    record = read_one("linked_events", event("s", super_event_type="recurring", sub_events=parts), HELSINKI)
    assert record.schedule is not None
    assert (record.schedule.start, record.schedule.dates) == (datetime(2026, 5, 1, 13), [])


def test_a_part_with_a_name_of_its_own_is_an_event_of_its_own() -> None:
    series = event("s", super_event_type="recurring")
    part = event("a", name={"fi": "Päätösjuhla"}, super_event={"@id": "https://x/event/s/"})
    records, _ = read("linked_events", [series, part])
    assert [record.key for record in records] == ["s", "a"]


def test_status_and_online_events() -> None:
    cancelled = read_one("linked_events", event("a", event_status="EventCancelled"))
    assert cancelled.status == "cancelled"
    online = event(
        "b", location={"@id": "https://x/place/helsinki:internet/"}, info_url={"fi": "https://live.example.org"}
    )
    record = read_one("linked_events", online)
    assert (record.online_url, record.place_key) == ("https://live.example.org", "")


def test_only_keywords_are_refused_with_what_to_ask_for() -> None:
    with pytest.raises(UnusableInput, match="/event/"):
        read("linked_events", {"meta": {"count": 1}, "data": [{"@type": "Keyword", "id": "yso:1"}]})


def test_the_next_page() -> None:
    assert (
        linked_events.next_page(sample("linked_events", "page.json"))
        == "https://api.example.org/linkedevents/v1/event/?page=2"
    )
    assert linked_events.next_page(b'{"meta": {"next": null}, "data": []}') is None
