"""Who may do what with organisations and what they own.  Anything not allowed here is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.partners.models import Membership, NetworkOrganisation, NetworkPerson
from allmende.partners.standing import memberships_in_force

Someone = User | AnonymousUser | None
"""Whoever asks: a person with an account, a stranger, or nobody."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A role in an organisation, with what rules want to know of it."""

    organisation_id: int
    role: str
    kind: str
    area: int | None
    """Its municipality."""


@dataclass(frozen=True, slots=True)
class Seats:
    """The roles of a person."""

    organisations: tuple[Seat, ...]
    networks: dict[int, str]
    """Network -> the person's own role in it."""
    active: frozenset[int]
    """Those of these networks that have not ended."""


EDITING = (Membership.Role.EDITOR, Membership.Role.MANAGER)
_RANK: dict[str, int] = {role: number for number, role in enumerate(Membership.Role.values)}
"""member < editor < manager."""


def is_operator(user: Someone) -> bool:
    """Runs the installation."""
    return bool(user and user.is_authenticated and user.is_active and getattr(user, "is_operator", False))


def is_signed_in(user: Someone) -> TypeGuard[User]:
    """Whether there is a person with an account in use."""
    return bool(user and user.is_authenticated and user.is_active)


def remember_seats(user: Someone) -> None:
    """From now on ask for the roles of ``user`` only once: for the length of a request, in which they hardly change."""
    if is_signed_in(user):
        user.remembered = {}


def forget_seats(user: Someone) -> None:
    """Ask again the next time: the roles of ``user`` have changed."""
    if is_signed_in(user) and user.remembered is not None:
        user.remembered = {}


def seats_of(user: User) -> Seats:
    """All roles by which ``user`` acts at this moment, their own and those they stand in for."""
    kept = (user.remembered or {}).get("seats")
    if isinstance(kept, Seats):
        return kept
    own = _own_networks(user.pk)
    seats = Seats(
        tuple(Seat(*row) for row in _seats(user.pk, timezone.now())),
        {network: role for network, role, _ in own},
        frozenset(network for network, _, ended in own if ended is None),
    )
    if user.remembered is not None:
        user.remembered["seats"] = seats
    return seats


@prepared
def _seats(user_id: int, now: datetime) -> QuerySet[Membership, tuple[int, str, str, int | None]]:
    mine = memberships_in_force(user_id, now=now).order_by("organisation_id", "pk")
    return mine.values_list("organisation_id", "role", "organisation__kind", "organisation__municipality_id")


@prepared
def _own_networks(user_id: int) -> QuerySet[NetworkPerson, tuple[int, str, datetime | None]]:
    people = NetworkPerson.objects.filter(user_id=user_id).order_by("network_id")
    return people.values_list("network_id", "role", "network__ended_at")


def organisation_ids(user: Someone) -> list[int]:
    """Ids of the organisations that ``user`` belongs to, in whatever role."""
    return sorted({seat.organisation_id for seat in seats_of(user).organisations}) if is_signed_in(user) else []


def roles_in_organisations(user: Someone) -> dict[int, str]:
    """Organisation -> the highest role by which ``user`` acts there, their own or one they stand in for."""
    return highest_roles(seats_of(user)) if is_signed_in(user) else {}


def highest_roles(seats: Seats) -> dict[int, str]:
    """Organisation -> the highest of the roles in it."""
    found: dict[int, str] = {}
    for seat in seats.organisations:
        if seat.organisation_id not in found or _RANK[seat.role] > _RANK[found[seat.organisation_id]]:
            found[seat.organisation_id] = seat.role
    return found


def organisations_to_edit(user: Someone) -> list[int] | None:
    """Ids of the organisations whose records ``user`` may edit; None means all of them."""
    if is_operator(user):
        return None
    if not is_signed_in(user):
        return []
    return sorted({seat.organisation_id for seat in seats_of(user).organisations if seat.role in EDITING})


