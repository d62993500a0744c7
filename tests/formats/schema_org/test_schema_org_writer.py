"""What we write for our own pages: valid in shape, safe in a page, and read back as the same."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.formats.records import Address, Contact, Hours, MediaItem, Price, ReadOptions, Record, Schedule
from allmende.formats.schema_org.writer import (
    Event,
    Offer,
    Organisation,
    Picture,
    Place,
    PostalAddress,
    PriceRange,
    breadcrumb,
    event_jsonld,
    item_list,
    offer_jsonld,
    organisation_jsonld,
    place_jsonld,
    script_safe,
)
from tests.formats.schema_org.schema_reading import read_one

PARIS = ReadOptions(language="fr", timezone="Europe/Paris")
HALL = Place(
    "Salle des fêtes",
    "https://guide.example/places/salle",
    address=PostalAddress("1 rue du Lac", "31000", "Toulouse", "Occitanie", "FR"),
    lon=1.44,
    lat=43.6,
)
CONCERT = Event(
    "Concert d'été",
    datetime(2026, 7, 4, 20, 30),
    datetime(2026, 7, 4, 22, 0),
    timezone="Europe/Paris",
    url="https://guide.example/events/concert",
    type="MusicEvent",
    description="Un soir.\n\nDes cordes.",
    status="cancelled",
    place=HALL,
    organiser=Organisation("Les Cordes", "https://cordes.example", email="a@cordes.example", telephone="+33 5"),
    pictures=(Picture("https://guide.example/m/1.jpg", "https://licence.example/by", "Ada", "La scène", 800, 600),),
    prices=(PriceRange(Decimal("12.50"), None, "EUR", "Plein tarif"), PriceRange(Decimal(5), Decimal(8), "EUR")),
    performers=("Trio Lac",),
    language="fr",
    keywords=("cordes", "été"),
    audience=("families",),
    age_min=6,
    modified=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
)


def back(node: dict[str, Any]) -> Record:
    """What a reader makes of a page that holds ``node``."""
    page = f'<html><body><script type="application/ld+json">{script_safe(node)}</script></body></html>'
    return read_one(page, PARIS)


def test_an_event_reads_back_as_it_was() -> None:
    record = back(event_jsonld(CONCERT))
    assert record.key == "https://guide.example/events/concert"
    assert record.name == {"": "Concert d'été"}
    assert record.language == "fr"
    assert record.description == {"": "Un soir.\n\nDes cordes."}
    assert record.categories == ["schema:MusicEvent", "cordes", "été"]
    assert record.schedule == Schedule(
        datetime(2026, 7, 4, 20, 30), datetime(2026, 7, 4, 22, 0), timezone="Europe/Paris"
    )
    assert record.status == "cancelled"
    assert (record.place_name, record.place_key) == ("Salle des fêtes", "https://guide.example/places/salle")
    assert record.address == Address("1 rue du Lac", "31000", "Toulouse", "Occitanie", "FR")
    assert (record.lon, record.lat) == (1.44, 43.6)
    assert record.organiser == Contact("Les Cordes", "https://cordes.example", "a@cordes.example", "+33 5")
    assert record.media == [
        MediaItem("https://guide.example/m/1.jpg", "https://licence.example/by", "Ada", {"": "La scène"}, 800, 600)
    ]
    assert record.prices == [
        Price(Decimal("12.5"), Decimal("12.5"), "EUR", {"": "Plein tarif"}),
        Price(Decimal(5), Decimal(8), "EUR"),
    ]
    assert (record.audience, record.age_min, record.age_max) == (["families"], 6, None)
    assert record.extra["performers"] == ["Trio Lac"]
    assert record.modified == CONCERT.modified


def test_times_carry_the_offset_of_their_zone() -> None:
    node = event_jsonld(CONCERT)
    assert node["startDate"] == "2026-07-04T20:30+02:00"
    assert node["eventStatus"] == "https://schema.org/EventCancelled"
    assert node["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"


def test_an_event_with_several_days_reads_back_with_all_of_them() -> None:
    days = tuple((date(2026, 5, day), date(2026, 5, day)) for day in (2, 9, 16))
    record = back(event_jsonld(Event("Fête", days[0][0], days[0][1], dates=days, url="https://guide.example/e/1")))
    assert record.schedule == Schedule(*days[0], timezone="Europe/Paris", dates=list(days[1:]))


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=WEEKLY;BYDAY=TU,TH",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=6",
        "FREQ=MONTHLY;BYDAY=1TU",
        "FREQ=DAILY;UNTIL=20261231T225959Z",
        "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=5",
    ],
)
def test_a_rule_reads_back_as_it_was(rrule: str) -> None:
    weekly = Event(
        "Yoga",
        datetime(2026, 5, 5, 19, 0),
        datetime(2026, 5, 5, 20, 0),
        timezone="Europe/Paris",
        url="https://guide.example/e/yoga",
        rrule=rrule,
        exdates=(datetime(2026, 6, 2, 19, 0),),
    )
    assert back(event_jsonld(weekly)).schedule == Schedule(
        datetime(2026, 5, 5, 19, 0),
        datetime(2026, 5, 5, 20, 0),
        "Europe/Paris",
        rrule,
        exdates=[datetime(2026, 6, 2, 19, 0)],
    )


def test_a_rule_that_schema_org_cannot_say_is_left_out() -> None:
    hourly = Event("Bell", datetime(2026, 5, 5, 9, 0), rrule="FREQ=DAILY;BYHOUR=9,14")
    assert "eventSchedule" not in event_jsonld(hourly)


def test_an_online_and_a_sold_out_event() -> None:
    online = event_jsonld(Event("Talk", date(2026, 5, 2), online_url="https://meet.example/1", status="sold_out"))
    assert online["location"] == {"@type": "VirtualLocation", "url": "https://meet.example/1"}
    assert online["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert back({**online, "url": "https://guide.example/e/2"}).status == "sold_out"


def test_a_place_reads_back_with_its_hours_and_access() -> None:
    hours = [
        Hours((1, 2, 3, 4, 5, 6), "10:00", "17:00"),
        Hours((0, 7), "", ""),
        Hours((5,), "20:00", "02:00", date(2026, 6, 1), date(2026, 8, 31)),
        Hours(tuple(range(8)), "", "", date(2000, 12, 24), date(2000, 12, 26), every_year=True),
        Hours((6,), "00:00", "00:00", date(2026, 5, 3), date(2026, 5, 3)),
    ]
    museum = Place(
        "Musée",
        "https://guide.example/places/musee",
        type="Museum",
        address=HALL.address,
        hours=hours,
        access={"step_free": "yes", "toilet": "no", "hearing": "partly", "vision": "yes", "assistance_dog": "yes",
                "easy_language": "no", "parking": "yes"},
        prices=(PriceRange(Decimal(0), Decimal(0)),),
        telephone="+33 5",
        keywords=("peinture",),
    )  # fmt: skip
    record = back(place_jsonld(museum))
    assert record.kind == "place"
    assert record.categories == ["schema:Museum", "peinture"]
    assert record.hours == hours
    assert record.accessibility == museum.access
    assert record.prices == [Price(Decimal(0), Decimal(0), "EUR")]
    assert record.contact.phone == "+33 5"


def test_an_offer_reads_back() -> None:
    tour = Offer(
        "Visite",
        "https://guide.example/offers/visite",
        type="TouristTrip",
        provider=Organisation("Office"),
        prices=(PriceRange(Decimal(8)),),
        place=HALL,
    )
    record = back(offer_jsonld(tour))
    assert (record.kind, record.name, record.organiser.name) == ("offer", {"": "Visite"}, "Office")
    assert record.prices == [Price(Decimal(8), Decimal(8), "EUR")]
    assert record.place_name == "Salle des fêtes"


def test_an_organisation_a_trail_and_a_list() -> None:
    club = Organisation(
        "Club", "https://club.example", logo="https://club.example/l.png", same_as=("https://x.example",)
    )
    assert organisation_jsonld(club) == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "Club",
        "url": "https://club.example",
        "logo": "https://club.example/l.png",
        "sameAs": ["https://x.example"],
    }
    assert breadcrumb([("Guide", "https://g.example/"), ("Events", "https://g.example/events/")]) == {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "Guide", "item": "https://g.example/"},
            {"@type": "ListItem", "position": 2, "name": "Events", "item": "https://g.example/events/"},
        ],
    }
    assert item_list([("Market", "https://g.example/e/1")], "Events")["numberOfItems"] == 1


def test_nothing_empty_is_written() -> None:
    def emptiness(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for inner in value.values() for found in emptiness(inner)]
        if isinstance(value, list) and value:
            return [found for inner in value for found in emptiness(inner)]
        return [value] if value in (None, "", [], {}) else []

    for node in (
        event_jsonld(CONCERT),
        place_jsonld(HALL),
        offer_jsonld(Offer("x")),
        event_jsonld(Event("x", date.max)),
    ):
        assert emptiness(node) == []


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_no_text_can_leave_its_script(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode() + "</script><!--\u2028&amp;"
    written = script_safe({"name": text})
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == {"name": text}
