"""Pages about people: who gets them, and what they do."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.core.models import AuditEntry, Consent, ErasureRequest, User
from allmende.guide.models import Brand
from allmende.partners.actions import join_organisation
from allmende.partners.models import Deputy, Invitation, JoinRequest, Membership, Organisation
from allmende.partners.people import actions
from tests.guide.workspace.conftest import NOW, PASSWORD, People, note_of, words

pytestmark = pytest.mark.django_db
MEMBERS = {"member": 200, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
MANAGERS = MEMBERS | {"member": 404, "editor": 404}
SENT = {name: 303 if status == 200 else status for name, status in MANAGERS.items()}
OPERATOR = {"member": 404, "editor": 404, "manager": 404, "colleague": 404, "operator": 200, "stranger": 302}


def town() -> Organisation:
    return Organisation.objects.get(name="Ville d’Uzès")


def here() -> str:
    return f"/en/workspace/organisations/{town().pk}/people/"


def member(name: str) -> Membership:
    return Membership.objects.get(user__email=f"{name}@example.org")


def invite(client: Client, email: str = "new@example.org", role: str = "editor", message: str = "") -> Any:
    return client.post(here(), {"email": email, "role": role, "message": message})


def link(letter: Any) -> str:
    found = re.search(r"https?://[^/]+(/\S+)", letter.body)
    assert found
    return found[1]


def test_the_page_is_for_those_who_belong_there(people: People) -> None:
    assert people.answers(lambda client: client.get(here())) == MEMBERS
    seen = words(people.member.get(here()))
    assert "manager@example.org" not in seen
    assert 'name="email"' not in seen
    assert "manager@example.org" in words(people.manager.get(here()))


def test_changes_are_for_managers(people: People) -> None:
    assert people.answers(invite) == SENT
    role = {"role": "editor"}
    there = f"{here()}{member('member').pk}/role/"
    assert people.answers(lambda client: client.post(there, role)) == SENT | {"member": 404}
    invitation = Invitation.objects.filter(revoked_at=None).get()
    again = f"/en/workspace/people/invitations/{invitation.pk}/again/"
    assert people.answers(lambda client: client.post(again)) == SENT
    asked = JoinRequest.objects.create(
        organisation=town(), email="a@example.org", language="en", state="waiting", created_at=NOW
    )
    decide = f"/en/workspace/people/requests/{asked.pk}/"
    assert people.answers(lambda client: client.post(decide, {"answer": "accept", "role": "member"})) == SENT


def test_somebody_is_invited_makes_an_account_and_is_in(people: People, mailoutbox: list[Any]) -> None:
    answer = invite(people.manager, message="Welcome!")
    assert note_of(answer) == ["The invitation is on its way to new@example.org."]
    guest = Client()
    path = link(mailoutbox[0])
    page = guest.get(path)
    assert page.status_code == 200
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("private, no-store", "same-origin")
    assert "Welcome!" in words(page)
    for typed, wrong in (
        ({"name": "", "password": PASSWORD}, "name"),
        ({"name": "N", "password": "short"}, "password"),
    ):
        refused = guest.post(path, {"answer": "accept", **typed})
        assert refused.status_code == 422
        assert f'aria-describedby="{wrong}-error' in words(refused)
        assert f'value="{typed["password"]}"' not in words(refused)
    done = guest.post(path, {"answer": "accept", "name": "Nina", "password": PASSWORD})
    assert (done.status_code, note_of(done)) == (303, ["Welcome to Ville d’Uzès."])
    assert guest.get(here()).status_code == 200
    again = Client().get(path)
    assert again.status_code == 410
    assert "accepted already" in words(again)


def test_an_account_that_is_there_signs_in_first(people: People, mailoutbox: list[Any]) -> None:
    invite(people.manager, "colleague@example.org")
    path = link(mailoutbox[0])
    guest = Client()
    page = words(guest.get(path))
    assert 'name="password"' not in page
    assert f"sign-in/?next={path.replace('/', '%2F')}" in page
    assert guest.post(path, {"answer": "accept", "name": "X", "password": PASSWORD}).status_code == 303
    assert not Membership.objects.filter(organisation=town(), user__email="colleague@example.org").exists()
    people.colleague.post(path, {"answer": "accept"})
    assert Membership.objects.get(organisation=town(), user__email="colleague@example.org").role == "editor"


def test_the_wrong_account_has_a_choice(people: People, mailoutbox: list[Any]) -> None:
    invite(people.manager)
    path = link(mailoutbox[0])
    page = words(people.colleague.get(path))
    assert "The invitation went to new@example.org, but you are signed in as colleague@example.org." in page
    switched = people.colleague.post(path, {"answer": "switch"})
    assert switched["Location"] == path
    assert 'name="password"' in words(people.colleague.get(path))


@pytest.mark.parametrize(
    ("what", "status", "says"),
    [("expired", 410, "send it again"), ("revoked", 410, "newer letter"), ("wrong", 404, "not complete")],
)
def test_a_link_that_is_over_says_what_to_do(
    people: People, mailoutbox: list[Any], what: str, status: int, says: str
) -> None:
    invite(people.manager)
    path = link(mailoutbox[0])
    if what == "expired":
        Invitation.objects.update(expires_at=NOW - timedelta(days=1))
    elif what == "revoked":
        people.manager.post(f"/en/workspace/people/invitations/{Invitation.objects.get().pk}/revoke/")
    else:
        path = path[:-2] + "/"
    page = Client().get(path)
    assert page.status_code == status
    assert says in words(page)


def test_a_bad_address_is_told_beside_the_field(people: People, mailoutbox: list[Any]) -> None:
    answer = invite(people.manager, "x\nBcc: all@example.org")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in words(answer)
    assert mailoutbox == []


def test_asking_to_join_looks_the_same_for_known_and_unknown_addresses(people: People, mailoutbox: list[Any]) -> None:
    there = f"/en/workspace/join/{town().pk}/"
    answers = []
    for email in ("new@example.org", "manager@example.org"):
        client = Client()
        answer = client.post(there, {"email": email, "name": "N", "message": "x"})
        answers.append(re.sub(r'value="[^"]{64}"', "", words(answer)))
    assert answers[0] == answers[1]
    assert len(mailoutbox) == 2
    assert Client().get(link(mailoutbox[0])).status_code == 200
    assert JoinRequest.objects.filter(state="unconfirmed").count() == 2  # looking does nothing
    assert "have your request" in words(Client().post(link(mailoutbox[0])))
    assert "They ask to join" in words(people.manager.get(here()))
    assert "They ask to join" not in words(people.member.get(here()))


def test_programs_that_fill_in_everything_send_nothing(people: People, mailoutbox: list[Any]) -> None:
    typed = {"email": "new@example.org", "name": "N", "homepage": "x"}
    assert Client().post(f"/en/workspace/join/{town().pk}/", typed).status_code == 200
    assert mailoutbox == []


def test_a_deputy_is_named_on_the_page_and_may_manage(people: People) -> None:
    editor = User.objects.get(email="editor@example.org")
    days = {"deputy": editor.pk, "starts": NOW.date() - timedelta(days=1), "ends": NOW.date() + timedelta(days=1)}
    people.manager.post(f"{here()}{member('manager').pk}/deputy/", days)
    assert invite(people.editor).status_code == 303
    assert people.editor.get("/en/workspace/keys/").status_code == 200
    line = AuditEntry.objects.get(action="partners.invite")
    assert line.details["deputy_of"] == [User.objects.get(email="manager@example.org").pk]
    assert "as deputy of Manager" in words(people.editor.get("/en/workspace/people/"))
    people.manager.post(f"/en/workspace/people/deputies/{Deputy.objects.get().pk}/end/")
    assert invite(people.editor).status_code == 404


def test_leaving_in_one_step(people: People) -> None:
    mine = member("manager")
    there = f"{here()}{mine.pk}/leave/"
    assert people.answers(lambda client: client.get(there)) == MANAGERS
    refused = people.manager.post(there, {"successor": ""})
    assert refused.status_code == 422
    assert "last manager" in words(refused)
    done = people.manager.post(there, {"successor": User.objects.get(email="editor@example.org").pk})
    assert done["Location"] == "/en/workspace/people/"
    assert member("editor").role == "manager"
    assert people.manager.get(here()).status_code == 404


def test_my_data_is_mine(people: People) -> None:
    page = words(people.member.get("/en/workspace/account/data/"))
    assert "member@example.org" in page
    assert "manager@example.org" not in page
    told = people.member.get("/en/workspace/account/data/export/")
    assert told["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert told["Cache-Control"] == "private, no-store"
    text = told.content.decode()
    assert json.loads(text)["holdings"]["memberships"]["rows"][0]["organisation"] == "Ville d’Uzès"
    assert "manager@example.org" not in text


def test_consents_are_switches(people: People) -> None:
    there = "/en/workspace/account/consent/"
    people.member.post(there, {"digest": "1"})
    assert [one.purpose for one in Consent.objects.filter(withdrawn_at=None)] == ["digest"]
    assert 'name="digest" value="1" aria-describedby="digest-words" checked' in words(people.member.get(there))
    people.member.post(there, {"public_contact": "1"})
    assert [one.purpose for one in Consent.objects.filter(withdrawn_at=None)] == ["public_contact"]


def test_erasure_is_asked_stopped_and_seen_by_operators(people: People) -> None:
    there = "/en/workspace/account/data/erase/"
    assert note_of(people.member.post(there)) == ["Please tick that you are sure."]
    people.member.post(there, {"sure": "1"})
    assert "Stop: keep my account" in words(people.member.get("/en/workspace/account/data/"))
    assert people.answers(lambda client: client.get("/en/workspace/erasures/")) == OPERATOR
    assert "Member" in words(people.operator.get("/en/workspace/erasures/"))
    people.member.post(there, {"answer": "cancel"})
    assert ErasureRequest.objects.get().cancelled_at is not None
    assert "last manager" in note_of(people.manager.post(there, {"sure": "1"}))[0]


def test_the_mailbox_is_for_operators(people: People, settings: Any, tmp_path: Path) -> None:
    assert people.operator.get("/en/workspace/mailbox/").status_code == 404  # letters go out
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    invite(people.manager)
    assert people.answers(lambda client: client.get("/en/workspace/mailbox/")) == OPERATOR
    (path,) = set(
        re.findall(r'href="(/en/workspace/mailbox/[^"]+/0/)"', words(people.operator.get("/en/workspace/mailbox/")))
    )
    assert people.answers(lambda client: client.get(path)) == OPERATOR
    letter = words(people.operator.get(path))
    (address,) = re.findall(r'<a href="https?://[^/]+(/en/workspace/invitations/[^"]+)"', letter)
    assert Client().get(address).status_code == 200
    Brand.objects.update_or_create(id=1, defaults={"is_demo": True, "name": "Demo"})
    from allmende.guide.brand import forget_brand  # the page remembers the brand

    forget_brand()
    assert people.manager.get("/en/workspace/mailbox/").status_code == 200
    assert people.member.get("/en/workspace/mailbox/").status_code == 404
    forget_brand()


def test_the_record_of_processing_is_made_from_the_program(people: People) -> None:
    region = OPERATOR | {"manager": 200}
    assert people.answers(lambda client: client.get("/en/workspace/processing/")) == region
    page = words(people.operator.get("/en/workspace/processing/"))
    assert "To let invited people in, and nobody else" in page
    assert "Argon2" in page


def test_the_page_costs_the_same_for_one_person_and_for_three(people: People) -> None:
    counts = []
    manager = User.objects.get(email="manager@example.org")
    for n in (1, 3):
        for _ in range(n):
            name = f"p{User.objects.count()}"
            user = User.objects.create_user(f"{name}@example.org", name=name)
            join_organisation(user, town(), "member", by=None, now=NOW)
            actions.invite_person(town(), f"i{name}@example.org", "member", language="en", by=manager, now=NOW)
            JoinRequest.objects.create(
                organisation=town(), email=f"r{name}@example.org", language="en", state="waiting", created_at=NOW
            )
            actions.name_deputy(
                member("manager"), user, starts_at=NOW, ends_at=NOW + timedelta(days=1), by=manager, now=NOW
            )
        people.manager.get(here())
        with CaptureQueriesContext(connection) as seen:
            page = words(people.manager.get(here()))
        counts.append(len([query for query in seen if "contentstamp" not in query["sql"]]))
    assert page.count("/role/") == 3 + 4
    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", ["de", "sv", "da", "nl", "fr"])
def test_the_pages_speak_every_language(people: People, language: str) -> None:
    page = words(people.manager.get(here().replace("/en/", f"/{language}/")))
    assert "Invite somebody" not in page
    data = words(people.manager.get(f"/{language}/workspace/account/data/"))
    assert "Counters against misuse" not in data
    assert "Needed so that" not in data
