"""The steps of a delivery of weather: proposed, previewed, written, taken back.  ``deliveries`` calls them in its transactions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_noop

from allmende.insight.bridges.tables import Columns
from allmende.insight.bridges.weather import VARIABLES, UnusableInput, is_weather_json, read_weather
from allmende.insight.deliveries.weather_options import WeatherOptions, faults_of, options_from
from allmende.insight.deliveries.weather_reading import StationWeather, WeatherUnderstood, understand
from allmende.insight.models import DeliveredWeather, Delivery, Use, WeatherStation
from allmende.insight.weather import store

SHOWN: Final = 100
CREDITS: Final[Mapping[str, tuple[str, str]]] = {
    "dwd": ("Deutscher Wetterdienst", "CC BY 4.0"),
    "open-meteo": ("Open-Meteo", "CC BY 4.0"),
    "smhi": ("SMHI", "CC BY 4.0"),
    "meteostat": ("Meteostat", ""),
}
"""Whom to credit where nobody says it: what these services ask for."""


def propose(delivery: Delivery, path: Path, columns: Columns | None) -> dict[str, Any] | None:
    """How the file is read; None where it is no weather.  Raises ``UnusableInput`` where somebody says that it is."""
    declared = delivery.origin == Delivery.Origin.WEATHER
    if columns is None and not declared and not is_weather_json(path):
        return None
    if read_weather(path, declared=declared, columns=columns) is None:
        return None
    return WeatherOptions(use=Use.NETWORK if delivery.network_id else Use.OWNER).as_json()


def choose(delivery: Delivery, told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The options as they will be kept, and what is wrong with them."""
    options = options_from({**delivery.columns, **told})
    faults = faults_of(options)
    if options.use == Use.NETWORK and delivery.network_id is None:
        faults.append(gettext_noop("It was delivered to no insight space."))
    return options.as_json(), faults


def read(delivery: Delivery, path: Path) -> WeatherUnderstood:
    """Read the file as chosen; raises ``UnusableInput``."""
    table = read_weather(path, declared=True)
    if table is None:
        raise UnusableInput("The file holds no weather.")
    return understand(table, options_from(delivery.columns), now=delivery.received_at)


def preview(delivery: Delivery, found: WeatherUnderstood) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What applying would do, and what is wrong; nothing is changed."""
    there = _stations_there(delivery)
    total, rows = store.Change(), []
    for one in found.stations:
        station = there.get(one.key)
        total += _sum(store.compared(station, *stretch) for stretch in one.stretches)
        rows.append(_told(one, station))
    counts = {"created": total.created, "changed": total.changed, "unchanged": total.unchanged}
    gaps = sum(row["gaps"] for row in rows)
    told = {**counts, "read": found.read, "failed": found.failed, "suppressed": 0, "doubtful": 0, "gaps": gaps}
    return {**told, "service": found.service, "stations": rows[:SHOWN]}, found.problems.found


def _sum(changes: Any) -> store.Change:
    total = store.Change()
    for one in changes:
        total += one
    return total


def _told(one: StationWeather, station: WeatherStation | None) -> dict[str, Any]:
    observed = next(((hours, values) for issued, hours, values in one.stretches if issued is None), None)
    ahead = [(issued, hours) for issued, hours, _ in one.stretches if issued is not None]
    known = [name for at, name in enumerate(VARIABLES) if any(_has(values, at) for _, _, values in one.stretches)]
    told: dict[str, Any] = {
        "key": one.key, "name": station.name if station else one.name, "is_new": station is None, "variables": known,
        "placed": one.lon is not None or (station is not None and station.lon is not None), "gaps": 0,
    }  # fmt: skip
    if observed is not None:
        hours = observed[0]
        told |= {"from": store.at(int(hours[0])).isoformat()[:16], "until": store.at(int(hours[-1])).isoformat()[:16]}
        told["gaps"] = int(hours[-1] - hours[0] + 1 - len(hours))
    if ahead:
        issued, hours = ahead[-1]
        told |= {"issued": issued.isoformat()[:16], "issues": len(ahead)}
        told["ahead"] = store.at(int(hours[-1])).isoformat()[:16]
    return told


def _has(values: store.Values, column: int) -> bool:
    return bool((values[:, column] == values[:, column]).any())


def write(
    delivery: Delivery, found: WeatherUnderstood, *, now: datetime
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Write the good hours; runs in the caller's transaction."""
    options = options_from(delivery.columns)
    there = _stations_there(delivery)
    total = store.Change()
    for one in found.stations:
        station = there.get(one.key) or _new_station(delivery, one, options, found.service, now)
        if station.lon is None and one.lon is not None:
            station.lon, station.lat = one.lon, one.lat
            station.save(update_fields=["lon", "lat"])
        total += _sum(store.write(station, *stretch, delivery=delivery) for stretch in one.stretches)
        store.note_span(station, now=now)
    counts = {"created": total.created, "changed": total.changed, "unchanged": total.unchanged}
    return {**counts, "read": found.read, "failed": found.failed}, found.problems.found


def _stations_there(delivery: Delivery) -> dict[str, WeatherStation]:
    return {one.key: one for one in WeatherStation.objects.filter(organisation=delivery.organisation_id)}


def _new_station(
    delivery: Delivery, one: StationWeather, options: WeatherOptions, service: str, now: datetime
) -> WeatherStation:
    source, licence = CREDITS.get(service, ("", ""))
    return WeatherStation.objects.create(
        organisation_id=delivery.organisation_id,
        network_id=delivery.network_id,
        use=options.use,
        key=one.key,
        name=one.name,
        lon=one.lon,
        lat=one.lat,
        source=delivery.supplier or source,
        licence=delivery.agreement or licence,
        is_demo=delivery.is_demo,
        updated_at=now,
    )


def built_upon(delivery: Delivery) -> list[str]:
    """Names of deliveries that changed the same weather later."""
    mine = {(one.station_id, one.issued_at, one.start) for one in delivery.weather.defer("values_before")}
    later = DeliveredWeather.objects.filter(
        station__in={station for station, _, _ in mine}, delivery__state=Delivery.State.APPLIED
    ).exclude(delivery=delivery)
    names = {
        one.delivery.name
        for one in later.select_related("delivery").defer("values_before")
        if (one.delivery.applied_at, one.delivery_id) > (delivery.applied_at, delivery.pk)
        and ((one.station_id, one.issued_at, one.start) in mine or _same_issue(one, mine))
    }
    return sorted(names)


def _same_issue(one: DeliveredWeather, mine: set[tuple[int, datetime | None, datetime]]) -> bool:
    return one.issued_at is not None and any(
        (station, issued) == (one.station_id, one.issued_at) for station, issued, _ in mine
    )


def undo(delivery: Delivery, *, now: datetime) -> None:
    """Put back what was there; a station that the delivery made goes with it."""
    rows = list(delivery.weather.select_related("station"))
    store.put_back(rows)
    delivery.weather.all().delete()
    for station in {row.station_id: row.station for row in rows}.values():
        if not store.note_span(station, now=now):
            station.delete()
