"""Signing in and out."""

from __future__ import annotations

import pytest
from django.test import Client

from allmende.core.models import RateCount
from tests.guide.workspace.conftest import PASSWORD, People, words

pytestmark = pytest.mark.django_db
HERE = "/en/workspace/sign-in/"


def sign_in(client: Client, email: str = "editor@example.org", password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post(HERE, {"email": email, "password": password, **more})


def test_signing_in_leads_back_to_the_page_that_was_asked_for(people: People) -> None:
    asked = people.stranger.get("/en/workspace/records/")
    assert asked.url == "/en/workspace/sign-in/?next=%2Fen%2Fworkspace%2Frecords%2F"
    assert 'name="next" value="/en/workspace/records/"' in words(people.stranger.get(asked.url))
    answer = sign_in(people.stranger, "EDITOR@example.org", next="/en/workspace/records/")
    assert (answer.status_code, answer.url) == (303, "/en/workspace/records/")
    assert people.stranger.get("/en/workspace/records/").status_code == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/en/events/", "/\\evil.example", "/en/workspace/sign-out/"]
)
def test_signing_in_leads_nowhere_else(people: People, wanted: str) -> None:
    assert sign_in(people.stranger, next=wanted).url == "/en/workspace/"


def test_wrong_password_and_unknown_account_answer_alike(people: People) -> None:
    wrong = sign_in(people.stranger, password="not the password")
    unknown = sign_in(people.stranger, email="nobody@example.org")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert wrong.context is None
    for answer in (wrong, unknown):
        assert "E-mail address and password do not match" in words(answer)
    assert people.stranger.get("/en/workspace/").status_code == 302


def test_an_account_that_was_closed_stays_out(people: People) -> None:
    from allmende.core.models import User

    User.objects.filter(email="editor@example.org").update(is_active=False)
    assert sign_in(people.stranger).status_code == 422
    assert people.editor.get("/en/workspace/").status_code == 302


def test_the_session_gets_a_new_key(people: People) -> None:
    client = people.stranger
    session = client.session
    session["known"] = "before"
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client)
    assert client.cookies["sessionid"].value != session.session_key


def test_too_many_tries_on_one_account_have_to_wait_whoever_sends_them(people: People) -> None:
    for number in range(100):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        assert sign_in(client, password="wrong").status_code == 422
    answer = sign_in(Client(REMOTE_ADDR="192.0.2.199"))
    assert answer.status_code == 429
    assert "many tries" in words(answer)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.199"), "manager@example.org").status_code == 303


def test_a_handful_of_tries_elsewhere_does_not_lock_the_owner_out(people: People) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(10):
        assert sign_in(client, password="wrong").status_code == 422
    assert sign_in(client).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.2")).status_code == 303


def test_too_many_tries_of_one_sender_have_to_wait(people: People) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    for number in range(30):
        assert sign_in(client, email=f"guess{number}@example.org").status_code == 422
    assert sign_in(client).status_code == 429
    assert not [key for key in RateCount.objects.values_list("key", flat=True) if "@" in key or "192.0.2" in key]


def test_signing_out_ends_the_session_on_the_server(people: People) -> None:
    key = people.editor.cookies["sessionid"].value
    assert people.editor.get("/en/workspace/sign-out/").status_code == 405
    assert people.editor.post("/en/workspace/sign-out/").url == "/en/workspace/sign-in/"
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert stolen.get("/en/workspace/").status_code == 302


def test_the_password_is_never_shown_again(people: People) -> None:
    answer = sign_in(people.stranger, password="my secret words")
    assert "my secret words" not in words(answer)
    assert 'value="editor@example.org"' in words(answer)
