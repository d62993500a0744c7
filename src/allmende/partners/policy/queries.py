"""What the networks of an organisation ask of its records."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.partners.models import Membership, Network, NetworkOrganisation, NetworkPerson, Organisation
from allmende.partners.rules import EDITING, Someone, is_operator, moderated_networks, organisations_to_edit

STRICTNESS: Final = (Network.Policy.FREE, Network.Policy.TRUSTED, Network.Policy.REVIEWED)
REVIEWING: Final = (NetworkPerson.Role.EDITOR, NetworkPerson.Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class Reviewing:
    """A network whose editors and coordinators review."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PublicationPolicy:
    """How records of one kind of one organisation get to the public pages."""

    policy: str
    """The strictest of its networks: free, trusted or reviewed."""
    reviewing: tuple[Reviewing, ...]
    """The networks that want to review; none: its editors publish."""

    @property
    def needs_review(self) -> bool:
        """Whether somebody of a network has to look first."""
        return bool(self.reviewing)


def _wants_review(network: Network, *, is_trusted: bool) -> bool:
    return network.policy == Network.Policy.REVIEWED or (network.policy == Network.Policy.TRUSTED and not is_trusted)


def policies_of(organisations: Iterable[int], kind: str) -> dict[int, PublicationPolicy]:
    """Organisation -> policy for ``kind``, in one look-up; organisations without such a network publish freely."""
    wanted = set(organisations)
    found: dict[int, list[NetworkOrganisation]] = {identifier: [] for identifier in wanted}
    for row in _ties(wanted):
        if kind in row.network.moderated_kinds:
            found[row.organisation_id].append(row)
    return {
        identifier: PublicationPolicy(
            policy=max((row.network.policy for row in mine), key=STRICTNESS.index, default=Network.Policy.FREE),
            reviewing=tuple(
                Reviewing(row.network_id, row.network.name)
                for row in mine
                if _wants_review(row.network, is_trusted=row.is_trusted)
            ),
        )
        for identifier, mine in found.items()
    }


@prepared
def _ties(organisations: Collection[int]) -> QuerySet[NetworkOrganisation]:
    rows = NetworkOrganisation.objects.filter(
        organisation_id__in=organisations, state=NetworkOrganisation.State.MEMBER, network__ended_at=None
    )
    return rows.select_related("network").order_by("network__name", "network_id")


def publication_policy(organisation_id: int | None, kind: str) -> PublicationPolicy:
    """The policy for ``kind`` of an organisation.  What nobody owns is published by the operator alone."""
    if organisation_id is None:
        return PublicationPolicy(Network.Policy.FREE, ())
    return policies_of([organisation_id], kind)[organisation_id]


def may_review_for(user: Someone, policy: PublicationPolicy) -> bool:
    """Whether ``user`` is an editor or coordinator of one of the reviewing networks, or the operator."""
    if is_operator(user):
        return True
    mine = moderated_networks(user) or []
    return any(network.id in mine for network in policy.reviewing)


def reviews_in_a_network(user: Someone) -> bool:
    """Whether ``user`` is an editor or coordinator of any network, or the operator."""
    mine = moderated_networks(user)
    return mine is None or bool(mine)


def reviewed_by(user: Someone, organisation: str = "organisation_id") -> Q | None:
    """A condition on rows with ``kind`` and an organisation: those that ``user`` reviews.  None: everything."""
    mine = moderated_networks(user)
    if mine is None:
        return None
    condition = Q(pk__in=[])
    for network in Network.objects.filter(pk__in=mine, ended_at=None).exclude(policy=Network.Policy.FREE):
        members = NetworkOrganisation.objects.filter(network=network, state=NetworkOrganisation.State.MEMBER)
        if network.policy == Network.Policy.TRUSTED:
            members = members.filter(is_trusted=False)
        condition |= Q(
            **{"kind__in": network.moderated_kinds, f"{organisation}__in": members.values("organisation_id")}
        )
    return condition


def reviewers_of(policy: PublicationPolicy) -> list[int]:
    """Ids of the people who review; where a network has none, the operators."""
    networks = [network.id for network in policy.reviewing]
    people = NetworkPerson.objects.filter(network_id__in=networks, role__in=REVIEWING, user__is_active=True)
    found = sorted(set(people.values_list("user_id", flat=True)))
    return found or list(User.objects.filter(is_operator=True, is_active=True).values_list("pk", flat=True))


def editors_of(organisation_id: int | None) -> list[int]:
    """Ids of the people who edit for an organisation."""
    if organisation_id is None:
        return []
    rows = Membership.objects.filter(organisation_id=organisation_id, role__in=EDITING, user__is_active=True)
    return sorted(rows.values_list("user_id", flat=True))


MOST_OWNERS: Final = 500


def organisations_of_editor(user: Someone) -> list[tuple[int, str]]:
    """(id, name) of the organisations for which ``user`` may make records, by name; of the operator, the first of all."""
    allowed = organisations_to_edit(user)
    rows = Organisation.objects.all() if allowed is None else Organisation.objects.filter(pk__in=allowed)
    return list(rows.order_by("name", "pk").values_list("pk", "name")[:MOST_OWNERS])
