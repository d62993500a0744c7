"""What organisations do together, as an open list of providers.

A provider tells for some networks which organisations do something together.  A module above adds its own (joint events,
shared machines) with :func:`offer_ties`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from allmende.core.prepared import prepared
from allmende.partners.models import Membership, Network, NetworkOrganisation, NetworkPerson, Task, WorkingGroupPerson

MEMBER = NetworkOrganisation.State.MEMBER
MOST_TASKS: Final = 2000
MOST_PEOPLE: Final = 10_000
"""People in working groups that are looked at."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Organisations that do one thing together."""

    kind: str
    """Key of the provider."""
    label: str
    """What they do: a name, in whatever language it has."""
    path: str
    """Page of the workspace, or empty."""
    organisations: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody may see: of ``shown`` networks who is in them, of ``inside`` also what they do."""

    shown: Sequence[int]
    inside: Sequence[int]


Provider = Callable[[Scope], Iterable[Tie]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of ties: ``label`` is an English key."""

    key: str
    label: str
    provider: Provider


_kinds: dict[str, Kind] = {}


def offer_ties(key: str, label: str, provider: Provider) -> None:
    """Add a kind of ties; the same key again replaces it."""
    _kinds[key] = Kind(key, label, provider)


def kinds_of_ties() -> list[Kind]:
    """All kinds, in the order in which they were offered."""
    return list(_kinds.values())


def all_ties(scope: Scope) -> list[Tie]:
    """Every tie of two organisations or more; a constant number of queries for each kind."""
    return [tie for kind in _kinds.values() for tie in kind.provider(scope) if len(tie.organisations) > 1]


def shared_networks(scope: Scope) -> Iterator[Tie]:
    """Being in one network."""
    members: dict[int, set[int]] = defaultdict(set)
    for network_id, organisation_id in _members(scope.shown):
        members[network_id].add(organisation_id)
    for network_id, slug, name in _named(list(members)) if members else ():
        yield Tie("network", name, f"/workspace/networks/{slug}/", frozenset(members[network_id]))


@prepared
def _members(networks: Sequence[int]) -> QuerySet[NetworkOrganisation, tuple[int, int]]:
    rows = NetworkOrganisation.objects.filter(network__in=networks, state=MEMBER).order_by()
    return rows.values_list("network_id", "organisation_id")


@prepared
def _named(networks: Sequence[int]) -> QuerySet[Network, tuple[int, str, str]]:
    return Network.objects.filter(pk__in=networks).order_by("pk").values_list("pk", "slug", "name")


def _for_whom(scope: Scope, users: Iterable[int]) -> dict[tuple[int, int], int]:
    """(network, user) -> the organisation for which they take part there."""
    users = sorted(set(users))
    found: dict[tuple[int, int], int] = {}
    # Two plain reads put together here: joined by the database they took seconds.
    networks: dict[int, list[int]] = defaultdict(list)
    for network_id, organisation_id in _members(scope.inside):
        networks[organisation_id].append(network_id)
    belongs = Membership.objects.filter(user__in=users).order_by("pk").values_list("user_id", "organisation_id")
    for user_id, organisation_id in belongs:
        for network_id in networks.get(organisation_id, ()):
            found.setdefault((network_id, user_id), organisation_id)
    wanted = set(users)
    own = NetworkPerson.objects.filter(network__in=scope.inside, organisation__isnull=False).order_by()
    for network_id, user_id, own_id in own.values_list("network_id", "user_id", "organisation_id"):
        if own_id is not None and user_id in wanted:
            found[network_id, user_id] = own_id
    return found


def working_groups(scope: Scope) -> Iterator[Tie]:
    """Having people in one working group."""
    rows = list(
        WorkingGroupPerson.objects.filter(group__network__in=scope.inside, group__ended_at=None)
        .order_by("group_id", "user_id")
        .values_list("group_id", "group__name", "group__network_id", "group__network__slug", "user_id")[:MOST_PEOPLE]
    )
    for_whom = _for_whom(scope, (row[4] for row in rows))
    found: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    for group_id, name, network_id, slug, user_id in rows:
        if (network_id, user_id) in for_whom:
            found[group_id, name, slug].add(for_whom[network_id, user_id])
    for (group_id, name, slug), organisations in found.items():
        yield Tie("group", name, f"/workspace/networks/{slug}/groups/{group_id}/", frozenset(organisations))


def joint_tasks(scope: Scope) -> Iterator[Tie]:
    """A task that one organisation gave and another took."""
    tasks = Task.objects.filter(network__in=scope.inside, assigned_to__isnull=False, created_by__isnull=False).order_by(
        "-pk"
    )
    fields = ("title", "network_id", "network__slug", "assigned_to_id", "created_by_id")
    rows = list(tasks.values_list(*fields)[:MOST_TASKS])
    for_whom = _for_whom(scope, (user for row in rows for user in row[3:5] if user is not None))
    for title, network_id, slug, *users in rows:
        both = {for_whom[network_id, user] for user in users if (network_id, user) in for_whom}
        yield Tie("task", title, f"/workspace/networks/{slug}/tasks/", frozenset(both))


offer_ties("network", gettext_noop("Shared network"), shared_networks)
offer_ties("group", gettext_noop("Working group"), working_groups)
offer_ties("task", gettext_noop("Joint task"), joint_tasks)
