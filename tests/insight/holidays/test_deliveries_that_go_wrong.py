"""Files of holidays that say something odd: no other country and no whole country gets the days off of a part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from allmende.formats.holidays import read_calendar_file
from allmende.insight.deliveries.actions import DeliveryRefused, Supply
from allmende.insight.deliveries.writing import undo_delivery
from allmende.insight.models import HolidayPeriod
from tests.insight.conftest import NOW, World
from tests.insight.weather.conftest import take_in

HOLIDAYS = Supply("holidays")


def answer(**more: Any) -> bytes:
    told = {"startDate": "2026-10-17", "endDate": "2026-11-01", "type": "School", "name": "Toussaint"}
    return json.dumps([{**told, **more}]).encode()


def test_a_country_in_words_is_not_its_first_two_letters(world: World) -> None:
    told = "country;name;from;to\nGermany;Herbst;2026-10-17;2026-10-31\nde;Herbst;2026-10-17;2026-10-31\n"
    delivery = take_in(world, told.encode(), name="h.csv", supply=HOLIDAYS)
    assert [one.country for one in HolidayPeriod.objects.all()] == ["DE"]
    assert [(one["code"], one["where"]) for one in delivery.problems] == [("bad-country", "row 2")]


def test_a_part_that_nobody_knows_is_not_the_whole_country(world: World) -> None:
    content = answer(subdivisions=[{"code": "Zone of Besançon"}])
    delivery = take_in(world, content, name="h.json", supply=HOLIDAYS, options={"country": "FR"})
    assert not HolidayPeriod.objects.exists()
    assert [one["code"] for one in delivery.problems] == ["bad-subdivision"]


@pytest.mark.parametrize("parts", [5, "FR-OCC", True, None])
def test_parts_of_another_shape_end_nothing(world: World, parts: Any) -> None:
    take_in(world, answer(subdivisions=parts), name="h.json", supply=HOLIDAYS, options={"country": "FR"})
    assert [one.country for one in HolidayPeriod.objects.all()] == ["FR"]


def test_too_many_holidays_are_refused_at_once(world: World) -> None:
    rows = "".join("DE;Herbst;2026-10-17;2026-10-31\n" for _ in range(10_001))
    event = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261017\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
    calendar = f"BEGIN:VCALENDAR\r\n{event * 10_001}END:VCALENDAR\r\n"
    for name, content in (("h.csv", f"country;name;from;to\n{rows}"), ("h.ics", calendar)):
        with pytest.raises(DeliveryRefused, match="10,000 holidays"):
            take_in(world, content.encode(), name=name, supply=HOLIDAYS)


def test_a_name_with_a_nul_is_kept_without_it(world: World) -> None:
    take_in(world, answer(name="Tous\0saint"), name="h.json", supply=HOLIDAYS, options={"country": "FR"})
    assert HolidayPeriod.objects.get().names == {"": "Toussaint"}


def test_the_first_day_of_all_days_ends_nothing() -> None:
    event = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:00010101\r\nDTEND;VALUE=DATE:00010101\r\nSUMMARY:x\r\n"
    )
    found = read_calendar_file(f"{event}END:VEVENT\r\nEND:VCALENDAR\r\n".encode())
    assert [one.code for one in found.problems] == ["far-day"]


def test_taking_back_brings_no_insight_space_back_that_is_gone(world: World) -> None:
    shared = Supply("holidays", network_id=world.space.pk)
    take_in(world, answer(), name="h.json", supply=shared, options={"country": "FR"})
    second = take_in(world, answer(endDate="2026-11-08"), name="h.json", supply=shared, options={"country": "FR"})
    HolidayPeriod.objects.update(network=None)
    second.network = None
    second.save()
    type(second).objects.update(network=None)
    world.space.delete()
    undo_delivery(second, by=world.editor, now=NOW)
    assert [(one.last.isoformat(), one.network_id) for one in HolidayPeriod.objects.all()] == [("2026-11-01", None)]
