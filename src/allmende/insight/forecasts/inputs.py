"""What an hourly forecast rests on beside the figures: holidays, events near by, and what a region adds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Min
from numpy.typing import NDArray

from allmende.catalogue.models import Occurrence
from allmende.catalogue.values import cells_around
from allmende.insight import store
from allmende.insight.bridges import forecast as bridge
from allmende.insight.forecasts.weather import weather_columns
from allmende.insight.holidays.queries import flags, where_is
from allmende.insight.models import Series, Site

NEAR_KM: Final = 2.0


def events_near(site: Site, first: date, days: int) -> NDArray[np.float64] | None:
    """Published events within two kilometres by day; not known before the first day that the catalogue still holds."""
    if site.lon is None or site.lat is None:
        return None
    known_from = Occurrence.objects.aggregate(first=Min("day"))["first"]
    if known_from is None:
        return None
    cells = cells_around(site.lon, site.lat, NEAR_KM)
    rows = (
        Occurrence.objects.filter(cell__in=cells, cancelled=False, day__gte=first, day__lt=first + timedelta(days=days))
        .values_list("day")
        .annotate(count=Count("event", distinct=True))
    )
    out = np.zeros(days)
    out[: max(0, (known_from - first).days)] = np.nan
    for day, count in rows.order_by("day"):
        out[(day - first).days] = count
    return out


COLUMNS: Final[tuple[bridge.Column, ...]] = (events_near,)
"""Further columns of a site's calendar, beside the weather."""


def hourly_case(series: Series, stretch: store.Stretch, *, now: datetime) -> bridge.HourlyCase:
    """Everything for the fourteen days from today on, where the site is; ``TooShort`` if there is not one day of figures."""
    site = series.site
    zone = ZoneInfo(site.timezone)
    table, first = bridge.local_table(stretch, zone, now.astimezone(zone).date())
    if not len(table):
        raise bridge.TooShort("no day of figures")
    days = len(table) + bridge.DAYS_AHEAD
    columns = [column for column in (make(site, first, days) for make in COLUMNS) if column is not None]
    weather = weather_columns(site, first, days, now=now, ahead=bridge.DAYS_AHEAD)
    columns += weather.columns
    public, school = flags(site, first, days)
    notes = {**weather.notes, "school_holidays": school is not None, "subdivision": where_is(site).subdivision}
    return bridge.HourlyCase(
        table,
        first,
        zone,
        public,
        # Where too few are delivered, the trees know the day of the year and earlier years.
        school if school is not None else np.zeros(days, np.bool_),
        np.column_stack(columns) if columns else np.zeros((days, 0)),
        notes,
    )
