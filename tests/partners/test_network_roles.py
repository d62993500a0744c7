"""Who is what in a network: by a role of their own, through their organisation, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from allmende.core.models import User
from allmende.partners import rules
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def person(name: str, **more: bool) -> User:
    return User.objects.create_user(f"{name}@example.org", **more)


def network(name: str) -> Network:
    return Network.objects.create(name=name, slug=name.lower(), kind="culture", created_at=NOW, updated_at=NOW)


@pytest.fixture
def culture() -> Network:
    return network("Culture")


def through(culture: Network, state: str, role: str = "member") -> User:
    organisation = found_organisation(f"Museum {state}", by=None, now=NOW)
    user = person(state)
    join_organisation(user, organisation, role, by=None, now=NOW)
    NetworkOrganisation.objects.create(network=culture, organisation=organisation, state=state, since=NOW)
    return user


@pytest.mark.parametrize("role", ["observer", "member", "editor", "coordinator"])
def test_an_own_role_counts_in_that_network_only(culture: Network, role: str) -> None:
    user = person("anna")
    NetworkPerson.objects.create(network=culture, user=user, role=role, since=NOW)
    assert rules.network_role(user, culture.pk) == role
    assert rules.may_read_network(user, culture.pk)
    assert rules.may_moderate_network(user, culture.pk) == (role in {"editor", "coordinator"})
    assert rules.may_coordinate_network(user, culture.pk) == (role == "coordinator")
    assert rules.moderated_networks(user) == ([culture.pk] if role in {"editor", "coordinator"} else [])
    assert rules.network_role(user, network("Events").pk) is None


def test_people_of_an_organisation_in_it_are_members_whatever_they_are_at_home(culture: Network) -> None:
    assert rules.network_role(through(culture, "member", "manager"), culture.pk) == "member"


@pytest.mark.parametrize("state", ["invited", "asked", "left"])
def test_an_organisation_that_is_not_in_it_brings_nothing(culture: Network, state: str) -> None:
    assert rules.network_role(through(culture, state), culture.pk) is None


def test_an_observer_whose_organisation_is_in_it_is_a_member(culture: Network) -> None:
    user = through(culture, "member")
    NetworkPerson.objects.create(network=culture, user=user, role="observer", since=NOW)
    assert rules.network_role(user, culture.pk) == "member"


def test_strangers_and_closed_accounts_are_nothing_and_operators_coordinate(culture: Network) -> None:
    closed = through(culture, "member")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    closed.refresh_from_db()
    for user in (None, AnonymousUser(), closed, person("bo")):
        assert rules.network_role(user, culture.pk) is None
        assert rules.moderated_networks(user) == []
    operator = person("op", is_operator=True)
    assert rules.may_coordinate_network(operator, culture.pk)
    assert rules.moderated_networks(operator) is None
