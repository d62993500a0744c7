"""Reads about people in organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from allmende.core.models import User
from allmende.core.slugs import fold
from allmende.partners.models import Deputy, Invitation, JoinRequest, Membership, Organisation
from allmende.partners.people.actions.members import is_last_manager
from allmende.partners.people.tokens import digest_of
from allmende.partners.rules import Someone, is_member, may_coordinate_network, may_manage
from allmende.partners.standing import memberships_in_force

SHOWN = 200
FOUND = 20


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person in the list of an organisation."""

    id: int
    user_id: int
    name: str
    email: str
    """Empty for those who do not manage."""
    role: str
    role_label: str
    since: datetime | None
    seen: str
    """When they were here last, only coarsely: ``week``, ``month``, ``longer``, ``never``."""
    is_active: bool


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """Who stands in for whom, and when."""

    id: int
    deputy: str
    person: str
    starts_at: datetime
    ends_at: datetime
    is_mine: bool
    """Whether the reader may end it."""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """An organisation's people, as one reader sees them."""

    organisation: Organisation
    may_manage: bool
    mine: Membership | None
    total: int
    members: list[MemberRow]
    deputies: list[DeputyRow]
    invitations: list[Invitation]
    requests: list[JoinRequest]


def _seen(last: datetime | None, now: datetime) -> str:
    if last is None:
        return "never"
    if now - last < timedelta(days=7):
        return "week"
    return "month" if now - last < timedelta(days=31) else "longer"


def people_of(user: User, organisation_id: int, *, search: str = "", now: datetime) -> PeoplePage | None:
    """The people of an organisation for one who belongs to it; None for everybody else."""
    if not is_member(user, organisation_id):
        return None
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is None:
        return None
    manages = may_manage(user, organisation_id)
    rows = Membership.objects.filter(organisation_id=organisation_id).select_related("user")
    total = rows.count()
    if search:
        rows = rows.filter(Q(user__name__icontains=search) | (Q(user__email__icontains=search) if manages else Q()))
    members = [
        MemberRow(
            id=row.pk,
            user_id=row.user_id,
            name=row.user.name or (row.user.email if manages else ""),
            email=row.user.email if manages else "",
            role=row.role,
            role_label=str(row.get_role_display()),
            since=row.since,
            seen=_seen(row.user.last_login, now) if manages else "",
            is_active=row.user.is_active,
        )
        for row in rows.order_by("user__name", "user_id")[:SHOWN]
    ]
    return PeoplePage(
        organisation=organisation,
        may_manage=manages,
        mine=Membership.objects.filter(organisation_id=organisation_id, user=user).first(),
        total=total,
        members=members,
        deputies=_deputies(user, organisation_id, manages, now),
        invitations=list(_open_invitations(organisation_id)) if manages else [],
        requests=list(_waiting(organisation_id)) if manages else [],
    )


def _open_invitations(organisation_id: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        organisation_id=organisation_id, network=None, accepted_at=None, revoked_at=None
    ).select_related("invited_by")[:SHOWN]


def _waiting(organisation_id: int) -> QuerySet[JoinRequest]:
    return JoinRequest.objects.filter(organisation_id=organisation_id, state=JoinRequest.State.WAITING)[:SHOWN]


def _deputies(user: User, organisation_id: int, manages: bool, now: datetime) -> list[DeputyRow]:
    rows = Deputy.objects.filter(membership__organisation_id=organisation_id, revoked_at=None, ends_at__gt=now)
    if not manages:
        rows = rows.filter(Q(deputy=user) | Q(membership__user=user))
    return [
        DeputyRow(
            id=row.pk,
            deputy=row.deputy.name or row.deputy.email,
            person=row.membership.user.name or row.membership.user.email,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_mine=manages or user.pk in (row.deputy_id, row.membership.user_id),
        )
        for row in rows.select_related("deputy", "membership__user")[:SHOWN]
    ]


