"""Weather from its file to the station and back: who may, what it says before, what it changes, what it puts back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allmende.core.models import AuditEntry
from allmende.insight.deliveries.actions import (
    DeliveryForbidden,
    DeliveryRefused,
    Supply,
    apply_delivery,
    choose_options,
    keep_delivery,
    preview_delivery,
)
from allmende.insight.deliveries.queries import delivery_to_see
from allmende.insight.deliveries.writing import UndoRefused, undo_delivery
from allmende.insight.models import Delivery, WeatherBlock, WeatherStation
from allmende.insight.weather import store
from allmende.insight.weather.actions import StationFacts, StationForbidden, StationRefused, change_station, facts_of
from allmende.insight.weather.queries import station_to_see, stations_of
from tests.insight.conftest import NOW, World
from tests.insight.weather.conftest import NOON, keep, open_meteo, take_in


def temperatures(first: int = 0, n: int = 3) -> list[float | None]:
    station = WeatherStation.objects.get()
    begin = store.hour_of(NOON) + first
    rows = store.read_observed(station.pk, begin, begin + n)
    return [None if value != value else round(float(value), 1) for value in rows[:, store.TEMPERATURE]]


def test_weather_is_recognised_whatever_it_was_said_to_be(world: World) -> None:
    delivery = keep(world, open_meteo(NOON, [5.0, 6.0, 7.0]), supply=Supply("counter"))
    assert (delivery.origin, delivery.columns["shape"], delivery.state) == ("weather", "weather", "previewed")
    assert (delivery.created, WeatherStation.objects.count()) == (3, 0)


def test_applied_hours_are_kept_by_station_with_source_and_audit(world: World) -> None:
    take_in(world, open_meteo(NOON, [5.0, 6.0, 7.0]))
    station = WeatherStation.objects.get()
    assert (station.lat, station.source, station.licence, station.use) == (54.0, "Open-Meteo", "CC BY 4.0", "owner")
    assert (station.observed_first, station.observed_last) == (NOON, NOON + timedelta(hours=2))
    assert temperatures() == [5.0, 6.0, 7.0]
    assert AuditEntry.objects.filter(action="insight.apply_delivery").count() == 1


def test_the_same_file_again_changes_nothing_and_a_corrected_one_replaces(world: World) -> None:
    take_in(world, open_meteo(NOON, [5.0, 6.0, None]))
    again = take_in(world, open_meteo(NOON, [5.0, 6.0, None]), now=NOW + timedelta(minutes=5))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    corrected = take_in(world, open_meteo(NOON, [5.0, 6.5, 8.0]), now=NOW + timedelta(minutes=9))
    assert (corrected.created, corrected.changed, corrected.unchanged) == (1, 1, 1)
    assert temperatures() == [5.0, 6.5, 8.0]


def test_what_is_not_told_leaves_what_is_there(world: World) -> None:
    take_in(world, open_meteo(NOON, [5.0, 6.0, 7.0]))
    take_in(world, open_meteo(NOON, [None, 6.0, None], cloud_cover=[10, 20, 30]))
    assert temperatures() == [5.0, 6.0, 7.0]


def test_it_is_taken_back_in_the_order_in_which_it_came(world: World) -> None:
    first = take_in(world, open_meteo(NOON, [5.0, 6.0, 7.0]))
    second = take_in(world, open_meteo(NOON, [9.0]), now=NOW + timedelta(minutes=5))
    with pytest.raises(UndoRefused, match=r"w\.json"):
        undo_delivery(first, by=world.editor, now=NOW)
    undo_delivery(second, by=world.editor, now=NOW)
    assert temperatures() == [5.0, 6.0, 7.0]
    undo_delivery(first, by=world.editor, now=NOW)
    assert (WeatherStation.objects.count(), WeatherBlock.objects.count()) == (0, 0)


def test_each_forecast_is_kept_as_it_was_issued(world: World) -> None:
    for day in (0, 1):
        now = NOW + timedelta(days=day)
        take_in(world, open_meteo(now, [1.0 + day, 2.0 + day]), now=now)
    station = WeatherStation.objects.get()
    assert (station.issued_at, station.observed_last) == (NOW + timedelta(days=1), None)
    newest = store.newest_forecast(station.pk, now=NOW + timedelta(days=2))
    before = store.newest_forecast(station.pk, now=NOW + timedelta(hours=3))
    assert [one and one.values[0, store.TEMPERATURE] for one in (before, newest)] == [1.0, 2.0]


def test_a_station_without_a_position_is_said_and_may_be_placed(world: World) -> None:
    dwd = b"STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\n1303;2026112812;3;5.0;90;eor\n"
    delivery = keep(world, dwd, name="produkt_tu.txt")
    assert [one["code"] for one in delivery.problems] == ["no-position"]
    choose_options(delivery, {"station": "Hill", "lon": 11.1, "lat": 54.1}, by=world.editor)
    assert delivery.state == "matched"
    with pytest.raises(DeliveryRefused, match="never looked at"):
        apply_delivery(delivery, by=world.editor, now=NOW)
    preview_delivery(delivery, by=world.editor)
    apply_delivery(delivery, by=world.editor, now=NOW)
    station = WeatherStation.objects.get()
    assert (station.key, station.name, station.lon) == ("dwd:1303", "Hill", 11.1)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"kind": "later"}, "observed or forecast"),
        ({"issued_at": "soon"}, "2026-06-01T06:00Z"),
        ({"timezone": "Mars"}, "time zone"),
        ({"lon": 1.0}, "both"),
        ({"lon": 200.0, "lat": 2.0}, "longitude"),
        ({"use": "nobody"}, "for whose places"),
        ({"use": "network"}, "no insight space"),
        ({"use": "everyone"}, "runs this installation"),
    ],
)
def test_options_that_make_no_sense_are_refused(world: World, told: dict[str, object], words: str) -> None:
    delivery = keep(world, open_meteo(NOON, [5.0]))
    with pytest.raises(DeliveryRefused, match=words):
        choose_options(delivery, told, by=world.editor)
    assert Delivery.objects.get().state == "previewed"


def test_only_editors_of_an_organisation_deliver_and_see_deliveries(world: World) -> None:
    for person in (world.member, world.colleague, world.stranger):
        with pytest.raises(DeliveryForbidden):
            keep_delivery(world.town.pk, "w.json", [open_meteo(NOON, [5.0])], Supply("weather"), by=person, now=NOW)
    delivery = keep(world, open_meteo(NOON, [5.0]))
    for person in (world.member, world.colleague, world.stranger):
        assert delivery_to_see(person, delivery.pk) is None
        with pytest.raises(DeliveryForbidden):
            choose_options(delivery, {}, by=person)


def test_a_station_is_seen_by_its_organisation_and_by_those_it_is_shared_with(world: World) -> None:
    take_in(world, open_meteo(NOON, [5.0]))
    station = WeatherStation.objects.get()
    people = (world.editor, world.member, world.colleague, world.stranger, world.operator)

    def who_sees() -> list[bool]:
        return [station_to_see(person, station.pk) is not None for person in people]

    assert who_sees() == [True, True, False, False, True]
    facts = facts_of(station)
    shared = StationFacts(facts.name, facts.lon, facts.lat, facts.source, facts.licence, "network", world.space.pk)
    change_station(station, shared, by=world.editor, now=NOW)
    assert who_sees() == [True, True, True, False, True]
    assert AuditEntry.objects.get(action="insight.change_station").details["before"] == {
        "use": "owner",
        "network_id": None,
    }
    with pytest.raises(StationRefused):
        change_station(station, StationFacts("x", 1.0, None, "", "", "everyone"), by=world.editor, now=NOW)
    for person in (world.member, world.colleague, world.stranger):
        with pytest.raises(StationForbidden):
            change_station(station, shared, by=person, now=NOW)
    change_station(station, StationFacts("x", 1.0, 2.0, "", "", "everyone"), by=world.operator, now=NOW)
    assert who_sees() == [True] * 5
    assert [one.pk for one in stations_of(world.stranger)] == [station.pk]
