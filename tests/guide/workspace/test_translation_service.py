"""A translation service: asked once for a text, never for what a person wrote, never for a draft by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from allmende.catalogue.actions import withdraw_item
from allmende.catalogue.models import Event, TranslationDay, TranslationOrder
from allmende.catalogue.translations.actions import order_translations, translate_item, work_orders
from allmende.core.fetch import parse_allow
from allmende.core.models import AuditEntry, User
from allmende.core.text import is_stale
from allmende.partners.models import Membership
from tests.catalogue.translate_server import FakeService, translation_service
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, words


@pytest.fixture
def service(settings: Any) -> Iterator[FakeService]:
    with translation_service() as running:
        settings.ALLMENDE_TRANSLATE_URL = running.url
        settings.ALLMENDE_TRANSLATE_KEY = "a key"
        settings.ALLMENDE_FETCH_ALLOW = parse_allow(running.url.removeprefix("http://"))
        yield running


def editor() -> User:
    return User.objects.get(email="editor@example.org")


def order(concert: Event, by: User | None = None) -> None:
    order_translations([("event", concert.pk)], "de", by=by or editor(), now=NOW)


def test_what_is_missing_is_translated_and_marked_as_made_by_a_machine(concert: Event, service: FakeService) -> None:
    order(concert)
    assert work_orders(now=NOW) == 1
    concert.refresh_from_db()
    assert concert.description["texts"]["de"] == "[de] Une soirée."
    assert concert.description["machine"] == ["de"]
    assert service.asked == [
        {"q": ["Concert", "Une soirée."], "source": "fr", "target": "de", "format": "text", "api_key": "a key"}
    ]
    assert TranslationOrder.objects.get().state == "done"
    assert TranslationDay.objects.get().characters == len("Concert") + len("Une soirée.")
    assert AuditEntry.objects.get(action="catalogue.translate").actor == editor()


def test_an_unchanged_original_is_never_sent_again(concert: Event, service: FakeService, deliver: Deliver) -> None:
    order(concert)
    work_orders(now=NOW)
    for _ in range(3):
        order(concert)
        deliver(event("a", name="Concert"))
        work_orders(now=NOW)
    assert service.texts == ["Concert", "Une soirée."]


def test_a_changed_original_is_translated_again_and_only_what_changed(
    concert: Event, service: FakeService, deliver: Deliver
) -> None:
    order(concert)
    work_orders(now=NOW)
    deliver(event("a", text="Deux soirées."))
    work_orders(now=NOW)
    concert.refresh_from_db()
    assert concert.description["texts"] == {"fr": "Deux soirées.", "de": "[de] Deux soirées."}
    assert not is_stale(concert.description, "de")
    assert service.texts == ["Concert", "Une soirée.", "Deux soirées."]


def test_what_a_person_wrote_is_to_be_checked_and_never_overwritten(
    concert: Event, service: FakeService, deliver: Deliver
) -> None:
    texts = {"name": "Konzert", "description": "Ein Abend."}
    translate_item("event", concert.pk, "de", texts, by=editor(), now=NOW)
    deliver(event("a", text="Deux soirées."))
    order(concert)
    work_orders(now=NOW)
    concert.refresh_from_db()
    assert concert.description["texts"]["de"] == "Ein Abend."
    assert is_stale(concert.description, "de")
    assert service.asked == []


def test_no_draft_leaves_by_itself(concert: Event, service: FakeService, deliver: Deliver) -> None:
    order(concert)
    work_orders(now=NOW)
    withdraw_item("event", concert.pk, by=editor(), now=NOW)
    deliver(event("a", text="Un secret."))
    work_orders(now=NOW)
    assert "Un secret." not in service.texts


def test_the_days_budget_is_kept(concert: Event, service: FakeService, settings: Any) -> None:
    settings.ALLMENDE_TRANSLATE_PER_DAY = 10
    order(concert)
    assert work_orders(now=NOW) == 0
    assert service.asked == []
    assert TranslationOrder.objects.get().state == "waiting"
    settings.ALLMENDE_TRANSLATE_PER_DAY = 20
    assert work_orders(now=NOW + timedelta(days=1)) == 1


def test_a_service_that_is_busy_is_asked_later_and_one_that_refuses_is_not(
    concert: Event, service: FakeService
) -> None:
    service.status = 429
    order(concert)
    assert work_orders(now=NOW) == 0
    waiting = TranslationOrder.objects.get()
    assert (waiting.state, waiting.error) == ("waiting", "The translation service refused: Slowdown")
    service.status = 400
    work_orders(now=NOW)
    assert TranslationOrder.objects.get().state == "failed"
    service.status = 200
    work_orders(now=NOW)
    assert len(service.asked) == 2


def test_an_order_of_somebody_who_left_fails_and_the_next_goes_on(
    concert: Event, service: FakeService, deliver: Deliver
) -> None:
    deliver(event("a"), event("b", name="Lecture"))
    first, second = Event.objects.order_by("pk")
    order(first, by=User.objects.get(email="manager@example.org"))
    order(second)
    Membership.objects.filter(user__email="manager@example.org").delete()
    assert work_orders(now=NOW) == 1
    assert list(TranslationOrder.objects.order_by("item_id").values_list("state", flat=True)) == ["failed", "done"]


def test_an_address_inside_is_not_asked_unless_it_is_allowed(
    concert: Event, service: FakeService, settings: Any
) -> None:
    settings.ALLMENDE_FETCH_ALLOW = ()
    order(concert)
    assert work_orders(now=NOW) == 0
    assert service.asked == []


def test_a_suggestion_is_shown_not_saved_and_stays_the_machines_until_it_is_checked(
    concert: Event, people: People, service: FakeService
) -> None:
    path = f"/en/workspace/translations/event/{concert.pk}/de/"
    answer = people.editor.post(path, {"suggest": "description", "text.name": "Konzert"})
    assert "[de] Une soirée." in words(answer)
    concert.refresh_from_db()
    assert "de" not in concert.description["texts"]
    made = "[de] Une soirée."
    people.editor.post(path, {"go": "stay", "text.description": made, "made.description": made})
    concert.refresh_from_db()
    assert concert.description["machine"] == ["de"]
    people.editor.post(path, {"go": "reviewed", "text.description": made})
    concert.refresh_from_db()
    assert "machine" not in concert.description


def test_readers_see_that_a_text_comes_from_a_machine(concert: Event, people: People, service: FakeService) -> None:
    order(concert)
    work_orders(now=NOW)
    concert.refresh_from_db()
    page = words(people.stranger.get(f"/de/events/{concert.slug}-{concert.pk}/"))
    assert "[de] Une soirée." in page
    assert "maschinell" in page.lower()


def test_the_desk_orders_what_is_missing_in_a_selection(concert: Event, people: People, service: FakeService) -> None:
    answer = people.editor.post("/en/workspace/translations/order/", {"language": "de", "kind": "event"})
    assert "works on it" in note_of(answer)[0]
    assert TranslationOrder.objects.get().asked_by == editor()
    assert people.colleague.post("/en/workspace/translations/order/", {"language": "sv"}).status_code == 303
    assert TranslationOrder.objects.count() == 1  # nothing of the town for a colleague from elsewhere
    page = words(people.editor.get("/en/workspace/translations/?language=de"))
    assert "1 record waits." in page
