"""Writing an intervention down, locking it, calling it off, asking for its plan and evaluation, publishing a result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.insight.interventions.lock import seal, words_of
from allmende.insight.interventions.running import start_working
from allmende.insight.interventions.values import MOST_SITES, Expectation, Part, What, Where
from allmende.insight.models import Evaluation, EvaluationRequest, Intervention, InterventionSite
from allmende.insight.rules import (
    may_edit_for,
    may_edit_intervention,
    may_publish_evaluation,
    spaces_of,
    visible_interventions,
    visible_sites,
)

LARGEST_PERCENT: Final = 500.0
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
"""Days outside of these are slips of the pen, and years before and after them cannot be computed with."""


class InterventionForbidden(PermissionError):
    """This person may not do that with this intervention."""


class InterventionRefused(ValueError):
    """It cannot be done; the message says why and what to do, ``field`` names what it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def begin_intervention(told: What, *, by: User, now: datetime, amends: str = "") -> Intervention:
    """A new draft.  ``amends``: the address of a locked intervention that it takes the place of."""
    if not may_edit_for(by, told.organisation_id):
        raise InterventionForbidden("Editors of an organisation write down what it does.")
    before = visible_interventions(by).filter(slug=amends).first() if amends else None
    if before is not None and (not may_edit_intervention(by, before) or before.locked_at is None):
        raise InterventionForbidden("Only what is locked is amended, by its editors.")
    with transaction.atomic():
        intervention = Intervention(
            hypothesis="", created_by=by, created_at=now, updated_at=now, amends=before, slug=_free_slug(told.title)
        )
        _fill_what(intervention, told, by)
        intervention.save()
        record("insight.begin_intervention", ("intervention", intervention.pk), by=by, now=now, amends=amends or None)
    return intervention


