"""Counters through the pages: connected, a reading sent as the page says, paused."""

from __future__ import annotations

import json
import re
import shlex
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from allmende.core.models import User
from allmende.insight.counters.folding import add_readings
from allmende.insight.models import Counter, Reading, Site
from allmende.partners.keys.actions import make_key
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import NOW, People, words

BASE = "/en/workspace/insight/counters/"
TOLD = {
    "site": "duche",
    "key": "porte-1",
    "measure": "entries",
    "minutes": "15",
    "factor": "1",
    "silent_after_minutes": "60",
}


@pytest.fixture
def site(people: People) -> Site:
    town = Organisation.objects.get(name="Ville d’Uzès")
    return Site.objects.create(
        organisation=town, name="Duché", slug="duche", timezone="Europe/Paris", created_at=NOW, updated_at=NOW
    )


def test_a_counter_is_connected_and_its_first_reading_sent_as_the_page_says(people: People, site: Site) -> None:
    answer = people.editor.post(f"{BASE}new/", TOLD)
    assert answer.status_code == 303
    here = answer.headers["Location"]
    page = words(people.editor.get(here))
    curl = unescape(re.findall(r'<textarea id="curl"[^>]*>([^<]+)', page)[0])
    sent = shlex.split(curl.replace("\\\n", " "))
    assert sent[1].endswith("/api/v1/readings")
    manager = User.objects.get(email="manager@example.org")
    token = make_key(site.organisation, "x", may_write=True, by=manager, now=NOW)[1]
    body = sent[sent.index("-d") + 1]
    headers = {"authorization": f"Bearer {token}"}
    told = Client().post("/api/v1/readings", body, content_type="application/json", headers=headers)
    assert told.status_code == 201, told.content
    assert json.loads(body)["Datastream"] == {"@iot.id": "porte-1"}
    assert "being added" in words(people.editor.get(here))
    add_readings(timezone.now())
    assert "Counts" in words(people.editor.get(BASE))
    people.editor.post(here, {**TOLD, "is_paused": "1", "name": "Grande porte"})
    assert "Paused" in words(people.editor.get(here))
    assert Counter.objects.get().name == "Grande porte"


def test_only_editors_of_the_owner_see_it(people: People, site: Site) -> None:
    people.editor.post(f"{BASE}new/", TOLD)
    here = f"{BASE}{Counter.objects.get().pk}/"
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda one: one.get(here)) == expected
    saved = {name: 303 if status == 200 else status for name, status in expected.items()}
    assert people.answers(lambda one: one.post(here, TOLD)) == saved
    assert people.colleague.post(f"{BASE}new/", {**TOLD, "key": "x"}).status_code == 404
    assert people.member.post(f"{BASE}new/", {**TOLD, "key": "x"}).status_code == 404
    assert "porte-1" not in words(people.colleague.get(BASE))


def test_nothing_typed_is_lost_on_an_error(people: People, site: Site) -> None:
    answer = people.editor.post(f"{BASE}new/", {**TOLD, "key": "porte 1", "name": "Grande porte", "factor": "half"})
    page = words(answer)
    assert answer.status_code == 422
    assert all(text in page for text in ('value="porte 1"', "Grande porte", 'value="half"', "such as door-1"))
    assert not Counter.objects.exists()


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    people: People, site: Site, n: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(n):
        people.editor.post(f"{BASE}new/", {**TOLD, "key": f"k{number}"})
    for counter in Counter.objects.all():
        Reading.objects.create(counter=counter, start=NOW, value=1, received_at=NOW)
    people.editor.get(BASE)
    with django_assert_max_num_queries(13):
        page = words(people.editor.get(BASE))
    assert page.count("<code>k") == n
