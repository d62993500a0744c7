"""Several sites side by side: when each is full, and which are quiet then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from allmende.catalogue.values import distance_km
from allmende.insight import store
from allmende.insight.bridges import crowding as bridge
from allmende.insight.models import CrowdingEpisode, Series, Site, SiteSummary
from allmende.insight.rules import visible_sites
from allmende.insight.summary import VERSION
from allmende.insight.values import Resolution
from allmende.partners.rules import Someone

MOST: Final = 24
NEAR_KM: Final = 30.0
"""About half an hour on a country road."""
PERIODS: Final = (30, 90, 365)
"""Days that one may look back."""
OFTEN: Final = 0.3
"""A place that was quiet in a smaller part of the full hours is no place to go to instead."""
QUIETEST: Final = 5
"""Places that are named beside a full one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A site that may be compared."""

    slug: str
    name: str
    full_hours: int
    """Of the last 365 days."""


@dataclass(frozen=True, slots=True)
class ComparedSite:
    """One row."""

    slug: str
    name: str
    mean_by_hour: list[float | None]
    """24: mean pressure at that local hour."""
    high_by_hour: list[float | None]
    """24: pressure that is reached at that hour on one day in ten."""
    known_share: float
    episodes: int
    full_hours: int
    """In the period."""
    peak_share: float | None
    gini_hours: float | None
    """Both of the last 365 days."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A place that was quiet while another was full."""

    site: ComparedSite
    hours: int
    """Hours in which it was quiet and the other full."""
    of: int
    """Hours in which the other was full and this one known."""
    km: float | None
    """How far the two are from each other; None: one of them is on no map."""


@dataclass(frozen=True, slots=True)
class FullSite:
    """A place with those that were quiet while it was full."""

    site: ComparedSite
    quiet: list[Quiet]
    """Those within half an hour's way first, then by how often they were quiet."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sites over one period."""

    choices: list[Choice]
    sites: list[ComparedSite]
    unbalanced: list[FullSite]
    """The place that was full longest first."""
    gini_by_hour: list[float | None]
    """24: how unevenly pressure is spread over the sites; None where one of them is not known."""
    first: datetime
    until: datetime
    zone: str
    is_demo: bool


def comparison(user: Someone, chosen: Sequence[str], days: int, *, now: datetime, zone: str) -> Comparison:
    """The ``chosen`` sites (slugs; none: those that were full longest), over the last ``days`` whole days."""
    until = now.replace(minute=0, second=0, microsecond=0)
    first = until - timedelta(days=days)
    main = Series.objects.filter(is_main=True, resolution=Resolution.HOUR, first__isnull=False)
    sites = visible_sites(user).filter(ended_on__isnull=True, capacity__gt=0, pk__in=main.values("site"))
    rows = list(sites.values_list("pk", "slug", "name"))
    hours = _full_hours([pk for pk, _, _ in rows], now - timedelta(days=365))
    choices = [Choice(slug, name, hours.get(pk, (0, 0))[1]) for pk, slug, name in rows]
    choices.sort(key=lambda one: (-one.full_hours, one.name))
    by_slug = {slug: pk for pk, slug, _ in rows}
    wanted = [slug for slug in dict.fromkeys(chosen) if slug in by_slug][:MOST] or [one.slug for one in choices[:MOST]]
    series = {
        one.site.slug: one for one in main.filter(site__in=[by_slug[slug] for slug in wanted]).select_related("site")
    }
    ordered = [series[slug] for slug in wanted if slug in series]
    compared = _compared(ordered, first, until, zone, _full_hours([one.site_id for one in ordered], first))
    return Comparison(choices, *compared, first, until, zone, any(one.site.is_demo for one in ordered))


def _full_hours(ids: Sequence[int], since: datetime) -> dict[int, tuple[int, int]]:
    """Site -> crowded stretches and full hours since then."""
    rows = CrowdingEpisode.objects.filter(site__in=ids, start__gte=since).order_by()
    found = rows.values("site").annotate(n=Count("pk"), full=Coalesce(Sum("hours"), 0))
    return {site: (n, full) for site, n, full in found.values_list("site", "n", "full")}


def _compared(
    series: Sequence[Series], first: datetime, until: datetime, zone: str, episodes: dict[int, tuple[int, int]]
) -> tuple[list[ComparedSite], list[FullSite], list[float | None]]:
    if not series:
        return [], [], [None] * 24
    stretches = store.read_many(series, first, until)
    sites: list[Site] = [one.site for one in series]
    found = bridge.compare(sites, [stretches[one.pk] for one in series], zone)
    told = {
        site: (peak, gini)
        for site, peak, gini in SiteSummary.objects.filter(
            site__in=[site.pk for site in sites], version=VERSION
        ).values_list("site", "data__peak_share", "data__gini_hours")
    }
    rows = [
        ComparedSite(
            site.slug,
            site.name,
            _known(found.mean_by_hour[at]),
            _known(found.high_by_hour[at]),
            found.known[at],
            *episodes.get(site.pk, (0, 0)),
            *told.get(site.pk, (None, None)),
        )
        for at, site in enumerate(sites)
    ]
    quiet: dict[int, list[Quiet]] = {}
    for one in found.imbalances:
        if one.share < OFTEN:
            continue
        away = _km(sites[one.full], sites[one.quiet])
        quiet.setdefault(one.full, []).append(Quiet(rows[one.quiet], one.hours, one.of, away))
    full = [
        FullSite(rows[at], sorted(others, key=lambda other: (not _is_near(other), -other.hours))[:QUIETEST])
        for at, others in quiet.items()
    ]
    full.sort(key=lambda one: -one.site.full_hours)
    return rows, full, _known(found.gini_by_hour)


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _km(one: Site, other: Site) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return distance_km(one.lon, one.lat, other.lon, other.lat)


def _is_near(quiet: Quiet) -> bool:
    return quiet.km is not None and quiet.km <= NEAR_KM