def _free_slug(title: str) -> str:
    stem = slugify(title, 60).strip("-") or "intervention"
    taken = set(Intervention.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number = 1
    while (slug := stem if number == 1 else f"{stem}-{number}") in taken or slug == "new":
        number += 1
    return slug


def say_what(intervention_id: int, told: What, *, by: User, now: datetime) -> Intervention:
    """The first step of a draft again."""
    with transaction.atomic():
        intervention = _draft(intervention_id, by)
        if told.organisation_id != intervention.organisation_id and not may_edit_for(by, told.organisation_id):
            raise InterventionForbidden("Editors of an organisation write down what it does.")
        _fill_what(intervention, told, by)
        return _kept(intervention, "what", by, now)


def _fill_what(intervention: Intervention, told: What, by: User) -> None:
    title = " ".join(told.title.split())[:200]
    if not title:
        raise InterventionRefused(gettext("Give it a name."), "title")
    for name, day in (("starts_on", told.starts_on), ("ends_on", told.ends_on)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise InterventionRefused(gettext("Write the day as year-month-day, such as 2026-12-05."), name)
    if told.ends_on is not None and told.ends_on < told.starts_on:
        raise InterventionRefused(gettext("It ends before it begins."), "ends_on")
    if told.network_id is not None and not spaces_of(by).filter(pk=told.network_id).exists():
        raise InterventionRefused(gettext("Choose an insight space that you take part in."), "network")
    intervention.organisation_id, intervention.network_id = told.organisation_id, told.network_id
    intervention.title, intervention.kind, intervention.what = title, told.kind, told.what.strip()
    intervention.starts_on, intervention.ends_on = told.starts_on, told.ends_on
    intervention.hours = _few(told.hours, 24)
    intervention.weekdays = _few(told.weekdays, 7)


def _few(chosen: Sequence[int], all_of_them: int) -> list[int]:
    """In order; all of them is the same as none chosen."""
    found = sorted({one for one in chosen if 0 <= one < all_of_them})
    return [] if len(found) == all_of_them else found


def choose_sites(intervention_id: int, wheres: Sequence[Where], *, by: User, now: datetime) -> Intervention:
    """The second step of a draft: these sites with their parts, in place of those before."""
    if len(wheres) > MOST_SITES or len({one.site_id for one in wheres}) != len(wheres):
        raise InterventionRefused(gettext("Choose at most %(n)s places, each once.") % {"n": MOST_SITES}, "sites")
    with transaction.atomic():
        intervention = _draft(intervention_id, by)
        seen = set(visible_sites(by).filter(pk__in=[one.site_id for one in wheres]).values_list("pk", flat=True))
        if seen != {one.site_id for one in wheres}:
            raise InterventionRefused(gettext("One of the places is not there any more. Choose again."), "sites")
        for one in wheres:
            if one.starts_on is not None and not FIRST_DAY <= one.starts_on <= LAST_DAY:
                raise InterventionRefused(gettext("Write the day as year-month-day, such as 2026-12-05."), "sites")
            if (
                one.part == Part.TREATED
                and one.starts_on
                and intervention.ends_on
                and one.starts_on > intervention.ends_on
            ):
                raise InterventionRefused(gettext("A place cannot begin after the end."), "sites")
        intervention.sites.all().delete()
        InterventionSite.objects.bulk_create(
            InterventionSite(
                intervention=intervention,
                site_id=one.site_id,
                part=one.part,
                starts_on=one.starts_on
                if one.part == Part.TREATED and one.starts_on != intervention.starts_on
                else None,
            )
            for one in wheres
        )
        return _kept(intervention, "where", by, now)


def say_expectation(intervention_id: int, told: Expectation, *, by: User, now: datetime) -> Intervention:
    """The third step of a draft: what should come of it."""
    percent = told.expected_percent
    if percent is not None:
        if not 0 < abs(percent) <= LARGEST_PERCENT or (told.direction == "fewer" and abs(percent) > 100):
            raise InterventionRefused(gettext("Write how many per cent you expect, such as 10."), "expected_percent")
        percent = -abs(percent) if told.direction == Intervention.Direction.FEWER else abs(percent)
    if told.cost is not None and told.cost < 0:
        raise InterventionRefused(gettext("Costs cannot be below zero."), "cost")
    with transaction.atomic():
        intervention = _draft(intervention_id, by)
        intervention.hypothesis, intervention.direction = told.hypothesis.strip(), told.direction
        intervention.expected_percent = percent
        intervention.cost, intervention.currency = told.cost, told.currency
        return _kept(intervention, "expectation", by, now)


def _kept(intervention: Intervention, step: str, by: User, now: datetime) -> Intervention:
    intervention.updated_at = now
    intervention.save()
    record("insight.write_intervention", ("intervention", intervention.pk), by=by, now=now, step=step)
    return intervention


def _to_change(intervention_id: int, by: User) -> Intervention:
    """Locked in the database, so that nobody edits while somebody locks; raises ``InterventionForbidden``."""
    rows = Intervention.objects.select_for_update(of=("self",)).select_related("organisation", "amends")
    intervention = rows.get(pk=intervention_id)
    if not may_edit_intervention(by, intervention):
        raise InterventionForbidden("Editors of the owner change an intervention.")
    return intervention


def _draft(intervention_id: int, by: User) -> Intervention:
    intervention = _to_change(intervention_id, by)
    if intervention.locked_at is not None:
        raise InterventionRefused(
            gettext("What is locked is not changed any more. Call it off, or write an amendment that names it.")
        )
    if intervention.cancelled_at is not None:
        raise InterventionRefused(gettext("It was called off."))
    return intervention


def missing_for_lock(intervention: Intervention, sites: Sequence[InterventionSite]) -> list[str]:
    """What must still be written down: ``what``, ``where``, ``expectation``."""
    missing = []
    if not intervention.what:
        missing.append("what")
    if not any(one.part == Part.TREATED for one in sites):
        missing.append("where")
    if not intervention.hypothesis or intervention.expected_percent is None:
        missing.append("expectation")
    return missing


def first_start(intervention: Intervention, sites: Sequence[InterventionSite]) -> date:
    """The day on which it begins at the first treated site."""
    starts = [one.starts_on or intervention.starts_on for one in sites if one.part == Part.TREATED]
    return min(starts, default=intervention.starts_on)


def lock_intervention(
    intervention_id: int, *, today: date, is_late_on_purpose: bool = False, by: User, now: datetime
) -> Intervention:
    """Lock what is expected, where and when.  After the start only on purpose, and it says so for ever."""
    with transaction.atomic():
        intervention = _draft(intervention_id, by)
        sites = list(intervention.sites.select_related("site"))
        if missing_for_lock(intervention, sites):
            raise InterventionRefused(gettext("Before it can be locked, all steps must be complete."))
        is_late = first_start(intervention, sites) <= today
        if is_late and not is_late_on_purpose:
            raise InterventionRefused(
                gettext(
                    "It has begun already. Put the start off, or tick that it is written down after the start: every result will say so."
                ),
                "is_late",
            )
        intervention.locked = words_of(intervention, sites, now=now, is_late=is_late)
        intervention.lock = seal(intervention.locked)
        intervention.locked_at, intervention.locked_by, intervention.updated_at = now, by, now
        intervention.save()
        record(
            "insight.lock_intervention",
            ("intervention", intervention.pk),
            by=by,
            now=now,
            lock=intervention.lock,
            is_late=is_late,
        )
    return intervention


def cancel_intervention(intervention_id: int, *, by: User, now: datetime) -> Intervention:
    """Call it off: it stays on record, with whatever was evaluated or published of it."""
    with transaction.atomic():
        intervention = _to_change(intervention_id, by)
        if intervention.cancelled_at is None:
            intervention.cancelled_at = intervention.updated_at = now
            intervention.save(update_fields=["cancelled_at", "updated_at"])
            record("insight.cancel_intervention", ("intervention", intervention.pk), by=by, now=now)
    return intervention


def amend_intervention(intervention_id: int, *, by: User, now: datetime) -> Intervention:
    """A draft with the same words that names the locked one it amends; the old one stays as it is."""
    with transaction.atomic():
        old = _to_change(intervention_id, by)
        if old.locked_at is None:
            raise InterventionRefused(gettext("It is not locked: change it as it is."))
        new = Intervention.objects.get(pk=old.pk)
        sites = list(InterventionSite.objects.filter(intervention=old))
        new.pk, new.slug, new.amends = None, _free_slug(old.title), old
        new.locked_at = new.locked_by = new.cancelled_at = None
        new.lock, new.locked, new.is_public = "", {}, False
        new.created_by, new.created_at, new.updated_at = by, now, now
        new._state.adding = True
        new.save()
        seen = set(visible_sites(by).filter(pk__in=[one.site_id for one in sites]).values_list("pk", flat=True))
        InterventionSite.objects.bulk_create(
            InterventionSite(intervention=new, site_id=one.site_id, part=one.part, starts_on=one.starts_on)
            for one in sites
            if one.site_id in seen
        )
        record("insight.begin_intervention", ("intervention", new.pk), by=by, now=now, amends=old.slug)
    return new


def ask_for(intervention_id: int, task: str, *, by: User, now: datetime) -> EvaluationRequest:
    """Ask for a plan or an evaluation; it is made in a moment, outside of the request.  Asking twice is asking once."""
    with transaction.atomic():
        intervention = _to_change(intervention_id, by)
        if task == EvaluationRequest.Task.EVALUATION and intervention.locked_at is None:
            raise InterventionRefused(
                gettext("Lock what you expect first: an answer is worth something only beside it.")
            )
        request, is_new = EvaluationRequest.objects.get_or_create(
            intervention=intervention, task=task, defaults={"by": by, "asked_at": now}
        )
        if is_new or request.failure:
            transaction.on_commit(start_working)  # asked for once more it is under way: no second process for it
        if not is_new and request.failure:
            request.by, request.asked_at, request.claimed_at = by, now, None
            request.step = request.failure = request.failed_about = ""
            request.save()
    return request


def publish_evaluation(evaluation_id: int, comment: str, *, by: User, now: datetime) -> Evaluation:
    """Show a result to everyone, with what the owner says to it.  It stays: a later one stands above it, not in its place.

    Raises ``InterventionForbidden`` unless ``by`` manages the owner.
    """
    with transaction.atomic():
        evaluation = (
            Evaluation.objects.select_for_update(of=("self",)).select_related("intervention").get(pk=evaluation_id)
        )
        intervention = evaluation.intervention
        if not may_publish_evaluation(by, intervention):
            raise InterventionForbidden("Managers of the owner publish results.")
        if evaluation.published_at is not None:
            raise InterventionRefused(gettext("It is published already, and stays so."))
        evaluation.published_at, evaluation.published_by = now, by
        evaluation.comment = comment.strip()[:4000]
        evaluation.save(update_fields=["published_at", "published_by", "comment"])
        Intervention.objects.filter(pk=intervention.pk).update(is_public=True, updated_at=now)
        record(
            "insight.publish_evaluation",
            ("intervention", intervention.pk),
            by=by,
            now=now,
            evaluation=evaluation.pk,
            verdict=evaluation.verdict,
        )
    return evaluation
