"""What other servers read about this region."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.models import Event, Source
from allmende.federation import signatures
from tests.federation.conftest import Deliver, Neighbour

pytestmark = pytest.mark.django_db

HERE = "http://region.example.org"
JSON = {"accept": "application/activity+json"}


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    settings.ALLMENDE_PUBLIC_URL = HERE
    settings.ALLOWED_HOSTS = ["region.example.org", "testserver"]


def get(path: str, **headers: str) -> Any:
    return Client().get(path, headers=JSON | {"host": "region.example.org"} | headers)


def concert(**more: str) -> dict[str, str]:
    return {"UID": "a", "SUMMARY": "Concert d’été", "DESCRIPTION": "Un chœur.", "LOCATION": "Cathédrale"} | more


def number() -> int:
    return int(Event.objects.get().pk)


def test_webfinger_leads_to_the_actor() -> None:
    for resource in (
        "acct:region@region.example.org",
        "acct:relay@region.example.org",
        f"{HERE}/federation/actor",
        HERE,
    ):
        answer = Client().get("/.well-known/webfinger", {"resource": resource})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("application/jrd+json")
        assert answer.json()["subject"] == "acct:region@region.example.org"
        links = {link["rel"]: link["href"] for link in answer.json()["links"]}
        assert links["self"] == f"{HERE}/federation/actor"
    assert Client().get("/.well-known/webfinger", {"resource": "acct:x@region.example.org"}).status_code == 404
    assert Client().get("/.well-known/webfinger", {"resource": "acct:region@evil.example"}).status_code == 404
    assert Client().get("/.well-known/webfinger").status_code == 400


def test_nodeinfo_tells_of_the_program_and_not_of_people(deliver: Deliver) -> None:
    deliver(concert())
    links = {link["rel"]: link["href"] for link in Client().get("/.well-known/nodeinfo").json()["links"]}
    assert links["https://www.w3.org/ns/activitystreams#Application"] == f"{HERE}/federation/actor"
    address = links["http://nodeinfo.diaspora.software/ns/schema/2.1"]
    value = Client().get(address.removeprefix(HERE)).json()
    assert (value["version"], value["software"]["name"], value["protocols"]) == ("2.1", "allmende", ["activitypub"])
    assert value["usage"] == {"users": {}, "localPosts": 1}
    assert Client().get("/federation/nodeinfo/1.0").status_code == 404


def test_the_actor_has_a_key_and_its_boxes() -> None:
    value = get("/federation/actor").json()
    assert value["type"] == "Application"
    assert value["publicKey"]["owner"] == value["id"] == f"{HERE}/federation/actor"
    assert "BEGIN PUBLIC KEY" in value["publicKey"]["publicKeyPem"]
    assert "PRIVATE" not in json.dumps(value)
    assert value["inbox"] == value["endpoints"]["sharedInbox"] == f"{HERE}/federation/inbox"
    again = get("/federation/actor").json()
    assert again["publicKey"] == value["publicKey"]
    page = Client().get("/federation/actor", headers={"accept": "text/html"})
    assert (page.status_code, page["Location"], page["Vary"]) == (302, f"{HERE}/", "Accept")


def test_an_event_is_an_object_for_programs_and_a_page_for_people(deliver: Deliver) -> None:
    deliver(concert())
    event = Event.objects.get()
    path = f"/federation/events/{event.pk}"
    value = get(path).json()
    assert value["id"] == HERE + path
    assert (value["name"], value["content"]) == ("Concert d’été", "<p>Un chœur.</p>")
    assert value["startTime"] == "2030-12-05T19:30:00+01:00"
    assert value["location"]["name"] == "Cathédrale"
    assert value["organizers"]["items"][0]["name"] == "Ville d’Uzès"
    assert (value["license"], value["creditText"]) == ("Licence Ouverte 2.0", "Ville d’Uzès")
    page = f"/events/{event.slug}-{event.pk}/"
    assert value["url"] == HERE + page
    for prefix in ("", "/fr", "/de"):
        answer = get(prefix + page)
        assert answer["Content-Type"].startswith("application/activity+json")
        assert answer.json() == value
        assert "Accept" in answer["Vary"]
    html = Client().get(page, headers={"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
    assert html["Content-Type"].startswith("text/html")
    assert {"Accept", "Accept-Language"} <= {part.strip() for part in html["Vary"].split(",")}
    to_page = Client().get(path, headers={"accept": "text/html"})
    assert (to_page.status_code, to_page["Location"]) == (302, HERE + page)


def test_what_was_withdrawn_leaves_a_tombstone(deliver: Deliver) -> None:
    deliver(concert())
    event = Event.objects.get()
    deliver(concert(UID="b"))
    answer = get(f"/federation/events/{event.pk}")
    assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")
    assert get(f"/events/{event.slug}-{event.pk}/").status_code == 410
    assert get("/federation/outbox").json()["totalItems"] == 1


def test_a_draft_and_what_came_from_others_are_not_ours_to_tell(deliver: Deliver) -> None:
    deliver(concert())
    Event.objects.update(state="draft")
    assert get(f"/federation/events/{number()}").status_code == 404
    Event.objects.update(state="published")
    Source.objects.update(format="activitypub")
    assert get(f"/federation/events/{number()}").status_code == 404
    assert get("/federation/outbox").json()["totalItems"] == 0
    assert get("/federation/upcoming?page=first").json()["orderedItems"] == []
    assert get("/federation/events/999").status_code == 404


def test_the_outbox_is_read_page_by_page(deliver: Deliver) -> None:
    deliver(*(concert(UID=str(n), SUMMARY=f"Concert {n}") for n in range(120)))
    first = get("/federation/outbox").json()
    assert (first["type"], first["totalItems"]) == ("OrderedCollection", 120)
    seen, address = [], first["first"]
    while address:
        page = get(address.removeprefix(HERE)).json()
        assert page["id"] == address
        seen += [item["object"]["id"] for item in page["orderedItems"]]
        assert all(item["id"] == item["object"]["id"] + "#create" for item in page["orderedItems"])
        address = page.get("next")
    assert len(seen) == len(set(seen)) == 120
    assert get("/federation/outbox?page=nonsense").json()["orderedItems"]


def test_upcoming_events_come_soonest_first(deliver: Deliver) -> None:
    soon = datetime.now(UTC).date()

    def at(days: int) -> dict[str, str]:
        day = soon + timedelta(days=days)
        return {"DTSTART;TZID=Europe/Paris": f"{day:%Y%m%d}T193000", "DTEND;TZID=Europe/Paris": f"{day:%Y%m%d}T220000"}

    deliver(*(concert(UID=str(n), SUMMARY=f"Concert {n}", **at(n)) for n in range(60, 0, -1)))
    names, address = [], "/federation/upcoming?page=first"
    while address:
        page = get(address.removeprefix(HERE)).json()
        names += [item["name"] for item in page["orderedItems"]]
        address = page.get("next", "")
    assert names == [f"Concert {n}" for n in range(1, 61)]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_outbox_asks_the_database_the_same_however_long_it_is(
    deliver: Deliver, rows: int, django_assert_num_queries: Any
) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d}"
    dates = {"DTSTART;TZID=Europe/Paris": f"{soon}T080000", "DTEND;TZID=Europe/Paris": f"{soon}T090000"}
    deliver(*(concert(UID=str(n), RRULE="FREQ=WEEKLY;COUNT=9", **dates) for n in range(rows)))
    with django_assert_num_queries(5):
        assert len(get("/federation/outbox?page=first").json()["orderedItems"]) == rows


def test_a_series_tells_its_next_date_and_its_rule(deliver: Deliver) -> None:
    day = datetime.now(UTC).date() - timedelta(days=10)
    deliver(
        concert(RRULE="FREQ=WEEKLY;COUNT=9")
        | {"DTSTART;TZID=Europe/Paris": f"{day:%Y%m%d}T080000", "DTEND;TZID=Europe/Paris": f"{day:%Y%m%d}T120000"}
    )
    value = get(f"/federation/events/{number()}").json()
    assert value["startTime"][:10] == (day + timedelta(days=14)).isoformat()
    assert value["dtstart"] == f"{day.isoformat()}T08:00:00"
    assert value["rrule"] == "FREQ=WEEKLY;COUNT=9"


# ---------------------------------------------------------------------- signed questions


def signed(who: Neighbour, path: str) -> dict[str, str]:
    return signatures.signed_headers(
        "GET", HERE + path, key_id=f"{who.actor}#main-key", sign=who.sign, now=datetime.now(UTC)
    )


def test_in_secure_mode_objects_are_for_those_who_sign(deliver: Deliver, neighbour: Neighbour, settings: Any) -> None:
    deliver(concert())
    settings.ALLMENDE_FEDERATION_SECURE = True
    event = Event.objects.get()
    paths = [
        f"/federation/events/{event.pk}",
        f"/events/{event.slug}-{event.pk}/",
        "/federation/outbox?page=first",
        "/federation/followers",
        "/federation/following",
        "/federation/upcoming",
    ]
    for path in paths:
        assert get(path).status_code == 401, path
        answer = get(path, **signed(neighbour, path))
        assert answer.status_code == 200, (path, answer.content)
        assert answer["Cache-Control"] == "private, no-store"
    assert get("/federation/outbox", **signed(neighbour, "/federation/followers")).status_code == 401
    for path in ("/federation/actor", "/.well-known/nodeinfo"):
        assert get(path).status_code == 200  # needed to check signatures at all


def test_a_blocked_server_may_not_read_in_secure_mode(deliver: Deliver, neighbour: Neighbour, settings: Any) -> None:
    from allmende.federation.actions import block_domain

    settings.ALLMENDE_FEDERATION_SECURE = True
    block_domain(neighbour.host, by=None, now=datetime.now(UTC), trusted=True)
    assert get("/federation/outbox", **signed(neighbour, "/federation/outbox")).status_code == 403


def test_where_the_federation_is_off_nothing_answers(deliver: Deliver, settings: Any) -> None:
    deliver(concert())
    settings.ALLMENDE_FEDERATION = "off"
    event = Event.objects.get()
    for path in ("/federation/actor", "/federation/outbox", "/.well-known/nodeinfo", f"/federation/events/{event.pk}"):
        assert get(path).status_code == 404
    assert get(f"/events/{event.slug}-{event.pk}/").status_code == 404
    assert Client().get(f"/events/{event.slug}-{event.pk}/").status_code == 200
