"""Publishing at a set time, leaving the public pages at a set time, and reminding the owner before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from allmende.catalogue.actions import submissions
from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.edit import locked, set_state
from allmende.catalogue.actions.submissions import PUBLIC
from allmende.catalogue.models import ITEM_MODELS, Item, PublicationPlan, Submission
from allmende.catalogue.rules import EditForbidden, may_edit, must_be_reviewed
from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.publication import Publication
from allmende.core.text import original_text
from allmende.partners.policy.queries import editors_of

REMINDERS: Final = (14, 1)
"""Days before a record leaves the public pages on which its owner's editors are reminded."""
MOST_AT_ONCE: Final = 500
"""Plans carried out in one round; the next round goes on."""


class PlanRefused(Exception):
    """The times make no sense; ``field`` is publish_at or withdraw_at.  Nothing was changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _check(item: Item, publish_at: datetime | None, withdraw_at: datetime | None, now: datetime) -> None:
    if publish_at and item.state in PUBLIC:
        raise PlanRefused("publish_at", gettext_noop("It is public already. Withdraw it first, or leave this empty."))
    if publish_at and publish_at <= now:
        raise PlanRefused("publish_at", gettext_noop("This time has passed. Choose a later one, or publish it now."))
    if withdraw_at and withdraw_at <= now:
        raise PlanRefused("withdraw_at", gettext_noop("This time has passed. Choose a later one, or withdraw it now."))
    if publish_at and withdraw_at and withdraw_at <= publish_at:
        raise PlanRefused("withdraw_at", gettext_noop("It would leave before it appears. Choose a later time."))


def plan_publication(
    kind: str,
    identifier: int,
    *,
    publish_at: datetime | None,
    withdraw_at: datetime | None,
    by: User | None,
    now: datetime,
) -> Publication:
    """Say when a record is to appear and to leave; None: not by plan.  Return the state that it has now.

    Where it has to be reviewed before it is published, it is submitted now, and appears at its time once it is accepted.
    Raises :class:`PlanRefused`, :class:`EditForbidden` or ``DoesNotExist``.
    """
    with transaction.atomic():
        item = locked(kind, identifier)
        if not may_edit(by, item):
            raise EditForbidden("Only editors of the owning organisation may say when it is public.")
        _check(item, publish_at, withdraw_at, now)
        state = Publication(item.state)
        plan = PublicationPlan.objects.filter(kind=kind, item_id=identifier).first()
        before = (plan.publish_at, plan.withdraw_at) if plan else (None, None)
        if before == (publish_at, withdraw_at):
            return state
        plan = plan or PublicationPlan(kind=kind, item_id=identifier)
        if plan.withdraw_at != withdraw_at:
            plan.reminded_days = None
        plan.publish_at, plan.withdraw_at, plan.by = publish_at, withdraw_at, by
        plan.is_reviewed = plan.is_reviewed and publish_at is not None
        if publish_at and not plan.is_reviewed and must_be_reviewed(by, item.organisation_id, kind):
            submissions.submit(item, by=by, now=now)
            if item.state != Publication.SUBMITTED:
                set_state(item, Publication.SUBMITTED, by=by, now=now)
            state = Publication.SUBMITTED
        _keep(plan)
        told = {"publish_at": publish_at, "withdraw_at": withdraw_at}
        record(
            "catalogue.plan",
            (kind, identifier),
            by=by,
            now=now,
            **{name: moment.isoformat() if moment else None for name, moment in told.items()},
        )
    return state


def _keep(plan: PublicationPlan) -> None:
    if plan.publish_at or plan.withdraw_at:
        plan.save()
    elif plan.pk:
        plan.delete()


def carry_out_plans(*, now: datetime) -> int:
    """Publish and withdraw what is due, each in a transaction of its own; return how many records changed."""
    waiting = Submission.objects.filter(state=Submission.State.WAITING)
    due = Q(withdraw_at__lte=now) | Q(publish_at__lte=now)
    changed = 0
    for plan in list(PublicationPlan.objects.filter(due).order_by("pk")[:MOST_AT_ONCE]):
        is_waiting = waiting.filter(kind=plan.kind, item_id=plan.item_id).exists()
        if is_waiting and not (plan.withdraw_at and plan.withdraw_at <= now):
            continue  # it is published when a reviewer accepts it
        with transaction.atomic():
            changed += _carry_out(plan.pk, now)
    if changed:
        refresh_derived_if_small()
    return changed


def _carry_out(identifier: int, now: datetime) -> bool:
    found = PublicationPlan.objects.filter(pk=identifier).first()
    if found is None:
        return False
    item = ITEM_MODELS[found.kind].objects.select_for_update().filter(pk=found.item_id).first()  # type: ignore[attr-defined]
    plan = PublicationPlan.objects.select_for_update().filter(pk=identifier).first()
    if item is None or plan is None:
        PublicationPlan.objects.filter(pk=identifier).delete()
        return False
    before = item.state
    if plan.withdraw_at and plan.withdraw_at <= now:
        plan.publish_at, plan.withdraw_at = None, None
        pending = submissions.waiting_for(plan.kind, plan.item_id)
        if pending:
            submissions.close(pending, Submission.State.TAKEN_BACK, by=plan.by, now=now)
        if item.state in (*PUBLIC, Publication.SUBMITTED):
            set_state(item, Publication.WITHDRAWN, by=plan.by, now=now)
            item.state = Publication.WITHDRAWN
    elif plan.publish_at and plan.publish_at <= now:
        plan.publish_at = None
        if item.state not in PUBLIC:
            # The policy may have become stricter since the plan was made.
            must_wait = not plan.is_reviewed and must_be_reviewed(plan.by, item.organisation_id, plan.kind)
            item_state = Publication.SUBMITTED if must_wait else Publication.PUBLISHED
            if must_wait:
                submissions.submit(item, by=plan.by, now=now)
            set_state(item, item_state, by=plan.by, now=now)
            item.state = item_state
        plan.is_reviewed = False
    _keep(plan)
    return bool(item.state != before)


def remind_of_expiry(*, zone: ZoneInfo, now: datetime) -> int:
    """Tell the owners' editors what leaves the public pages soon: 14 days and one day before.  Return how many records.

    ``zone``: the region's time zone, in which the day is told.
    """
    count = 0
    for days in sorted(REMINDERS):
        soon = PublicationPlan.objects.filter(withdraw_at__gt=now, withdraw_at__lte=now + timedelta(days=days))
        rows = soon.filter(Q(reminded_days=None) | Q(reminded_days__gt=days)).order_by("pk")
        for plan in list(rows[:MOST_AT_ONCE]):
            with transaction.atomic():
                count += _remind(plan, days, zone, now)
    return count


def _remind(plan: PublicationPlan, days: int, zone: ZoneInfo, now: datetime) -> bool:
    plan.reminded_days = days
    plan.save(update_fields=["reminded_days"])
    item: Item | None = ITEM_MODELS[plan.kind].objects.filter(pk=plan.item_id).first()  # type: ignore[attr-defined]
    if item is None or item.state not in PUBLIC or plan.withdraw_at is None:
        return False
    tell(
        editors_of(item.organisation_id),
        "catalogue.expires",
        gettext_noop("“%(name)s” leaves the public pages on %(day)s."),
        subject=(plan.kind, plan.item_id),
        path=f"/workspace/records/{plan.kind}/{plan.item_id}/",
        facts={"name": original_text(item.name), "day": plan.withdraw_at.astimezone(zone).date().isoformat()},
        now=now,
    )
    return True
