"""Who may do what with organisations and what they own.  Anything not allowed here is refused."""

from __future__ import annotations

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser

from allmende.core.models import User
from allmende.partners.models import Membership, NetworkOrganisation, NetworkPerson
from allmende.partners.standing import memberships_in_force

Someone = User | AnonymousUser | None
"""Whoever asks: a person with an account, a stranger, or nobody."""

EDITING = (Membership.Role.EDITOR, Membership.Role.MANAGER)


def is_operator(user: Someone) -> bool:
    """Runs the installation."""
    return bool(user and user.is_authenticated and user.is_active and getattr(user, "is_operator", False))


def organisations_to_edit(user: Someone) -> list[int] | None:
    """Ids of the organisations whose records ``user`` may edit; None means all of them."""
    if is_operator(user):
        return None
    if not user or not user.is_authenticated or not user.is_active:
        return []
    mine = memberships_in_force(user.pk).filter(role__in=EDITING)
    return sorted(set(mine.values_list("organisation_id", flat=True)))


def may_edit_for(user: Someone, organisation_id: int | None) -> bool:
    """Whether ``user`` may edit records that ``organisation_id`` owns."""
    allowed = organisations_to_edit(user)
    return allowed is None or (organisation_id is not None and organisation_id in allowed)


def may_manage(user: Someone, organisation_id: int | None) -> bool:
    """Whether ``user`` may run imports for ``organisation_id``."""
    if is_operator(user):
        return True
    if not user or not user.is_authenticated or not user.is_active or organisation_id is None:
        return False
    mine = memberships_in_force(user.pk)
    return mine.filter(organisation_id=organisation_id, role=Membership.Role.MANAGER).exists()


def managed_ids(user: Someone) -> list[int]:
    """Ids of the organisations that ``user`` coordinates."""
    if not user or not user.is_authenticated or not user.is_active:
        return []
    mine = memberships_in_force(user.pk).filter(role=Membership.Role.MANAGER)
    return sorted(set(mine.values_list("organisation_id", flat=True)))


def may_set_brand(user: Someone) -> bool:
    """Whether ``user`` may change the umbrella brand: the operator, and managers of a region or its DMO."""
    if is_operator(user):
        return True
    if not user or not user.is_authenticated or not user.is_active:
        return False
    mine = memberships_in_force(user.pk).filter(role=Membership.Role.MANAGER)
    return mine.filter(organisation__kind__in=("region", "dmo")).exists()


def areas_to_coordinate(user: Someone) -> set[int] | None:
    """Ids of the municipalities for which ``user`` may decide; None means all of them.

    Managers of the region or its DMO decide everywhere, those of a municipality for its own area.
    """
    if is_operator(user):
        return None
    if not user or not user.is_authenticated or not user.is_active:
        return set()
    mine = memberships_in_force(user.pk).filter(
        role=Membership.Role.MANAGER, organisation__kind__in=("region", "dmo", "municipality")
    )
    kinds = list(mine.values_list("organisation__kind", "organisation__municipality_id"))
    if any(kind != "municipality" for kind, _ in kinds):
        return None
    return {area for _, area in kinds if area is not None}


def is_member(user: Someone, organisation_id: int) -> bool:
    """Whether ``user`` belongs to an organisation, in whatever role; the operator counts as one."""
    if is_operator(user):
        return True
    if not user or not is_signed_in(user):
        return False
    return memberships_in_force(user.pk).filter(organisation_id=organisation_id).exists()


def may_enter_workspace(user: Someone) -> bool:
    """Whether there is anything for ``user`` in the workspace."""
    if is_operator(user):
        return True
    if not is_signed_in(user):
        return False
    return Membership.objects.filter(user_id=user.pk).exists() or NetworkPerson.objects.filter(user_id=user.pk).exists()


def is_signed_in(user: Someone) -> TypeGuard[User]:
    """Whether there is a person with an account in use."""
    return bool(user and user.is_authenticated and user.is_active)


def network_role(user: Someone, network_id: int) -> str | None:
    """The role of ``user`` in a network: their own, or ``member`` through an organisation in it; None: none.

    The operator counts as coordinator of every network.
    """
    if not is_signed_in(user):
        return None
    if is_operator(user):
        return NetworkPerson.Role.COORDINATOR
    own = NetworkPerson.objects.filter(network_id=network_id, user_id=user.pk).values_list("role", flat=True).first()
    if own is not None and own != NetworkPerson.Role.OBSERVER:
        return own
    through = NetworkOrganisation.objects.filter(
        network_id=network_id,
        state=NetworkOrganisation.State.MEMBER,
        organisation__in=memberships_in_force(user.pk).values("organisation_id"),
    )
    return NetworkPerson.Role.MEMBER if through.exists() else own


def may_read_network(user: Someone, network_id: int) -> bool:
    """Whether ``user`` sees what a network keeps for its own people: everybody with a role in it."""
    return network_role(user, network_id) is not None


def may_coordinate_network(user: Someone, network_id: int) -> bool:
    """Whether ``user`` decides about members, policy and tasks of a network."""
    return network_role(user, network_id) == NetworkPerson.Role.COORDINATOR


def may_moderate_network(user: Someone, network_id: int) -> bool:
    """Whether ``user`` reviews what members submit: editors and coordinators of the network."""
    return network_role(user, network_id) in {NetworkPerson.Role.EDITOR, NetworkPerson.Role.COORDINATOR}


def moderated_networks(user: Someone) -> list[int] | None:
    """Ids of the networks in which ``user`` reviews; None means all of them."""
    if is_operator(user):
        return None
    if not is_signed_in(user):
        return []
    roles = (NetworkPerson.Role.EDITOR, NetworkPerson.Role.COORDINATOR)
    mine = NetworkPerson.objects.filter(user_id=user.pk, role__in=roles, network__ended_at=None)
    return list(mine.order_by("network_id").values_list("network_id", flat=True))


def speaks_for_the_region(user: Someone) -> bool:
    """Operators, and managers of a region: they decide about organisations that are not their own."""
    if is_operator(user):
        return True
    if not user or not is_signed_in(user):
        return False
    mine = Membership.objects.filter(user_id=user.pk, role=Membership.Role.MANAGER, organisation__kind="region")
    return mine.exists()


def may_decide_about(user: Someone, *organisations: int) -> bool:
    """Whether ``user`` may rename, split or merge: who speaks for the region, or manages every one of them."""
    return speaks_for_the_region(user) or all(may_manage(user, one) for one in organisations)


def organisations_moderated(user: Someone) -> list[int] | None:
    """Ids of the organisations in networks that ``user`` moderates; None means all of them."""
    networks = moderated_networks(user)
    if networks is None:
        return None
    there = NetworkOrganisation.objects.filter(network_id__in=networks, state=NetworkOrganisation.State.MEMBER)
    return sorted(set(there.values_list("organisation_id", flat=True))) if networks else []
