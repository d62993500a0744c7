"""Files of weather that say something odd: nothing of it becomes a wrong observation, and nothing ends the request."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from allmende.insight.deliveries.actions import DeliveryRefused, Supply, preview_delivery
from allmende.insight.deliveries.weather_options import moment_of
from allmende.insight.models import Delivery, WeatherBlock, WeatherStation
from allmende.insight.weather import store
from allmende.insight.weather.actions import change_station, facts_of
from tests.insight.conftest import NOW, World
from tests.insight.weather.conftest import NOON, keep, open_meteo, take_in

HEAD = "station;time;temperature;issued_at\n"


def table(*rows: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(rows) + "\n").encode()


def test_a_forecast_whose_issue_cannot_be_read_is_no_observation(world: World) -> None:
    rows = (
        "Pier;2026-11-28T12:00Z;5;",
        "Pier;2026-11-28T13:00Z;6;soon",
        "Pier;2026-11-28T14:00Z;7;2026-11-28",
        "Pier;2026-11-28T15:00Z;8;2026-11-28T01:00+01:00",
        "Pier;2026-11-28T16:00Z;9;1926-11-28T01:00Z",
    )
    delivery = take_in(world, table(*rows), name="w.csv")
    observed = store.read_observed(WeatherStation.objects.get().pk, store.hour_of(NOON), store.hour_of(NOON) + 5)
    assert [value == value for value in observed[:, store.TEMPERATURE]] == [True, False, False, False, False]
    issue = WeatherBlock.objects.get(issued_at__isnull=False)
    assert store.values_in(issue.values)[:, store.TEMPERATURE].tolist() == [7.0, 8.0]
    assert [(one["code"], one["where"]) for one in delivery.problems if one["severity"] == "error"] == [
        ("bad-time", "row 3"),
        ("far-time", "row 6"),
    ]


def test_the_issue_is_read_by_the_same_clock_as_the_hours(world: World) -> None:
    row = "Pier;2026-11-28T14:00;7;2026-11-28T01:00"
    take_in(world, table(row), name="w.csv", options={"timezone": "Europe/Berlin"})
    assert WeatherBlock.objects.get().issued_at.isoformat() == "2026-11-28T00:00:00+00:00"  # type: ignore[union-attr]


def test_a_station_written_in_two_ways_is_one(world: World) -> None:
    dwd = b"STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\n01303;2026112812;3;5.0;90;eor\n1303;2026112813;3;6.0;90;eor\n"
    take_in(world, dwd, name="produkt_tu.txt")
    assert WeatherStation.objects.get().key == "dwd:1303"


def test_a_row_without_a_station_stays_out(world: World) -> None:
    delivery = take_in(world, table("Pier;2026-11-28T12:00Z;5;", ";2026-11-28T13:00Z;6;"), name="w.csv")
    assert [one.name for one in WeatherStation.objects.all()] == ["Pier"]
    assert ("no-station", 1) in [(one["code"], delivery.failed) for one in delivery.problems]


def test_too_many_stations_are_refused_at_once(world: World) -> None:
    rows = [f"S{number};2026-11-28T12:00Z;5;" for number in range(1001)]
    with pytest.raises(DeliveryRefused, match="1,000 stations"):
        keep(world, table(*rows), name="w.csv", supply=Supply("weather"))


def test_an_issue_that_is_no_moment_of_this_world_is_refused(world: World) -> None:
    assert moment_of("0001-01-01T00:00+05:00") is None
    with pytest.raises(DeliveryRefused, match="issued"):
        keep(world, open_meteo(NOON, [5.0]), options={"issued_at": "0001-01-01T00:00+05:00"})


@pytest.mark.parametrize(
    "content", [b'latitude,longitude,"' + b"x" * 200_000 + b'"\n1,2\n\ntime,temperature_2m\n', b" Datum;Tid;x\n1;2;3\n"]
)
def test_damaged_answers_are_refused_with_words(world: World, content: bytes) -> None:
    with pytest.raises(DeliveryRefused):
        keep(world, content, name="w.csv")


def test_no_nul_gets_into_what_is_kept(world: World) -> None:
    told = json.loads(open_meteo(NOON, [5.0]))
    told["hourly"]["temperature_2m"] = ["fi\0ve"]
    delivery = keep(world, json.dumps(told).encode())
    assert [one["message"] for one in delivery.problems] == ["five is no number."]


def test_changing_a_station_leaves_what_a_delivery_wrote_meanwhile(world: World) -> None:
    take_in(world, open_meteo(NOON, [5.0]))
    opened = WeatherStation.objects.get()
    take_in(world, open_meteo(NOON, [5.0, 6.0]))
    change_station(opened, replace(facts_of(opened), name="Pier"), by=world.editor, now=NOW)
    station = WeatherStation.objects.get()
    assert (station.name, station.observed_last) == ("Pier", store.at(store.hour_of(NOON) + 1))


def test_a_preview_that_ends_late_leaves_what_was_applied_meanwhile(world: World) -> None:
    delivery = take_in(world, open_meteo(NOON, [5.0]))
    late = keep(world, open_meteo(NOON, [5.0]))
    Delivery.objects.filter(pk=late.pk).update(state="applied")
    with pytest.raises(DeliveryRefused):
        preview_delivery(late, by=world.editor)
    assert [Delivery.objects.get(pk=one.pk).state for one in (delivery, late)] == ["applied", "applied"]
