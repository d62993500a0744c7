"""Networks in lists: mine, others, public ones, and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.core.text import Picked, pick
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, NetworkProposal, Organisation
from allmende.partners.networks.rules import may_found_network
from allmende.partners.rules import is_operator, managed_ids, organisation_ids

MOST: Final = 300
MOST_OTHERS: Final = 48
"""Networks of others on one page; a search finds the rest."""
MEMBER = NetworkOrganisation.State.MEMBER


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network in a list."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    about: Picked
    picture: str
    territory: str
    members: int
    is_public: bool
    ended_at: datetime | None
    role: str = ""
    """Of the person who asks; empty: none."""
    waits: str = ""
    """invited or asked: how one of their organisations stands."""


@dataclass(frozen=True, slots=True)
class MyNetworks:
    """The networks of a person, those they might join, and what was proposed."""

    mine: list[NetworkRow]
    others: list[NetworkRow]
    proposals: list[NetworkProposal]
    may_found: bool
    may_propose: bool
    others_in_all: int


def _rows(networks: QuerySet[Network], language: str, **more: dict[int, str]) -> list[NetworkRow]:
    labels = {kind: str(label) for kind, label in Network.Kind.choices}
    fields = ("pk", "slug", "name", "kind", "about", "picture", "territory__name", "is_public", "ended_at")
    found = list(networks.order_by("name", "pk").values_list(*fields)[:MOST])
    # Counted by itself: in a join SQLite would sort the networks by all their texts.
    members = dict(_members([row[0] for row in found])) if found else {}
    roles, waits = more.get("roles", {}), more.get("waits", {})
    return [
        NetworkRow(
            row[0], row[1], row[2], row[3], labels.get(row[3], row[3]), pick(row[4], language), row[5], row[6] or "",
            members.get(row[0], 0), row[7], row[8], roles.get(row[0], ""), waits.get(row[0], ""),
        )
        for row in found
    ]  # fmt: skip


@prepared
def _members(networks: Sequence[int]) -> QuerySet[NetworkOrganisation, tuple[int, int]]:
    ties = NetworkOrganisation.objects.filter(network__in=networks, state=MEMBER).order_by()
    return ties.values_list("network_id").annotate(n=Count("pk"))


def public_networks(language: str) -> list[NetworkRow]:
    """Networks with a page in the guide; one query."""
    return _rows(Network.objects.filter(is_public=True, ended_at=None), language)


def my_networks(user: User, language: str, words: str = "") -> MyNetworks:
    """What the page of networks shows a person, those with ``words`` in their name; a constant number of queries."""
    own = dict(NetworkPerson.objects.filter(user_id=user.pk).values_list("network_id", "role"))
    managed = managed_ids(user)
    roles = dict(own)
    waits: dict[int, str] = {}
    rows = NetworkOrganisation.objects.filter(organisation__in=organisation_ids(user))
    for network_id, organisation_id, state in rows.values_list("network_id", "organisation_id", "state"):
        if state == MEMBER and roles.get(network_id, "observer") == "observer":
            roles[network_id] = "member"
        elif state in {"invited", "asked"} and organisation_id in managed:
            waits[network_id] = state
    everybody = Network.objects.filter(name__icontains=words) if words else Network.objects.all()
    found = _rows(
        everybody
        if is_operator(user)
        else everybody.filter(Q(pk__in=list(roles)) | Q(pk__in=list(waits)) | Q(is_public=True, ended_at=None)),
        language,
        roles=roles,
        waits=waits,
    )
    may_found = may_found_network(user)
    others = sorted((row for row in found if not row.role), key=lambda row: row.waits != "invited")
    return MyNetworks(
        mine=[row for row in found if row.role][:MOST_OTHERS],
        others=others[:MOST_OTHERS],
        others_in_all=len(others),
        proposals=_proposals(user, may_found),
        may_found=may_found,
        may_propose=bool(managed),
    )


def _proposals(user: User, may_found: bool) -> list[NetworkProposal]:
    rows = NetworkProposal.objects.select_related("organisation", "proposed_by", "network").order_by("-proposed_at")
    open_ones = Q(state=NetworkProposal.State.OPEN)
    return list(rows.filter(open_ones | Q(proposed_by=user) if may_found else Q(proposed_by=user))[:30])


def proposal_to_decide(user: User, pk: int) -> NetworkProposal | None:
    """An open proposal, for those who decide about them."""
    found = NetworkProposal.objects.filter(pk=pk, state=NetworkProposal.State.OPEN).first()
    return found if found and may_found_network(user) else None


def organisations_to_found_for(user: User) -> list[tuple[int, str]]:
    """(id, name) of the organisations in whose name a person founds or proposes: those they manage."""
    mine = Organisation.objects.filter(pk__in=managed_ids(user))
    return list(mine.order_by("name").values_list("pk", "name")[:200])


def networks_of_organisation(organisation_id: int, language: str) -> list[NetworkRow]:
    """The public networks that an organisation is in; one query."""
    inside = NetworkOrganisation.objects.filter(network=OuterRef("pk"), organisation_id=organisation_id, state=MEMBER)
    return _rows(Network.objects.filter(Exists(inside), is_public=True, ended_at=None), language)
