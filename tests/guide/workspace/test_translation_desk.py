"""The translation desk: what is to do, side by side, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import edit_item
from allmende.catalogue.models import Event
from allmende.core.models import User
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.guide.workspace.conftest import NOW, Deliver, People, event, form_of, signed_in, words

DESK = "/en/workspace/translations/"


def path_of(concert: Event, language: str = "de") -> str:
    return f"{DESK}event/{concert.pk}/{language}/"


@pytest.fixture
def network(people: People) -> Network:
    network = Network.objects.create(name="Culture", slug="culture", kind="culture", created_at=NOW, updated_at=NOW)
    town = Organisation.objects.get(name="Ville d’Uzès")
    NetworkOrganisation.objects.create(network=network, organisation=town, since=NOW)
    return network


def moderator(network: Network, role: str) -> Client:
    user, client = signed_in(f"{role}@network.example")
    NetworkPerson.objects.create(network=network, user=user, role=role, since=NOW)
    return client


def test_the_matrix_counts_and_the_list_names_what_is_missing(people: People, deliver: Deliver) -> None:
    deliver(event("a"), event("b", name="Lecture", start="20301105T193000"))
    page = words(people.editor.get(f"{DESK}?language=de&kind=event"))
    assert page.index("Lecture") < page.index("Concert")  # the next one first
    assert "2 records to translate into Deutsch" in page
    assert "2 to do" in page
    assert "0 records to translate into Français" in words(people.editor.get(f"{DESK}?language=fr&kind=event"))


def test_a_translation_is_saved_and_the_next_record_follows(people: People, deliver: Deliver) -> None:
    deliver(event("a", start="20301105T193000"), event("b", name="Lecture"))
    first, second = Event.objects.order_by("last_day")
    answer = people.editor.post(
        path_of(first), {"go": "next", "text.name": "Konzert", "text.description": "Ein Abend.\r\nSchön."}
    )
    assert answer["Location"].startswith(path_of(second))
    first.refresh_from_db()
    assert first.name["texts"]["de"] == "Konzert"
    assert first.description["texts"]["de"] == "Ein Abend.\nSchön."
    assert first.origins["name"]["languages"] == ["de"]


def test_the_form_as_a_browser_sends_it_changes_nothing(concert: Event, people: People) -> None:
    before = Event.objects.values().get()
    form = form_of(words(people.editor.get(path_of(concert))).replace("<form method", '<form id="f" method'), "f")
    people.editor.post(path_of(concert), {name: values[-1] for name, values in form.items()})
    assert Event.objects.values().get() == before


def test_what_somebody_else_changed_meanwhile_is_shown_and_nothing_typed_is_lost(
    concert: Event, people: People
) -> None:
    page = words(people.editor.get(path_of(concert)))
    seen = page.split('name="seen.description" value="')[1].split('"')[0]
    value = {"original": "fr", "texts": {"fr": "Deux soirées.", "de": "Zwei Abende."}}
    edit_item("event", concert.pk, {"description": value}, by=User.objects.get(email="editor@example.org"), now=NOW)
    answer = people.editor.post(path_of(concert), {"text.description": "Mein Text", "seen.description": seen})
    assert answer.status_code == 409
    assert "Mein Text" in words(answer)
    assert "Zwei Abende." in words(answer)
    assert "Deux soirées." in words(answer)


def test_reviewed_is_said_without_typing(concert: Event, people: People) -> None:
    value = {"original": "fr", "texts": {"fr": "Concert", "de": "Konzert"}, "machine": ["de"]}
    Event.objects.update(name=value)
    people.editor.post(path_of(concert), {"go": "stay", "text.name": "Konzert"})
    assert Event.objects.get().name["machine"] == ["de"]
    people.editor.post(path_of(concert), {"go": "stay", "text.name": "Konzert", "checked.name": "1"})
    assert "machine" not in Event.objects.get().name


@pytest.mark.parametrize("bad", ["x" * 301, "y" * 5000])
def test_a_name_that_is_too_long_is_refused_and_kept_in_the_form(concert: Event, people: People, bad: str) -> None:
    answer = people.editor.post(path_of(concert), {"text.name": bad})
    assert answer.status_code == 422
    assert bad in words(answer)


def test_only_editors_of_the_owner(concert: Event, people: People) -> None:
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda client: client.get(path_of(concert))) == expected
    posted = people.answers(lambda client: client.post(path_of(concert), {"text.name": "Konzert"}))
    assert posted == {**expected, "editor": 303, "manager": 303, "operator": 303}
    assert people.answers(lambda client: client.get(DESK)) == {**expected, "colleague": 200, "member": 200}
    assert "Concert" not in words(people.member.get(DESK))
    assert "Concert" not in words(people.colleague.get(DESK))


@pytest.mark.parametrize(("role", "published", "draft"), [("editor", 200, 404), ("coordinator", 200, 404), ("member", 404, 404), ("observer", 404, 404)])  # fmt: skip
def test_moderators_of_a_network_translate_what_its_members_submitted_or_published(
    concert: Event, network: Network, role: str, published: int, draft: int
) -> None:
    client = moderator(network, role)
    assert client.get(path_of(concert)).status_code == published
    Event.objects.update(state="draft")
    assert client.get(path_of(concert)).status_code == draft
    assert client.post(path_of(concert), {"text.name": "Konzert"}).status_code == 404
    assert "de" not in Event.objects.get().name["texts"]


def test_a_moderator_changes_translations_and_nothing_else(concert: Event, network: Network) -> None:
    client = moderator(network, "editor")
    client.post(path_of(concert), {"text.name": "Konzert", "text.description": ""})
    concert.refresh_from_db()
    assert concert.name["texts"] == {"fr": "Concert", "de": "Konzert"}
    client.post(path_of(concert, "fr"), {"text.name": "Autre"})
    concert.refresh_from_db()
    assert concert.name["texts"]["fr"] == "Concert"
    assert client.get(f"/en/workspace/records/event/{concert.pk}/").status_code == 404


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_grow(people: People, deliver: Deliver, network: Network) -> None:
    deliver(event("a"))
    concert: Any = Event.objects.get()
    people.editor.get(DESK)
    one = _queries(people.editor, f"{DESK}?language=de"), _queries(people.editor, path_of(concert))
    deliver(event("a"), event("b"), event("c"))
    people.editor.get(DESK)
    assert (_queries(people.editor, f"{DESK}?language=de"), _queries(people.editor, path_of(concert))) == one
