"""What people hold in the partners, for whoever takes over."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.handover import Belonging, Leaving, offer_belonging
from allmende.core.models import User
from allmende.partners.models import ApiKey, Deputy, NetworkPerson, Task, WorkingGroup
from allmende.partners.people.actions.invitations import NETWORK_RANK


def _roles(user: User, organisation_id: int, is_everything: bool) -> QuerySet[NetworkPerson]:
    mine = NetworkPerson.objects.filter(user=user, network__ended_at=None)
    here = Q(organisation_id=organisation_id)
    return mine.filter(here | Q(organisation=None) if is_everything else here)


def _tasks(user: User, organisation_id: int, is_everything: bool) -> QuerySet[Task]:
    mine = Task.objects.filter(assigned_to=user, done_at=None)
    networks = _roles(user, organisation_id, is_everything).values("network_id")
    here = Q(organisation_id=organisation_id) | Q(organisation=None, network_id__in=networks)
    return mine if is_everything else mine.filter(here)


def _hand_over_tasks(leaving: Leaving) -> int:
    return _tasks(leaving.user, leaving.organisation_id, leaving.is_everything).update(assigned_to=leaving.successor)


def _hand_over_roles(leaving: Leaving) -> int:
    """Move the roles; where the successor has one in the same network already, the higher of the two stays."""
    mine = list(_roles(leaving.user, leaving.organisation_id, leaving.is_everything))
    theirs = {}
    if leaving.successor is not None:
        networks = [one.network_id for one in mine]
        theirs = {
            one.network_id: one for one in NetworkPerson.objects.filter(user=leaving.successor, network_id__in=networks)
        }
    for one in mine:
        same = theirs.get(one.network_id)
        record(
            "partners.hand_over_network_role",
            ("network", one.network_id),
            by=leaving.by,
            now=leaving.now,
            user=leaving.user.pk,
            to=leaving.successor.pk if leaving.successor else None,
            role=one.role,
        )
        if leaving.successor is None:
            one.delete()
        elif same is not None:
            if NETWORK_RANK[one.role] > NETWORK_RANK[same.role]:
                same.role = one.role
                same.save(update_fields=["role"])
            one.delete()
        else:
            one.user, one.since = leaving.successor, leaving.now
            one.save(update_fields=["user", "since"])
    return len(mine)


def _led(user: User, organisation_id: int, is_everything: bool) -> QuerySet[WorkingGroup]:
    networks = _roles(user, organisation_id, is_everything).values("network_id")
    mine = WorkingGroup.objects.filter(lead=user, ended_at=None)
    return mine if is_everything else mine.filter(network_id__in=networks)


def _hand_over_groups(leaving: Leaving) -> int:
    return _led(leaving.user, leaving.organisation_id, leaving.is_everything).update(lead=leaving.successor)


def _keys(user: User, organisation_id: int, is_everything: bool) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(created_by=user, organisation_id=organisation_id, revoked_at=None)


def _revoke_keys(leaving: Leaving) -> int:
    """Whoever leaves knows the tokens: they are revoked, and the successor makes new ones."""
    keys = list(_keys(leaving.user, leaving.organisation_id, leaving.is_everything))
    for key in keys:
        record(
            "partners.revoke_key", ("organisation", key.organisation_id), by=leaving.by, now=leaving.now, key=key.prefix
        )
    ApiKey.objects.filter(pk__in=[key.pk for key in keys]).update(revoked_at=leaving.now)
    return len(keys)


def _deputies(user: User, organisation_id: int, is_everything: bool) -> QuerySet[Deputy]:
    return Deputy.objects.filter(deputy=user, membership__organisation_id=organisation_id, revoked_at=None)


def _end_deputies(leaving: Leaving) -> int:
    return _deputies(leaving.user, leaving.organisation_id, False).update(revoked_at=leaving.now)


def offer() -> None:
    """Tell the core of all of them."""
    for belonging in (
        Belonging(gettext_noop("Open tasks"), lambda *told: _tasks(*told).count(), _hand_over_tasks),
        Belonging(
            gettext_noop("Working groups that they lead"),
            lambda *told: _led(*told).count(),
            _hand_over_groups,
            needs_successor=False,
        ),
        Belonging(gettext_noop("Roles in networks"), lambda *told: _roles(*told).count(), _hand_over_roles),
        Belonging(
            gettext_noop("Keys for other systems (they are revoked)"),
            lambda *told: _keys(*told).count(),
            _revoke_keys,
            needs_successor=False,
        ),
        Belonging(
            gettext_noop("Times as somebody’s deputy (they end)"),
            lambda *told: _deputies(*told).count(),
            _end_deputies,
            needs_successor=False,
        ),
    ):
        offer_belonging(belonging)
