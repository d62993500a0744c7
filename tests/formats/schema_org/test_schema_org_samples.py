"""The reader on real samples: the examples of schema.org itself and objects of DATAtourisme."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from allmende.formats.records import Address, Contact, Hours, MediaItem, Price, ReadOptions, Schedule
from allmende.formats.schema_org import sniff
from tests.formats.schema_org.schema_reading import SAMPLES, read, read_one

LONDON = ReadOptions(language="en", timezone="Europe/London")
FRANCE = ReadOptions(language="fr", timezone="Europe/Paris")
INCOMPLETE = {
    "examples-14-sportsevent.jsonld": ["no-start"],
}
"""Samples that hold events without a date, and what is said about them."""


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.json*")))
def test_each_sample_is_recognised_and_read(name: str) -> None:
    data = sample(name)
    assert sniff(data[:4096], name) >= 0.9
    records, problems = read(data, FRANCE)
    errors = [problem.code for problem in problems if problem.severity == "error"]
    assert errors == INCOMPLETE.get(name, [])
    assert len(records) + len(errors) >= 1
    assert all(record.key and record.name for record in records)


def test_a_restaurant_has_its_hours_and_cuisine() -> None:
    record = read_one(sample("examples-02-restaurant.jsonld"))
    assert record.kind == "place"
    assert record.key == "http://www.greatfood.com#GreatFood"
    assert record.categories == ["schema:Restaurant"]
    assert record.hours == [
        Hours((0, 1, 2, 3, 4, 5), "11:00", "14:30"),
        Hours((0, 1, 2, 3), "17:00", "21:30"),
        Hours((4, 5), "17:00", "22:00"),
    ]
    assert record.address == Address("1901 Lemur Ave", "94086", "Sunnyvale", "CA", "")
    assert record.contact == Contact(url="http://www.greatfood.com", phone="(408) 714-1489")
    assert record.price_text == {"": "$$"}
    assert record.extra == {"cuisine": ["Middle Eastern", "Mediterranean"]}


def test_special_days_stand_beside_the_regular_week() -> None:
    hours = read_one(sample("examples-18-store.jsonld")).hours
    assert hours or read_one(sample("examples-16-store.jsonld")).hours == [
        Hours(tuple(range(8)), "09:00", "11:00", date(2013, 12, 24), date(2013, 12, 25)),
        Hours(tuple(range(8)), "12:00", "14:00", date(2014, 1, 1), date(2014, 1, 1)),
        Hours(tuple(range(7)), "09:00", "14:00"),
    ]


def test_a_store_closes_on_its_special_days() -> None:
    assert read_one(sample("examples-16-store.jsonld")).hours == [
        Hours(tuple(range(8)), "09:00", "11:00", date(2013, 12, 24), date(2013, 12, 25)),
        Hours(tuple(range(8)), "12:00", "14:00", date(2014, 1, 1), date(2014, 1, 1)),
        Hours(tuple(range(7)), "09:00", "14:00"),
    ]


def test_a_cancelled_and_a_sold_out_event() -> None:
    assert read_one(sample("examples-07-event.jsonld")).status == "cancelled"
    assert read_one(sample("examples-09-event.jsonld")).status == "sold_out"
    assert read_one(sample("examples-06-event.jsonld")).status == "scheduled"


def test_a_concert_with_prices_door_time_and_an_earlier_date() -> None:
    record = read_one(sample("examples-23-musicevent.jsonld"))
    assert record.schedule == Schedule(
        datetime(2014, 4, 12, 19, 30), datetime(2014, 4, 12, 22, 0), timezone="Europe/Berlin"
    )
    assert record.place_name == "Lupo's Heartbreak Hotel"
    assert record.prices == [
        Price(Decimal("63.25"), Decimal("63.25"), "USD", {"": "General Admission"}),
        Price(Decimal(299), Decimal(299), "USD", {"": "VIP Experience"}),
    ]
    assert record.media == [MediaItem("http://www.bbking.com/gallery/b-b-king-live.jpg")]
    assert record.age_min == 18
    assert record.extra["door_time"] == "18:30"
    assert record.extra["previous_start"] == ["2013-09-30T19:30"]


def test_two_concerts_of_one_tour_are_two_events() -> None:
    records, _ = read(sample("examples-22-musicevent.jsonld"))
    assert [(record.place_name, record.address.street) for record in records] == [
        ("Lupo's Heartbreak Hotel", "79 Washington St., Providence, RI"),
        ("Lynn Auditorium", "Lynn, MA, 01901"),
    ]


def test_a_weekly_schedule_becomes_a_rule() -> None:
    assert read_one(sample("issue-1457-01-event.jsonld")).schedule == Schedule(
        datetime(2017, 1, 4, 19, 0),
        datetime(2017, 1, 4, 20, 0),
        timezone="Europe/London",
        rrule="FREQ=WEEKLY;BYDAY=WE;UNTIL=20171231T235959Z",
    )


def test_a_schedule_without_a_beginning_is_counted_from_2020_with_a_note() -> None:
    records, problems = read(sample("issue-1457-02-event.jsonld"))
    assert records[0].schedule == Schedule(
        datetime(2020, 1, 1, 9, 0),
        datetime(2020, 1, 1, 10, 0),
        timezone="America/Glace_Bay",
        rrule="FREQ=MONTHLY;BYMONTHDAY=1,15",
    )
    assert "no-start" in [problem.code for problem in problems]


def test_a_schedule_counts_its_dates() -> None:
    schedule = read_one(sample("issue-1457-03-event.jsonld")).schedule
    assert schedule is not None
    assert (schedule.start, schedule.rrule) == (datetime(2016, 12, 24, 9, 0), "FREQ=DAILY;COUNT=10")


def test_mornings_and_afternoons_become_one_rule() -> None:
    schedule = read_one(sample("issue-1457-04-event.jsonld")).schedule
    assert schedule is not None
    assert schedule.rrule == "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,14;BYMINUTE=0;BYSECOND=0"


def test_the_second_monday_and_the_first_and_third_wednesday() -> None:
    second = read_one(sample("issue-1457-05-event.jsonld")).schedule
    weeks = read_one(sample("issue-2599-01-literaryevent.jsonld")).schedule
    assert second is not None
    assert weeks is not None
    assert second.rrule == "FREQ=MONTHLY;BYDAY=2MO"
    assert weeks.rrule == "FREQ=MONTHLY;BYDAY=1WE,3WE"


def test_an_event_at_a_place_and_online() -> None:
    record = read_one(sample("issue-1842-01-event.jsonld"), LONDON)
    assert record.online_url == "https://operaonline.stream5.com/"
    assert record.place_name == "Snickerpark Stadium"
    assert record.extra["attendance"] == "mixed"
    assert record.schedule is not None
    assert record.schedule.start == datetime(2025, 7, 22, 1, 0)


def test_an_online_event_for_children_is_free() -> None:
    record = read_one(sample("issue-1842-02-childrensevent.jsonld"), LONDON)
    assert record.audience == ["children"]
    assert record.prices == [Price(Decimal(0), Decimal(0), "USD")]
    assert record.online_url == "https://stream.storytimereadings.com/"
    assert record.schedule == Schedule(
        datetime(2020, 7, 24, 17, 0), datetime(2020, 7, 24, 17, 30), timezone="Europe/London"
    )


def test_a_series_that_names_its_events_by_id_has_their_dates() -> None:
    records, problems = read(sample("issue-447-01-eventseries.jsonld"))
    series = records[0]
    assert series.key == "http://www.olympic.org/olympic-games"
    assert series.schedule == Schedule(
        date(2012, 7, 27),
        date(2012, 8, 12),
        timezone="Europe/Berlin",
        dates=[(date(2016, 8, 5), date(2016, 8, 21))],
    )
    assert [part["name"] for part in series.extra["parts"]] == [
        "The Rio 2016 Summer Olympics",
        "The London 2012 Summer Olympics",
    ]
    assert [problem.code for problem in problems] == ["no-name"]
    rowing = records[2]
    assert (rowing.name, rowing.place_name) == ({"": "The Rio 2016 Summer Olympics"}, "Lagoa Stadium")


def test_an_exhibition_in_a_place_that_is_only_a_name() -> None:
    record = read_one(sample("sdo-exhibitionevent-01-exhibitionevent.jsonld"))
    assert record.place_name == "Victoria and Albert Museum"
    assert record.schedule == Schedule(date(2015, 6, 13), date(2016, 1, 31), timezone="Europe/Berlin")


def test_a_place_of_datatourisme() -> None:
    record = read_one(sample("datatourisme-sample.json"), FRANCE)
    assert record.kind == "place"
    assert record.key == "https://data.datatourisme.fr/sample/test-resource"
    assert record.name == {"fr": "Escapade Nature Test", "en": "Nature Escape Test"}
    assert record.categories == ["PlaceOfInterest", "SportsAndLeisurePlace"]
    assert (record.lon, record.lat) == (1.9324802, 45.0937363)
    assert record.address == Address("21, avenue Foch", "19400", "Argentat-sur-Dordogne", "", "")
    assert record.hours == [Hours((0,), "09:00", "18:00", date(2024, 1, 1), date(2024, 12, 31))]
    assert record.prices == [Price(Decimal(20), Decimal(50), "EUR", {"fr": "Tarif standard"})]
    assert [(item.credit, item.url[:44]) for item in record.media] == [
        ("Escapade Nature", "http://aquitaine.media.tourinsoft.eu/Upload/")
    ]


def test_an_exhibition_of_datatourisme_keeps_its_537_days_and_its_languages() -> None:
    record = read_one(sample("datatourisme-exhibition.json"), FRANCE)
    assert record.kind == "event"
    assert record.schedule is not None
    assert record.schedule.start == date(2023, 11, 9)
    assert len(record.schedule.dates) == 536
    assert sorted(record.description) == ["de", "en", "es", "fr", "it", "nl"]
    assert record.machine_translated == ("de", "en", "es", "it", "nl")
    assert record.address.municipality_code == "49328"
    assert record.address.street == "19 rue Léopold Palustre, Saint-Hilaire-Saint-Florent"
    assert record.categories[:2] == ["schema:ExhibitionEvent", "CulturalEvent"]
    assert record.contact == Contact(email="tourisme@ackerman.fr", phone="+33 2 41 53 03 21")
