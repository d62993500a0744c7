"""Trials of the guide's suggestions: what was written down, how often suggestions were shown and taken, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from allmende.insight.bridges.lots import LOTS, LotsEffect, effect_of_lots
from allmende.insight.models import Evaluation, Intervention, InterventionSite, Site, SteeringCount, SteeringDay
from allmende.insight.rules import may_edit_for
from allmende.insight.steering.days import day_at, is_done, last_day, state_of, stopped_on
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
    """What the lots say, once the trial is over and until that is published as its result: nobody is to end it because a
    figure pleases them."""

    @property
    def has_result(self) -> bool:
        """Whether what the lots say has been published as the result of this intervention."""
        return is_by_lot(self.answer)

    @property
    def shown(self) -> int:
        return sum(site.shown for site in self.sites)

    @property
    def taken(self) -> int:
        return sum(site.taken for site in self.sites)


def is_by_lot(answer: Evaluation | None) -> bool:
    """Whether an answer is the one that the lots give."""
    return answer is not None and answer.data.get("main") == LOTS


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
    zones: dict[int, set[str]] = {row.pk: set() for row in rows}
    treated = InterventionSite.objects.filter(intervention__in=list(by_trial), part=InterventionSite.Part.TREATED)
    named = treated.order_by("site__name").values_list(
        "intervention_id", "site_id", "site__name", "site__timezone", "site__shown"
    )
    for trial_id, site_id, name, zone, shown in named:
        zones[trial_id].add(zone)  # of all of them: hiding one does not make the trial another day's
        if not only_shown or shown != Site.Shown.NOTHING:
            by_trial[trial_id].append((site_id, name))
    clocks = {pk: tuple(sorted(there)) for pk, there in zones.items()}
    counts = _counts(rows, clocks, {site for sites in by_trial.values() for site, _ in sites}, now)
    days = _days(clocks, now)
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
            state_of(row, clocks[row.pk], now=now),
            stopped_on(row, clocks[row.pk]),
            row.is_demo,
            tuple(
                SiteCount(name, *counts.get((row.pk, site), (0, 0)), *days.get((row.pk, site), (0, 0)))
                for site, name in by_trial[row.pk]
            ),
            answers.get(row.pk),
            None if is_by_lot(answers.get(row.pk)) else _lots(row, clocks[row.pk], now),
        )
        for row in rows
    ]


def _lots(trial: Intervention, zones: Sequence[str], now: datetime) -> LotsEffect | None:
    if not is_done(trial, zones, now=now):
        return None
    return effect_of_lots(trial, last_day(trial, zones, now=now))


def _counts(
    rows: Iterable[Intervention], clocks: Mapping[int, Sequence[str]], sites: set[int], now: datetime
) -> dict[tuple[int, int], tuple[int, int]]:
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
    spans = [(row.pk, row.starts_on, last_day(row, clocks[row.pk], now=now)) for row in rows]
    for site, day, shown, taken in told:
        for trial, begins, ends in spans:
            if begins <= day <= ends:
                before = found.get((trial, site), (0, 0))
                found[trial, site] = (before[0] + shown, before[1] + taken)
    return found


def _days(clocks: Mapping[int, Sequence[str]], now: datetime) -> dict[tuple[int, int], tuple[int, int]]:
    """(trial, site) -> days (with, without) suggestions so far."""
    today: dict[date, list[int]] = {}
    for trial, zones in clocks.items():
        today.setdefault(day_at(zones, now), []).append(trial)
    if not today:
        return {}
    begun = reduce(or_, (Q(intervention__in=trials, day__lte=day) for day, trials in today.items()))
    rows = (
        SteeringDay.objects.filter(begun)
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
