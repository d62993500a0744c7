"""The work that takes seconds: a plan, an evaluation; asked for by a person, done outside of the request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.processes import start_command
from allmende.insight.bridges.evaluation import CannotEvaluate, assemble, evaluated, planned
from allmende.insight.bridges.lots import evaluated_by_lot
from allmende.insight.models import Evaluation, EvaluationRequest, Intervention, InterventionPlan, InterventionSite
from allmende.insight.rules import may_edit_intervention, visible_sites
from allmende.insight.steering.days import day_at, is_done, last_day
from allmende.insight.steering.lots import share_of

__all__ = ["CannotEvaluate", "finish_trials", "make_evaluation", "make_plan", "start_working", "work_requests"]

log = logging.getLogger("allmende.insight")
STALE: Final = timedelta(minutes=5)
"""Work that was begun so long ago was interrupted, and is begun again."""
MOST_AT_ONCE: Final = 20
SETTLED: Final = timedelta(days=3)
"""So long after midnight of its last day a trial is evaluated: the figures of the last days come late."""
WAITED: Final = timedelta(days=60)
Task = EvaluationRequest.Task
Told = Callable[[str], None]


def start_working() -> None:
    """Let a process of its own do what waits; without it the periodic work does it within a minute."""
    start_command("evaluate_waiting")


def work_requests(*, now: datetime) -> int:
    """Do what waits, the oldest first; return how many were done."""
    waiting = EvaluationRequest.objects.filter(failure="").filter(
        Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE)
    )
    done = 0
    for request in waiting.select_related("by").order_by("asked_at", "pk")[:MOST_AT_ONCE]:
        # Claimed in one statement: the periodic work and a process of its own may both be at it.
        claimed = EvaluationRequest.objects.filter(pk=request.pk, claimed_at=request.claimed_at, failure="")
        if claimed.update(claimed_at=now, step="reading"):
            done += _work(request, now=now)
    return done


def _work(request: EvaluationRequest, *, now: datetime) -> bool:
    def at(step: str) -> None:
        # by the clock, for it says that somebody is still at work
        EvaluationRequest.objects.filter(pk=request.pk).update(step=step, claimed_at=timezone.now())

    intervention = _with_all(request.intervention_id)
    if request.by is None or not may_edit_intervention(request.by, intervention):
        return _fail(request, "forbidden")
    try:
        if request.task == Task.PLAN:
            make_plan(intervention, by=request.by, now=now, told=at)
        else:
            evaluation = make_evaluation(intervention, by=request.by, now=now, told=at)
            _tell(intervention, evaluation, request.by, now)
    except CannotEvaluate as error:
        return _fail(request, error.code, error.about)
    except Exception:  # it would be begun again for ever, and what waits behind it would wait with it
        log.exception("Intervention %s: the %s could not be made", request.intervention_id, request.task)
        return _fail(request, "broken")
    EvaluationRequest.objects.filter(pk=request.pk).delete()
    return True


def _fail(request: EvaluationRequest, code: str, about: str = "") -> bool:
    EvaluationRequest.objects.filter(pk=request.pk).update(failure=code, failed_about=about[:200], step="")
    return False


def _with_all(pk: int) -> Intervention:
    return Intervention.objects.select_related("organisation", "amends").get(pk=pk)


def _sites(intervention: Intervention) -> list[InterventionSite]:
    return list(intervention.sites.select_related("site", "site__territory"))


def _visible(by: User | None, sites: list[InterventionSite]) -> frozenset[int] | None:
    """Which of ``sites`` the person sees; None (the operator's command line): all."""
    if by is None:
        return None
    return frozenset(visible_sites(by).filter(pk__in=[one.site_id for one in sites]).values_list("pk", flat=True))


def yesterday(sites: Iterable[InterventionSite], now: datetime) -> date:
    """The last day of which all figures can be there, by the clock of the places."""
    return day_at((one.site.timezone for one in sites), now) - timedelta(days=1)


def make_plan(
    intervention: Intervention, *, by: User | None, now: datetime, told: Told = lambda _step: None
) -> InterventionPlan:
    """Count from past data what could be seen, and keep it in place of an earlier plan; raises ``CannotEvaluate``."""
    sites = _sites(intervention)
    made = assemble(intervention, sites, visible=_visible(by, sites), until=yesterday(sites, now), before_only=True)
    told("counting")
    data = planned(intervention, made)
    told("writing")
    with transaction.atomic():
        plan, _ = InterventionPlan.objects.update_or_create(
            intervention=intervention, defaults={"made_at": now, "data": data}
        )
        record("insight.plan_intervention", ("intervention", intervention.pk), by=by, now=now)
    return plan


def make_evaluation(
    intervention: Intervention, *, by: User | None, now: datetime, told: Told = lambda _step: None
) -> Evaluation:
    """Evaluate with what is known until yesterday, and keep the answer beside earlier ones; raises ``CannotEvaluate``.

    Where the days were drawn by lot the lots are the answer, and there is none before the trial is over.
    """
    if intervention.locked_at is None:
        raise CannotEvaluate("not_locked")
    sites = _sites(intervention)
    visible = _visible(by, sites)
    if share_of(intervention.locked) is not None:
        zones = [one.site.timezone for one in sites]
        if not is_done(intervention, zones, now=now):
            raise CannotEvaluate("lots_not_over")
        until = last_day(intervention, zones, now=now)
        told("counting")
        data = evaluated_by_lot(intervention, until, visible=visible)
    else:
        made = assemble(intervention, sites, visible=visible, until=yesterday(sites, now))
        until = made.until
        told("counting")
        data = evaluated(intervention, made)
    told("writing")
    effect, low, high = _three(data)
    with transaction.atomic():
        evaluation = Evaluation.objects.create(
            intervention=intervention,
            made_at=now,
            by=by,
            data_until=until,
            verdict=data["verdict"],
            effect_percent=effect,
            low_percent=low,
            high_percent=high,
            data=data,
        )
        record(
            "insight.evaluate_intervention",
            ("intervention", intervention.pk),
            by=by,
            now=now,
            evaluation=evaluation.pk,
            verdict=evaluation.verdict,
        )
    return evaluation


def finish_trials(*, now: datetime) -> int:
    """Evaluate and publish every trial by lot that ended in the last weeks and has no result; return how many.

    It was promised openly, before the start, that its answer would stand on a public page whatever it is.  Figures may come
    late: as long as there are too few, it is asked again the next time, for ``WAITED`` days.
    """
    ended = Q(ends_on__range=(now.date() - WAITED, now.date())) | Q(cancelled_at__gt=now - WAITED)
    waiting = Intervention.objects.filter(
        ended, kind=Intervention.Kind.GUIDE, is_public=True, locked_at__isnull=False, evaluations__isnull=True
    )
    done = 0
    for intervention in waiting.select_related("organisation", "amends")[:MOST_AT_ONCE]:
        sites = _sites(intervention)
        zones = [one.site.timezone for one in sites]
        if share_of(intervention.locked) is None or not is_done(intervention, zones, now=now):
            continue
        if now - datetime.combine(last_day(intervention, zones, now=now), time(), UTC) < SETTLED:
            continue
        if (
            evaluated_by_lot(intervention, last_day(intervention, zones, now=now))["verdict"]
            == Evaluation.Verdict.REFUSED
        ):
            continue
        with transaction.atomic():
            made = make_evaluation(intervention, by=None, now=now)
            made.published_at = now
            made.save(update_fields=["published_at"])
            about = ("intervention", intervention.pk)
            record("insight.publish_evaluation", about, by=None, now=now, evaluation=made.pk, verdict=made.verdict)
        _tell(intervention, made, None, now)
        done += 1
    return done


def _three(data: dict[str, Any]) -> tuple[float | None, float | None, float | None]:
    effect, low, high = data["percent"] or (None, None, None)
    return effect, low, high


def _tell(intervention: Intervention, evaluation: Evaluation, by: User | None, now: datetime) -> None:
    """Whoever locked it hears of the result, and whoever asked."""
    people = {pk for pk in (intervention.locked_by_id, by.pk if by else None) if pk is not None}
    tell(
        people,
        "insight.evaluated",
        gettext_noop("“%(title)s” has been evaluated."),
        subject=("intervention", intervention.pk),
        path=f"/workspace/insight/interventions/{intervention.slug}/results/{evaluation.pk}/",
        facts={"title": intervention.title},
        now=now,
    )
