"""A review that somebody began does not wait for one who has left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allmende.catalogue.models import Submission
from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Membership, Network, NetworkPerson, WorkingGroup
from allmende.partners.people import actions

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def test_who_leaves_gives_reviews_back_and_working_groups_over() -> None:
    anna, bo = (User.objects.create_user(f"{name}@example.org", "a long enough password") for name in ("anna", "bo"))
    museum = found_organisation("Musée de Lodève", by=None, now=NOW)
    for user in (anna, bo):
        join_organisation(user, museum, "manager", by=None, now=NOW)
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    NetworkPerson.objects.create(network=network, user=anna, organisation=museum, role="editor", since=NOW)
    group = WorkingGroup.objects.create(network=network, name="Posters", lead=anna, created_at=NOW)
    begun = Submission.objects.create(
        kind="event", item_id=1, claimed_by=anna, claimed_at=NOW, submitted_at=NOW, updated_at=NOW
    )
    actions.leave_organisation(Membership.objects.get(user=anna), successor=bo, by=anna, now=NOW)
    begun.refresh_from_db()
    group.refresh_from_db()
    assert (begun.claimed_by, begun.claimed_at) == (None, None)
    assert group.lead == bo
    assert NetworkPerson.objects.get().user == bo
