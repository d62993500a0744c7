"""Trials of the guide's suggestions: what was written down, how often suggestions were shown and taken, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from allmende.insight.bridges.lots import LotsEffect, effect_of_lots
from allmende.insight.models import Evaluation, Intervention, InterventionSite, Site, SteeringCount, SteeringDay
from allmende.insight.rules import may_edit_for
from allmende.insight.steering.lots import share_of
from allmende.partners.rules import Someone, organisations_to_edit

MOST: Final = 100
SEEN: Final = Q(instead__isnull=True)
"""The row that counts how often the whole suggestion was seen; the others count the places in it."""


@dataclass(frozen=True, slots=True)
class SiteCount:
    """What was counted of one site in a trial, or outside of any."""

    site: str
    shown: int
    taken: int
    days_on: int = 0
    days_off: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial with its counts."""

    id: int
    title: str
    slug: str
    organisation: str
    organisation_id: int
    share: float
    starts_on: date
    ends_on: date | None
    hypothesis: str
    expected_percent: float | None
    lock: str
    state: str
    """planned, running, over, stopped, cancelled."""
    stopped_on: date | None
    is_demo: bool
    sites: tuple[SiteCount, ...]
    answer: Evaluation | None
    """The last evaluation that was published."""
    lots: LotsEffect | None = None
    """What the lots say, once the trial is over: nobody is to end it because a figure pleases them."""

    @property
    def shown(self) -> int:
        return sum(site.shown for site in self.sites)

    @property
    def taken(self) -> int:
        return sum(site.taken for site in self.sites)


def public_trials(*, now: datetime) -> list[Trial]:
    """All trials that stand on the public page, the newest first.  Sites that show nothing any more are left out."""
    return _trials(_guide_trials().filter(is_public=True), now, only_shown=True)


def trials_to_keep(user: Someone, *, now: datetime) -> list[Trial]:
    """The trials of the organisations that ``user`` edits for."""
    mine = organisations_to_edit(user)
    found = _guide_trials()
    return _trials(found if mine is None else found.filter(organisation__in=mine), now, only_shown=False)


def sites_for_a_trial(user: Someone) -> list[Site]:
    """Sites that ``user`` edits and of which the guide shows something, by owner and name."""
    mine = organisations_to_edit(user)
    sites = Site.objects.exclude(shown=Site.Shown.NOTHING).filter(ended_on__isnull=True, place__isnull=False)
    if mine is not None:
        sites = sites.filter(organisation__in=mine)
    return list(sites.select_related("organisation").order_by("organisation__name", "name", "pk")[:500])


def may_stop(user: Someone, trial: Trial) -> bool:
    """Whether ``user`` may end it."""
    return trial.state in {"planned", "running"} and may_edit_for(user, trial.organisation_id)


def _guide_trials() -> QuerySet[Intervention]:
    return Intervention.objects.filter(kind=Intervention.Kind.GUIDE, locked_at__isnull=False).order_by(
        "-starts_on", "-pk"
    )


def _trials(found: QuerySet[Intervention], now: datetime, *, only_shown: bool) -> list[Trial]:
    rows = [row for row in found.select_related("organisation")[:MOST] if share_of(row.locked) is not None]
    by_trial: dict[int, list[tuple[int, str]]] = {row.pk: [] for row in rows}
    treated = InterventionSite.objects.filter(intervention__in=list(by_trial), part=InterventionSite.Part.TREATED)
    if only_shown:
        treated = treated.exclude(site__shown=Site.Shown.NOTHING)
    for trial_id, site_id, name in treated.order_by("site__name").values_list(
        "intervention_id", "site_id", "site__name"
    ):
        by_trial[trial_id].append((site_id, name))
    counts = _counts(rows, {site for sites in by_trial.values() for site, _ in sites}, now)
    days = _days(by_trial, now)
    answers = _answers(by_trial)
    return [
        Trial(
            row.pk,
            row.title,
            row.slug,
            row.organisation.name,
            row.organisation_id,
            share_of(row.locked) or 1.0,
            row.starts_on,
            row.ends_on,
            row.hypothesis,
            row.expected_percent,
            row.lock,
            state_of(row, now.date()),
            row.cancelled_at.date() if row.cancelled_at else None,
            row.is_demo,
            tuple(
                SiteCount(name, *counts.get((row.pk, site), (0, 0)), *days.get((row.pk, site), (0, 0)))
                for site, name in by_trial[row.pk]
            ),
            answers.get(row.pk),
            _lots(row, now.date()),
        )
        for row in rows
    ]


