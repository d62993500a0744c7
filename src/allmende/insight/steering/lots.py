"""Days with and without suggestions, drawn by lot where their effect is being measured.

The lot of a site and a day is a number between 0 and 1 from a keyed hash of the trial, the site and the day: nobody can
foresee it who does not hold the installation's key, and nobody can draw again until they like it.  It is written down as a
``SteeringDay`` before the day begins; a page that comes earlier computes the same one.  Without a trial suggestions are on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from allmende.core.prepared import prepared
from allmende.insight.models import Intervention, InterventionSite, SteeringDay

SALT: Final = "allmende.insight.steering"


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that a site is in on a day."""

    intervention_id: int
    site_id: int
    share: float


def share_of(locked: dict[str, Any]) -> float | None:
    """The share of days with suggestions that was written down before the start; None where none was."""
    share = locked.get("share")
    return float(share) if isinstance(share, int | float) and 0 < share < 1 else None


def lot(intervention_id: int, site_id: int, day: date) -> float:
    """The number that decides, from 0 to below 1."""
    digest = salted_hmac(SALT, f"{intervention_id}:{site_id}:{day.isoformat()}", algorithm="sha256").digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@prepared
def _in_force(sites: Sequence[int], day: date) -> QuerySet[InterventionSite, Any]:
    there = InterventionSite.objects.filter(
        site__in=sites,
        part=InterventionSite.Part.TREATED,
        intervention__kind=Intervention.Kind.GUIDE,
        intervention__locked_at__isnull=False,
        intervention__cancelled_at__isnull=True,
        intervention__starts_on__lte=day,
    )
    there = there.filter(Q(intervention__ends_on__isnull=True) | Q(intervention__ends_on__gte=day))
    there = there.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day))
    return there.order_by("intervention__pk").values_list("site_id", "intervention_id", "intervention__locked")


def trials_on(sites: Sequence[int], day: date) -> dict[int, Trial]:
    """Site id -> the trial that it is in on a day; the older one where somebody has made two."""
    found: dict[int, Trial] = {}
    for site_id, intervention_id, locked in _in_force(list(sites), day):
        share = share_of(cast(dict[str, Any], locked))
        if share is not None:
            found.setdefault(site_id, Trial(intervention_id, site_id, share))
    return found


@prepared
def _drawn(site: int, day: date) -> QuerySet[SteeringDay, bool]:
    return SteeringDay.objects.filter(site=site, day=day).values_list("is_on", flat=True)


def is_on(site_id: int, day: date) -> bool:
    """Whether the guide suggests quieter places instead of this site on a day."""
    drawn = _drawn(site_id, day)
    if drawn:
        return drawn[0]
    trial = trials_on([site_id], day).get(site_id)
    return trial is None or lot(trial.intervention_id, site_id, day) < trial.share


def draw_days(*, now: datetime) -> int:
    """Write down the lots of today and tomorrow of every site in a trial; return how many are new."""
    treated = InterventionSite.objects.filter(
        part=InterventionSite.Part.TREATED,
        intervention__kind=Intervention.Kind.GUIDE,
        intervention__locked_at__isnull=False,
        intervention__cancelled_at__isnull=True,
    )
    around = now.date()
    treated = treated.filter(
        Q(intervention__ends_on__isnull=True) | Q(intervention__ends_on__gte=around - timedelta(days=1))
    )
    zones = dict(treated.order_by().values_list("site_id", "site__timezone"))
    days: dict[date, list[int]] = {}
    for site, zone in zones.items():
        today = now.astimezone(ZoneInfo(zone)).date()
        for day in (today, today + timedelta(days=1)):
            days.setdefault(day, []).append(site)
    return sum(_draw(sites, day) for day, sites in days.items())


def _draw(sites: Sequence[int], day: date) -> int:
    trials = trials_on(sites, day)
    there = set(SteeringDay.objects.filter(site__in=list(trials), day=day).values_list("site_id", flat=True))
    fresh = [
        SteeringDay(
            site_id=trial.site_id,
            day=day,
            is_on=lot(trial.intervention_id, trial.site_id, day) < trial.share,
            share=trial.share,
            intervention_id=trial.intervention_id,
        )
        for trial in trials.values()
        if trial.site_id not in there
    ]
    SteeringDay.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)