def may_edit_for(user: Someone, organisation_id: int | None) -> bool:
    """Whether ``user`` may edit records that ``organisation_id`` owns."""
    allowed = organisations_to_edit(user)
    return allowed is None or (organisation_id is not None and organisation_id in allowed)


def may_manage(user: Someone, organisation_id: int | None) -> bool:
    """Whether ``user`` may run imports for ``organisation_id``."""
    return is_operator(user) or (organisation_id is not None and organisation_id in managed_ids(user))


def managed_ids(user: Someone) -> list[int]:
    """Ids of the organisations that ``user`` manages."""
    return sorted({seat.organisation_id for seat in _managed(user)})


def _managed(user: Someone) -> list[Seat]:
    if not is_signed_in(user):
        return []
    return [seat for seat in seats_of(user).organisations if seat.role == Membership.Role.MANAGER]


def may_set_brand(user: Someone) -> bool:
    """Whether ``user`` may change the umbrella brand: the operator, and managers of a region or its DMO."""
    return is_operator(user) or any(seat.kind in {"region", "dmo"} for seat in _managed(user))


def areas_to_coordinate(user: Someone) -> set[int] | None:
    """Ids of the municipalities for which ``user`` may decide; None means all of them.

    Managers of the region or its DMO decide everywhere, those of a municipality for its own area.
    """
    if may_set_brand(user):
        return None
    mine = [seat.area for seat in _managed(user) if seat.kind == "municipality"]
    return {area for area in mine if area is not None}


def is_member(user: Someone, organisation_id: int) -> bool:
    """Whether ``user`` belongs to an organisation, in whatever role; the operator counts as one."""
    return is_operator(user) or organisation_id in organisation_ids(user)


def may_enter_workspace(user: Someone) -> bool:
    """Whether there is anything for ``user`` in the workspace."""
    if is_operator(user):
        return True
    if not is_signed_in(user):
        return False
    seats = seats_of(user)
    return bool(seats.organisations or seats.networks)


def network_role(user: Someone, network_id: int) -> str | None:
    """The role of ``user`` in a network: their own, or ``member`` through an organisation in it; None: none.

    The operator counts as coordinator of every network.
    """
    if is_operator(user):
        return NetworkPerson.Role.COORDINATOR
    if not is_signed_in(user):
        return None
    own = seats_of(user).networks.get(network_id)
    if own is not None and own != NetworkPerson.Role.OBSERVER:
        return own
    return NetworkPerson.Role.MEMBER if _through(network_id, organisation_ids(user)) else own


@prepared
def _through(network_id: int, organisations: Sequence[int]) -> QuerySet[NetworkOrganisation, int]:
    rows = NetworkOrganisation.objects.filter(network_id=network_id, state=NetworkOrganisation.State.MEMBER)
    return rows.filter(organisation_id__in=organisations).order_by().values_list("pk", flat=True)[:1]


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
    seats = seats_of(user)
    return [network for network in sorted(seats.active) if seats.networks[network] in roles]


def speaks_for_the_region(user: Someone) -> bool:
    """Operators, and managers of a region: they decide about organisations that are not their own."""
    return is_operator(user) or any(seat.kind == "region" for seat in _managed(user))


def may_decide_about(user: Someone, *organisations: int) -> bool:
    """Whether ``user`` may rename, split or merge: who speaks for the region, or manages every one of them."""
    return speaks_for_the_region(user) or all(may_manage(user, one) for one in organisations)


def organisations_moderated(user: Someone) -> list[int] | None:
    """Ids of the organisations in networks that ``user`` moderates; None means all of them."""
    networks = moderated_networks(user)
    if networks is None:
        return None
    return sorted(set(_organisations_in(networks))) if networks else []


@prepared
def _organisations_in(networks: Sequence[int]) -> QuerySet[NetworkOrganisation, int]:
    there = NetworkOrganisation.objects.filter(network_id__in=networks, state=NetworkOrganisation.State.MEMBER)
    return there.order_by().values_list("organisation_id", flat=True)
