"""A museum with its people, another one, and a network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Membership, Network, NetworkPerson, Organisation

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough password"


def person(name: str, **more: Any) -> User:
    return User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title(), **more)


@dataclass
class World:
    museum: Organisation
    other: Organisation
    network: Network
    anna: User
    """Manager of the museum, coordinator of the network."""
    bo: User
    """Editor of the museum."""
    carl: User
    """Manager of the other museum."""
    stranger: User

    def membership(self, user: User) -> Membership:
        return Membership.objects.get(organisation=self.museum, user=user)


@pytest.fixture
def world(db: None) -> World:
    museum = found_organisation("Musée de Lodève", by=None, now=NOW)
    other = found_organisation("Musée de Nîmes", by=None, now=NOW)
    network = Network.objects.create(name="Culture", slug="culture", kind="culture", created_at=NOW, updated_at=NOW)
    anna, bo, carl = person("anna"), person("bo"), person("carl")
    for user, organisation, role in ((anna, museum, "manager"), (bo, museum, "editor"), (carl, other, "manager")):
        join_organisation(user, organisation, role, by=None, now=NOW)
    NetworkPerson.objects.create(network=network, user=anna, organisation=museum, role="coordinator", since=NOW)
    return World(museum, other, network, anna, bo, carl, person("stranger"))


def token_in(letter: Any, below: str = "invitations") -> str:
    """The secret of the link in a letter."""
    found = re.search(rf"/workspace/{below}/([^/\s]+)/", letter.body)
    assert found, letter.body
    return found[1]
