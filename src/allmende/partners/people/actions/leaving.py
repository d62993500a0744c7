"""Somebody leaves an organisation, and a colleague takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.handover import Leaving, belongings
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.models import Membership
from allmende.partners.people.actions.members import is_last_manager, lock_people
from allmende.partners.people.errors import LastManager, PeopleForbidden, PeopleRefused
from allmende.partners.people.letters import name_of
from allmende.partners.rules import forget_seats, may_manage


@dataclass(frozen=True, slots=True)
class HandOver:
    """What somebody holds in an organisation, by kind."""

    counts: dict[str, int]
    """English key -> how many, without what is none."""
    is_last_manager: bool
    needs_successor: bool


def _is_everything(membership: Membership) -> bool:
    return not Membership.objects.filter(user_id=membership.user_id).exclude(pk=membership.pk).exists()


def what_to_hand_over(membership: Membership) -> HandOver:
    """What a colleague would have to take."""
    told = (membership.user, membership.organisation_id, _is_everything(membership))
    found = [(one, one.count(*told)) for one in belongings()]
    last = is_last_manager(membership)
    return HandOver(
        {one.name: n for one, n in found if n},
        last,
        last or any(n and one.needs_successor for one, n in found),
    )


def leave_organisation(membership: Membership, *, successor: User | None, by: User, now: datetime) -> HandOver:
    """End a membership; what the person held goes to ``successor`` in the same transaction, or nothing happens.

    The successor of a last manager becomes manager.  Whoever leaves may do it, and the managers.
    """
    if by.pk != membership.user_id and not may_manage(by, membership.organisation_id):
        raise PeopleForbidden("Only the person and the managers end a membership.")
    with transaction.atomic():
        lock_people(membership.organisation_id)
        fresh = Membership.objects.select_related("user", "organisation").filter(pk=membership.pk).first()
        if fresh is None:
            raise PeopleRefused(gettext("This person is not a member any more."))
        takes_over = None
        if successor is not None:
            takes_over = Membership.objects.filter(
                organisation_id=fresh.organisation_id, user=successor, user__is_active=True
            ).first()
            if takes_over is None or successor.pk == fresh.user_id:
                raise PeopleRefused(gettext("Choose a colleague from the same organisation."))
        summary = what_to_hand_over(fresh)
        if takes_over is None and summary.needs_successor:
            raise LastManager if summary.is_last_manager else PeopleRefused(gettext("Choose who takes over."))
        if takes_over is not None and summary.is_last_manager:
            takes_over.role = Membership.Role.MANAGER
            takes_over.save(update_fields=["role"])
        leaving = Leaving(fresh.user, fresh.organisation_id, successor, by, now, _is_everything(fresh))
        for one in belongings():
            one.hand_over(leaving)
        fresh.delete()
        forget_seats(by)
        record(
            "partners.leave",
            ("organisation", fresh.organisation_id),
            by=by,
            now=now,
            user=leaving.user.pk,
            role=fresh.role,
            to=successor.pk if successor else None,
            handed_over=summary.counts,
        )
        facts = {"who": name_of(leaving.user), "organisation": fresh.organisation.name}
        if successor is not None:
            tell(
                [successor],
                "partners.take_over",
                gettext_noop("You take over from %(who)s in %(organisation)s."),
                subject=("organisation", fresh.organisation_id),
                path="/workspace/",
                facts=facts,
                by=by,
                now=now,
            )
        tell(
            [leaving.user],
            "partners.left",
            gettext_noop("You are no longer a member of %(organisation)s."),
            subject=("organisation", fresh.organisation_id),
            path="/workspace/people/",
            facts=facts,
            by=by,
            now=now,
        )
    return summary
