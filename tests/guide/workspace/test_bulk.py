"""Many records are changed at once, each by its own rules, and all of it is taken back together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import edit_item, publish_item, withdraw_item
from allmende.catalogue.actions.editorial.bulk import MOST_AT_ONCE, BulkChange, edit_many
from allmende.catalogue.actions.editorial.bulk_undo import BulkEditForbidden, undo_many
from allmende.catalogue.models import BulkEdit, Event, PublicationPlan, Revision, Submission
from allmende.core.models import AuditEntry, User
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, signed_in, words

pytestmark = pytest.mark.django_db
HERE = "/en/workspace/records/event/bulk/"
LEAVING = (NOW + timedelta(days=90)).strftime("%Y-%m-%dT10:00")
WISH = {"on": ["prices", "url"], "prices.0.min": "0", "url.url": "example.org/tickets"}
FREE = [{"min": "0", "max": "0", "currency": "EUR", "label": {}}]


def who(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def reviewing_network() -> Network:
    network = Network.objects.create(
        name="Culture",
        slug="culture",
        kind="culture",
        policy="reviewed",
        moderated_kinds=["event"],
        created_at=NOW,
        updated_at=NOW,
    )
    town = Organisation.objects.get(name="Ville d’Uzès")
    NetworkOrganisation.objects.create(network=network, organisation=town, since=NOW)
    return network


@pytest.fixture
def three(deliver: Deliver) -> list[Event]:
    deliver(event("a", "Ball"), event("b", "Concert"), event("c", "Fair"))
    return list(Event.objects.order_by("sort_name"))


def apply(client: Client, events: list[Event], **wish: Any) -> BulkEdit:
    """Look at the preview and send it on, as a browser would."""
    wanted = {"id": [one.pk for one in events], **{name.replace("__", "."): value for name, value in wish.items()}}
    page = words(client.post(HERE, wanted | {"do": "preview"}))
    seen = {}
    for one in events:
        version = page.partition(f'name="seen.{one.pk}" value="')[2].partition('"')[0]
        seen[f"seen.{one.pk}"] = version.replace("&#43;", "+")
    answer = client.post(HERE, wanted | seen | {"do": "apply"})
    assert answer.status_code == 303, words(answer)
    return BulkEdit.objects.latest("pk")


def outcomes(edit: BulkEdit) -> list[str]:
    return list(edit.rows.order_by("pk").values_list("outcome", flat=True))


def test_the_preview_saves_nothing_and_names_what_changes(people: People, three: list[Event]) -> None:
    edit_item("event", three[2].pk, {"prices": FREE, "url": "https://example.org/tickets"}, by=who("editor"), now=NOW)
    ids = {"id": [one.pk for one in three]}
    form = words(people.editor.get(HERE, ids))
    assert "3 records are chosen." in form
    page = words(people.editor.post(HERE, ids | WISH | {"do": "preview"}))
    assert "2 records change" in page
    assert "1 is like that already" in page
    assert page.count("<ins>https://example.org/tickets</ins>") == 2
    assert (BulkEdit.objects.count(), Revision.objects.count()) == (0, 1)
    back = words(people.editor.post(HERE, ids | WISH | {"do": "form"}))
    assert 'name="on" value="prices" checked' in back
    assert 'value="example.org/tickets"' in back


def test_only_what_was_chosen_changes_and_all_of_it_comes_back(people: People, three: list[Event]) -> None:
    before = {one.pk: one for one in three}
    edit = apply(people.editor, three, **WISH)
    assert outcomes(edit) == ["changed"] * 3
    for one in Event.objects.all():
        assert (one.prices, one.url, set(one.origins)) == (FREE, "https://example.org/tickets", {"prices", "url"})
        old = before[one.pk]
        kept = ("name", "description", "schedule", "categories", "state", "email", "place_name")
        assert [getattr(one, name) for name in kept] == [getattr(old, name) for name in kept]
    assert AuditEntry.objects.filter(action="catalogue.edit").count() == 3
    assert AuditEntry.objects.get(action="catalogue.bulk_edit").details["n"] == 3
    answer = people.editor.post(f"/en/workspace/changes/{edit.pk}/undo/")
    assert note_of(answer) == ["Taken back in 3 records."]
    for one in Event.objects.all():
        assert (one.prices, one.url, one.origins) == ([], "", {})
    page = words(people.editor.get(f"/en/workspace/changes/{edit.pk}/"))
    assert page.count("taken back</span>") == 3
    assert "Take all of it back" not in page


def test_fields_follow_their_source_again_after_it_was_taken_back(people: People, deliver: Deliver) -> None:
    deliver(event("a"))
    concert = Event.objects.get()
    edit = apply(people.editor, [concert], on=["categories"], categories__one="theatre-dance", categories__how="main")
    concert.refresh_from_db()
    assert concert.category == "theatre-dance"
    undo_many(edit.pk, by=who("editor"), now=NOW)
    concert.refresh_from_db()
    assert "categories" not in concert.origins
    assert concert.category != "theatre-dance"


def test_what_somebody_changed_since_stays(people: People, three: list[Event]) -> None:
    edit = apply(people.editor, three, on=["contact"], contact__phone="04 66")
    edit_item("event", three[1].pk, {"phone": "0800"}, by=who("manager"), now=NOW + timedelta(minutes=1))
    people.editor.post(f"/en/workspace/changes/{edit.pk}/undo/")
    assert list(Event.objects.order_by("sort_name").values_list("phone", flat=True)) == ["", "0800", ""]
    page = words(people.editor.get(f"/en/workspace/changes/{edit.pk}/"))
    assert page.count("Somebody changed it since. It stays as it is now.") == 1


def test_what_changed_between_preview_and_press_stays(people: People, three: list[Event]) -> None:
    seen = {one.pk: one.updated_at for one in three}
    edit_item("event", three[0].pk, {"phone": "0800"}, by=who("manager"), now=NOW + timedelta(minutes=1))
    change = BulkChange(("url",), lambda before: {"url": "https://example.org"})
    edit = edit_many("event", list(seen), change, seen=seen, by=who("editor"), now=NOW + timedelta(minutes=2))
    assert outcomes(edit) == ["refused", "changed", "changed"]
    assert list(Event.objects.order_by("sort_name").values_list("url", flat=True)) == ["", *["https://example.org"] * 2]


def test_a_network_that_reviews_gets_proposals_and_taking_back_forgets_them(people: People, three: list[Event]) -> None:
    reviewing_network()
    ids = {"id": [one.pk for one in three]}
    page = words(people.editor.post(HERE, ids | WISH | {"do": "preview"}))
    assert page.count("Goes to review; what is public stays as it is until then.") == 3
    edit = apply(people.editor, three, **WISH)
    assert outcomes(edit) == ["proposed"] * 3
    assert set(Event.objects.values_list("url", flat=True)) == {""}
    undo_many(edit.pk, by=who("editor"), now=NOW)
    assert not Submission.objects.filter(state="waiting").exists()


def test_publishing_goes_by_the_policy(people: People, three: list[Event]) -> None:
    for one in three:
        withdraw_item("event", one.pk, by=who("editor"), now=NOW)
    apply(people.editor, three[:1], on=["state"], state__state="published")
    reviewing_network()
    edit = apply(people.editor, three, on=["state"], state__state="published")
    assert outcomes(edit) == ["unchanged", "changed", "changed"]
    states = Event.objects.order_by("sort_name").values_list("state", flat=True)
    assert list(states) == ["published", "submitted", "submitted"]
    undo_many(edit.pk, by=who("editor"), now=NOW)
    assert list(states.all()) == ["published", "withdrawn", "withdrawn"]
    assert not Submission.objects.filter(state="waiting").exists()


def test_withdrawing_and_leaving_by_plan_are_taken_back(people: People, three: list[Event]) -> None:
    edit = apply(people.editor, three, on=["state"], state__state="withdrawn")
    assert set(Event.objects.values_list("state", flat=True)) == {"withdrawn"}
    undo_many(edit.pk, by=who("editor"), now=NOW)
    assert set(Event.objects.values_list("state", flat=True)) == {"published"}
    edit = apply(people.editor, three, on=["plan"], plan__withdraw_at=LEAVING)
    assert PublicationPlan.objects.count() == 3
    undo_many(edit.pk, by=who("editor"), now=NOW)
    assert PublicationPlan.objects.count() == 0


def test_what_is_wrong_is_said_and_nothing_is_done(people: People, three: list[Event]) -> None:
    ids = {"id": [one.pk for one in three]}
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "Tick what is to change."),
        ({"on": ["url"], "url.url": "javascript:alert(1)"}, "Write a web address such as"),
        ({"on": ["plan"], "plan.withdraw_at": "2001-01-01T10:00"}, "This time has passed."),
        ({"on": ["categories"]}, "Choose a category."),
        ({"on": ["contact"]}, "Fill in what is to change."),
        ({"on": ["state"]}, "Choose whether to publish or to withdraw."),
    ]
    for wish, sentence in cases:
        for do in ("preview", "apply"):
            answer = people.editor.post(HERE, ids | wish | {"do": do})
            assert answer.status_code == 422
            assert sentence in words(answer)
    assert BulkEdit.objects.count() == 0
    assert note_of(people.editor.get(HERE)) == ["Tick at least one record first."]


def test_a_category_is_added_or_taken_away_and_the_audience_grows(people: People, three: list[Event]) -> None:
    start = ["music", "theatre-dance"]
    edit_item("event", three[0].pk, {"categories": start, "audience": ["seniors"]}, by=who("editor"), now=NOW)
    one = three[:1]
    apply(people.editor, one, on=["categories"], categories__one="theatre-dance", categories__how="remove")
    apply(people.editor, one, on=["audience"], audience__who=["families"], audience__how="add")
    one[0].refresh_from_db()
    assert (one[0].categories, set(one[0].audience)) == (["music"], {"families", "seniors"})
    edit = apply(people.editor, one, on=["categories"], categories__one="music", categories__how="add")
    assert outcomes(edit) == ["unchanged"]


def test_only_ones_own_records_change(people: People, three: list[Event]) -> None:
    network = reviewing_network()
    user, moderator = signed_in("network@example.org")
    NetworkPerson.objects.create(network=network, user=user, role="editor", since=NOW)
    ids = {"id": [one.pk for one in three]}
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda client: client.get(HERE, ids)) == expected
    for do in ("preview", "apply"):
        wish = ids | WISH | {"do": do}
        answers = [client.post(HERE, wish).status_code for client in (people.member, people.colleague, moderator)]
        assert answers == [404, 404, 404]
    assert people.stranger.post(HERE, ids | WISH | {"do": "apply"}).status_code == 302
    assert Revision.objects.count() == 0
    change = BulkChange(("url",), lambda before: {"url": "https://example.org"})
    edit = edit_many("event", ids["id"], change, seen={}, by=who("colleague"), now=NOW)
    assert outcomes(edit) == ["refused"] * 3
    edit = apply(people.editor, three, **WISH)
    result = f"/en/workspace/changes/{edit.pk}/"
    expected |= {"manager": 404}
    assert people.answers(lambda client: client.get(result)) == expected
    assert moderator.get(result).status_code == 404
    assert people.manager.post(f"{result}undo/").status_code == 404
    with pytest.raises(BulkEditForbidden):
        undo_many(edit.pk, by=who("manager"), now=NOW)


def test_all_that_the_filter_finds_and_no_more_than_the_limit(people: People, three: list[Event]) -> None:
    page = words(people.editor.get(f"{HERE}?kind=event&q=fair&all=1"))
    assert f'name="id" value="{three[2].pk}"' in page
    assert f'name="id" value="{three[0].pk}"' not in page
    assert MOST_AT_ONCE == 300


def test_the_preview_asks_the_same_number_of_questions_for_three_records(people: People, three: list[Event]) -> None:
    reviewing_network()
    people.editor.post(HERE, {"id": three[0].pk, **WISH, "do": "preview"})
    counts = []
    for chosen in (three[:1], three):
        wish = {"id": [one.pk for one in chosen], **WISH, "do": "preview"}
        with CaptureQueriesContext(connection) as seen:
            people.editor.post(HERE, wish)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    edit = apply(people.editor, three, **WISH)
    with CaptureQueriesContext(connection) as seen:
        people.editor.get(f"/en/workspace/changes/{edit.pk}/")
    assert len(seen) <= 25


def test_an_edit_and_publishing_go_together(people: People, three: list[Event]) -> None:
    withdraw_item("event", three[0].pk, by=who("editor"), now=NOW)
    edit = apply(people.editor, three[:1], **(WISH | {"on": ["url", "state"], "state.state": "published"}))
    three[0].refresh_from_db()
    assert (three[0].state, three[0].url) == ("published", "https://example.org/tickets")
    publish_item("event", three[0].pk, by=who("editor"), now=NOW)  # nothing to do: it stays as the change left it
    undo_many(edit.pk, by=who("editor"), now=NOW)
    three[0].refresh_from_db()
    assert (three[0].state, three[0].url) == ("withdrawn", "")
