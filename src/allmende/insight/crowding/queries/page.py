"""Everything that the page of one site shows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, QuerySet
from numpy.typing import NDArray

from allmende.core.prepared import prepared
from allmende.insight import store
from allmende.insight.bridges import crowding as bridge
from allmende.insight.crowding.queries.state import NOTHING, SiteState, state_from
from allmende.insight.models import Counter, CrowdingEpisode, Delivery, Forecast, Series, Site, SiteSummary
from allmende.insight.rules import visible_sites
from allmende.insight.summary import VERSION, Summary, usual_from_bytes
from allmende.insight.values import Quality, Resolution
from allmende.partners.rules import Someone

WEEK: Final = 7
EPISODES: Final = 12
SOURCES: Final = 5
YEAR: Final = timedelta(days=365)
Row = list[float | None]


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour of a day."""

    at: datetime
    """Begin, UTC."""
    hour: int
    """On the clocks of the place."""
    figure: float | None
    """None: not known."""
    quality: Quality
    usual: float | None
    low: float | None
    high: float | None
    """Quartiles of what is usual."""
    expected: float | None = None
    expected_low: float | None = None
    expected_high: float | None = None
    """The forecast's middle and its 80 % interval."""


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """A crowded stretch."""

    start: datetime
    end: datetime
    peak_at: datetime
    peak: float
    pressure: float
    unusual: float | None
    percentile: float | None
    hours: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from."""

    kind: str
    """A delivery's origin, or ``live`` for a counter that reports by itself."""
    who: str
    agreement: str
    at: datetime | None
    """When they came, or when the counter last reported."""


@dataclass(frozen=True, slots=True)
class Busiest:
    """The hour of the week at which the place is usually fullest."""

    month: int
    """1 to 12: the middle of its season."""
    weekday: int
    hour: int
    usual: float


@dataclass(frozen=True, slots=True)
class SitePage:
    """What is shown of one site."""

    summary: Summary | None
    computed_at: datetime | None
    series: Series | None
    state: SiteState
    day: date
    """Today, on the clocks of the place."""
    today: list[HourRow]
    week: list[tuple[date, Row]]
    """The seven days before today: 24 local hours of figures each; None: not known, or a clock's change left the hour out."""
    usual_week: list[Row]
    """Monday to Sunday in the season of today: 24 medians each."""
    busiest: Busiest | None
    episodes: list[EpisodeRow]
    episodes_in_year: int
    sources: list[Source]
    forecast_made_at: datetime | None
    forecast_method: str
    forecast_inputs: dict[str, Any]


def site_for(user: Someone, slug: str) -> Site | None:
    """The site of this name if ``user`` sees its figures."""
    return _whole(visible_sites(user).filter(slug=slug)).first()


def public_site(slug: str) -> Site | None:
    """The site of this name if its owner shows its figures to everybody."""
    return _whole(Site.objects.filter(sharing=Site.Sharing.PUBLIC, slug=slug)).first()


def _whole(rows: QuerySet[Site]) -> QuerySet[Site]:
    """With what a page says of owner, place and municipality, and not with outlines and long texts."""
    own = [field.name for field in Site._meta.concrete_fields if field.name not in {"outline", "created_by"}]
    beside = ["organisation__name", "place__slug", "place__state", "territory__country"]
    return rows.select_related("organisation", "place", "territory").only(*own, *beside)


def site_page(site: Site, *, now: datetime) -> SitePage:
    """What the page of ``site`` shows at ``now``."""
    zone = ZoneInfo(site.timezone)
    today = now.astimezone(zone).date()
    row = next(iter(_summary(site.pk, version=VERSION)), None)
    summary = Summary.from_json(row.data) if row else None
    medians = usual_from_bytes(bytes(row.usual)) if row else None
    series = next(iter(_main(site.pk)), None)
    is_hourly = series is not None and series.resolution == Resolution.HOUR
    first = _midnight(today - timedelta(days=WEEK), zone)
    until = _midnight(today + timedelta(days=1), zone)
    stretch = store.read_stretch(series, first, until) if series and is_hourly else None
    state, hours, week = NOTHING, [], []
    forecast = None
    if series and stretch is not None:
        state = state_from(series, site, medians, stretch, now=now)
        forecast = next(iter(_forecast(series.pk)), None)
        hours = _day(stretch, site.timezone, today, summary, medians, forecast)
        week = _week(stretch, site.timezone, [today - timedelta(days=WEEK - n) for n in range(WEEK)])
    return SitePage(
        summary=summary,
        computed_at=row.computed_at if row else None,
        series=series,
        state=state,
        day=today,
        today=hours,
        week=week,
        usual_week=_usual_week(medians, today),
        busiest=_busiest(medians),
        episodes=[EpisodeRow(*one) for one in _episodes(site.pk)],
        episodes_in_year=next(iter(_episodes_since(site.pk, now - YEAR)), 0),
        sources=_sources(series),
        forecast_made_at=forecast.made_at if forecast else None,
        forecast_method=forecast.method if forecast else "",
        forecast_inputs=forecast.inputs if forecast else {},
    )


EPISODE: Final = ("start", "end", "peak_at", "peak", "pressure", "unusual", "percentile", "hours")


@prepared
def _summary(site: int, *, version: int) -> QuerySet[SiteSummary]:
    return SiteSummary.objects.filter(site=site, version=version)


