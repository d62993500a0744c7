"""The web of cooperation: who works with whom, on what; for a network and for the region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from django.db.models import Q

from allmende.core.models import User
from allmende.partners.bridges.cooperation import (
    Bond,
    Matrix,
    bond_matrix,
    incidence,
    on_ring,
    ring_order,
    strongest_bonds,
)
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from allmende.partners.networks.ties import Scope, Tie, all_ties
from allmende.partners.rules import is_operator, organisation_ids

MOST_NODES: Final = 150
MOST_NAMED: Final = 1000
MOST_BONDS: Final = 600
PARTNERS_SHOWN: Final = 3
REASONS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation, or (``id`` 0) all further ones of a kind."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    ties: int
    """In how many ties; of further ones: how many organisations they are."""


@dataclass(frozen=True, slots=True)
class Reason:
    kind: str
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom an organisation works with, and on what."""

    node: Node
    reasons: list[Reason]
    more_reasons: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An organisation of the list, with its partners, the closest first."""

    node: Node
    partners: list[Partner]
    more: int


@dataclass(frozen=True, slots=True)
class Web:
    """Nodes in the order of the circle; bonds by their places in ``nodes``."""

    nodes: list[Node]
    bonds: list[Bond]
    kinds: list[str]
    """For each bond the kind of its closest tie."""
    entries: list[Entry]
    organisations: int
    """How many take part in all."""
    left_out: int
    """Bonds that the picture does not draw."""
    places: list[tuple[float, float, float]] = field(default_factory=list)
    """(x, y, angle) of each node on a circle of radius 1."""


def scope_of(user: User, network: Network | None = None) -> Scope:
    """What ``user`` may know: of public networks and their own who is in them, of their own also what they do.

    With ``network``, what is done in others is left out: it is only asked who of its members are there together.
    """
    running = Network.objects.filter(ended_at=None)
    if is_operator(user):
        everything = list(running.values_list("pk", flat=True))
        return Scope(everything, [network.pk] if network else everything)
    through = NetworkOrganisation.objects.filter(
        state=NetworkOrganisation.State.MEMBER,
        organisation__in=organisation_ids(user),
    )
    mine = Q(pk__in=NetworkPerson.objects.filter(user_id=user.pk).values("network_id")) | Q(
        pk__in=through.values("network_id")
    )
    inside = list(running.filter(mine).values_list("pk", flat=True))
    public = list(running.filter(is_public=True).values_list("pk", flat=True))
    return Scope(sorted({*inside, *public}), [network.pk] if network else inside)


def web_of_cooperation(
    scope: Scope,
    *,
    organisation_id: int = 0,
    kind: str = "",
    inside: Network | None = None,
    most: int = MOST_NODES,
) -> Web:
    """The web, around one organisation if ``organisation_id`` says so, of one ``kind`` of ties if it is not empty.

    With ``inside`` a network: its members and what binds them beside being in it; who is bound to nobody is shown too.
    """
    ties = [tie for tie in all_ties(scope) if not kind or tie.kind == kind]
    counts: Counter[int] = Counter()
    if inside is not None:
        joined = NetworkOrganisation.objects.filter(network=inside, state=NetworkOrganisation.State.MEMBER)
        members = frozenset(joined.values_list("organisation_id", flat=True))
        own = f"/workspace/networks/{inside.slug}/"
        ties = [replace(tie, organisations=tie.organisations & members) for tie in ties if tie.path != own]
        ties = [tie for tie in ties if len(tie.organisations) > 1]
        counts.update(dict.fromkeys(members if not organisation_id else (), 0))
    if organisation_id:
        ties = [tie for tie in ties if organisation_id in tie.organisations]
    for tie in ties:
        counts.update(tie.organisations)
    labels = {key: str(label) for key, label in Organisation.Kind.choices}
    kinds = _kinds_of(counts)
    room = most if len(kinds) <= most else most - len(labels)
    shown = _busiest(counts, kinds, labels, organisation_id, room)
    place = {node.id: number for number, node in enumerate(shown)}
    further = {pk: kind for pk, kind in kinds.items() if pk not in place}
    nodes = [*shown, *_further_ones(further.values(), labels)]
    group = {node.kind: number for number, node in enumerate(nodes) if node.id == 0}
    place |= {pk: group[kind] for pk, kind in further.items()}
    if not nodes:
        return Web([], [], [], [], 0, 0)
    return _drawn(nodes, ties, place, len(kinds), organisation_id)


def _kinds_of(wanted: Collection[int]) -> dict[int, str]:
    """The kinds of organisations; of very many, all are read, which is cheaper than to name them."""
    rows = Organisation.objects.order_by().values_list("pk", "kind")
    if len(wanted) <= MOST_NAMED:
        return dict(rows.filter(pk__in=list(wanted)))
    return {pk: kind for pk, kind in rows if pk in wanted}


def _busiest(counts: Counter[int], kinds: dict[int, str], labels: dict[str, str], focus: int, room: int) -> list[Node]:
    """The organisation in the middle, then those with the most ties, then by name; only for them names are read."""
    numbers = sorted((counts[pk] for pk in kinds), reverse=True)
    least = numbers[room - 1] if len(numbers) >= room else 0
    named = [pk for pk in kinds if counts[pk] >= least or pk == focus]
    rows = Organisation.objects.filter(pk__in=named).order_by().values_list("pk", "slug", "name", "kind")
    found = [Node(pk, slug, name, kind, labels.get(kind, kind), counts[pk]) for pk, slug, name, kind in rows]
    return sorted(found, key=lambda node: (node.id != focus, -node.ties, node.name, node.id))[:room]


def _further_ones(further: Iterable[str], labels: dict[str, str]) -> list[Node]:
    counted = Counter(further)
    return [Node(0, "", "", kind, labels.get(kind, kind), counted[kind]) for kind in sorted(counted)]


def _drawn(nodes: list[Node], ties: list[Tie], place: dict[int, int], total: int, focus: int) -> Web:
    taken = [Counter(map(place.__getitem__, tie.organisations & place.keys())) for tie in ties]
    shares = incidence(taken, len(nodes))
    bonds = bond_matrix(shares)
    order = ring_order(bonds)
    where = {node: number for number, node in enumerate(order)}
    strongest = strongest_bonds(bonds, MOST_BONDS)
    all_bonds = int(((bonds > 0).sum()) // 2)
    return Web(
        nodes=[nodes[number] for number in order],
        bonds=[Bond(where[bond.a], where[bond.b], bond.weight) for bond in strongest],
        kinds=_closest_kinds(shares, ties, strongest),
        entries=_entries(nodes, ties, shares, bonds, focus),
        organisations=total,
        left_out=all_bonds - len(strongest),
        places=on_ring(len(nodes), 1.0),
    )


def _closest_kinds(shares: Matrix, ties: list[Tie], bonds: list[Bond]) -> list[str]:
    """For each bond the kind of the smallest tie that its two nodes share."""
    order = shares.sum(axis=0).argsort(kind="stable")
    present = shares[:, order] > 0
    return [ties[int(order[int((present[bond.a] & present[bond.b]).argmax())])].kind for bond in bonds]


def _entries(nodes: list[Node], ties: list[Tie], shares: Matrix, bonds: Matrix, focus: int) -> list[Entry]:
    """The same as a list: each organisation by name with its closest partners and the reasons."""
    entries = []
    present = shares > 0
    size = shares.sum(axis=0)
    rank = {int(tie): number for number, tie in enumerate(size.argsort(kind="stable"))}
    for number, node in enumerate(nodes):
        if node.id == 0 or (focus and node.id != focus):
            continue
        closest = (-bonds[number]).argsort(kind="stable")
        partners_n = int((bonds[number] > 0).sum())
        shown = partners_n if focus else min(PARTNERS_SHOWN, partners_n)
        partners = []
        for other in closest[:shown]:
            shared = sorted((present[number] & present[other]).nonzero()[0].tolist(), key=rank.__getitem__)
            reasons = [
                Reason(ties[t].kind, ties[t].label, ties[t].path)
                for t in shared[: len(shared) if focus else REASONS_SHOWN]
            ]
            partners.append(Partner(nodes[int(other)], reasons, len(shared) - len(reasons)))
        entries.append(Entry(node, partners, partners_n - shown))
    return sorted(entries, key=lambda entry: (entry.node.name.casefold(), entry.node.id))


def networks_to_filter(scope: Scope) -> list[tuple[str, str]]:
    """(slug, name) of the networks that a filter can name."""
    return list(Network.objects.filter(pk__in=list(scope.shown)).order_by("name").values_list("slug", "name"))
