"""Who asks to come in, and who is invited, as what waits for those who decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext, ngettext

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.core.waiting import Waiting
from allmende.partners.models import JoinRequest, NetworkOrganisation, NetworkProposal
from allmende.partners.networks.rules import may_found_network
from allmende.partners.rules import managed_ids
from allmende.partners.tasks.rules import homes_of

SHOWN: Final = 10
State = NetworkOrganisation.State


def requests_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """People who ask to join an organisation that the person manages; a query."""
    managed = managed_ids(user)
    if not managed:
        return []
    return [
        Waiting(
            kind="partners.join_request",
            key=f"request-{pk}",
            text=gettext("%(who)s asks to join %(organisation)s.")
            % {"who": name or email, "organisation": organisation},
            path=f"/workspace/organisations/{number}/people/",
            minutes=1,
            weight=82,
            icon="people",
            since=at,
        )
        for pk, name, email, number, organisation, at in _requests(managed)
    ]


@prepared
def _requests(managed: Sequence[int]) -> QuerySet[JoinRequest, tuple[int, str, str, int, str, datetime]]:
    asked = JoinRequest.objects.filter(organisation__in=managed, state=JoinRequest.State.WAITING)
    fields = ("pk", "name", "email", "organisation_id", "organisation__name", "created_at")
    return asked.order_by("created_at", "pk").values_list(*fields)[:SHOWN]


def networks_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Invitations and requests between organisations and networks, and proposed networks; two queries, and the roles."""
    managed, coordinated = managed_ids(user), homes_of(user).coordinated
    found: list[Waiting] = []
    if managed or coordinated:
        found += [_tie(*row) for row in _ties(managed, coordinated)]
    n = NetworkProposal.objects.filter(state=NetworkProposal.State.OPEN).count() if may_found_network(user) else 0
    if n:
        text = ngettext("%(n)s proposed network waits for an answer", "%(n)s proposed networks wait for an answer", n)
        found.append(
            Waiting(
                kind="networks.proposal",
                key="proposals",
                text=text % {"n": n},
                path="/workspace/networks/#proposals",
                minutes=3,
                weight=55,
                icon="people",
            )
        )
    return found


@prepared
def _ties(
    managed: Sequence[int], coordinated: Sequence[int]
) -> QuerySet[NetworkOrganisation, tuple[int, str, str, str, str, datetime]]:
    rows = NetworkOrganisation.objects.filter(
        Q(organisation__in=managed, state=State.INVITED) | Q(network__in=coordinated, state=State.ASKED),
        network__ended_at=None,
    )
    fields = ("pk", "state", "network__slug", "network__name", "organisation__name", "since")
    return rows.order_by("since", "pk").values_list(*fields)[:SHOWN]


def _tie(pk: int, state: str, slug: str, network: str, organisation: str, since: datetime) -> Waiting:
    told = {"organisation": organisation, "network": network}
    is_invited = state == State.INVITED
    text = (
        gettext("%(network)s invites %(organisation)s.")
        if is_invited
        else gettext("%(organisation)s asks to join %(network)s.")
    )
    return Waiting(
        kind="networks.invitation" if is_invited else "networks.request",
        key=f"network-{pk}",
        text=text % told,
        path=f"/workspace/networks/{slug}/" if is_invited else f"/workspace/networks/{slug}/members/",
        minutes=1,
        weight=81,
        icon="people",
        since=since,
    )
