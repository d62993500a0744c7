"""Who may do what in networks, beside the roles that ``partners.rules`` tells."""

from __future__ import annotations

from typing import Final

from allmende.core.models import User
from allmende.partners.models import Membership, NetworkPerson
from allmende.partners.rules import Someone, areas_to_coordinate, is_signed_in, may_manage, seats_of

OBSERVER, MEMBER = NetworkPerson.Role.OBSERVER, NetworkPerson.Role.MEMBER
EDITOR, COORDINATOR = NetworkPerson.Role.EDITOR, NetworkPerson.Role.COORDINATOR
_RANK: Final[dict[str | None, int]] = {None: 0, OBSERVER: 1, MEMBER: 2, EDITOR: 3, COORDINATOR: 4}
MORE_TO_FOUND: Final = ("region", "dmo", "municipality")
"""Kinds of organisations whose managers found networks by themselves and decide about what others propose."""


class NetworkForbidden(PermissionError):
    """This person may not do that in this network."""


class NetworkRefused(ValueError):
    """It cannot be done; the message says why and what to do."""


def reaches(role: str | None, needed: str) -> bool:
    """Whether a role in a network is ``needed`` or more: observer < member < editor < coordinator."""
    return _RANK.get(role, 0) >= _RANK[needed]


def may_found_network(user: Someone) -> bool:
    """Whether ``user`` founds networks, and decides about proposals: the operator, and managers of the region, its
    destination organisation or a municipality."""
    areas = areas_to_coordinate(user)
    return areas is None or bool(areas) or _manages_a_town(user)


def _manages_a_town(user: Someone) -> bool:
    """A municipality whose outline is not known is one all the same."""
    return is_signed_in(user) and any(
        seat.kind in MORE_TO_FOUND and seat.role == Membership.Role.MANAGER for seat in seats_of(user).organisations
    )


def founders() -> list[int]:
    """Ids of the people who decide about proposals, the operators among them."""
    managers = Membership.objects.filter(
        role=Membership.Role.MANAGER, organisation__kind__in=MORE_TO_FOUND, user__is_active=True
    )
    operators = User.objects.filter(is_operator=True, is_active=True)
    return sorted({*managers.values_list("user_id", flat=True), *operators.values_list("pk", flat=True)})


def managers_of(organisation_id: int) -> list[int]:
    """Ids of the people who manage an organisation."""
    rows = Membership.objects.filter(
        organisation_id=organisation_id, role=Membership.Role.MANAGER, user__is_active=True
    )
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def coordinators_of(network_id: int) -> list[int]:
    """Ids of the people who coordinate a network."""
    rows = NetworkPerson.objects.filter(network_id=network_id, role=COORDINATOR, user__is_active=True)
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def manages(user: Someone, organisation_id: int) -> bool:
    """Whether ``user`` answers for an organisation: its managers, whoever stands in for one, and the operator."""
    return may_manage(user, organisation_id)
