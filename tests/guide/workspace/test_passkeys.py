"""Passkeys, with real signatures: made, shown, renamed, removed; and everything that must not open an account."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from allmende.core.accounts import actions
from allmende.core.accounts.queries import factors_of
from allmende.core.models import AuditEntry, SignIn, User
from tests.core.accounts.soft_key import PRESENT, SoftKey
from tests.guide.workspace.conftest import NOW, People, words
from tests.guide.workspace.test_account import ACCOUNT, STEP, fresh, note, person, sign_in

pytestmark = pytest.mark.django_db
NEW = f"{ACCOUNT}passkeys/new/"
QUESTION = "/en/workspace/sign-in/passkey/question.json"
IN = "/en/workspace/sign-in/passkey/"


def make(client: Client, key: SoftKey, name: str = "Phone") -> Any:
    """Let the browser of ``client`` make a passkey."""
    options = client.post(f"{NEW}options.json").json()
    return client.post(NEW, {"name": name, "credential": json.dumps(key.create(options))})


def show_key(client: Client, key: SoftKey, path: str = IN, **more: str) -> Any:
    """Ask for the question, and answer it at ``path``."""
    return client.post(path, {"credential": json.dumps(key.get(client.post(QUESTION).json())), **more})


@pytest.fixture
def key(people: People) -> SoftKey:
    """The editor's passkey."""
    key = SoftKey()
    assert make(fresh(people.editor), key).status_code == 200
    return key


def test_a_passkey_opens_without_password_and_without_second_step(people: People, key: SoftKey) -> None:
    client = people.stranger
    client.post(QUESTION)
    before = client.cookies["sessionid"].value
    answer = show_key(client, key, next="/en/workspace/records/")
    assert (answer.status_code, answer.url) == (303, "/en/workspace/records/")
    assert client.get("/en/workspace/records/").status_code == 200
    assert client.cookies["sessionid"].value != before
    assert SignIn.objects.filter(user=person(), method="passkey").count() == 1
    assert factors_of(person()).passkeys[0].last_used_at is not None


def test_the_first_one_brings_recovery_codes_and_is_listed(people: People) -> None:
    client = fresh(people.editor)
    assert words(make(client, SoftKey(), "Phone")).count("<code>") == 10
    second = make(client, SoftKey(), "Laptop")
    assert (second.status_code, note(second)) == (303, "The passkey is set up.")
    page = words(client.get(ACCOUNT))
    assert "Phone" in page
    assert "Laptop" in page
    assert AuditEntry.objects.filter(action="core.add_passkey").count() == 2


def test_it_is_a_second_step_after_the_password(people: People, key: SoftKey) -> None:
    assert sign_in(people.stranger).url == STEP
    assert show_key(people.stranger, key, STEP).url == "/en/workspace/"
    assert SignIn.objects.filter(user=person(), method="password+passkey").count() == 1


def test_anothers_passkey_is_no_second_step(people: People, key: SoftKey) -> None:
    theirs = SoftKey()
    make(fresh(people.manager, "manager@example.org"), theirs)
    sign_in(people.stranger)
    assert show_key(people.stranger, theirs, STEP).status_code == 422
    assert people.stranger.get("/en/workspace/").status_code == 302


def test_it_shows_who_one_is(people: People, key: SoftKey) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person())
    assert client.get(f"{ACCOUNT}app/").status_code == 303
    assert show_key(client, key, f"{ACCOUNT}confirm/").status_code == 303
    assert client.get(f"{ACCOUNT}app/").status_code == 200


def test_an_answer_is_good_once_and_for_its_own_question(people: People, key: SoftKey) -> None:
    client = people.stranger
    first = key.get(client.post(QUESTION).json())
    client.post(QUESTION)
    assert client.post(IN, {"credential": json.dumps(first)}).url == "/en/workspace/sign-in/"
    good = key.get(client.post(QUESTION).json())
    assert client.post(IN, {"credential": json.dumps(good)}).url == "/en/workspace/"
    client.post("/en/workspace/sign-out/")
    assert client.post(IN, {"credential": json.dumps(good)}).url == "/en/workspace/sign-in/"


def _elsewhere(key: SoftKey) -> None:
    key.origin = "https://testserver.evil.example"


def _insecure(key: SoftKey) -> None:
    key.origin = "http://testserver"


def _other_site(key: SoftKey) -> None:
    key.rp_id = "evil.example"


def _without_finger(key: SoftKey) -> None:
    key.flags = PRESENT


def _other_key(key: SoftKey) -> None:
    key.private = SoftKey().private


def _other_person(key: SoftKey) -> None:
    key.user_handle = str(person("manager@example.org").pk).encode()


def _nobody(key: SoftKey) -> None:
    key.user_handle = b"\xff"


@pytest.mark.parametrize(
    "spoil", [_elsewhere, _insecure, _other_site, _without_finger, _other_key, _other_person, _nobody]
)
def test_what_is_not_quite_right_opens_nothing(people: People, key: SoftKey, spoil: Any) -> None:
    spoil(key)
    answer = show_key(people.stranger, key)
    assert answer.url == "/en/workspace/sign-in/"
    assert people.stranger.get("/en/workspace/").status_code == 302


def test_a_closed_account_stays_closed(people: People, key: SoftKey) -> None:
    User.objects.filter(pk=person().pk).update(is_active=False)
    assert show_key(people.stranger, key).url == "/en/workspace/sign-in/"


@pytest.mark.parametrize("spoil", [_elsewhere, _insecure, _other_site, _without_finger])
def test_a_passkey_that_is_not_quite_right_is_not_kept(people: People, spoil: Any) -> None:
    client, key = fresh(people.editor), SoftKey()
    spoil(key)
    assert make(client, key).status_code == 422
    assert client.post(NEW, {"name": "x", "credential": "{}"}).status_code == 422
    assert not factors_of(person()).any


def test_it_is_renamed_and_removed(people: People, key: SoftKey) -> None:
    client = people.editor
    pk = factors_of(person()).passkeys[0].id
    assert client.post(f"{ACCOUNT}passkeys/{pk}/", {"name": " "}).status_code == 422
    assert note(client.post(f"{ACCOUNT}passkeys/{pk}/", {"name": "Old phone"})) == "Saved."
    assert factors_of(person()).passkeys[0].name == "Old phone"
    assert "is removed" in note(client.post(f"{ACCOUNT}passkeys/{pk}/remove/"))
    assert client.post(f"{ACCOUNT}passkeys/{pk}/remove/").status_code == 404
    assert factors_of(person()) == type(factors_of(person()))(None, (), 0)
    assert show_key(people.stranger, key).url == "/en/workspace/sign-in/"
    assert sign_in(people.stranger).url == "/en/workspace/"


def test_twenty_are_enough(people: People) -> None:
    client = fresh(people.editor)
    for _ in range(20):
        make(client, SoftKey())
    assert make(client, SoftKey()).status_code == 422
    assert len(factors_of(person()).passkeys) == 20


def test_whoever_lost_everything_starts_anew(people: People, key: SoftKey) -> None:
    assert actions.reset_second_factor(person(), by=None, now=NOW) == 2  # the passkey and the recovery codes
    assert people.editor.get("/en/workspace/").status_code == 302
    assert sign_in(people.stranger).url == "/en/workspace/"
    assert actions.reset_second_factor(person(), by=None, now=NOW) == 0
