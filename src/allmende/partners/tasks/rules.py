"""Who sees a task, and who may say that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from allmende.core.prepared import prepared
from allmende.partners.models import Membership, NetworkOrganisation, NetworkPerson, Task
from allmende.partners.rules import Someone, highest_roles, is_operator, is_signed_in, seats_of


@dataclass(frozen=True, slots=True)
class Homes:
    """Where a person belongs: read once, asked for many tasks."""

    user_id: int = 0
    is_operator: bool = False
    organisations: dict[int, str] = field(default_factory=dict)
    """Organisation -> role in it."""
    networks: dict[int, str] = field(default_factory=dict)
    """Network -> role in it, the own one or that through an organisation."""

    def visible(self) -> Q:
        """The tasks that the person may see."""
        return visible_in(*self.places)

    @property
    def places(self) -> tuple[list[int] | None, list[int] | None]:
        """The organisations and networks whose tasks the person sees; None: all."""
        return (None, None) if self.is_operator else (list(self.organisations), list(self.networks))

    def leads(self, *, organisation_id: int | None = None, network_id: int | None = None) -> bool:
        """Whether the person runs the home of a task."""
        if self.is_operator or self.organisations.get(organisation_id or 0) == Membership.Role.MANAGER:
            return True
        return self.networks.get(network_id or 0) in (NetworkPerson.Role.EDITOR, NetworkPerson.Role.COORDINATOR)

    def takes_part(self, *, organisation_id: int | None = None, network_id: int | None = None) -> bool:
        """Whether the person makes and changes tasks there: an organisation's people, a network's but for observers."""
        if self.is_operator or organisation_id in self.organisations:
            return True
        return self.networks.get(network_id or 0) not in (None, NetworkPerson.Role.OBSERVER)

    def may_finish(self, task: Task) -> bool:
        """Whose task it is and who made it; where it is nobody's, who takes part; and whoever runs the task's home."""
        return self.may_finish_for(
            task.assigned_to_id, task.created_by_id, organisation_id=task.organisation_id, network_id=task.network_id
        )

    def may_finish_for(self, assigned_to: int | None, made_by: int | None, **home: int | None) -> bool:
        """The same of a task in ``home`` (``organisation_id``, ``network_id``) that is read without its row."""
        if self.user_id in (assigned_to, made_by) or self.leads(**home):
            return True
        return assigned_to is None and self.takes_part(**home)

    def may_remove(self, task: Task) -> bool:
        """Who made it, while they take part, and whoever runs the task's home."""
        home = {"organisation_id": task.organisation_id, "network_id": task.network_id}
        return self.leads(**home) or (self.takes_part(**home) and task.created_by_id == self.user_id)

    @property
    def coordinated(self) -> list[int]:
        """The networks that the person coordinates."""
        return [network for network, role in self.networks.items() if role == NetworkPerson.Role.COORDINATOR]

    @property
    def managed(self) -> list[int]:
        """The organisations that the person manages."""
        return [organisation for organisation, role in self.organisations.items() if role == Membership.Role.MANAGER]


def visible_in(organisations: Sequence[int] | None, networks: Sequence[int] | None) -> Q:
    """The tasks of these homes that are in use; None: of all homes."""
    in_use = Q(network=None) | Q(network__ended_at=None)
    if organisations is None or networks is None:
        return in_use
    return in_use & (Q(organisation__in=organisations) | Q(network__in=networks))


def homes_of(user: Someone) -> Homes:
    """Where ``user`` belongs, or stands in for somebody who does; a query, and those for the roles."""
    if not is_signed_in(user):
        return Homes()
    kept = (user.remembered or {}).get("homes")
    if isinstance(kept, Homes):
        return kept
    seats = seats_of(user)
    organisations = highest_roles(seats)
    networks: dict[int, str] = dict.fromkeys(_through(list(organisations)), str(NetworkPerson.Role.MEMBER))
    for network in sorted(seats.active):
        role = seats.networks[network]
        if role != NetworkPerson.Role.OBSERVER or network not in networks:
            networks[network] = role
    homes = Homes(user.pk, is_operator(user), organisations, networks)
    if user.remembered is not None:
        user.remembered["homes"] = homes
    return homes


@prepared
def _through(organisations: Sequence[int]) -> QuerySet[NetworkOrganisation, int]:
    member = NetworkOrganisation.State.MEMBER
    ties = NetworkOrganisation.objects.filter(organisation__in=organisations, state=member, network__ended_at=None)
    return ties.order_by().values_list("network_id", flat=True)
