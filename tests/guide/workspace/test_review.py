"""From draft to published: who may publish, what waits, and what reviewers and owners see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import edit_item, publish_item, withdraw_item
from allmende.catalogue.actions.edit import EditOvertaken, EditRefused
from allmende.catalogue.actions.editorial import review
from allmende.catalogue.actions.editorial.create import create_item
from allmende.catalogue.models import Event, Submission
from allmende.catalogue.rules import EditForbidden, ReviewForbidden, must_be_reviewed
from allmende.core.models import AuditEntry, Notice, User
from allmende.core.text import original_text
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from allmende.partners.policy.queries import publication_policy
from tests.guide.workspace.conftest import NOW, People, form_of, note_of, signed_in, words

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


def town() -> Organisation:
    return Organisation.objects.get(name="Ville d’Uzès")


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def title(text: str) -> dict[str, Any]:
    return {"name": {"original": "fr", "texts": {"fr": text}}}


NewNetwork = Callable[..., Network]


@pytest.fixture
def new_network(people: People) -> NewNetwork:
    """Make a network that the town is in."""

    def make(policy: str, *kinds: str, trusted: bool = False, name: str = "Culture", **more: Any) -> Network:
        network = Network.objects.create(
            name=name,
            slug=name.lower(),
            policy=policy,
            moderated_kinds=list(kinds or ("event",)),
            created_at=NOW,
            updated_at=NOW,
            **more,
        )
        NetworkOrganisation.objects.create(network=network, organisation=town(), is_trusted=trusted, since=NOW)
        return network

    return make


def reviewer_of(network: Network, name: str = "anna", role: str = "editor") -> tuple[User, Client]:
    person, client = signed_in(f"{name}@example.org")
    NetworkPerson.objects.create(network=network, user=person, role=role, since=NOW)
    return person, client


@pytest.fixture
def anna(new_network: NewNetwork) -> tuple[User, Client]:
    """An editor of the network that reviews everything of the town."""
    return reviewer_of(new_network("reviewed"))


def draft(by: str = "editor", name: str = "Marché") -> int:
    values = title(name) | {"schedule": {"start": "2030-12-05T10:00:00"}}
    return create_item("event", town().pk, values, language="fr", timezone="Europe/Paris", by=user(by), now=NOW)


def public_name(concert: Event) -> str:
    concert.refresh_from_db()
    return original_text(concert.name)


# ---------------------------------------------------------------------- policy


@pytest.mark.parametrize(
    ("policies", "needs"),
    [
        ([], False),
        ([("free", False)], False),
        ([("trusted", True)], False),
        ([("trusted", False)], True),
        ([("reviewed", True)], True),
        ([("free", False), ("trusted", True)], False),
        ([("free", False), ("reviewed", True)], True),
    ],
)
def test_the_strictest_network_decides(new_network: NewNetwork, policies: list[tuple[str, bool]], needs: bool) -> None:
    for number, (policy, trusted) in enumerate(policies):
        new_network(policy, trusted=trusted, name=f"n{number}")
    assert publication_policy(town().pk, "event").needs_review is needs
    assert must_be_reviewed(user("editor"), town().pk, "event") is needs
    assert not must_be_reviewed(user("editor"), town().pk, "place")


def test_networks_that_ended_or_were_left_decide_nothing(new_network: NewNetwork) -> None:
    new_network("reviewed", name="gone", ended_at=NOW)
    left = new_network("reviewed", name="left")
    NetworkOrganisation.objects.filter(network=left).update(state="left")
    assert not publication_policy(town().pk, "event").needs_review


def test_only_networks_that_review_name_the_reviewers(new_network: NewNetwork) -> None:
    free, strict = new_network("free", name="free"), new_network("reviewed", name="strict")
    assert [one.id for one in publication_policy(town().pk, "event").reviewing] == [strict.pk]
    concert = draft()
    publish_item("event", concert, by=user("editor"), now=NOW)
    waiting = Submission.objects.get()
    idle, _ = reviewer_of(free, "idle")
    with pytest.raises(ReviewForbidden):
        review.accept_submission(waiting.pk, by=idle, now=NOW)


# ---------------------------------------------------------------------- nothing gets past


def test_pressing_publish_submits_what_must_be_reviewed(people: People, anna: tuple[User, Client]) -> None:
    pk = draft()
    answer = people.editor.post(f"/en/workspace/records/event/{pk}/publication/", {"state": "published"})
    assert note_of(answer) == ["Submitted: the reviewers have been told. It is published when one accepts it."]
    assert Event.objects.get(pk=pk).state == "submitted"
    assert Client().get(f"/fr/events/marche-{pk}/").status_code == 404
    notice = Notice.objects.get(user=anna[0])
    assert (notice.kind, notice.path) == ("catalogue.submitted", f"/workspace/review/{Submission.objects.get().pk}/")


def test_an_edit_of_a_public_record_waits_beside_it(people: People, concert: Event, anna: tuple[User, Client]) -> None:
    here = f"/en/workspace/records/event/{concert.pk}/"
    form = form_of(words(people.editor.get(here)), "edit")
    answer = people.editor.post(here, form | {"name.fr": "Concert de Noël"})
    assert note_of(answer) == ["Kept for review: Name. What is public stays as it is until somebody has looked."]
    assert public_name(concert) == "Concert"
    page = words(people.editor.get(here))
    assert "Your changes wait for review" in page
    assert form_of(page, "edit")["name.fr"] == ["Concert de Noël"]
    review.accept_submission(Submission.objects.get().pk, by=anna[0], now=LATER)
    assert public_name(concert) == "Concert de Noël"
    assert concert.origins["name"]["by"] == user("editor").pk


def test_the_state_cannot_be_set_by_an_edit(people: People, concert: Event) -> None:
    with pytest.raises(EditRefused):
        edit_item("event", concert.pk, {"state": "published"}, by=user("editor"), now=NOW)


def test_a_reviewer_who_edits_for_the_owner_publishes_at_once(concert: Event, new_network: NewNetwork) -> None:
    network = new_network("reviewed")
    NetworkPerson.objects.create(network=network, user=user("manager"), role="coordinator", since=NOW)
    changed = edit_item("event", concert.pk, title("Neu"), by=user("manager"), now=NOW)
    assert (changed, changed.is_proposed, public_name(concert)) == (["name"], False, "Neu")


def test_what_is_proposed_and_put_right_again_waits_no_longer(concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    edit_item("event", concert.pk, title("Concert"), by=user("editor"), now=LATER)
    assert Submission.objects.get().state == "taken_back"


def test_an_import_goes_on_while_a_change_waits(concert: Event, anna: tuple[User, Client], deliver: Any) -> None:
    from tests.guide.workspace.conftest import event

    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    deliver(event("a", "Concert!", "Nouveau."))
    assert public_name(concert) == "Concert!"
    page = words(anna[1].get(f"/en/workspace/review/{Submission.objects.get().pk}/"))
    assert "changed meanwhile" in page


# ---------------------------------------------------------------------- review


def test_accepting_publishes_and_tells_the_owner(people: People, anna: tuple[User, Client]) -> None:
    pk = draft()
    publish_item("event", pk, by=user("editor"), now=NOW)
    one = Submission.objects.get()
    answer = anna[1].post(f"/en/workspace/review/{one.pk}/decide/", {"do": "accept"})
    assert note_of(answer) == ["“Marché” is public now."]
    assert Event.objects.get(pk=pk).state == "published"
    assert [(n.kind, n.user_id) for n in Notice.objects.exclude(kind="catalogue.submitted")] == [
        ("catalogue.accepted", user("editor").pk)
    ]
    assert list(AuditEntry.objects.order_by("-pk").values_list("action", "actor_id")[:2]) == [
        ("catalogue.accept", anna[0].pk),
        ("catalogue.published", anna[0].pk),
    ]


def test_please_change_needs_a_word_and_makes_it_a_draft_again(people: People, anna: tuple[User, Client]) -> None:
    pk = draft()
    publish_item("event", pk, by=user("editor"), now=NOW)
    decide = f"/en/workspace/review/{Submission.objects.get().pk}/decide/"
    assert anna[1].post(decide, {"do": "change", "word": "  "}).status_code == 422
    anna[1].post(decide, {"do": "change", "word": "Where does it take place?"})
    assert Event.objects.get(pk=pk).state == "draft"
    page = words(people.editor.get(f"/en/workspace/records/event/{pk}/"))
    assert "The reviewers ask for a change." in page
    assert "Where does it take place?" in page


def test_a_change_that_was_given_back_can_be_gone_on_with(
    people: People, concert: Event, anna: tuple[User, Client]
) -> None:
    edit_item("event", concert.pk, title("Concert de Noël"), by=user("editor"), now=NOW)
    review.please_change(Submission.objects.get().pk, "Which church?", by=anna[0], now=LATER)
    here = f"/en/workspace/records/event/{concert.pk}/"
    assert form_of(words(people.editor.get(here)), "edit")["name.fr"] == ["Concert"]
    form = form_of(words(people.editor.get(f"{here}?again=1")), "edit")
    assert form["name.fr"] == ["Concert de Noël"]
    people.editor.post(here, form | {"name.fr": "Concert de Noël, cathédrale"})
    assert Submission.objects.get(state="waiting").proposed["name"]["texts"]["fr"] == "Concert de Noël, cathédrale"


def test_differences_are_marked_word_by_word(concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Grand concert de Noël"), by=user("editor"), now=NOW)
    page = words(anna[1].get(f"/en/workspace/review/{Submission.objects.get().pk}/"))
    assert '<ins><span class="sr">added: </span>Grand concert de Noël' in page
    assert '<del><span class="sr">taken away: </span>Concert' in page


def test_of_two_reviewers_the_second_is_told(concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    one = Submission.objects.get()
    bob, bobs = reviewer_of(Network.objects.get(), "bob", "coordinator")
    review.accept_submission(one.pk, by=anna[0], now=LATER)
    with pytest.raises(review.AlreadyDecided):
        review.please_change(one.pk, "No", by=bob, now=LATER)
    answer = bobs.post(f"/en/workspace/review/{one.pk}/decide/", {"do": "accept"})
    assert answer.status_code == 409
    assert "somebody else has decided" in words(answer)
    assert public_name(concert) == "Neu"


def test_what_was_edited_meanwhile_is_not_published_unseen(concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    one = Submission.objects.get()
    seen = one.updated_at
    edit_item("event", concert.pk, title("Unfug"), by=user("editor"), now=LATER)
    with pytest.raises(EditOvertaken):
        review.accept_submission(one.pk, by=anna[0], now=LATER, seen=seen)
    answer = anna[1].post(f"/en/workspace/review/{one.pk}/decide/", {"do": "accept", "seen": seen.isoformat()})
    assert (answer.status_code, "Unfug" in words(answer)) == (409, True)
    assert public_name(concert) == "Concert"


def test_a_claim_is_seen_by_the_others_and_by_the_owner(
    people: People, concert: Event, anna: tuple[User, Client]
) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    one = Submission.objects.get()
    anna[1].post(f"/en/workspace/review/{one.pk}/decide/", {"do": "claim"})
    _, bob = reviewer_of(Network.objects.get(), "bob")
    for page in (
        bob.get(f"/en/workspace/review/{one.pk}/"),
        people.editor.get(f"/en/workspace/records/event/{concert.pk}/"),
    ):
        assert "Anna looks at this since" in words(page)
    assert "Anna since" in words(bob.get("/en/workspace/review/"))


@pytest.mark.parametrize("is_new", [True, False])
def test_an_acceptance_can_be_taken_back(concert: Event, anna: tuple[User, Client], is_new: bool) -> None:
    if is_new:
        pk = draft()
        publish_item("event", pk, by=user("editor"), now=NOW)
    else:
        pk = concert.pk
        edit_item("event", pk, title("Neu"), by=user("editor"), now=NOW)
    one = Submission.objects.get()
    review.accept_submission(one.pk, by=anna[0], now=LATER)
    review.undo_acceptance(one.pk, by=anna[0], now=LATER)
    one.refresh_from_db()
    assert one.state == "waiting"
    assert Event.objects.get(pk=pk).state == ("submitted" if is_new else "published")
    assert is_new or public_name(concert) == "Concert"


def test_withdrawing_takes_back_what_waits(concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    withdraw_item("event", concert.pk, by=user("editor"), now=LATER)
    assert Submission.objects.get().state == "taken_back"
    with pytest.raises(review.AlreadyDecided):
        review.accept_submission(Submission.objects.get().pk, by=anna[0], now=LATER)
    assert Event.objects.get(pk=concert.pk).state == "withdrawn"


def test_both_sides_talk_and_hear_of_it(people: People, concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    one = Submission.objects.get()
    anna[1].post(f"/en/workspace/review/{one.pk}/comment/", {"text": "Which church?"})
    assert Notice.objects.get(user=user("editor")).kind == "catalogue.comment"
    people.editor.post(f"/en/workspace/records/event/{concert.pk}/comment/", {"text": "St Théodorit <b>"})
    assert Notice.objects.filter(user=anna[0], kind="catalogue.comment").exists()
    assert "St Théodorit &lt;b&gt;" in words(anna[1].get(f"/en/workspace/review/{one.pk}/"))


# ---------------------------------------------------------------------- who


def test_who_reviews(people: People, concert: Event, anna: tuple[User, Client]) -> None:
    edit_item("event", concert.pk, title("Neu"), by=user("editor"), now=NOW)
    one = Submission.objects.get()
    _, observer = reviewer_of(Network.objects.get(), "olga", "observer")
    nobody = {"member": 404, "editor": 404, "manager": 404, "colleague": 404, "operator": 200, "stranger": 302}
    for path in ("", f"{one.pk}/"):
        assert people.answers(lambda client, path=path: client.get(f"/en/workspace/review/{path}")) == nobody
        assert observer.get(f"/en/workspace/review/{path}").status_code == 404
        assert anna[1].get(f"/en/workspace/review/{path}").status_code == 200
    for name in ("member", "editor", "manager", "colleague"):
        with pytest.raises(ReviewForbidden):
            review.accept_submission(one.pk, by=user(name), now=LATER)
    assert public_name(concert) == "Concert"


def test_a_reviewer_does_not_edit_behind_the_owners_back(concert: Event, anna: tuple[User, Client]) -> None:
    assert anna[1].get(f"/en/workspace/records/event/{concert.pk}/").status_code == 404
    with pytest.raises(EditForbidden):
        edit_item("event", concert.pk, title("Neu"), by=anna[0], now=NOW)


def test_the_queue_asks_as_often_for_one_as_for_three(people: People, anna: tuple[User, Client]) -> None:
    anna[1].get("/en/workspace/")  # the first page of a session notes who is there
    counts = []
    for name in ("a", "b", "c"):
        publish_item("event", draft(name=name), by=user("editor"), now=NOW)
        if name != "b":
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert anna[1].get("/en/workspace/review/").status_code == 200
            counts.append(len(asked))
    assert counts[0] == counts[1]
    page = words(anna[1].get("/en/workspace/review/"))
    assert page.index(">a<") < page.index(">b<") < page.index(">c<")


# ---------------------------------------------------------------------- new records


def test_a_new_event_lands_as_a_draft_of_the_organisation(people: People) -> None:
    here = "/en/workspace/records/event/new/"
    form = form_of(words(people.editor.get(f"{here}?language=da")), "edit")
    answer = people.editor.post(
        here, form | {"name.da": "Julekoncert", "schedule.start_day": "2030-12-05", "schedule.start_time": "19:30"}
    )
    made = Event.objects.get()
    assert answer.url == f"/en/workspace/records/event/{made.pk}/"
    assert (made.state, made.language, made.organisation, made.name["original"]) == ("draft", "da", town(), "da")
    assert made.occurrences.count() == 0
    assert people.editor.post(f"{answer.url}publication/", {"state": "published"}).status_code == 303
    assert Client().get(f"/da/events/{made.slug}-{made.pk}/").status_code == 200


@pytest.mark.parametrize("kind", ["place", "offer"])
def test_new_places_and_offers(people: People, kind: str) -> None:
    here = f"/en/workspace/records/{kind}/new/"
    form = form_of(words(people.editor.get(here)), "edit")
    answer = people.editor.post(here, form | {"name.en": "Mill"})
    assert answer.status_code == 303
    assert people.editor.get(answer.url).status_code == 200


def test_nothing_typed_is_lost_when_the_new_event_lacks_its_day(people: People) -> None:
    here = "/en/workspace/records/event/new/"
    answer = people.editor.post(here, form_of(words(people.editor.get(here)), "edit") | {"name.en": "Fair"})
    assert answer.status_code == 422
    assert form_of(words(answer), "edit")["name.en"] == ["Fair"]
    assert not Event.objects.exists()


def test_nobody_makes_records_for_others(people: People) -> None:
    other = Organisation.objects.get(name="Musée de Nîmes")
    assert people.editor.get(f"/en/workspace/records/event/new/?organisation={other.pk}").status_code == 404
    answer = people.editor.post("/en/workspace/records/event/new/", {"organisation": other.pk, "name.en": "X"})
    assert answer.status_code == 404
    with pytest.raises(EditForbidden):
        create_item("event", other.pk, title("X"), language="fr", timezone="Europe/Paris", by=user("editor"), now=NOW)
