"""Simulated places and figures, marked as such wherever they are shown: for the demonstration and for benches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from django.db import transaction

from allmende.insight import store
from allmende.insight.bridges import crowding as bridge
from allmende.insight.models import Delivery, FlowBetween, PresenceCell, Series, Site
from allmende.partners.models import Network, Organisation, Territory

CELLS_AROUND: Final = 4
"""Squares in each direction from a site that have figures."""
WITHHELD_BELOW: Final = 30


@dataclass(frozen=True, slots=True)
class Counting:
    """How the figures of one simulated site are made."""

    pattern: str
    """Key of ``engines.crowding.simulated.PATTERNS``."""
    peak: float
    seed: int
    suppressed_below: float = 0.0


def _made(series: Series, how: Counting, first: int, until: int) -> store.Stretch:
    return bridge.made_up(
        series.site,
        how.pattern,
        first=first,
        length=until - first,
        peak=how.peak,
        seed=how.seed,
        below=how.suppressed_below,
    )


def fill_sites(wanted: Sequence[tuple[Series, Counting]], *, since: datetime, now: datetime) -> None:
    """Give series of simulated sites, which have none yet, their hourly figures from ``since`` to the last full hour."""
    first, until = store.number_of("hour", since), store.number_of("hour", now)
    store.fill([(series, _made(series, how, first, until)) for series, how in wanted], now=now)


def count_on(how: dict[str, Counting], *, now: datetime) -> int:
    """Let the counters of simulated sites (slug -> how) count up to the last full hour; says how many had to."""
    until = store.number_of("hour", now)
    due = Series.objects.filter(
        site__is_demo=True, site__slug__in=how, is_main=True, last__lt=store.begin_of("hour", until - 1)
    ).select_related("site", "site__territory")
    done = 0
    for series in due:
        assert series.last is not None  # the query asked for those that have one
        first = store.number_of("hour", series.last) + 1
        made = _made(series, how[series.site.slug], first, until)
        periods = np.arange(first, until, dtype=np.int64)
        # A simulated outage at the end of a stretch is written as it is: the next round goes on behind it.
        store.write_figures(series, periods, made.figures, made.quality, now=now)
        done += 1
    return done


def release_simulated(
    organisation: Organisation, network: Network, sites: Sequence[Site], *, months: Sequence[date], now: datetime
) -> Delivery:
    """Simulated squares around the sites and flows between their municipalities, as a delivery marked as simulated."""
    chance = np.random.default_rng(int(months[0].toordinal()))
    placed = [site for site in sites if site.lon is not None and site.lat is not None]
    with transaction.atomic():
        delivery = Delivery.objects.create(
            organisation=organisation,
            network=network,
            origin=Delivery.Origin.FLOWS,
            supplier="",
            name="simulated",
            state=Delivery.State.APPLIED,
            received_at=now,
            applied_at=now,
            is_demo=True,
        )
        both = {"delivery": delivery, "network": network, "organisation": organisation}
        for month in months:
            people = _cells(placed, month, chance)
            PresenceCell.objects.bulk_create(
                [PresenceCell(cell=code, period=month, people=value, **both) for code, value in people.items()],
                batch_size=500,
            )
            FlowBetween.objects.bulk_create(
                [
                    FlowBetween(origin=a, destination=b, period=month, trips=trips, **both)
                    for (a, b), trips in _flows(placed, month, chance).items()
                ],
                batch_size=500,
            )
    return delivery


def _cells(sites: Sequence[Site], month: date, chance: np.random.Generator) -> dict[str, float | None]:
    season = 1 + 0.6 * float(np.cos((month.month - 7.5) / 12 * 2 * np.pi))
    found: dict[str, float | None] = {}
    span = range(-CELLS_AROUND, CELLS_AROUND + 1)
    for site in sites:
        assert site.lon is not None and site.lat is not None  # noqa: PT018  (only placed sites come here)
        for east in span:
            for north in span:
                near = np.exp(-(east * east + north * north) / 7)
                people = float(np.round((site.capacity or 300) * 0.9 * season * near * chance.lognormal(0, 0.6)))
                code = bridge.cell_code(site.lon, site.lat, east, north)
                found[code] = max(people, found.get(code) or 0)
    return {code: value if value is not None and value >= WITHHELD_BELOW else None for code, value in found.items()}


def _flows(sites: Sequence[Site], month: date, chance: np.random.Generator) -> dict[tuple[str, str], float | None]:
    areas: dict[str, Territory] = {site.territory.code: site.territory for site in sites if site.territory}
    found: dict[tuple[str, str], float | None] = {}
    for a, one in sorted(areas.items()):
        for b, other in sorted(areas.items()):
            if a == b or one.lon is None or other.lon is None or one.lat is None or other.lat is None:
                continue
            away = np.hypot((one.lon - other.lon) * 80, (one.lat - other.lat) * 111) + 5
            trips = float(np.round(2e5 / away**1.4 * chance.lognormal(0, 0.5)))
            found[a, b] = trips if trips >= WITHHELD_BELOW * 5 else None
        for abroad, size in (("DE", 900), ("ES", 1100), ("NL", 500), ("BE", 450)):
            found[abroad, a] = float(np.round(size * chance.lognormal(0, 0.4)))
    return found


def months_before(day: date, count: int) -> list[date]:
    """First days of the ``count`` whole months before the one of ``day``, the latest first."""
    found, first = [], day.replace(day=1)
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found
