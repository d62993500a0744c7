"""The personal data in the partners: shown, exported, erased, and deleted in time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.personal import CONTRACT, INTEREST, Holding, Row, moment, offer_hindrance, offer_holding
from allmende.core.retention import Rule, offer_retention
from allmende.partners.models import ApiKey, Deputy, Invitation, JoinRequest, Membership, NetworkPerson, Task
from allmende.partners.people.queries import last_manager_of


def _memberships(user: User) -> list[Row]:
    return [
        {"organisation": one.organisation.name, "role": one.role, "since": moment(one.since)}
        for one in Membership.objects.filter(user=user).select_related("organisation")
    ]


def _leave_all(user: User, now: datetime) -> int:
    """End the memberships; where nobody is left to run an organisation, the operators hear of it."""
    alone = [one.organisation for one in last_manager_of(user)]
    operators = list(User.objects.filter(is_operator=True, is_active=True).values_list("pk", flat=True))
    for organisation in alone:
        tell(
            operators,
            "partners.unmanaged",
            gettext_noop("Nobody manages %(organisation)s any more."),
            subject=("organisation", organisation.pk),
            path=f"/workspace/organisations/{organisation.pk}/people/",
            facts={"organisation": organisation.name},
            now=now,
        )
    for pk in Membership.objects.filter(user=user).values_list("organisation_id", flat=True):
        record("partners.leave", ("organisation", pk), by=None, now=now, user=user.pk)
    return Membership.objects.filter(user=user).delete()[0]


def _networks(user: User) -> list[Row]:
    return [
        {"network": one.network.name, "role": one.role, "since": moment(one.since)}
        for one in NetworkPerson.objects.filter(user=user).select_related("network")
    ]


def _tasks(user: User) -> list[Row]:
    mine = Task.objects.filter(Q(assigned_to=user) | Q(created_by=user) | Q(done_by=user))
    return [
        {
            "title": one.title,
            "due": one.due.isoformat() if one.due else None,
            "mine": one.assigned_to_id == user.pk,
            "created": moment(one.created_at),
            "done": moment(one.done_at),
        }
        for one in mine
    ]


def _keys(user: User) -> list[Row]:
    return [
        {"name": one.name, "prefix": one.prefix, "created": moment(one.created_at), "revoked": moment(one.revoked_at)}
        for one in ApiKey.objects.filter(created_by=user)
    ]


def _deputies(user: User) -> list[Row]:
    mine = Deputy.objects.filter(Q(deputy=user) | Q(membership__user=user))
    return [
        {
            "organisation": one.membership.organisation.name,
            "i_stand_in": one.deputy_id == user.pk,
            "from": moment(one.starts_at),
            "until": moment(one.ends_at),
            "ended": moment(one.revoked_at),
        }
        for one in mine.select_related("membership__organisation")
    ]


def _about_invitations(user: User) -> Q:
    return Q(email__iexact=user.email) | Q(accepted_by=user)


def _invitations(user: User) -> list[Row]:
    mine = Invitation.objects.filter(_about_invitations(user) | Q(invited_by=user))
    return [
        {
            "into": str(one.network or one.organisation),
            "by_me": one.invited_by_id == user.pk,
            "created": moment(one.created_at),
            "accepted": moment(one.accepted_at),
        }
        for one in mine.select_related("network", "organisation")
    ]


def _about_requests(user: User) -> Q:
    return Q(user=user) | Q(email__iexact=user.email)


def _requests(user: User) -> list[Row]:
    return [
        {
            "organisation": one.organisation.name,
            "name": one.name,
            "message": one.message,
            "state": one.state,
            "asked": moment(one.created_at),
            "answer": one.word,
        }
        for one in JoinRequest.objects.filter(_about_requests(user)).select_related("organisation")
    ]


def _revoke_keys(user: User, now: datetime) -> int:
    for key in ApiKey.objects.filter(created_by=user, revoked_at=None):
        record("partners.revoke_key", ("organisation", key.organisation_id), by=None, now=now, key=key.prefix)
    return ApiKey.objects.filter(created_by=user, revoked_at=None).update(revoked_at=now)


def _still_needed(user: User) -> list[str]:
    """Where colleagues would be left without a manager, or a network without a coordinator."""
    found = [
        gettext("You are the last manager of %(organisation)s. Hand over to a colleague first.")
        % {"organisation": one.organisation.name}
        for one in last_manager_of(user)
        if Membership.objects.filter(organisation_id=one.organisation_id, user__is_active=True)
        .exclude(user=user)
        .exists()
    ]
    coordinated = NetworkPerson.objects.filter(
        user=user, role=NetworkPerson.Role.COORDINATOR, network__ended_at=None
    ).select_related("network")
    for one in coordinated:
        others = NetworkPerson.objects.filter(
            network_id=one.network_id, role=NetworkPerson.Role.COORDINATOR, user__is_active=True
        ).exclude(user=user)
        if not others.exists():
            found.append(
                gettext("You are the last coordinator of %(network)s. Make somebody else its coordinator first.")
                % {"network": one.network.name}
            )
    return found


def offer() -> None:
    """Tell the core of all of them."""
    offer_hindrance(_still_needed)
    membership = gettext_noop("As long as the person belongs there")
    for holding in (
        Holding(
            "memberships",
            gettext_noop("Organisations"),
            gettext_noop("To know for whom somebody acts, and what they may do"),
            CONTRACT,
            membership,
            _memberships,
            _leave_all,
            recipients=gettext_noop("Colleagues in the same organisations and networks"),
        ),
        Holding(
            "networks",
            gettext_noop("Networks"),
            gettext_noop("To know who takes part, and in which role"),
            CONTRACT,
            membership,
            _networks,
            lambda user, now: NetworkPerson.objects.filter(user=user).delete()[0],
            recipients=gettext_noop("Colleagues in the same organisations and networks"),
        ),
        Holding(
            "tasks",
            gettext_noop("Tasks"),
            gettext_noop("So that everybody knows who does what until when"),
            INTEREST,
            gettext_noop("As long as the task; after an erasure without a name"),
            _tasks,
            lambda user, now: Task.objects.filter(assigned_to=user, done_at=None).update(assigned_to=None),
            recipients=gettext_noop("Colleagues in the same organisations and networks"),
        ),
        Holding(
            "deputies",
            gettext_noop("Deputies"),
            gettext_noop("So that the work goes on while somebody is away"),
            INTEREST,
            gettext_noop("Two years after the time ended"),
            _deputies,
            lambda user, now: Deputy.objects.filter(Q(deputy=user) | Q(membership__user=user)).delete()[0],
            recipients=gettext_noop("Managers of the same organisation"),
        ),
        Holding(
            "invitations",
            gettext_noop("Invitations"),
            gettext_noop("To let invited people in, and nobody else"),
            CONTRACT,
            gettext_noop("90 days after they ran out or were answered"),
            _invitations,
            lambda user, now: Invitation.objects.filter(_about_invitations(user)).delete()[0],
            recipients=gettext_noop("Managers of the same organisation"),
        ),
        Holding(
            "join_requests",
            gettext_noop("Requests to join"),
            gettext_noop("So that managers can decide whom they let in"),
            CONTRACT,
            gettext_noop("180 days after the answer; 14 days if never confirmed"),
            _requests,
            lambda user, now: JoinRequest.objects.filter(_about_requests(user)).delete()[0],
            recipients=gettext_noop("Managers of the same organisation"),
        ),
        Holding(
            "keys",
            gettext_noop("Keys"),
            gettext_noop("So that other systems may act in the person’s name"),
            CONTRACT,
            gettext_noop("Until they are revoked; then as a line without the key"),
            _keys,
            _revoke_keys,
            recipients=gettext_noop("Managers of the same organisation"),
        ),
    ):
        offer_holding(holding)
    for rule in (
        Rule(
            "invitations",
            gettext_noop("Invitations, after they ran out or were answered"),
            90,
            lambda before: Invitation.objects.filter(expires_at__lt=before).delete()[0],
        ),
        Rule(
            "unconfirmed_requests",
            gettext_noop("Requests to join that were never confirmed"),
            14,
            lambda before: JoinRequest.objects.filter(
                state=JoinRequest.State.UNCONFIRMED, created_at__lt=before
            ).delete()[0],
        ),
        Rule(
            "join_requests",
            gettext_noop("Requests to join, after the answer"),
            180,
            lambda before: JoinRequest.objects.filter(decided_at__lt=before).delete()[0],
        ),
        Rule(
            "deputies",
            gettext_noop("Times as deputy, after they ended"),
            2 * 365,
            lambda before: Deputy.objects.filter(ends_at__lt=before).delete()[0],
        ),
    ):
        offer_retention(rule)