def colleagues(organisation_id: int, user_id: int) -> list[User]:
    """Whom a person may choose as deputy or successor, by name."""
    ids = Membership.objects.filter(organisation_id=organisation_id).values("user_id")
    return list(User.objects.filter(pk__in=ids, is_active=True).exclude(pk=user_id).order_by("name", "pk")[:SHOWN])


def membership_to_change(user: Someone, organisation_id: int, membership_id: int) -> Membership | None:
    """A membership that ``user`` may change or end: a manager any, everybody their own."""
    found = (
        Membership.objects.filter(pk=membership_id, organisation_id=organisation_id)
        .select_related("user", "organisation")
        .first()
    )
    if found is None or not user:
        return None
    return found if may_manage(user, organisation_id) or found.user_id == user.pk else None


def invitation_to_manage(user: Someone, identifier: int) -> Invitation | None:
    """An invitation that ``user`` may send again or revoke."""
    found = Invitation.objects.filter(pk=identifier).select_related("organisation", "network", "invited_by").first()
    if found is None:
        return None
    if found.network_id is not None:
        return found if may_coordinate_network(user, found.network_id) else None
    return found if may_manage(user, found.organisation_id) else None


def open_invitations_of_network(network_id: int) -> list[Invitation]:
    """Invitations into a network without an answer, the newest first."""
    found = Invitation.objects.filter(network_id=network_id, accepted_at=None, revoked_at=None)
    return list(found.select_related("organisation", "invited_by")[:SHOWN])


def request_to_decide(user: Someone, identifier: int) -> JoinRequest | None:
    """A waiting request that ``user`` may answer."""
    found = JoinRequest.objects.filter(pk=identifier).select_related("organisation", "user").first()
    return found if found and may_manage(user, found.organisation_id) else None


def deputy_to_end(user: User, identifier: int) -> Deputy | None:
    """A time as deputy that ``user`` may end."""
    found = (
        Deputy.objects.filter(pk=identifier)
        .select_related("membership__user", "membership__organisation", "deputy")
        .first()
    )
    if found is None:
        return None
    is_theirs = user.pk in (found.deputy_id, found.membership.user_id)
    return found if is_theirs or may_manage(user, found.membership.organisation_id) else None


def invitation_with(token: str) -> Invitation | None:
    """The invitation that a link is for, in whatever state."""
    found = Invitation.objects.filter(digest=digest_of(token))
    return found.select_related("organisation", "network", "invited_by").first()


def state_of(invitation: Invitation, *, now: datetime) -> str:
    """``open``, ``accepted``, ``revoked`` or ``expired``."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "expired" if invitation.expires_at <= now else "open"


def account_of(email: str) -> User | None:
    """The account with an address; only for whoever has shown that the address is theirs."""
    return User.objects.filter(email__iexact=email).first()


def my_organisations(user: User, *, now: datetime) -> list[Membership]:
    """The memberships by which somebody acts, those of whom they are deputy as well, by organisation."""
    rows = memberships_in_force(user.pk, now=now).select_related("organisation", "user")
    return list(rows.order_by("organisation__name", "pk")[:SHOWN])


def my_requests(user: User) -> list[JoinRequest]:
    """What somebody has asked and not been answered."""
    found = JoinRequest.objects.filter(user=user, state=JoinRequest.State.WAITING)
    return list(found.select_related("organisation"))


def organisations_to_join(user: Someone, search: str) -> list[Organisation]:
    """Organisations whose name has what is searched for; they are public anyway."""
    wanted = fold(search)
    if len(wanted) < 2:
        return []
    return list(Organisation.objects.filter(name_key__contains=wanted).order_by("name")[:FOUND])


def organisation_to_join(identifier: int) -> Organisation | None:
    """An organisation that one may ask to join."""
    return Organisation.objects.filter(pk=identifier).first()


def last_manager_of(user: User) -> list[Membership]:
    """The memberships in which somebody is the last manager, while others, or records, depend on it."""
    mine = Membership.objects.filter(user=user, role=Membership.Role.MANAGER).select_related("organisation")
    return [one for one in mine.order_by("organisation__name") if is_last_manager(one)]
