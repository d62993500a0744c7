"""The page of keys in the workspace."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.partners.keys.queries import open_with
from allmende.partners.models import ApiKey, Organisation
from tests.guide.workspace.conftest import NOW, People, form_of, note_of, words

pytestmark = pytest.mark.django_db
MANAGERS = {"member": 404, "editor": 404, "manager": 200, "colleague": 200, "operator": 200, "stranger": 302}
HERE = "/en/workspace/keys/"


def make(client: Client, **more: Any) -> Any:
    organisation = Organisation.objects.get(name="Ville d’Uzès")
    return client.post(HERE, {"name": "export", "organisation": organisation.pk, "scope": "write", **more})


def test_the_page_is_for_managers(people: People) -> None:
    assert people.answers(lambda client: client.get(HERE)) == MANAGERS


def test_only_ones_own_organisations_get_keys(people: People) -> None:
    assert people.answers(make) == MANAGERS | {"colleague": 422}
    assert {key.organisation.name for key in ApiKey.objects.all()} == {"Ville d’Uzès"}
    assert ApiKey.objects.count() == 2  # the manager's and the operator's


def test_a_new_key_is_shown_once(people: People) -> None:
    answer = make(people.manager)
    (token,) = re.findall(r'value="(allmende_[^"]+)"', words(answer))
    holder = open_with(token, now=NOW)
    assert holder is not None
    assert holder.may_write
    assert answer["Cache-Control"] == "private, no-store"
    again = words(people.manager.get(HERE))
    assert token not in again
    assert f"allmende_{holder.prefix}_…" in again


def test_a_key_can_expire(people: People) -> None:
    day = (NOW + timedelta(days=30)).date()
    make(people.manager, expires=day.isoformat(), scope="read")
    key = ApiKey.objects.get()
    assert key.scope == "read"
    assert key.expires_at is not None
    assert timedelta(days=29) < key.expires_at - NOW < timedelta(days=32)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"scope": "all"},
        {"organisation": "x"},
        {"expires": "2001-01-01"},
        {"expires": "2999-01-01"},
        {"expires": "soon"},
    ],
)
def test_what_makes_no_sense_makes_no_key(people: People, wrong: dict[str, str]) -> None:
    answer = make(people.manager, **wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in words(answer)
    assert not ApiKey.objects.exists()


def test_revoking_is_for_the_managers_of_the_owner(people: People) -> None:
    make(people.manager)
    key = ApiKey.objects.get()
    there = f"{HERE}{key.pk}/revoke/"
    for client, status in ((people.member, 404), (people.editor, 404), (people.colleague, 404), (people.stranger, 302)):
        assert client.post(there).status_code == status
    assert ApiKey.objects.get().revoked_at is None
    answer = people.manager.post(there)
    assert (answer.status_code, note_of(answer)) == (
        303,
        ["The key is revoked. Programs that use it are refused from now on."],
    )
    assert ApiKey.objects.get().revoked_at is not None
    assert "Revoked" in words(people.manager.get(HERE))
    assert people.manager.get(there).status_code == 405
    assert people.manager.post(f"{HERE}999/revoke/").status_code == 404


def test_the_forms_want_their_csrf_token(people: People) -> None:
    make(people.manager)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = people.manager.cookies
    assert strict.post(HERE, {"name": "x"}).status_code == 403
    assert strict.post(f"{HERE}{ApiKey.objects.get().pk}/revoke/").status_code == 403


def test_the_page_costs_the_same_for_one_key_and_for_three(people: People) -> None:
    counts = []
    for n in (1, 2):
        for _ in range(n):
            make(people.manager)
        people.manager.get(HERE)
        with CaptureQueriesContext(connection) as seen:
            page = words(people.manager.get(HERE))
        # The content stamp is asked for once a second, whatever the page.
        counts.append(len([query for query in seen if "contentstamp" not in query["sql"]]))
    assert page.count("/revoke/") == 3
    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", ["de", "sv", "da", "nl", "fr"])
def test_the_page_speaks_every_language(people: People, language: str) -> None:
    page = words(people.manager.get(f"/{language}/workspace/keys/"))
    assert "With a key another system" not in page
    assert form_of(page, "new")["scope"] == ["read"]
