"""A record that is held back in a language is on no page, in no list, search, feed, map of the site or API there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from allmende.catalogue import queries
from allmende.catalogue.actions.derive import refresh_derived
from allmende.catalogue.models import Event, Occurrence
from allmende.catalogue.queries import Filters
from allmende.core.languages import LANGUAGES
from allmende.partners.models import Territory
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, words

READY = ["fr", "de"]


@pytest.fixture
def held(concert: Event, people: People) -> Event:
    """Shown in French and German only."""
    answer = people.editor.post(f"/en/workspace/records/event/{concert.pk}/languages/", {"shown": READY})
    assert answer.status_code == 303
    concert.refresh_from_db()
    return concert


@pytest.fixture
def concert(deliver: Deliver) -> Event:
    """An event of the town that takes place soon."""
    soon = NOW + timedelta(days=20)
    deliver(event("a", start=f"{soon:%Y%m%d}T193000"))
    return Event.objects.get()


def _read(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode()).replace("\r\n ", "")


def page_of(concert: Event, language: str) -> str:
    return f"/{language}/events/{concert.slug}-{concert.pk}/"


def test_its_page_is_there_in_the_languages_that_are_ready(held: Event, people: People) -> None:
    answers = {code: people.stranger.get(page_of(held, code)).status_code for code in LANGUAGES}
    assert answers == {code: 200 if code in READY else 404 for code in LANGUAGES}


def test_its_alternates_and_the_choice_of_languages_name_only_those(held: Event, people: People) -> None:
    page = words(people.stranger.get(page_of(held, "de")))
    assert set(re.findall(r'hreflang="(\w\w)"', page)) == set(READY)


def test_an_address_without_a_language_leads_to_one_that_is_ready(held: Event) -> None:
    answer = Client(headers={"accept-language": "en"}).get(page_of(held, "en").removeprefix("/en"))
    assert answer.status_code == 302
    assert answer["Location"] == page_of(held, "de")


@pytest.mark.parametrize("path", ["/events/", "/search/?q=concert", "/events.rss", "/events.atom"])
def test_lists_searches_and_feeds_leave_it_out(held: Event, people: People, path: str) -> None:
    address = f"/events/{held.slug}-{held.pk}/"
    found = {code: address in _read(people.stranger.get(f"/{code}{path}")) for code in ("fr", "de", "en", "sv")}
    assert found == {"fr": True, "de": True, "en": False, "sv": False}


def test_the_map_of_the_site_names_the_languages_that_are_ready(held: Event, people: People) -> None:
    xml = _read(people.stranger.get("/sitemap-event-1.xml"))
    assert set(re.findall(r"<loc>[^<]*/(\w\w)/events/", xml)) == set(READY)
    assert set(re.findall(r'hreflang="(\w\w)"', xml)) == set(READY)


def _names(answer: Any) -> list[str]:
    return [item["name"]["text"] for item in answer.json()["items"]]


def test_the_api_leaves_it_out_and_names_no_text_in_those_languages(held: Event, people: People) -> None:
    held.name["texts"]["sv"] = "Konsert"
    Event.objects.update(name=held.name)
    api = people.stranger
    one = f"/api/v1/events/{held.pk}"
    assert {code: api.get(f"{one}?language={code}").status_code for code in ("fr", "sv")} == {"fr": 200, "sv": 404}
    everything = api.get(f"{one}?language=fr&languages=all").json()
    assert set(everything["name"]["texts"]) == {"fr"}
    assert _names(api.get("/api/v1/events?language=de")) == ["Concert"]
    assert _names(api.get("/api/v1/events?language=sv")) == []


def test_an_import_keeps_the_choice(held: Event, deliver: Deliver) -> None:
    before = held.hidden_in
    deliver(event("a", text="Deux soirées."))
    held.refresh_from_db()
    assert held.hidden_in == before


def test_all_languages_again(held: Event, people: People) -> None:
    path = f"/en/workspace/records/event/{held.pk}/languages/"
    people.editor.post(path, {"shown": list(LANGUAGES)})
    assert people.stranger.get(page_of(held, "en")).status_code == 200
    assert Event.objects.get().flags >> 16 == 0


def test_at_least_one_language_is_left(held: Event, people: People) -> None:
    answer = people.editor.post(f"/en/workspace/records/event/{held.pk}/languages/", {})
    assert "at least one" in note_of(answer)[-1]
    assert Event.objects.get().hidden_in == held.hidden_in


def test_only_editors_of_the_owner_decide(concert: Event, people: People) -> None:
    path = f"/en/workspace/records/event/{concert.pk}/languages/"
    posted = people.answers(lambda client: client.post(path, {"shown": READY}))
    assert posted == {"member": 404, "editor": 303, "manager": 303, "colleague": 404, "operator": 303, "stranger": 302}


def test_what_is_held_back_says_nothing_about_a_record_that_is_not_published(held: Event, people: People) -> None:
    Event.objects.update(state="draft")
    client = Client(headers={"accept-language": "en"})
    assert client.get(page_of(held, "en").removeprefix("/en")).status_code == 404


def test_counts_and_squares_of_the_map_leave_it_out_too(held: Event, people: People, deliver: Deliver) -> None:
    soon = NOW + timedelta(days=20)
    deliver(event("a", start=f"{soon:%Y%m%d}T193000"), event("b", "Fair", start=f"{soon:%Y%m%d}T193000"))
    town = Territory.objects.create(country="FR", level="municipality", code="30334", name="Uzès", slug="uzes")
    Event.objects.update(municipality=town, lon=4.42, lat=44.01, category="music")
    Occurrence.objects.update(municipality_id=town.pk, category="music")
    refresh_derived()
    zone = ZoneInfo("Europe/Paris")

    def told(language: str) -> dict[str, int]:
        facets = queries.facets("event", language=language, now=NOW, zone=zone)
        squares = queries.map_points(0, 40, 10, 50, 6, Filters(), limit=1, language=language, now=NOW, zone=zone)
        owner = held.organisation_id
        return {
            "all": queries.totals(language)["event"],
            "category": next(one.n for one in facets["category"] if one.value == "music"),
            "municipality": next(one.n for one in facets["municipality"] if one.value == "30334"),
            "town": next(one.events for one in queries.municipalities(language=language) if one.id == town.pk),
            "owner": next(one.events for one in queries.organisations(language=language) if one.id == owner),
            "square": squares[0].n,
        }

    assert told("fr") == told("de") == dict.fromkeys(told("fr"), 2)
    assert told("en") == told("sv") == dict.fromkeys(told("fr"), 1)
    answer = people.editor.post(f"/en/workspace/records/event/{held.pk}/languages/", {"shown": list(LANGUAGES)})
    assert answer.status_code == 303
    assert told("en") == told("fr")


def test_what_is_held_back_everywhere_else_leaves_no_empty_category(held: Event) -> None:
    zone = ZoneInfo("Europe/Paris")
    category = held.category
    assert [one.slug for one in queries.categories("", "fr")] == [category]
    assert queries.categories("", "en") == []
    assert [one.slug for one in queries.categories("", "en", in_all=True)] == [category], "the map of the site has it"
    assert queries.facets("event", language="en", now=NOW, zone=zone)["category"] == []
