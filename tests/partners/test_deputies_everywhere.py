"""Whoever stands in for a manager may do what the manager may: in networks and with tasks, and only for that time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Deputy, Membership, Network, NetworkOrganisation
from allmende.partners.networks.queries.desk import standings
from allmende.partners.networks.queries.lists import my_networks, organisations_to_found_for
from allmende.partners.networks.queries.web import scope_of
from allmende.partners.networks.rules import manages, may_found_network
from allmende.partners.rules import roles_in_organisations
from allmende.partners.tasks.rules import homes_of

pytestmark = pytest.mark.django_db


def person(name: str) -> User:
    return User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title())


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def town(now: datetime) -> tuple[int, int, User]:
    """(organisation, network, a member who stands in for the manager until tomorrow)."""
    manager, stand_in = person("manager"), person("stand-in")
    town = found_organisation("Lodève", kind="municipality", by=None, now=now)
    join_organisation(manager, town, "manager", by=None, now=now)
    join_organisation(stand_in, town, "member", by=None, now=now)
    network = Network.objects.create(name="Culture", slug="culture", created_at=now, updated_at=now)
    NetworkOrganisation.objects.create(network=network, organisation=town, state="invited", since=now)
    Deputy.objects.create(
        membership=Membership.objects.get(user=manager),
        deputy=stand_in,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=1),
        created_at=now,
    )
    return town.pk, network.pk, stand_in


def what_they_may(user: User, town: int, network: int) -> list[object]:
    return [
        roles_in_organisations(user).get(town),
        manages(user, town),
        may_found_network(user),
        [one.state for one in standings(user, network)],
        [row.waits for row in my_networks(user, "en").others if row.waits],
        [pk for pk, _ in organisations_to_found_for(user)],
        homes_of(user).managed,
    ]


def test_a_deputy_answers_for_the_organisation(town: tuple[int, int, User]) -> None:
    organisation, network, stand_in = town
    everything: list[object] = ["manager", True, True, ["invited"], ["invited"], [organisation], [organisation]]
    assert what_they_may(stand_in, organisation, network) == everything


@pytest.mark.parametrize("ended", ["revoked", "over"])
def test_and_no_longer_than_that(town: tuple[int, int, User], ended: str, now: datetime) -> None:
    organisation, network, stand_in = town
    if ended == "revoked":
        Deputy.objects.update(revoked_at=now)
    else:
        Deputy.objects.update(ends_at=now - timedelta(minutes=1))
    assert what_they_may(stand_in, organisation, network) == ["member", False, False, [], [], [], []]
    outsider = person("outsider")
    assert what_they_may(outsider, organisation, network) == [None, False, False, [], [], [], []]


def test_a_deputy_from_another_organisation_sees_its_networks(town: tuple[int, int, User], now: datetime) -> None:
    _, network, _ = town
    NetworkOrganisation.objects.update(state="member")
    guest = person("guest")
    assert list(scope_of(guest).inside) == []
    Deputy.objects.update(deputy=guest)
    assert list(scope_of(guest).inside) == [network]
