"""What users of other platforms suffer from when their data are read: each complaint is a test here."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from allmende.catalogue.bridges.readers import READERS
from allmende.formats.records import Address, ReadOptions, UnusableInput
from tests.formats.reading import read, read_one, sample

FOLDERS = sorted(module.rpartition(".")[2] for module in READERS.values())
OPTIONS = ReadOptions(language="de", timezone="Europe/Berlin")


def calendar(*lines: str) -> bytes:
    inner = ("BEGIN:VEVENT", "UID:1", "SUMMARY:Fest", *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *inner, "END:VCALENDAR", "")).encode()


def schema_event(**fields: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "Event", "url": "https://a.example/1", "name": "Fest", **fields}


def linked(**fields: Any) -> dict[str, Any]:
    return {"@type": "Event/LinkedEvent", "id": "a:1", "name": {"fi": "Juhla"}, "start_time": "2026-05-01", **fields}


def uit(**fields: Any) -> dict[str, Any]:
    return {"@id": "https://io.uitdatabank.be/event/1", "name": {"nl": "Feest"}, "calendarType": "single", **fields}


def hub(**fields: Any) -> dict[str, Any]:
    return {"Id": "1", "Detail": {"de": {"Title": "Fest"}}, "EventDate": [{"From": "2026-05-01T00:00:00"}], **fields}


def alpine(**fields: Any) -> dict[str, Any]:
    return {"type": "events", "id": "1", "attributes": {"name": {"deu": "Fest"}, "startDate": "2026-05-01", **fields}}


def rss(item: str) -> bytes:
    space = 'xmlns:ev="http://purl.org/rss/1.0/modules/event/"'
    return f"<rss {space}><channel><item><title>Fest</title><guid>1</guid>{item}</item></channel></rss>".encode()


def starts(folder: str, delivery: Any) -> list[Any]:
    schedule = read_one(folder, delivery, OPTIONS).schedule
    assert schedule is not None
    return [schedule.start, *schedule.rdates, *(start for start, _ in schedule.dates)]


THREE = [date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 15)]
SEVERAL = {
    "ical": calendar("DTSTART;VALUE=DATE:20260501", "RDATE;VALUE=DATE:20260508,20260515"),
    "schema_org": schema_event(startDate=["2026-05-01", "2026-05-08", "2026-05-15"]),
    "opendatahub": hub(EventDate=[{"From": f"{day}T00:00:00", "To": f"{day}T00:00:00"} for day in THREE]),
    "uitdatabank": uit(calendarType="multiple", subEvent=[{"startDate": str(day), "endDate": str(day)} for day in THREE]),
    "linked_events": [
        linked(super_event_type="recurring"),
        *(linked(id=f"a:{n}", start_time=str(day), super_event={"@id": "/event/a:1/"}) for n, day in enumerate(THREE, 2)),
    ],
    "feed": rss("".join(f"<ev:startdate>{day}</ev:startdate>" for day in THREE)),
}  # fmt: skip


@pytest.mark.parametrize("folder", SEVERAL)
def test_an_event_with_several_dates_keeps_all_of_them(folder: str) -> None:
    """Geotrek #3586: an event with several dates disappears after the first one."""
    assert starts(folder, SEVERAL[folder]) == THREE


def test_a_repeating_event_of_a_web_page_keeps_all_dates_and_not_the_last_one() -> None:
    """PlaceCal #2553: of repeating JSON-LD only the last date is shown."""
    page = [schema_event(startDate=f"{day}T19:30", location="Halle") for day in THREE]
    assert starts("schema_org", page) == [datetime(day.year, day.month, day.day, 19, 30) for day in THREE]


LONG = (date(2026, 1, 10), date(2026, 11, 30))
EXHIBITIONS = {
    "ical": calendar("DTSTART;VALUE=DATE:20260110", "DTEND;VALUE=DATE:20261201"),
    "schema_org": schema_event(startDate="2026-01-10", endDate="2026-11-30"),
    "opendatahub": hub(EventDate=[{"From": "2026-01-10T00:00:00", "To": "2026-11-30T00:00:00"}]),
    "alpinebits": alpine(startDate="2026-01-10", endDate="2026-11-30"),
    "uitdatabank": uit(calendarType="periodic", startDate="2026-01-10", endDate="2026-11-30"),
    "linked_events": linked(start_time="2026-01-10", end_time="2026-11-30"),
    "feed": rss("<ev:startdate>2026-01-10</ev:startdate><ev:enddate>2026-11-30</ev:enddate>"),
}


