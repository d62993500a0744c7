"""What is measured, what is full now, and what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from allmende.insight.crowding.queries.state import SiteState, state_of
from allmende.insight.models import Series
from allmende.insight.rules import visible_sites
from allmende.insight.values import Level, Resolution
from allmende.partners.rules import Someone, organisations_to_edit

Trouble = Literal["no_series", "no_figures", "silent", "doubtful", "no_capacity", "no_place"]
SILENT_AFTER: Final[Mapping[str, timedelta]] = {
    Resolution.HOUR: timedelta(hours=26),
    Resolution.DAY: timedelta(days=4),
    Resolution.MONTH: timedelta(days=75),
}
"""Figures of a day come on the next, those of a month some weeks after it."""
MOST_SITES: Final = 2000
MOST_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site in a list."""

    id: int
    slug: str
    name: str
    kind: str
    state: SiteState
    last: datetime | None
    """Begin of the period of the last figure."""
    is_mine: bool
    """Whoever looks may change it."""
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Attention:
    """A site with what is wrong."""

    site: SiteLine
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page of the insight pages."""

    n_sites: int
    n_known: int
    """With a fresh figure and a capacity."""
    by_level: Mapping[Level, int]
    full: list[SiteLine]
    lively: list[SiteLine]
    fuller_than_usual: list[SiteLine]
    """Fresh, and at least half as full again as usual."""
    sites: list[SiteLine]
    attention: list[Attention]
    """Of the sites that one may change, the gravest first."""
    n_attention: int
    is_demo: bool


FULLER: Final = 1.5
LEAST_PRESSURE: Final = 0.2
"""An almost empty place is not named for having three people rather than two."""


def overview(user: Someone, *, now: datetime) -> Overview:
    """What ``user`` sees of all places at ``now``."""
    mine = organisations_to_edit(user)
    rows = list(
        visible_sites(user)
        .filter(ended_on__isnull=True)
        .order_by("name", "id")
        .values_list("pk", "slug", "name", "kind", "organisation", "capacity", "lon", "is_demo")[:MOST_SITES]
    )
    ids = [row[0] for row in rows]
    series = {
        site: (resolution, last)
        for site, resolution, last in Series.objects.filter(site__in=ids, is_main=True).values_list(
            "site", "resolution", "last"
        )
    }
    states = state_of(ids, now=now)
    lines, attention = [], []
    for pk, slug, name, kind, owner, capacity, lon, is_demo in rows:
        resolution, last = series.get(pk, ("", None))
        line = SiteLine(pk, slug, name, kind, states[pk], last, mine is None or owner in mine, is_demo)
        lines.append(line)
        trouble = _trouble(line, resolution, capacity, lon, now) if line.is_mine else None
        if trouble:
            attention.append(Attention(line, trouble))
    attention.sort(key=lambda one: TROUBLES.index(one.trouble))
    by_pressure = sorted(lines, key=lambda line: -(line.state.pressure or 0))
    return Overview(
        n_sites=len(lines),
        n_known=sum(line.state.level is not None for line in lines),
        by_level={level: sum(line.state.level == level for line in lines) for level in Level},
        full=[line for line in by_pressure if line.state.level == Level.FULL][:MOST_SHOWN],
        lively=[line for line in by_pressure if line.state.level == Level.LIVELY][:MOST_SHOWN],
        fuller_than_usual=[line for line in by_pressure if _is_fuller(line.state)][:MOST_SHOWN],
        sites=lines[: 4 * MOST_SHOWN],
        attention=attention[:MOST_SHOWN],
        n_attention=len(attention),
        is_demo=any(line.is_demo for line in lines),
    )


TROUBLES: Final[tuple[Trouble, ...]] = ("silent", "doubtful", "no_figures", "no_series", "no_capacity", "no_place")


def _trouble(line: SiteLine, resolution: str, capacity: int | None, lon: float | None, now: datetime) -> Trouble | None:
    """The gravest thing that is wrong with a site."""
    if not resolution:
        return "no_series"
    if line.last is None:
        return "no_figures"
    if now - line.last > SILENT_AFTER[resolution]:
        return "silent"
    if line.state.doubtful:
        return "doubtful"
    if not capacity:
        return "no_capacity"
    return "no_place" if lon is None else None


def _is_fuller(state: SiteState) -> bool:
    return (
        state.is_fresh
        and state.pressure is not None
        and state.pressure >= LEAST_PRESSURE
        and bool(state.usual_pressure)
        and state.pressure >= FULLER * (state.usual_pressure or 0)
    )