@prepared
def _main(site: int) -> QuerySet[Series]:
    return Series.objects.filter(site=site, is_main=True).order_by("pk")[:1]


@prepared
def _forecast(series: int) -> QuerySet[Forecast]:
    return Forecast.objects.filter(series=series, resolution=Resolution.HOUR)


@prepared
def _episodes(site: int) -> QuerySet[CrowdingEpisode, Any]:
    return CrowdingEpisode.objects.filter(site=site).order_by("-start").values_list(*EPISODE)[:EPISODES]


@prepared
def _episodes_since(site: int, moment: datetime) -> QuerySet[CrowdingEpisode, int]:
    rows = CrowdingEpisode.objects.filter(site=site, start__gte=moment).order_by()
    return rows.values("site").annotate(n=Count("pk")).values_list("n", flat=True)


def all_episodes(site: Site) -> list[EpisodeRow]:
    """Every crowded stretch of ``site``, the latest first."""
    rows = CrowdingEpisode.objects.filter(site=site).order_by("-start")
    return [EpisodeRow(*one) for one in rows.values_list(*EPISODE)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first hour of a local day, in UTC and cut to a whole hour."""
    moment = datetime.combine(day, time(), zone).astimezone(UTC)
    return moment.replace(minute=0, second=0, microsecond=0)


def _known(value: float | np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None


def _day(
    stretch: store.Stretch,
    zone: str,
    day: date,
    summary: Summary | None,
    medians: NDArray[np.float32] | None,
    forecast: Forecast | None,
) -> list[HourRow]:
    local = bridge.local_axis(zone, stretch.first, len(stretch))
    usable = stretch.usable
    ahead = _quantiles(forecast)
    rows = []
    for at in np.flatnonzero(local.day == (day - store.EPOCH).days).tolist():
        cell = (int(local.month[at]), int(local.weekday[at] * 24 + local.hour[at]))
        low, middle, high = ahead.get(stretch.first + at, (None, None, None))
        rows.append(
            HourRow(
                bridge.at(stretch.first + at),
                int(local.hour[at]),
                _known(usable[at]),
                Quality(int(stretch.quality[at])),
                _known(medians[cell]) if medians is not None else None,
                _known(summary.usual_low[cell]) if summary else None,
                _known(summary.usual_high[cell]) if summary else None,
                middle,
                low,
                high,
            )
        )
    return rows


def _quantiles(forecast: Forecast | None) -> dict[int, tuple[float | None, float | None, float | None]]:
    """Hour -> lower end, middle, upper end of the 80 % interval; empty without a forecast that has them."""
    if forecast is None or not {0.1, 0.5, 0.9} <= set(forecast.levels):
        return {}
    values = np.frombuffer(bytes(forecast.quantiles), "<f4").reshape(-1, len(forecast.levels))
    wanted = [forecast.levels.index(level) for level in (0.1, 0.5, 0.9)]
    first = store.number_of(Resolution.HOUR, forecast.start)
    return {
        first + step: (_known(row[wanted[0]]), _known(row[wanted[1]]), _known(row[wanted[2]]))
        for step, row in enumerate(values)
    }


def _week(stretch: store.Stretch, zone: str, days: Sequence[date]) -> list[tuple[date, Row]]:
    """24 local hours of each day; an hour that a clock's change brings twice is the mean of both."""
    local = bridge.local_axis(zone, stretch.first, len(stretch))
    usable = stretch.usable.astype(np.float64)
    place = (local.day - (days[0] - store.EPOCH).days) * 24 + local.hour
    inside = np.isfinite(usable) & (place >= 0) & (place < 24 * len(days))
    sums = np.bincount(place[inside], weights=usable[inside], minlength=24 * len(days))
    counts = np.bincount(place[inside], minlength=24 * len(days))
    values: Row = [float(total / n) if n else None for total, n in zip(sums, counts, strict=True)]
    return [(day, values[24 * n : 24 * n + 24]) for n, day in enumerate(days)]


def _usual_week(medians: NDArray[np.float32] | None, day: date) -> list[Row]:
    if medians is None:
        return []
    of_season = medians[day.month - 1]
    return [[_known(value) for value in of_season[24 * n : 24 * n + 24]] for n in range(WEEK)]


def _busiest(medians: NDArray[np.float32] | None) -> Busiest | None:
    if medians is None or not np.isfinite(medians).any() or float(np.nanmax(medians)) <= 0:
        return None
    month, hour = divmod(int(np.nanargmax(medians)), medians.shape[1])
    return Busiest(month + 1, hour // 24, hour % 24, float(medians[month, hour]))


def _sources(series: Series | None) -> list[Source]:
    """The last deliveries to the main series, and its counters."""
    if series is None:
        return []
    found = [Source(*one) for one in _delivered(series.pk)]
    return found + [Source("live", name or key, "", seen) for name, key, seen in _counters(series.pk)]


@prepared
def _delivered(series: int) -> QuerySet[Delivery, Any]:
    rows = Delivery.objects.filter(blocks__series=series, state=Delivery.State.APPLIED).distinct()
    return rows.order_by("-received_at").values_list("origin", "supplier", "agreement", "received_at")[:SOURCES]


@prepared
def _counters(series: int) -> QuerySet[Counter, Any]:
    return Counter.objects.filter(series=series).values_list("name", "key", "last_seen")[:SOURCES]
