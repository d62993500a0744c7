"""Invitations by letter into a network: seen, sent again and taken back by its coordinators, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allmende.core.models import User
from allmende.partners.models import Invitation, Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.guide.workspace.conftest import NOW, People

pytestmark = pytest.mark.django_db
PAGE = "/en/workspace/networks/culture/members/"


@pytest.fixture
def letter(people: People) -> Invitation:
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    town = Organisation.objects.get(name="Ville d’Uzès")
    NetworkOrganisation.objects.create(network=network, organisation=town, state="member", since=NOW)
    coordinator = User.objects.get(email="editor@example.org")
    NetworkPerson.objects.create(network=network, user=coordinator, role="coordinator", since=NOW)
    return Invitation.objects.create(
        network=network, email="farm@example.net", role="member", language="en", digest="x", created_at=NOW,
        expires_at=NOW + timedelta(days=3650),
    )  # fmt: skip


def test_only_coordinators_see_whom_a_letter_went_to(people: People, letter: Invitation) -> None:
    assert "farm@example.net" in people.editor.get(PAGE).content.decode()
    assert "farm@example.net" not in people.member.get(PAGE).content.decode()
    for client in (people.colleague, people.stranger):
        assert b"farm@example.net" not in client.get(PAGE).content


def test_it_is_taken_back_where_it_is_listed(people: People, letter: Invitation) -> None:
    there = f"/en/workspace/people/invitations/{letter.pk}/revoke/"
    assert people.member.post(there).status_code == 404
    assert people.colleague.post(there).status_code == 404
    done = people.editor.post(there)
    assert (done.status_code, done["Location"]) == (303, PAGE)
    assert "farm@example.net" not in people.editor.get(PAGE).content.decode()
