"""A trial of the guide's suggestions for the demonstration: begun six weeks ago at two of its measured places.

The lots are drawn like all lots; how often suggestions were seen and followed is made up, and every page that shows it says
that it is a demonstration.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from allmende.core.models import User
from allmende.insight.models import Intervention, Site, SteeringCount, SteeringDay
from allmende.insight.steering.actions import TrialWish, draw_days, start_trial

WEEKS = 6
FILLED_WEEKS = 10


def load_steering(*, by: User, now: datetime) -> Intervention | None:
    """Make the trial and its counts; nothing where no demo site is shown, or where it is there already."""
    sites = list(
        Site.objects.filter(is_demo=True, place__isnull=False)
        .exclude(shown=Site.Shown.NOTHING)
        .order_by("organisation_id", "pk")
    )
    sites = [site for site in sites if site.organisation_id == sites[0].organisation_id][:2]
    if not sites or Intervention.objects.filter(kind=Intervention.Kind.GUIDE, is_demo=True).exists():
        return None
    begun = now - timedelta(weeks=WEEKS)
    first = begun.date() + timedelta(days=2)
    wish = TrialWish(
        "Plus calme à midi",
        tuple(site.pk for site in sites),
        0.5,
        first,
        first + timedelta(weeks=FILLED_WEEKS),
        "Qui voit à temps que c’est plein à midi vient plus tôt, ou va ailleurs.",
        -8.0,
    )
    trial = start_trial(wish, organisation_id=sites[0].organisation_id, by=by, now=begun)
    for day in range(WEEKS * 7 + 1):
        draw_days(now=begun + timedelta(days=day))
    _counts(trial, now)
    return trial


def _counts(trial: Intervention, now: datetime) -> None:
    chance = Random(7)  # noqa: S311  made-up counts, the same every time
    days = SteeringDay.objects.filter(intervention=trial, is_on=True, day__lt=now.date()).order_by("day", "site_id")
    rows = []
    for day in days:
        seen = chance.randint(20, 90)
        rows.append(SteeringCount(site_id=day.site_id, day=day.day, shown=seen))
        others = [other for other in trial.sites.values_list("site_id", flat=True) if other != day.site_id]
        rows += [
            SteeringCount(site_id=day.site_id, instead_id=other, day=day.day, shown=seen, taken=seen // 9)
            for other in others
        ]
    SteeringCount.objects.bulk_create(rows, ignore_conflicts=True)
