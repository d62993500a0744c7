"""Reads of interventions: lists, one of them with everything, and what everyone may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from allmende.core.models import User
from allmende.insight.interventions.lock import is_whole
from allmende.insight.interventions.suggesting import Candidate, candidates
from allmende.insight.interventions.values import Part, State, state_of
from allmende.insight.models import (
    Evaluation,
    EvaluationRequest,
    Intervention,
    InterventionPlan,
    InterventionSite,
    Site,
)
from allmende.insight.rules import (
    may_edit_intervention,
    may_publish_evaluation,
    spaces_of,
    visible_interventions,
    visible_sites,
)
from allmende.partners.rules import Someone, organisation_ids, organisations_to_edit

MOST_ROWS: Final = 200
MOST_TO_CHOOSE: Final = 1000
WHOSE: Final = ("own", "shared", "public")


@dataclass(frozen=True, slots=True)
class Row:
    """An intervention in a list."""

    slug: str
    title: str
    kind: str
    organisation: str
    starts_on: date
    ends_on: date | None
    state: State
    expected_percent: float | None
    verdict: str
    """Of the newest evaluation; empty: none."""
    effect_percent: float | None
    low_percent: float | None
    high_percent: float | None
    is_public: bool
    is_demo: bool


@dataclass(frozen=True, slots=True)
class SeenSite:
    """A site of an intervention, as whoever looks at it may see it."""

    site_id: int
    name: str
    """Empty where they may not see which one it is."""
    part: str
    starts_on: date | None
    lon: float | None
    lat: float | None
    is_public: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """An intervention with everything."""

    intervention: Intervention
    sites: tuple[SeenSite, ...]
    rows: tuple[InterventionSite, ...]
    state: State
    plan: InterventionPlan | None
    evaluations: tuple[Evaluation, ...]
    """The newest first."""
    requests: dict[str, EvaluationRequest]
    lock_holds: bool
    may_edit: bool
    may_publish: bool
    amended_by: tuple[tuple[str, str], ...]
    """(slug, title) of those that take its place and may be seen."""

    @property
    def treated(self) -> tuple[SeenSite, ...]:
        return tuple(one for one in self.sites if one.part == Part.TREATED)

    @property
    def shows_levels(self) -> bool:
        """Whether figures of the treated sites may be shown as they are, rather than as an index."""
        return all(one.name for one in self.treated)

    @property
    def shows_people(self) -> bool:
        """Whether what came to the neighbours may be told in people.

        With the share that moved and the effect in per cent, it would say how many come to a treated place that is hidden.
        """
        return all(one.name for one in self.sites if one.part in {Part.TREATED, Part.NEIGHBOUR})

    def name_of(self, site: int | str) -> str:
        """The name of a site, or empty where it may not be seen."""
        return next((one.name for one in self.sites if str(one.site_id) == str(site)), "")


def interventions_to_list(user: User, whose: str, *, today: date) -> list[Row]:
    """``whose``: ``own`` organisations', ``shared`` in their spaces by others, or ``public`` ones of others."""
    seen = visible_interventions(user)
    own = organisation_ids(user)
    mine = Q(organisation__in=own)
    if whose == "own":
        found = seen.filter(mine)
    elif whose == "shared":
        found = seen.exclude(mine).filter(locked_at__isnull=False, network__in=spaces_of(user))
    else:
        found = seen.exclude(mine).filter(is_public=True)
    return _rows(found, today, only_published=whose == "public")


def public_interventions(*, today: date) -> list[Row]:
    """Those with a published result."""
    return _rows(Intervention.objects.filter(is_public=True), today, only_published=True)


def _rows(found: QuerySet[Intervention], today: date, *, only_published: bool) -> list[Row]:
    answers = Evaluation.objects.filter(intervention=OuterRef("pk"))
    if only_published:
        answers = answers.filter(published_at__isnull=False).order_by("-published_at", "-pk")
    rows = list(found.select_related("organisation").annotate(has_answer=Exists(answers))[:MOST_ROWS])
    newest: dict[int, Evaluation] = {}
    wanted = Evaluation.objects.filter(intervention__in=[row.pk for row in rows if row.has_answer])
    if only_published:
        wanted = wanted.filter(published_at__isnull=False)
    for one in wanted.defer("data", "comment").order_by("made_at", "pk"):
        newest[one.intervention_id] = one
    return [_row(row, newest.get(row.pk), today) for row in rows]


def _row(row: Intervention, answer: Evaluation | None, today: date) -> Row:
    return Row(
        slug=row.slug,
        title=row.title,
        kind=row.get_kind_display(),
        organisation=row.organisation.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=state_of(row, today=today),
        expected_percent=row.expected_percent,
        verdict=answer.verdict if answer else "",
        effect_percent=answer.effect_percent if answer else None,
        low_percent=answer.low_percent if answer else None,
        high_percent=answer.high_percent if answer else None,
        is_public=row.is_public,
        is_demo=row.is_demo,
    )


