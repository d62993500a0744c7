"""Simulated weather of a demonstration: the one on which its simulated figures rest.  Marked as such wherever it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db import transaction
from django.db.models import Q

from allmende.insight.bridges.weather import made_up
from allmende.insight.models import Use, WeatherBlock, WeatherStation
from allmende.insight.weather import store
from allmende.partners.models import Network, Organisation

AHEAD: Final = 8 * 24
"""Hours of a forecast."""
EVERY: Final = 24
ISSUES_KEPT: Final = timedelta(days=30)


def place_stations(
    spots: Mapping[str, tuple[float, float]],
    organisation: Organisation,
    network: Network,
    *,
    source: str,
    since: datetime,
    now: datetime,
) -> list[WeatherStation]:
    """Simulated stations (name -> longitude, latitude) with hours from ``since`` on, and a forecast of today."""
    made = [
        WeatherStation(
            organisation=organisation, network=network, use=Use.NETWORK, key=f"simulated:{name}"[:80], name=name,
            lon=lon, lat=lat, source=source, is_demo=True, updated_at=now,
        )
        for name, (lon, lat) in spots.items()
    ]  # fmt: skip
    WeatherStation.objects.bulk_create(made)
    for station in made:
        _observe(station, store.hour_of(since), now)
        _foretell(station, now)
    return made


def go_on(*, now: datetime) -> int:
    """Let simulated stations observe up to the last full hour, and foretell once a day; says how many had to."""
    last = store.at(store.hour_of(now) - 1)
    due = WeatherStation.objects.filter(is_demo=True).filter(
        Q(observed_last__lt=last) | Q(issued_at__lt=now - timedelta(hours=EVERY))
    )
    done = 0
    for station in due:
        if station.observed_last is not None and station.observed_last < last:
            _observe(station, store.hour_of(station.observed_last) + 1, now)
        if station.issued_at is None or station.issued_at < now - timedelta(hours=EVERY):
            _foretell(station, now)
        done += 1
    return done


@transaction.atomic
def _observe(station: WeatherStation, first: int, now: datetime) -> None:
    until = store.hour_of(now)
    if first < until and station.lon is not None and station.lat is not None:
        values = made_up(first, until - first, lon=station.lon, lat=station.lat)
        store.write(station, None, np.arange(first, until, dtype=np.int64), values, delivery=None)
        store.note_span(station, now=now)


@transaction.atomic
def _foretell(station: WeatherStation, now: datetime) -> None:
    first = store.hour_of(now)
    if station.lon is None or station.lat is None:
        return
    values = made_up(first, AHEAD, lon=station.lon, lat=station.lat, error_from=first)
    store.write(station, store.at(first), np.arange(first, first + AHEAD, dtype=np.int64), values, delivery=None)
    WeatherBlock.objects.filter(station=station, issued_at__lt=now - ISSUES_KEPT).delete()
    store.note_span(station, now=now)
