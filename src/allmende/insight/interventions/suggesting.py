"""Which sites may be neighbours, and which ones may serve for comparison: by distance, and by how alike they went so far.

Alike is judged without the season and the week, which most places share: each day is taken relative to the same weekday
a week before, and the changes of two places are correlated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from allmende.catalogue.values import distance_km
from allmende.insight.interventions.values import Part
from allmende.insight.models import Series, Site
from allmende.insight.outcomes import Outcomes, Window, read_outcomes
from allmende.insight.values import Resolution

NEIGHBOUR_KM: Final = 5.0
"""Visitors may go to a place that is so near instead."""
CLEAR_KM: Final = 10.0
"""A place so far is hardly touched by what happens at the treated one."""
ALIKE: Final = 0.3
LEAST_DAYS: Final = 60
PAST: Final = timedelta(days=365)
WEEK: Final = 7
MOST_LOOKED_AT: Final = 200
MOST_COMPARED: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A site that could take part."""

    site: Site
    km: float | None
    """To the nearest treated site; None: one of them has no place on the map."""
    alike: float | None
    """Correlation of the past, −1 to 1; None: too little is known."""
    days: int
    """Days with a figure in the year before."""
    suggested: str
    """A ``Part``, or empty."""


def candidates(treated: Sequence[Site], others: Iterable[Site], *, before: date) -> list[Candidate]:
    """``others`` in order of use: suggested neighbours by distance, suggested comparisons by likeness, the rest by distance.

    ``before``: the first day that is not looked at.
    """
    placed = [(site, _km(site, treated)) for site in others]
    placed.sort(key=lambda pair: (pair[1] is None, pair[1] or 0.0, pair[0].name))
    placed = placed[:MOST_LOOKED_AT]
    past = _past([*treated, *(site for site, _ in placed)], before)
    mean = _changes(_mean([past[site.pk] for site in treated if site.pk in past]))
    found = []
    for site, km in placed:
        figures = past.get(site.pk)
        days = int(np.isfinite(figures).sum()) if figures is not None else 0
        alike = _correlation(mean, _changes(figures)) if figures is not None and mean is not None else None
        found.append(Candidate(site, km, alike, days, _part(km, alike)))
    compared = sorted((one for one in found if one.suggested == Part.COMPARISON), key=lambda one: -(one.alike or 0.0))
    kept = {one.site.pk for one in compared[:MOST_COMPARED]}
    order = {Part.NEIGHBOUR: 0, Part.COMPARISON: 1}
    return sorted(
        (_thinned(one, kept) for one in found),
        key=lambda one: (
            order.get(Part(one.suggested), 2) if one.suggested else 2,
            -(one.alike or 0.0) if one.suggested == Part.COMPARISON else 0.0,
            one.km is None,
            one.km or 0.0,
            one.site.name,
        ),
    )


def _thinned(one: Candidate, kept: set[int]) -> Candidate:
    if one.suggested != Part.COMPARISON or one.site.pk in kept:
        return one
    return Candidate(one.site, one.km, one.alike, one.days, "")


def _km(site: Site, treated: Sequence[Site]) -> float | None:
    if site.lon is None or site.lat is None:
        return None
    return min(
        (
            distance_km(site.lon, site.lat, one.lon, one.lat)
            for one in treated
            if one.lon is not None and one.lat is not None
        ),
        default=None,
    )


def _part(km: float | None, alike: float | None) -> str:
    if km is not None and km <= NEIGHBOUR_KM:
        return Part.NEIGHBOUR
    is_clear = km is None or km >= CLEAR_KM
    return Part.COMPARISON if is_clear and alike is not None and alike >= ALIKE else ""


def _past(sites: Sequence[Site], before: date) -> dict[int, Outcomes]:
    """Daily outcomes of the year before by site, of the main series."""
    window = Window(before - PAST, before - timedelta(days=1))
    there = Series.objects.filter(site__in=[site.pk for site in sites], is_main=True).select_related("site")
    series = list(there.exclude(resolution=Resolution.MONTH))
    figures = read_outcomes(series, window)
    return {one.site_id: figures[one.pk] for one in series}


def _mean(rows: Sequence[Outcomes]) -> Outcomes | None:
    return np.asarray(np.mean(rows, axis=0), np.float64) if rows else None


def _changes(figures: Outcomes | None) -> Outcomes | None:
    """Logarithm of each day relative to the same weekday a week before."""
    if figures is None or len(figures) <= WEEK:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(figures > 0, np.log(figures), np.nan)
    return np.asarray(logs[WEEK:] - logs[:-WEEK], np.float64)


def _correlation(one: Outcomes | None, other: Outcomes | None) -> float | None:
    if one is None or other is None:
        return None
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < LEAST_DAYS:
        return None
    left, right = one[both], other[both]
    if left.std() == 0 or right.std() == 0:
        return None
    return float(np.corrcoef(left, right)[0, 1])