def _lots(trial: Intervention, today: date) -> LotsEffect | None:
    is_done = state_of(trial, today) in {"over", "stopped"}
    return effect_of_lots(trial, _last_day(trial, today - timedelta(days=1))) if is_done else None


def state_of(trial: Intervention, today: date) -> str:
    """planned, running, over, stopped or cancelled."""
    if trial.cancelled_at is not None:
        return "cancelled" if trial.cancelled_at.date() < trial.starts_on else "stopped"
    if today < trial.starts_on:
        return "planned"
    return "over" if trial.ends_on and today > trial.ends_on else "running"


def _last_day(trial: Intervention, today: date) -> date:
    ends = [day for day in (trial.ends_on, trial.cancelled_at.date() if trial.cancelled_at else None, today) if day]
    return min(ends)


def _counts(rows: Iterable[Intervention], sites: set[int], now: datetime) -> dict[tuple[int, int], tuple[int, int]]:
    """(trial, site) -> (shown, taken) in its days, in one question for all trials."""
    rows = list(rows)
    if not rows or not sites:
        return {}
    first = min(row.starts_on for row in rows)
    told = (
        SteeringCount.objects.filter(site__in=sites, day__gte=first)
        .order_by()
        .values_list("site_id", "day")
        .annotate(all_shown=Sum("shown", filter=SEEN, default=0), all_taken=Sum("taken"))
    )
    found: dict[tuple[int, int], tuple[int, int]] = {}
    spans = [(row.pk, row.starts_on, _last_day(row, now.date())) for row in rows]
    for site, day, shown, taken in told:
        for trial, begins, ends in spans:
            if begins <= day <= ends:
                before = found.get((trial, site), (0, 0))
                found[trial, site] = (before[0] + shown, before[1] + taken)
    return found


def _days(trials: dict[int, Any], now: datetime) -> dict[tuple[int, int], tuple[int, int]]:
    """(trial, site) -> days (with, without) suggestions so far."""
    rows = (
        SteeringDay.objects.filter(intervention__in=list(trials), day__lte=now.date())
        .order_by()
        .values_list("intervention_id", "site_id")
        .annotate(on=Count("pk", filter=Q(is_on=True)), off=Count("pk", filter=Q(is_on=False)))
    )
    return {(trial, site): (on, off) for trial, site, on, off in rows}


def _answers(trials: dict[int, Any]) -> dict[int, Evaluation]:
    found: dict[int, Evaluation] = {}
    rows = Evaluation.objects.filter(intervention__in=list(trials), published_at__isnull=False).order_by(
        "published_at", "pk"
    )
    for answer in rows:
        found[answer.intervention_id] = answer
    return found


def counts_since(first: date) -> list[SiteCount]:
    """What was counted since a day at every site that shows something, with or without a trial; most shown first."""
    rows = (
        SteeringCount.objects.filter(day__gte=first)
        .exclude(site__shown=Site.Shown.NOTHING)
        .order_by()
        .values_list("site__name", "site_id")
        .annotate(all_shown=Sum("shown", filter=SEEN, default=0), all_taken=Sum("taken"))
    )
    found = [SiteCount(name, shown, taken) for name, _, shown, taken in rows]
    return sorted(found, key=lambda one: (-one.shown, one.site))[:MOST]
