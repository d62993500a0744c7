"""Roles changed, deputies named."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.models import Deputy, Membership, Organisation
from allmende.partners.people.errors import LastManager, PeopleForbidden, PeopleRefused, check_manages
from allmende.partners.people.letters import name_of
from allmende.partners.rules import may_manage

LONGEST_DEPUTY: Final = timedelta(days=366)


def lock_people(organisation_id: int) -> None:
    """Hold an organisation's people until the transaction ends: two last managers must not leave at the same moment."""
    Organisation.objects.select_for_update().only("pk").get(pk=organisation_id)


def is_last_manager(membership: Membership) -> bool:
    """Whether nobody else, with an account in use, manages the organisation."""
    if membership.role != Membership.Role.MANAGER:
        return False
    others = Membership.objects.filter(
        organisation_id=membership.organisation_id, role=Membership.Role.MANAGER, user__is_active=True
    )
    return not others.exclude(pk=membership.pk).exists()


def change_role(membership: Membership, role: str, *, by: User, now: datetime) -> bool:
    """Give a member another role; say whether it is another one.  The last manager stays manager."""
    check_manages(by, membership.organisation_id)
    if role not in Membership.Role.values:
        raise PeopleRefused(gettext("Please choose a role."))
    with transaction.atomic():
        lock_people(membership.organisation_id)
        fresh = Membership.objects.select_related("organisation").get(pk=membership.pk)
        if fresh.role == role:
            return False
        if is_last_manager(fresh):
            raise LastManager
        before, fresh.role = fresh.role, role
        fresh.save(update_fields=["role"])
        record(
            "partners.change_role",
            ("organisation", fresh.organisation_id),
            by=by,
            now=now,
            user=fresh.user_id,
            before=before,
            after=role,
        )
        tell(
            [fresh.user_id],
            "partners.change_role",
            gettext_noop("Your role in %(organisation)s is another one now."),
            subject=("organisation", fresh.organisation_id),
            path="/workspace/people/",
            facts={"organisation": fresh.organisation.name},
            by=by,
            now=now,
        )
    return True


def name_deputy(
    membership: Membership, deputy: User, *, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> Deputy:
    """Let a colleague of the same organisation do for a time what the member may; the member or a manager says so."""
    if membership.user_id != by.pk and not may_manage(by, membership.organisation_id):
        raise PeopleForbidden("Only the person and the managers name a deputy.")
    if membership.user_id != by.pk and not by.is_operator:
        is_manager = Membership.objects.filter(
            organisation_id=membership.organisation_id, user=by, role=Membership.Role.MANAGER
        ).exists()
        if not is_manager:
            raise PeopleForbidden("A deputy does not hand the rights on.")
    if not 0 < (ends_at - starts_at).total_seconds() <= LONGEST_DEPUTY.total_seconds() or ends_at <= now:
        raise PeopleRefused(gettext("Choose a first and a last day, from today on and at most a year apart."))
    is_colleague = Membership.objects.filter(
        organisation_id=membership.organisation_id, user=deputy, user__is_active=True
    ).exists()
    if deputy.pk == membership.user_id or not is_colleague:
        raise PeopleRefused(gettext("Choose a colleague from the same organisation."))
    with transaction.atomic():
        named = Deputy.objects.create(
            membership=membership, deputy=deputy, starts_at=starts_at, ends_at=ends_at, created_at=now
        )
        record(
            "partners.name_deputy",
            ("organisation", membership.organisation_id),
            by=by,
            now=now,
            user=membership.user_id,
            deputy=deputy.pk,
            starts=starts_at.isoformat(),
            ends=ends_at.isoformat(),
        )
        tell(
            [deputy, membership.user_id],
            "partners.name_deputy",
            gettext_noop("%(deputy)s stands in for %(who)s in %(organisation)s."),
            subject=("deputy", named.pk),
            path=f"/workspace/organisations/{membership.organisation_id}/people/",
            facts={
                "deputy": name_of(deputy),
                "who": name_of(membership.user),
                "organisation": membership.organisation.name,
            },
            by=by,
            now=now,
        )
    return named


def revoke_deputy(deputy: Deputy, *, by: User, now: datetime) -> bool:
    """End it at once: the person, the deputy or a manager; say whether it was in force or ahead."""
    membership = deputy.membership
    if by.pk not in (membership.user_id, deputy.deputy_id) and not may_manage(by, membership.organisation_id):
        raise PeopleForbidden("Only the two of them and the managers end it.")
    with transaction.atomic():
        ended = Deputy.objects.filter(pk=deputy.pk, revoked_at=None, ends_at__gt=now).update(revoked_at=now)
        if ended:
            record(
                "partners.revoke_deputy",
                ("organisation", membership.organisation_id),
                by=by,
                now=now,
                user=membership.user_id,
                deputy=deputy.deputy_id,
            )
            tell(
                [deputy.deputy_id, membership.user_id],
                "partners.revoke_deputy",
                gettext_noop("%(deputy)s no longer stands in for %(who)s in %(organisation)s."),
                subject=("deputy", deputy.pk),
                path=f"/workspace/organisations/{membership.organisation_id}/people/",
                facts={
                    "deputy": name_of(deputy.deputy),
                    "who": name_of(membership.user),
                    "organisation": membership.organisation.name,
                },
                by=by,
                now=now,
            )
    return bool(ended)
