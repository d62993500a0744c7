"""A region with a few organisations, their people, and a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Network, Organisation
from allmende.partners.networks import actions
from allmende.partners.people.actions import invite_organisation

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@dataclass
class Region:
    """``dmo`` coordinates (Carla); the museum (Alice, manager; Anna, member) is in; the university (Uta) is not."""

    dmo: Organisation
    museum: Organisation
    university: Organisation
    network: Network
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


def person(name: str, **more: Any) -> User:
    return User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title(), **more)


@pytest.fixture
def region(db: None) -> Region:
    dmo = found_organisation("Destination Uzège", by=None, now=NOW, kind="dmo")
    museum = found_organisation("Musée d’Uzès", by=None, now=NOW, kind="museum")
    university = found_organisation("Université de Nîmes", by=None, now=NOW, kind="university")
    people = {name: person(name) for name in ("carla", "alice", "anna", "uta")}
    people["olga"] = person("olga", is_operator=True)
    for name, organisation, role in (
        ("carla", dmo, "manager"),
        ("alice", museum, "manager"),
        ("anna", museum, "member"),
        ("uta", university, "manager"),
    ):
        join_organisation(people[name], organisation, role, by=None, now=NOW)
    network = actions.found_network(
        "Culture", kind="culture", by=people["carla"], now=NOW, language="en", organisation_id=dmo.pk
    )
    invite_organisation(network, museum.pk, by=people["carla"], language="en", now=NOW)
    actions.answer_invitation(network, museum.pk, accept=True, by=people["alice"], now=NOW)
    return Region(dmo, museum, university, network, people)
