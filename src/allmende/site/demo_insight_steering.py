"""Trials of the guide's suggestions for the demonstration at two of its measured places: one is over, one began six weeks ago.

The lots are drawn like all lots, and what they say of the one that is over is computed like any other answer, from simulated
figures into which an effect was written.  How often suggestions were seen and followed is made up, and every page that shows it
says that it is a demonstration.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.utils.translation import override

from allmende.core.models import User
from allmende.insight.interventions.actions import publish_evaluation
from allmende.insight.interventions.running import make_evaluation
from allmende.insight.interventions.simulated import simulate_effect
from allmende.insight.models import Intervention, Site, SteeringCount, SteeringDay
from allmende.insight.steering.actions import TrialWish, draw_days, start_trial

WEEKS = 6
ENDED_WEEKS, LASTED_WEEKS = 14, 8
EFFECT = 0.2
"""What is written into the simulated figures of days with suggestions."""
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
    with override("fr"):
        return _two_trials(sites, by=by, now=now)


def _two_trials(sites: list[Site], *, by: User, now: datetime) -> Intervention:
    _one_that_is_over(sites, by=by, now=now)
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


def _one_that_is_over(sites: list[Site], *, by: User, now: datetime) -> None:
    begun = now - timedelta(weeks=ENDED_WEEKS + LASTED_WEEKS, days=2)
    first = begun.date() + timedelta(days=2)
    wish = TrialWish(
        "Plus tôt le matin",
        tuple(site.pk for site in sites),
        0.5,
        first,
        first + timedelta(weeks=LASTED_WEEKS, days=-1),
        "Qui apprend la veille que midi sera plein vient le matin, ou va ailleurs.",
        -10.0,
    )
    trial = start_trial(wish, organisation_id=sites[0].organisation_id, by=by, now=begun)
    for step in range(LASTED_WEEKS * 7 + 2):
        draw_days(now=begun + timedelta(days=step))
    by_site = {site.pk: site for site in sites}
    for site_id, day in SteeringDay.objects.filter(intervention=trial, is_on=True).values_list("site_id", "day"):
        simulate_effect(by_site[site_id], None, day, day, share=EFFECT, to_neighbour=0.0, now=now)
    evaluation = make_evaluation(trial, by=by, now=now)
    publish_evaluation(evaluation.pk, "", by=by, now=now)
    _counts(trial, now)


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
