"""Appearing and leaving at set times, and being reminded before."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from allmende.catalogue.actions import edit_item, withdraw_item
from allmende.catalogue.actions.editorial.plans import PlanRefused, carry_out_plans, plan_publication, remind_of_expiry
from allmende.catalogue.actions.editorial.review import accept_submission
from allmende.catalogue.models import Event, PublicationPlan, Submission
from allmende.catalogue.rules import EditForbidden
from allmende.core.models import Notice, User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson
from tests.catalogue.conftest import NOW, Deliver, event

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
TOMORROW = NOW + timedelta(days=1)
IN_A_MONTH = NOW + timedelta(days=30)


@pytest.fixture
def concert(deliver: Deliver) -> Event:
    deliver([event("a")])
    return Event.objects.get()


@pytest.fixture
def editor(concert: Event) -> User:
    user = User.objects.create_user("editor@example.org")
    assert concert.organisation
    join_organisation(user, concert.organisation, "editor", by=None, now=NOW)
    return user


@pytest.fixture
def anna(concert: Event) -> User:
    """Reviews everything of the owner."""
    network = Network.objects.create(
        name="N", slug="n", policy="reviewed", moderated_kinds=["event"], created_at=NOW, updated_at=NOW
    )
    NetworkOrganisation.objects.create(network=network, organisation=concert.organisation, since=NOW)
    user = User.objects.create_user("anna@example.org")
    NetworkPerson.objects.create(network=network, user=user, role="editor", since=NOW)
    return user


def plan(concert: Event, by: User, publish_at: datetime | None, withdraw_at: datetime | None = None) -> str:
    return plan_publication("event", concert.pk, publish_at=publish_at, withdraw_at=withdraw_at, by=by, now=NOW)


def state_of(concert: Event) -> str:
    return Event.objects.get(pk=concert.pk).state


def test_it_appears_and_leaves_at_its_times(concert: Event, editor: User) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    plan(concert, editor, TOMORROW, IN_A_MONTH)
    assert carry_out_plans(now=TOMORROW - timedelta(seconds=1)) == 0
    assert state_of(concert) == "withdrawn"
    assert carry_out_plans(now=TOMORROW) == 1
    assert (state_of(concert), concert.occurrences.count()) == ("published", 1)
    assert carry_out_plans(now=IN_A_MONTH) == 1
    assert (state_of(concert), concert.occurrences.count()) == ("withdrawn", 0)
    assert not PublicationPlan.objects.exists()


def test_what_was_missed_for_long_leaves_without_appearing(concert: Event, editor: User) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    plan(concert, editor, TOMORROW, IN_A_MONTH)
    assert carry_out_plans(now=IN_A_MONTH + timedelta(days=1)) == 0
    assert state_of(concert) == "withdrawn"
    assert not PublicationPlan.objects.exists()


@pytest.mark.parametrize(
    ("publish_at", "withdraw_at", "field"),
    [
        (NOW, None, "publish_at"),
        (None, NOW, "withdraw_at"),
        (IN_A_MONTH, TOMORROW, "withdraw_at"),
        (TOMORROW, TOMORROW, "withdraw_at"),
    ],
)
def test_times_that_make_no_sense_are_refused(
    concert: Event, editor: User, publish_at: datetime | None, withdraw_at: datetime | None, field: str
) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    with pytest.raises(PlanRefused) as refused:
        plan(concert, editor, publish_at, withdraw_at)
    assert refused.value.field == field
    assert not PublicationPlan.objects.exists()


def test_what_is_public_is_not_published_later(concert: Event, editor: User) -> None:
    with pytest.raises(PlanRefused):
        plan(concert, editor, TOMORROW)


def test_only_the_owners_editors_plan(concert: Event) -> None:
    stranger = User.objects.create_user("stranger@example.org")
    join_organisation(stranger, found_organisation("Other", by=None, now=NOW), "manager", by=None, now=NOW)
    with pytest.raises(EditForbidden):
        plan(concert, stranger, None, IN_A_MONTH)


def test_a_reviewed_plan_appears_at_its_time_once_accepted(concert: Event, editor: User, anna: User) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    assert plan(concert, editor, TOMORROW) == "submitted"
    assert accept_submission(Submission.objects.get(state="waiting").pk, by=anna, now=NOW) is False
    assert state_of(concert) == "draft"
    carry_out_plans(now=TOMORROW)
    assert state_of(concert) == "published"


def test_without_review_a_plan_publishes_nothing(concert: Event, editor: User, anna: User) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    plan(concert, editor, TOMORROW)
    assert carry_out_plans(now=TOMORROW) == 0
    assert state_of(concert) == "submitted"
    accept_submission(Submission.objects.get(state="waiting").pk, by=anna, now=TOMORROW)
    assert state_of(concert) == "published"


def test_an_edit_after_the_acceptance_is_reviewed_again(concert: Event, editor: User, anna: User) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    plan(concert, editor, TOMORROW)
    accept_submission(Submission.objects.get(state="waiting").pk, by=anna, now=NOW)
    edit_item("event", concert.pk, {"url": "https://example.org/other"}, by=editor, now=NOW)
    carry_out_plans(now=TOMORROW)
    assert state_of(concert) == "submitted"
    assert Submission.objects.filter(state="waiting").count() == 1


def test_a_policy_that_became_stricter_holds_a_plan_up(concert: Event, editor: User) -> None:
    withdraw_item("event", concert.pk, by=editor, now=NOW)
    plan(concert, editor, TOMORROW)
    network = Network.objects.create(
        name="N", slug="n", policy="reviewed", moderated_kinds=["event"], created_at=NOW, updated_at=NOW
    )
    NetworkOrganisation.objects.create(network=network, organisation=concert.organisation, since=NOW)
    carry_out_plans(now=TOMORROW)
    assert state_of(concert) == "submitted"


def test_editors_are_reminded_fourteen_days_and_a_day_before(concert: Event, editor: User) -> None:
    plan(concert, editor, None, IN_A_MONTH)
    counts = [remind_of_expiry(zone=PARIS, now=IN_A_MONTH - timedelta(days=days)) for days in (15, 14, 13, 2, 1, 0.5)]
    assert counts == [0, 1, 0, 0, 1, 0]
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.times) == (editor, "catalogue.expires", 2)
    assert notice.facts == {"name": "Concert", "day": IN_A_MONTH.astimezone(PARIS).date().isoformat()}


def test_a_new_end_is_reminded_of_anew(concert: Event, editor: User) -> None:
    plan(concert, editor, None, IN_A_MONTH)
    remind_of_expiry(zone=PARIS, now=IN_A_MONTH - timedelta(hours=3))
    plan(concert, editor, None, IN_A_MONTH + timedelta(days=365))
    assert remind_of_expiry(zone=PARIS, now=IN_A_MONTH) == 0
    assert remind_of_expiry(zone=PARIS, now=IN_A_MONTH + timedelta(days=360)) == 1
