"""What waits beside tasks: reviews, what came back, what runs out, who asks to come in.  Each is for those who can do it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allmende.catalogue.models import Event, Media, Picture, PublicationPlan, Submission
from allmende.core.models import User
from allmende.core.waiting import offered_names, waiting_for
from allmende.partners.actions import found_organisation
from allmende.partners.models import (
    Certification,
    JoinRequest,
    Network,
    NetworkOrganisation,
    NetworkPerson,
    NetworkProposal,
    Organisation,
)
from allmende.partners.rules import remember_seats
from tests.guide.workspace.conftest import NOW, Deliver, People, event

TODAY = NOW.date()
DAY = timedelta(days=1)


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def town() -> Organisation:
    return Organisation.objects.get(name="Ville d’Uzès")


def kinds(name: str) -> dict[str, int]:
    """Kind -> how many wait for a person."""
    found: dict[str, int] = {}
    for one in waiting_for(user(name), now=NOW, language="en"):
        found[one.kind] = found.get(one.kind, 0) + 1
    return found


def network(*, policy: str = "reviewed") -> Network:
    found, _ = Network.objects.get_or_create(
        slug="culture",
        defaults={
            "name": "Culture",
            "policy": policy,
            "moderated_kinds": ["event"],
            "created_at": NOW,
            "updated_at": NOW,
        },
    )
    return found


def fill(deliver: Deliver, times: int) -> None:
    """So many things of each kind for the town's people."""
    culture = network()
    NetworkOrganisation.objects.get_or_create(
        network=culture, organisation=town(), defaults={"state": "member", "since": NOW}
    )
    NetworkPerson.objects.get_or_create(
        network=culture, user=user("manager"), defaults={"role": "coordinator", "since": NOW}
    )
    deliver(*(event(f"e{n}", f"Event {n}") for n in range(times)))
    for number, one in enumerate(Event.objects.order_by("pk")[:times]):
        common = {"kind": "event", "item_id": one.pk, "organisation": town(), "submitted_at": NOW, "updated_at": NOW}
        Submission.objects.create(state="returned", decided_at=NOW, **common)
        PublicationPlan.objects.create(kind="event", item_id=one.pk, withdraw_at=NOW + 3 * DAY)
        picture = Picture.objects.create(
            organisation=town(), token=f"t{number}", name=f"hall{number}.jpg", width=1, height=1, uploaded_at=NOW,
            updated_at=NOW, rights_until=TODAY + 5 * DAY,
        )  # fmt: skip
        Media.objects.create(library=picture, kind="event", item_id=one.pk, url=f"https://example.org/{number}.jpg")
        Certification.objects.create(organisation=town(), name=f"EMAS {number}", valid_until=TODAY + 9 * DAY)
        JoinRequest.objects.create(
            organisation=town(), email=f"x{number}@example.org", language="en", state="waiting", created_at=NOW
        )
        NetworkProposal.objects.create(name=f"Trails {number}", kind="topic", proposed_at=NOW)
        other = found_organisation(f"Farm {number}", by=None, now=NOW)
        NetworkOrganisation.objects.create(network=culture, organisation=other, state="asked", since=NOW)
        hills = Network.objects.create(name=f"Hills {number}", slug=f"hills-{number}", created_at=NOW, updated_at=NOW)
        NetworkOrganisation.objects.create(network=hills, organisation=town(), state="invited", since=NOW)


def test_each_thing_waits_for_those_who_can_do_it(people: People, deliver: Deliver) -> None:
    fill(deliver, 2)
    records = {"catalogue.please_change", "catalogue.expires", "catalogue.picture_rights", "partners.certificate"}
    people_work = {"partners.join_request", "networks.invitation", "networks.request", "networks.proposal"}
    of_editor, of_manager = kinds("editor"), kinds("manager")
    assert records <= set(of_editor)
    assert not people_work & set(of_editor)
    assert records | people_work <= set(of_manager)
    assert {kind: of_manager[kind] for kind in (*records, "networks.request")} == dict.fromkeys(
        (*records, "networks.request"), 2
    )
    for name in ("member", "colleague"):
        assert not (records | people_work) & set(kinds(name)), name


def test_what_was_submitted_again_waits_no_more(people: People, deliver: Deliver) -> None:
    fill(deliver, 1)
    first = Submission.objects.get()
    assert kinds("editor")["catalogue.please_change"] == 1
    Submission.objects.create(
        kind="event", item_id=first.item_id, organisation=town(), submitted_at=NOW, updated_at=NOW
    )
    assert "catalogue.please_change" not in kinds("editor")


def test_a_review_waits_for_the_network(people: People, deliver: Deliver) -> None:
    fill(deliver, 1)
    Network.objects.filter(slug="culture").update(policy="reviewed")
    culture = Network.objects.get(slug="culture")
    assert "event" in culture.moderated_kinds
    Submission.objects.update(state="waiting")
    assert kinds("manager")["catalogue.review"] == 1
    assert "catalogue.review" not in kinds("editor")
    assert "catalogue.review" not in kinds("colleague")


def test_a_profile_says_its_next_step_for_its_editors(people: People) -> None:
    assert kinds("editor")["partners.profile"] == 1
    assert "partners.profile" not in kinds("member")
    (step,) = [one for one in waiting_for(user("editor"), now=NOW, language="de") if one.kind == "partners.profile"]
    assert step.path.startswith(f"/workspace/organisations/{town().pk}/#")


def test_the_pages_lead_where_it_is_done(people: People, deliver: Deliver) -> None:
    fill(deliver, 1)
    for one in waiting_for(user("manager"), now=NOW, language="en"):
        answer = people.manager.get("/en" + one.path.partition("#")[0])
        assert answer.status_code == 200, one


def test_asking_costs_the_same_for_one_and_for_three(
    people: People, deliver: Deliver, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    fill(deliver, 1)
    person = user("manager")
    remember_seats(person)  # as in a request
    waiting_for(person, now=NOW, language="en")
    with django_assert_max_num_queries(50) as counted:
        waiting_for(person, now=NOW, language="en")
    for table in (Submission, PublicationPlan, Media, Picture, Certification, JoinRequest, NetworkProposal):
        table._default_manager.all().delete()
    Organisation.objects.filter(name__startswith="Farm").delete()
    Network.objects.filter(slug__startswith="hills").delete()
    fill(deliver, 3)
    waiting_for(person, now=NOW, language="en")  # the brand is read again after a change
    with django_assert_num_queries(len(counted)):
        waiting_for(person, now=NOW, language="en")


def test_all_of_them_are_asked() -> None:
    told = {name.rpartition(".")[2].removesuffix("_waiting") for name in offered_names()}
    assert told >= {
        "reviews", "changes", "expiries", "picture_rights", "translations", "requests", "networks", "profiles",
        "certificates",
    }  # fmt: skip


pytestmark = pytest.mark.django_db
