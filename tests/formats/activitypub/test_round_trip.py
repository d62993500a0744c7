"""What is written is valid by FEP-8a8e, and reads back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from allmende.formats import activitypub
from allmende.formats.activitypub.writer import EventOut, as_html, event_object
from allmende.formats.records import Address, MediaItem, Override, RawRecord, ReadOptions, Record, Schedule

NOON = datetime(2026, 12, 5, 12, 0)
EVENT = EventOut(
    id="https://region.example.org/federation/events/7",
    url="https://region.example.org/events/markt-7/",
    actor="https://region.example.org/federation/actor",
    followers="https://region.example.org/federation/followers",
    name={"de": "Markt & Musik", "fr": "Marché"},
    language="de",
    schedule=Schedule(NOON, NOON + timedelta(hours=4), "Europe/Berlin"),
    start=NOON,
    end=NOON + timedelta(hours=4),
    published=datetime(2026, 11, 1, tzinfo=UTC),
    updated=datetime(2026, 11, 2, tzinfo=UTC),
    description={"de": "Mit Musik & mehr <3\n\nUnd\nWurst."},
    summary={"de": "Kurz."},
    categories=("market-fair", "music"),
    place_name="Rathausplatz",
    address=Address("Platz 1", "79400", "Kandern", "", "DE"),
    lon=7.66,
    lat=47.7,
    online_url="https://stream.example.org/",
    organiser="Stadt Kandern",
    organiser_url="https://region.example.org/organisations/stadt-1/",
    licence="CC-BY-4.0",
    credit="Stadt Kandern",
    tags="https://region.example.org/categories/",
    pictures=((MediaItem("https://region.example.org/media/a.webp", "CC0", "Foto: A", {"de": "Platz"}), "image/webp"),),
)


def back(event: EventOut) -> Record:
    raw = activitypub.raw_event(event_object(event), "here")
    assert isinstance(raw, RawRecord)
    parsed = activitypub.parse(raw, ReadOptions(language="en", timezone="UTC"))
    assert parsed.record is not None, parsed.problems
    assert parsed.problems == []
    return parsed.record


def test_what_the_proposal_and_mobilizon_ask_for_is_there() -> None:
    value = event_object(EVENT)
    assert value["type"] == "Event"
    assert (value["startTime"], value["endTime"]) == ("2026-12-05T12:00:00+01:00", "2026-12-05T16:00:00+01:00")
    assert value["timezone"] == "Europe/Berlin"
    assert value["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    assert (value["eventStatus"], value["status"]) == ("EventScheduled", "CONFIRMED")
    assert (value["joinMode"], value["externalParticipationUrl"]) == ("external", EVENT.url)
    assert value["repliesModerationOption"] == "closed"
    assert value["category"] == "COMMUNITY"
    assert [tag["name"] for tag in value["tag"]] == ["#market_fair", "#music"]
    assert value["organizers"]["items"] == [
        {"type": "Organization", "name": "Stadt Kandern", "url": EVENT.organiser_url}
    ]
    assert value["location"]["type"] == "Place"
    assert isinstance(value["location"]["latitude"], float)
    assert value["attachment"][0]["url"].endswith("a.webp")  # Gancio takes the first one for the poster
    assert (value["attachment"][0]["license"], value["attachment"][0]["creditText"]) == ("CC0", "Foto: A")
    assert value["content"] == "<p>Mit Musik &amp; mehr &lt;3</p><p>Und<br>Wurst.</p>"
    assert value["contentMap"] == {"de": value["content"]}


def test_it_reads_back_as_it_was() -> None:
    record = back(EVENT)
    assert record.key == EVENT.id
    assert record.name == dict(EVENT.name)
    assert record.language == "de"
    assert record.description == {"de": "Mit Musik & mehr <3\n\nUnd\nWurst."}
    assert record.summary == {"de": "Kurz."}
    assert record.schedule == EVENT.schedule
    assert record.address == EVENT.address
    assert (record.lon, record.lat, record.online_url) == (7.66, 47.7, "https://stream.example.org/")
    assert record.categories[1:] == ["market-fair", "music"]
    assert record.organiser.name == "Stadt Kandern"
    assert [(one.licence, one.credit) for one in record.media] == [("CC0", "Foto: A")]
    assert record.modified == EVENT.updated
    assert record.url == EVENT.url


DAY = date(2026, 12, 5)
SERIES = [
    Schedule(NOON, NOON + timedelta(hours=2), "Europe/Berlin", rrule="FREQ=WEEKLY;COUNT=9"),
    Schedule(DAY, DAY + timedelta(days=2), "Europe/Berlin"),
    Schedule(DAY, None, "Europe/Berlin", rrule="FREQ=YEARLY"),
    Schedule(
        NOON,
        NOON + timedelta(hours=2),
        "Europe/Paris",
        rrule="FREQ=DAILY;UNTIL=20261231T110000Z",
        exdates=[NOON + timedelta(days=1)],
        overrides=[
            Override(NOON + timedelta(days=2), NOON + timedelta(days=2, hours=1), None, "Spezial"),
            Override(NOON + timedelta(days=3), cancelled=True),
        ],
    ),
    Schedule(NOON, None, "Europe/Berlin", rdates=[NOON + timedelta(days=9)]),
    Schedule(NOON, None, "Europe/Berlin", dates=[(NOON + timedelta(days=9), NOON + timedelta(days=9, hours=1))]),
    Schedule(DAY, DAY, "Europe/Berlin", dates=[(DAY + timedelta(days=9), DAY + timedelta(days=10))]),
]


@pytest.mark.parametrize("schedule", SERIES, ids=range(len(SERIES)))
def test_series_and_whole_days_read_back_whole(schedule: Schedule) -> None:
    later = replace(EVENT, schedule=schedule, start=schedule.start, end=schedule.end)
    assert back(later).schedule == schedule


def test_a_series_shows_its_next_date_to_everybody_else() -> None:
    shown = NOON + timedelta(days=7)
    value: Any = event_object(replace(EVENT, schedule=SERIES[0], start=shown, end=shown + timedelta(hours=2)))
    assert value["startTime"] == "2026-12-12T12:00:00+01:00"
    assert value["dtstart"] == "2026-12-05T12:00:00"
    assert value["rrule"] == "FREQ=WEEKLY;COUNT=9"


def test_an_unknown_end_is_marked_as_not_to_be_shown() -> None:
    open_ended = replace(EVENT, schedule=Schedule(NOON, None, "Europe/Berlin"), end=None)
    value = event_object(open_ended)
    assert (value["endTime"], value["displayEndTime"]) == ("2026-12-05T15:00:00+01:00", False)
    assert back(open_ended).schedule == open_ended.schedule


def test_markup_in_a_text_stays_text() -> None:
    assert as_html("<script>alert(1)</script>\n\n\n\nb") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>b</p>"


def test_an_online_event_has_a_place_nowhere() -> None:
    online = replace(EVENT, place_name="", address=Address(), lon=None, lat=None)
    value = event_object(online)
    assert value["location"] == {"type": "VirtualLocation", "name": "Online", "url": "https://stream.example.org/"}
    assert back(online).online_url == "https://stream.example.org/"
