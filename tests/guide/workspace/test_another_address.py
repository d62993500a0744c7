"""A person changes the mail address of their account: confirmed at the new one, told to the old one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from allmende.core.accounts.address import ask_for_address, confirm_address, forget_changes, open_change
from allmende.core.accounts.queries import password_path, person_of
from allmende.core.models import AddressChange, AuditEntry, Notice, User
from allmende.core.personal import export
from tests.guide.workspace.conftest import NOW, PASSWORD, People, note_of, words
from tests.guide.workspace.test_account import ACCOUNT, fresh, letters, person, sign_in

pytestmark = pytest.mark.django_db
HERE = f"{ACCOUNT}address/"
NEW = "zoe@new.example"


def ask(client: Client, email: str, capture: Any) -> Any:
    with capture(execute=True):
        return client.post(HERE, {"email": email})


def link_to(email: str) -> str:
    """The link in the last letter to an address."""
    letter = [one for one in letters() if one.to == [email]][-1]
    found = re.search(r"http://127.0.0.1:\d+(/en/workspace/account/address/\S+)", letter.body)
    assert found, letter.body
    return found[1]


def test_a_new_address_is_confirmed_from_its_letter(people: People, django_capture_on_commit_callbacks: Any) -> None:
    client, phone = fresh(people.editor), Client()
    sign_in(phone)
    asked = ask(client, "zoe@NEW.example", django_capture_on_commit_callbacks)
    assert (asked.status_code, note_of(asked)) == (303, [f"A letter is on its way to {NEW}."])
    assert [one.to for one in letters()] == [[NEW], ["editor@example.org"]]
    assert NEW in letters()[1].body, "the old address reads which one is to come"
    assert person().email == "editor@example.org", "nothing has changed yet"
    assert f"{NEW} waits to be confirmed." in words(client.get(ACCOUNT))
    link = link_to(NEW)
    assert NEW in words(client.get(link))
    assert person().email == "editor@example.org", "opening the link is not enough: mail programs do that by themselves"
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(link)
    assert (done.status_code, done.url) == (303, ACCOUNT)
    assert {tuple(one.to) for one in letters()[2:]} == {(NEW,), ("editor@example.org",)}
    assert client.get(ACCOUNT).status_code == 200
    assert phone.get(ACCOUNT).status_code == 302, "signed out everywhere else"
    assert sign_in(Client(), NEW).status_code == 303
    assert sign_in(Client(), "editor@example.org").status_code == 422
    assert client.get(link).status_code == 410
    actions = AuditEntry.objects.filter(action__contains="address").order_by("pk")
    assert [one.action for one in actions] == ["core.ask_for_address", "core.change_address"]
    assert all("@" not in str(one.details) for one in actions), "the trail stays for good, so it holds no addresses"
    assert Notice.objects.filter(user__email=NEW, kind="core.change_address").count() == 1


def test_a_link_is_for_the_person_alone(people: People, django_capture_on_commit_callbacks: Any) -> None:
    ask(fresh(people.editor), NEW, django_capture_on_commit_callbacks)
    link = link_to(NEW)
    for other in (people.member, people.colleague, people.manager):
        assert other.get(link).status_code == 410
        assert other.post(link).status_code == 410
    assert Client().get(link).status_code == 302, "whoever the letter went to by mistake must sign in, and cannot"
    assert person().email == "editor@example.org"


def test_a_newer_letter_and_thinking_again_make_a_link_void(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    client = fresh(people.editor)
    ask(client, NEW, django_capture_on_commit_callbacks)
    first = link_to(NEW)
    ask(client, "other@new.example", django_capture_on_commit_callbacks)
    assert client.get(first).status_code == 410
    second = link_to("other@new.example")
    assert client.get(second).status_code == 200
    client.post(HERE, {"do": "withdraw"})
    assert client.post(second).status_code == 410
    assert not AddressChange.objects.exists()


def test_a_link_works_for_a_day_and_what_ran_out_is_forgotten(people: People) -> None:
    user = person()
    ask_for_address(user, NEW, by=user, now=NOW)
    assert open_change(user, now=NOW + timedelta(hours=23)) is not None
    assert open_change(user, now=NOW + timedelta(hours=24)) is None
    assert export(user, now=NOW)["holdings"]["address_change"]["rows"][0]["address"] == NEW
    assert forget_changes(NOW + timedelta(hours=23)) == 0
    assert forget_changes(NOW + timedelta(hours=25)) == 1


def test_nobody_reads_on_the_page_who_has_an_account(people: People, django_capture_on_commit_callbacks: Any) -> None:
    client = fresh(people.editor)
    known = ask(client, "Manager@example.org", django_capture_on_commit_callbacks)
    page = words(client.get(HERE)).replace("Manager@example.org", NEW)
    letter = letters()[0]
    assert letter.to == ["Manager@example.org"]
    assert "has an account already" in letter.body
    assert "/account/address/" not in letter.body
    unknown = ask(client, NEW, django_capture_on_commit_callbacks)
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    again = words(client.get(HERE))
    secret = re.compile(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"|\d\d:\d\d')
    assert secret.sub("", page) == secret.sub("", again)


def test_an_address_that_somebody_took_meanwhile_is_not_taken_from_them(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    client = fresh(people.editor)
    ask(client, NEW, django_capture_on_commit_callbacks)
    User.objects.create_user(NEW, PASSWORD)
    assert client.post(link_to(NEW)).status_code == 410
    assert person().email == "editor@example.org"


@pytest.mark.parametrize("email", ["", "zoe", "zoe@new.example\nBcc: all@example.org", "EDITOR@example.org"])
def test_what_is_no_new_address_gets_no_letter(
    people: People, email: str, django_capture_on_commit_callbacks: Any
) -> None:
    assert ask(fresh(people.editor), email, django_capture_on_commit_callbacks).status_code == 422
    assert letters() == []


def test_letters_are_few(people: People, django_capture_on_commit_callbacks: Any) -> None:
    client = fresh(people.editor)
    for _ in range(4):
        assert ask(client, NEW, django_capture_on_commit_callbacks).status_code == 303
    assert len([one for one in letters() if one.to == [NEW]]) == 3, "an address gets three a day"
    assert ask(client, "a@new.example", django_capture_on_commit_callbacks).status_code == 303
    assert ask(client, "b@new.example", django_capture_on_commit_callbacks).status_code == 429


def test_who_has_not_shown_lately_who_they_are_is_asked(people: People) -> None:
    answer = people.editor.get(HERE)
    assert (answer.status_code, "account/confirm/" in answer.url) == (303, True)


def test_a_link_for_a_new_password_sent_to_the_old_address_is_void(people: People) -> None:
    user, now = person(), datetime.now(UTC)
    who, token = password_path(user, now=now).split("/")[-3:-1]
    ask_for_address(user, NEW, by=user, now=now)
    change = AddressChange.objects.get()
    AddressChange.objects.filter(pk=change.pk).update(digest=sha256(b"abc").hexdigest())
    assert person_of(who, token, now=now) is not None
    assert confirm_address(user, "abc", by=user, now=now, keep_session="")
    assert person_of(who, token, now=now) is None


def test_without_a_mail_server_the_letter_lies_in_the_mailbox(
    people: People, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    client = fresh(people.editor)
    ask(client, NEW, django_capture_on_commit_callbacks)
    letters()
    User.objects.filter(email="manager@example.org").update(is_operator=True)
    page = words(people.manager.get("/en/workspace/mailbox/"))
    assert NEW in page
    found = [
        link
        for path in re.findall(r'href="(/en/workspace/mailbox/[^"]+/\d+/)"', page)
        for link in re.findall(
            r'href="http://127[^"]*?(/en/workspace/account/address/[^"]+)"', words(people.manager.get(path))
        )
    ]
    assert len(found) == 1
    assert client.post(found[0]).status_code == 303
    assert User.objects.filter(email=NEW).exists()