def intervention_to_see(user: Someone, slug: str, *, today: date) -> Detail | None:
    """The intervention if ``user`` may see it, with the sites that they may see by name."""
    seen = visible_interventions(user).select_related("organisation", "network", "amends", "plan", "locked_by")
    intervention = seen.filter(slug=slug).first()
    if intervention is None:
        return None
    is_inside = intervention.organisation_id in organisation_ids(user) or may_edit_intervention(user, intervention)
    is_shared = intervention.network_id is not None and spaces_of(user).filter(pk=intervention.network_id).exists()
    return _detail(user, intervention, today, only_published=not (is_inside or is_shared), is_inside=is_inside)


def public_intervention(slug: str, *, today: date) -> Detail | None:
    """The intervention as everyone sees it: published results only, sites by name only where they are public."""
    public = Intervention.objects.filter(is_public=True).select_related("organisation", "network", "amends", "plan")
    intervention = public.filter(slug=slug).first()
    return _detail(None, intervention, today, only_published=True) if intervention else None


def _detail(
    user: Someone,
    intervention: Intervention,
    today: date,
    *,
    only_published: bool,
    is_inside: bool = False,
    sees_all: bool = False,
) -> Detail:
    rows = tuple(intervention.sites.select_related("site").order_by("part", "site__name"))
    ids = [one.site_id for one in rows]
    visible = set(ids) if sees_all else set(visible_sites(user).filter(pk__in=ids).values_list("pk", flat=True))
    order = {Part.TREATED: 0, Part.NEIGHBOUR: 1, Part.COMPARISON: 2}
    sites = tuple(
        _seen(one, one.site_id in visible)
        for one in sorted(rows, key=lambda one: (order[Part(one.part)], one.site.name))
    )
    evaluations = intervention.evaluations.select_related("published_by", "by")
    if only_published:
        evaluations = evaluations.filter(published_at__isnull=False)
    amended = intervention.amendments.filter(pk__in=visible_interventions(user)).values_list("slug", "title")
    return Detail(
        intervention=intervention,
        sites=sites,
        rows=rows,
        state=state_of(intervention, today=today),
        plan=None if only_published else getattr(intervention, "plan", None),
        evaluations=tuple(evaluations),
        # Why something failed names places: that is for those who are told of them anyway.
        requests={one.task: one for one in intervention.requests.all()} if is_inside else {},
        lock_holds=is_whole(intervention, rows),
        may_edit=may_edit_intervention(user, intervention),
        may_publish=may_publish_evaluation(user, intervention),
        amended_by=tuple((slug, title) for slug, title in amended),
    )


def _seen(one: InterventionSite, is_visible: bool) -> SeenSite:
    site = one.site
    return SeenSite(
        site_id=one.site_id,
        name=site.name if is_visible else "",
        part=one.part,
        starts_on=one.starts_on,
        lon=site.lon if is_visible else None,
        lat=site.lat if is_visible else None,
        is_public=site.sharing == Site.Sharing.PUBLIC,
    )


def spaces_to_choose(user: User) -> list[tuple[int, str]]:
    """(number, name) of the insight spaces of ``user``."""
    return list(spaces_of(user).order_by("name").values_list("pk", "name")[:MOST_TO_CHOOSE])


def may_begin(user: User) -> bool:
    """Whether there is an organisation for which ``user`` may write interventions down."""
    mine = organisations_to_edit(user)
    return mine is None or bool(mine)


def sites_to_choose(user: User) -> list[Site]:
    """The sites that may take part: all that ``user`` sees and that are still measured, their own first."""
    seen = visible_sites(user).filter(ended_on__isnull=True).select_related("organisation")
    mine = organisations_to_edit(user)
    rows = list(seen.order_by("name", "pk")[:MOST_TO_CHOOSE])
    return sorted(rows, key=lambda site: mine is not None and site.organisation_id not in mine)


def candidates_for(sites: Sequence[Site], treated: set[int], *, before: date) -> list[Candidate]:
    """The other ``sites``, with their distance, how alike they went, and what part they could have."""
    chosen = [site for site in sites if site.pk in treated]
    return candidates(chosen, [site for site in sites if site.pk not in treated], before=before)


def evaluation_in(detail: Detail, pk: int) -> Evaluation | None:
    """One of the evaluations that may be seen."""
    return next((one for one in detail.evaluations if one.pk == pk), None)


def is_stale(plan: InterventionPlan, intervention: Intervention) -> bool:
    """Whether the intervention was changed after its plan was made."""
    changed: datetime = intervention.updated_at
    return intervention.locked_at is None and changed > plan.made_at


def intervention_named(slug: str, *, today: date) -> Detail | None:
    """For the command line, which sees everything."""
    found = Intervention.objects.select_related("organisation", "network", "amends", "plan")
    intervention = found.filter(slug=slug).first()
    return (
        _detail(None, intervention, today, only_published=False, is_inside=True, sees_all=True)
        if intervention
        else None
    )