@pytest.mark.parametrize("folder", EXHIBITIONS)
def test_an_exhibition_of_months_is_taken(folder: str) -> None:
    """Integreat #2967: a limit on the length refuses exhibitions."""
    schedule = read_one(folder, EXHIBITIONS[folder], OPTIONS).schedule
    assert schedule is not None
    assert (schedule.start, schedule.end) == LONG


NOWHERE = {
    "ical": calendar("DTSTART;VALUE=DATE:20260501"),
    "schema_org": schema_event(startDate="2026-05-01"),
    "opendatahub": hub(),
    "alpinebits": alpine(),
    "uitdatabank": uit(startDate="2026-05-01"),
    "linked_events": linked(),
    "feed": rss("<ev:startdate>2026-05-01</ev:startdate>"),
}


@pytest.mark.parametrize("folder", NOWHERE)
def test_an_event_without_an_address_does_not_vanish(folder: str) -> None:
    """PlaceCal #2407: events without an address vanish."""
    record = read_one(folder, NOWHERE[folder], OPTIONS)
    assert (record.place_name, record.address.locality) == ("", "")
    assert record.schedule is not None


WHERE = {
    "ical": calendar("DTSTART;VALUE=DATE:20260501", "LOCATION:Kandertalhalle\\, Kandern"),
    "schema_org": schema_event(startDate="2026-05-01", location="Kandertalhalle, Kandern"),
    "opendatahub": hub(EventAdditionalInfos={"de": {"Location": "Kandertalhalle, Kandern"}}),
    "uitdatabank": uit(startDate="2026-05-01", location={"name": {"nl": "Kandertalhalle, Kandern"}}),
    "linked_events": linked(location_extra_info={"fi": "Kandertalhalle, Kandern"}),
    "feed": rss("<ev:startdate>2026-05-01</ev:startdate><ev:location>Kandertalhalle, Kandern</ev:location>"),
}


@pytest.mark.parametrize("folder", WHERE)
def test_the_location_is_not_dropped(folder: str) -> None:
    """Integreat #3967: the LOCATION of a calendar is dropped."""
    record = read_one(folder, WHERE[folder], OPTIONS)
    assert "Kandertalhalle" in f"{record.place_name} {record.address.street}"


def test_a_calendar_of_one_event_is_read() -> None:
    """PlaceCal #3102: files with a single event are not understood."""
    assert starts("ical", calendar("DTSTART:20260501T193000", "DTEND:20260501T210000")) == [
        datetime(2026, 5, 1, 19, 30)
    ]
    bare = b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Fest\r\nDTSTART;VALUE=DATE:20260501\r\nEND:VEVENT\r\n"
    assert starts("ical", bare) == [date(2026, 5, 1)]


def test_what_is_always_there_is_no_event() -> None:
    """Boudicca #277: events of one day and what is permanent are mixed up."""
    record = read_one("uitdatabank", uit(calendarType="permanent"), OPTIONS)
    assert (record.kind, record.schedule) == ("offer", None)


def test_a_series_adds_no_needless_parent() -> None:
    """Linked Events #393: imports make parent events that nobody needs."""
    records, _ = read("linked_events", SEVERAL["linked_events"], OPTIONS)
    assert len(records) == 1


PAGES = (
    b"<!DOCTYPE html><html><head><title>Login</title></head><body>Bitte anmelden</body></html>",
    b"<html><body><h1>502 Bad Gateway</h1></body></html>",
)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("delivery", [*PAGES, b"", b"  \r\n "], ids=["login", "502", "empty", "blank"])
def test_a_web_page_or_nothing_in_place_of_a_feed_is_refused_with_the_reason(folder: str, delivery: bytes) -> None:
    """Feeds that turn into HTML or into nothing: the import must keep its last good copy, so they are refused."""
    with pytest.raises(UnusableInput) as refusal:
        read(folder, delivery, OPTIONS)
    assert len(str(refusal.value)) > 20


