"""Holidays from their files to the days of a place and back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from allmende.insight.deliveries.actions import (
    DeliveryForbidden,
    DeliveryRefused,
    Supply,
    choose_options,
    keep_delivery,
)
from allmende.insight.deliveries.writing import UndoRefused, undo_delivery
from allmende.insight.holidays.queries import flags, holidays_of, listed
from allmende.insight.models import Delivery, HolidayPeriod, Site
from allmende.partners.models import Territory
from tests.insight.conftest import NOW, World, make
from tests.insight.weather.conftest import keep, take_in

HOLIDAYS = Supply("holidays")
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261017\r\nDTEND;VALUE=DATE:20261101\r\nSUMMARY:Herbstferien\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20261223\r\nDTEND;VALUE=DATE:20270107\r\nSUMMARY:Weihnachtsferien\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:3\r\nDTSTART:soon\r\nSUMMARY:Osterferien\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def rows() -> list[tuple[str, str, str, str, str]]:
    return [
        (
            one.subdivision or one.country,
            one.kind,
            one.first.isoformat(),
            one.last.isoformat(),
            str(dict(sorted(one.names.items()))),
        )
        for one in HolidayPeriod.objects.order_by("first", "subdivision")
    ]


def region(**more: Any) -> Territory:
    return Territory.objects.create(country="DE", level="region", code="05", name="NRW", slug="nrw", **more)


def test_a_calendar_of_school_holidays_ends_on_the_day_before_its_end(world: World) -> None:
    delivery = take_in(world, ICS.encode(), name="ferien_nordrhein-westfalen_2026.ics", supply=Supply("counter"))
    assert (delivery.origin, delivery.created, delivery.failed) == ("holidays", 2, 1)
    assert rows() == [
        ("DE-NW", "school", "2026-10-17", "2026-10-31", "{'de': 'Herbstferien'}"),
        ("DE-NW", "school", "2026-12-23", "2027-01-06", "{'de': 'Weihnachtsferien'}"),
    ]
    assert [(one["where"], one["code"]) for one in delivery.problems] == [("event 3", "bad-day")]


def open_holidays(**more: Any) -> bytes:
    told = {
        "id": "a", "startDate": "2026-10-17", "endDate": "2026-11-01", "type": "School", "nationwide": False,
        "name": [{"language": "FR", "text": "Vacances de la Toussaint"}, {"language": "EN", "text": "Autumn holidays"}],
        "subdivisions": [{"code": "FR-ZC", "shortName": "ZC"}],
    }  # fmt: skip
    return json.dumps(
        [{**told, **more}, {"startDate": "2026-09-01", "endDate": "2026-09-01", "type": "BackToSchool"}]
    ).encode()


def test_openholidays_tells_a_french_zone_and_its_regions_are_kept(world: World) -> None:
    delivery = take_in(world, open_holidays(), name="h.json", supply=HOLIDAYS)
    names = "{'en': 'Autumn holidays', 'fr': 'Vacances de la Toussaint'}"
    assert rows() == [
        ("FR-IDF", "school", "2026-10-17", "2026-11-01", names),
        ("FR-OCC", "school", "2026-10-17", "2026-11-01", names),
    ]
    assert (delivery.read, HolidayPeriod.objects.filter(source="OpenHolidays API").count()) == (2, 2)


def test_openholidays_across_a_country_asks_which_one(world: World) -> None:
    told = open_holidays(nationwide=True, subdivisions=[], type="Public")
    delivery = keep(world, told, name="h.json", supply=HOLIDAYS)
    assert [one["code"] for one in delivery.problems] == ["no-country"]
    take_in(world, told, name="h.json", supply=HOLIDAYS, options={"country": "PL"})
    assert [one[:2] for one in rows()] == [("PL", "public")]


def test_the_french_ministry_writes_midnights_in_paris_and_the_day_of_return(world: World) -> None:
    told = (
        "description;population;start_date;end_date;location;zones;annee_scolaire\n"
        "Vacances de la Toussaint;-;2025-10-17T22:00:00+00:00;2025-11-02T23:00:00+00:00;Toulouse;Zone C;2025-2026\n"
        "Vacances de la Toussaint;-;2025-10-17T22:00:00+00:00;2025-11-02T23:00:00+00:00;Paris;Zone C;2025-2026\n"
        "Vacances de la Toussaint;Enseignants;2025-10-16T22:00:00+00:00;2025-11-02T23:00:00+00:00;Paris;Zone C;2025-2026\n"
        "Rentrée;-;2025-08-31T22:00:00+00:00;2025-08-31T22:00:00+00:00;Paris;Zone C;2025-2026\n"
    )
    delivery = take_in(world, told.encode(), name="fr-en-calendrier-scolaire.csv", supply=Supply("counter"))
    assert [one[:4] for one in rows()] == [
        ("FR-IDF", "school", "2025-10-18", "2025-11-02"),
        ("FR-OCC", "school", "2025-10-18", "2025-11-02"),
    ]
    assert (delivery.read, delivery.failed) == (4, 0)


TABLE = "country;subdivision;kind;name;name_fr;from;to\nDE;DE-BY, DE-BW;public;Heilige Drei Könige;Épiphanie;06.01.2027;06.01.2027\nDE;Bayern;school;x;;2027-01-01;2027-01-02\nDE;DE-BY;school;y;;2027-02-02;2027-02-01\n"


def test_our_own_table_names_parts_by_their_codes(world: World) -> None:
    delivery = take_in(world, TABLE.encode(), name="h.csv", supply=HOLIDAYS)
    assert [one[:4] for one in rows()] == [
        ("DE-BW", "public", "2027-01-06", "2027-01-06"),
        ("DE-BY", "public", "2027-01-06", "2027-01-06"),
    ]
    assert [one["code"] for one in delivery.problems] == ["bad-subdivision", "backwards"]


def test_the_same_again_changes_nothing_and_corrected_days_take_the_place_of_the_old(world: World) -> None:
    first = take_in(world, open_holidays(), name="h.json", supply=HOLIDAYS)
    again = take_in(world, open_holidays(), name="h.json", supply=HOLIDAYS, now=NOW + timedelta(minutes=1))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    second = take_in(
        world, open_holidays(endDate="2026-11-08"), name="h.json", supply=HOLIDAYS, now=NOW + timedelta(minutes=2)
    )
    assert (second.created, second.changed, HolidayPeriod.objects.count()) == (0, 2, 2)
    with pytest.raises(UndoRefused, match=r"h\.json"):
        undo_delivery(first, by=world.editor, now=NOW)
    undo_delivery(second, by=world.editor, now=NOW)
    assert {one[3] for one in rows()} == {"2026-11-01"}
    undo_delivery(first, by=world.editor, now=NOW)
    assert rows() == []


def test_next_year_stays_beside_this_year(world: World) -> None:
    take_in(world, open_holidays(), name="h.json", supply=HOLIDAYS)
    later = open_holidays(startDate="2027-10-23", endDate="2027-11-07")
    take_in(world, later, name="h.json", supply=HOLIDAYS)
    assert HolidayPeriod.objects.count() == 4


def site_in(world: World, subdivision: str, **more: Any) -> Site:
    return make(world, subdivision=subdivision, territory=region(), **more)


def test_a_place_knows_the_holidays_of_its_part_of_the_country(world: World) -> None:
    take_in(world, ICS.encode(), name="ferien_nordrhein-westfalen_2026.ics")
    site = site_in(world, "DE-NW")
    autumn, saints, monday = date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)
    found = holidays_of(site, [autumn, saints, monday], language="de")
    told = {day: [(one.kind, one.name) for one in off] for day, off in found.days.items()}
    # All Saints is a holiday of North Rhine-Westphalia, not of the whole country.
    assert told == {autumn: [("school", "Herbstferien")], saints: [("public", "Allerheiligen")], monday: []}
    assert not found.is_missing


def test_without_a_part_only_the_whole_country_counts_and_it_is_said(world: World, settings: Any) -> None:
    take_in(world, ICS.encode(), name="ferien_nordrhein-westfalen_2026.ics")
    site = site_in(world, "")
    found = holidays_of(site, [date(2026, 10, 31)], language="de")
    assert (found.days[date(2026, 10, 31)], found.is_missing) == ((), True)
    settings.ALLMENDE_SUBDIVISION = "DE-NW"
    found = holidays_of(site, [date(2026, 10, 31)], language="de")
    assert ([one.name for one in found.days[date(2026, 10, 31)]], found.is_missing) == (["Herbstferien"], False)
    settings.ALLMENDE_SUBDIVISION = "FR-OCC"
    assert holidays_of(site, [date(2026, 10, 31)], language="de").where.subdivision == ""


def test_holidays_of_another_organisation_count_only_where_they_are_shared(world: World) -> None:
    told = TABLE.replace("06.01.2027;06.01.2027", "05.01.2027;05.01.2027").encode()
    day = date(2027, 1, 5)
    take_in(world, told, name="h.csv", supply=HOLIDAYS)
    site = site_in(world, "DE-BY", organisation=world.museum, network=world.space)
    assert holidays_of(site, [day], language="fr").days[day] == ()
    assert (len(listed(world.member)), len(listed(world.colleague)), len(listed(world.stranger))) == (2, 0, 0)
    take_in(world, told, name="h.csv", supply=Supply("holidays", network_id=world.space.pk))
    assert [one.name for one in holidays_of(site, [day], language="fr").days[day]] == ["Épiphanie"]
    assert (len(listed(world.colleague)), len(listed(world.stranger))) == (2, 0)


def test_a_forecast_learns_school_holidays_only_from_a_whole_year_of_them(world: World) -> None:
    site = site_in(world, "DE-NW")
    first, days = date(2025, 1, 1), 700
    assert flags(site, first, days)[1] is None
    table = "from,to,name,subdivision\n" + "".join(
        f"{day},{day + timedelta(days=13)},Ferien,DE-NW\n"
        for day in (date(2025, 1, 1) + timedelta(days=90 * k) for k in range(9))
    )
    take_in(world, table.encode(), name="h.csv", supply=HOLIDAYS)
    public, school = flags(site, first, days)
    assert school is not None
    assert (int(school[:14].sum()), int(school.sum()), bool(public[0])) == (14, 8 * 14, True)
    HolidayPeriod.objects.filter(first__year=2026).delete()
    assert flags(site, first, days)[1] is None


@pytest.mark.parametrize(
    "told",
    [{"kind": "bank"}, {"country": "France"}, {"subdivision": "Bayern"}, {"country": "FR", "subdivision": "DE-BY"}],
)
def test_options_that_make_no_sense_are_refused(world: World, told: dict[str, str]) -> None:
    delivery = keep(world, ICS.encode(), name="h.ics")
    with pytest.raises(DeliveryRefused):
        choose_options(delivery, told, by=world.editor)


def test_only_editors_deliver_holidays(world: World) -> None:
    for person in (world.member, world.colleague, world.stranger):
        with pytest.raises(DeliveryForbidden):
            keep_delivery(world.town.pk, "h.ics", [ICS.encode()], HOLIDAYS, by=person, now=NOW)


@pytest.mark.parametrize("told", [b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", b'[{"startDate": 1', b"a,b\n1,2\n", b'{"x": 1}'])
def test_what_holds_no_holidays_says_so(world: World, told: bytes) -> None:
    with pytest.raises(DeliveryRefused, match=r"\."):
        keep_delivery(world.town.pk, "h.json", [told], HOLIDAYS, by=world.editor, now=NOW)
    assert Delivery.objects.count() == 0