ATTRIBUTED = {
    "opendatahub": hub(LicenseInfo={"License": "CC0", "LicenseHolder": "https://www.lts.it"},
                       ImageGallery=[{"ImageUrl": "https://a.example/1.jpg", "License": "CC0", "CopyRight": "IDM"}]),
    "schema_org": schema_event(startDate="2026-05-01", image={"contentUrl": "https://a.example/1.jpg", "license": "CC0", "creditText": "IDM"}),
    "linked_events": linked(images=[{"url": "https://a.example/1.jpg", "license": "CC0", "photographer_name": "IDM"}]),
    "alpinebits": {
        "data": {**alpine(), "relationships": {"multimediaDescriptions": {"data": [{"type": "mediaObjects", "id": "m"}]}}},
        "included": [{"type": "mediaObjects", "id": "m", "attributes": {
            "url": "https://a.example/1.jpg", "license": "CC0", "author": "IDM", "contentType": "image/jpeg"}}],
    },
}  # fmt: skip


@pytest.mark.parametrize("folder", ATTRIBUTED)
def test_pictures_keep_the_licence_and_the_credit_of_their_source(folder: str) -> None:
    """Attribution belongs to the source of each thing, not to the platform as a whole."""
    media = read_one(folder, ATTRIBUTED[folder], OPTIONS).media
    assert [(item.url, item.licence, item.credit) for item in media] == [("https://a.example/1.jpg", "CC0", "IDM")]


def test_the_credit_of_a_record_is_its_own() -> None:
    record = read_one("opendatahub", ATTRIBUTED["opendatahub"], OPTIONS)
    assert (record.extra["licence"], record.extra["credit"]) == ("CC0", "https://www.lts.it")


UNCLEAN = {
    "opendatahub": hub(
        Detail={"de": {"Title": "  Fest&nbsp;\u200b im  Hof ", "BaseText": "<p>Ein<br>Abend</p><script>x</script>"}},
        ContactInfos={"de": {"City": "Feldthurns ", "Address": ".", "Email": "keine", "Phonenumber": "siehe oben", "Url": "-"}},
        GpsPoints={"position": {"Latitude": "46,6", "Longitude": "11.5"}},
    ),
    "linked_events": linked(
        name={"fi": "  Fest&nbsp;\u200b im  Hof "}, description={"fi": "<p>Ein<br>Abend</p><script>x</script>"},
        location={"id": "tprek:1", "address_locality": {"fi": "Feldthurns "}, "position": {"coordinates": ["11.5", "46,6"]}},
    ),
    "uitdatabank": uit(
        startDate="2026-05-01", name={"nl": "  Fest&nbsp;\u200b im  Hof "},
        description={"nl": "<p>Ein<br>Abend</p><script>x</script>"},
        location={"address": {"nl": {"addressLocality": "Feldthurns "}}, "geo": {"latitude": "46,6", "longitude": "11.5"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("folder", UNCLEAN)
def test_source_data_are_not_clean(folder: str) -> None:
    """PlaceCal #2966: do not assume that source data are clean."""
    record = read_one(folder, UNCLEAN[folder], OPTIONS)
    assert list(record.name.values()) == ["Fest im Hof"]
    assert list(record.description.values()) == ["Ein\nAbend"]
    assert record.address == Address(locality="Feldthurns", country="IT" if folder == "opendatahub" else "")
    assert (record.lon, record.lat) == (11.5, 46.6)
    assert (record.contact.email, record.contact.phone, record.contact.url) == ("", "", "")


def test_the_same_delivery_gives_the_same_keys_in_any_order() -> None:
    """Linked Events #33, PlaceCal #844: duplicates at import begin with keys that are not stable."""
    page = json.loads(sample("linked_events", "page.json"))
    there = {record.key: record.name for record in read("linked_events", page, OPTIONS)[0]}
    page["data"].reverse()
    assert {record.key: record.name for record in read("linked_events", page, OPTIONS)[0]} == there
