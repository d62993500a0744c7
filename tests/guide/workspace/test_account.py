"""The second step, the account page, forgotten passwords, and where one is signed in."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.core.accounts import actions, factors, session
from allmende.core.accounts.letters import THREAD
from allmende.core.accounts.queries import password_path, person_of
from allmende.core.models import AuditEntry, SignIn, User
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from allmende.partners.second_factor import networks_that_ask, second_factor_missing
from tests.core.accounts.codes import code_at
from tests.guide.workspace.conftest import NOW, PASSWORD, People, note_of, signed_in, words

pytestmark = pytest.mark.django_db
ACCOUNT = "/en/workspace/account/"
STEP = "/en/workspace/sign-in/second-step/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def note(answer: Any) -> str:
    """What the next page says was done."""
    return " ".join(note_of(answer))


def person(email: str = "editor@example.org") -> User:
    return User.objects.get(email=email)


def sign_in(client: Client, email: str = "editor@example.org", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/en/workspace/sign-in/", {"email": email, "password": password, **more})


def fresh(client: Client, email: str = "editor@example.org") -> Client:
    """The client, signed in by password a moment ago."""
    client.logout()
    assert sign_in(client, email).status_code == 303
    return client


def with_app(email: str = "editor@example.org") -> str:
    """Give somebody an authenticator app and return its secret."""
    user, secret = person(email), factors.new_secret()
    then = datetime.now(UTC) - timedelta(hours=1)
    actions.add_app(user, secret, code_at(secret, then), by=user, now=then)
    return secret


def code_now(secret: str) -> str:
    return code_at(secret, datetime.now(UTC))


def letters() -> list[Any]:
    """What was sent, once the letters that are on their way have gone."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(10)
    return mail.outbox


# ---------------------------------------------------------------------- the second step


def test_with_an_app_the_password_alone_opens_nothing(people: People) -> None:
    secret = with_app()
    client = people.stranger
    before = sign_in(client, next="/en/workspace/records/")
    assert before.url == STEP
    assert client.get("/en/workspace/").status_code == 302
    assert "Code from the authenticator app" in words(client.get(STEP))
    half_way = client.cookies["sessionid"].value
    wrong = client.post(STEP, {"code": "000000" if code_now(secret) != "000000" else "000001"})
    assert wrong.status_code == 422
    assert "This code is not right" in words(wrong)
    right = client.post(STEP, {"code": code_now(secret)})
    assert (right.status_code, right.url) == (303, "/en/workspace/records/")
    assert client.cookies["sessionid"].value != half_way
    assert client.get("/en/workspace/records/").status_code == 200
    assert SignIn.objects.get(user=person()).method == "password+app"


def test_a_recovery_code_does_too_and_says_how_many_are_left(people: People) -> None:
    with_app()
    code = actions.renew_recovery_codes(person(), by=person(), now=NOW)[0]
    sign_in(people.stranger)
    assert note(people.stranger.post(STEP, {"code": code})) == (
        "You used a recovery code; 9 are left. Make new ones before they run out."
    )


def test_codes_cannot_be_guessed_one_after_the_other(people: People) -> None:
    secret = with_app()
    sign_in(people.stranger)
    for _ in range(10):
        assert people.stranger.post(STEP, {"code": "1"}).status_code == 422
    assert people.stranger.post(STEP, {"code": code_now(secret)}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(elsewhere)
    assert elsewhere.post(STEP, {"code": code_now(secret)}).status_code == 429


def test_the_second_step_waits_ten_minutes_and_for_one_password_only(people: People, monkeypatch: Any) -> None:
    secret = with_app()
    client = people.stranger
    sign_in(client)
    kept = client.session
    kept[session.PENDING] = {**kept[session.PENDING], "until": datetime.now(UTC).timestamp() - 1}
    kept.save()
    assert client.post(STEP, {"code": code_now(secret)}).url == "/en/workspace/sign-in/"
    sign_in(client)
    actions.change_password(person(), "another long password", by=None, now=NOW)
    assert client.post(STEP, {"code": code_now(secret)}).url == "/en/workspace/sign-in/"
    assert client.get("/en/workspace/").status_code == 302


def test_without_the_first_step_there_is_no_second(people: People) -> None:
    assert people.stranger.get(STEP).url == "/en/workspace/sign-in/"
    assert people.editor.get(STEP).url == "/en/workspace/"


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", "7", "null", '{"id": 1}', '{"response": {"userHandle": "AAAA"}}', "[" * 10_000]
)
def test_what_is_no_passkey_opens_nothing(people: People, answer: str) -> None:
    client = people.stranger
    assert client.post("/en/workspace/sign-in/passkey/question.json").json()["publicKey"]["allowCredentials"] == []
    refused = client.post("/en/workspace/sign-in/passkey/", {"credential": answer})
    assert refused.url == "/en/workspace/sign-in/"
    assert "not known here" in note(refused)
    with_app()
    sign_in(client)
    client.post("/en/workspace/sign-in/passkey/question.json")
    assert client.post(STEP, {"credential": answer or "x"}).status_code == 422
    assert client.get("/en/workspace/").status_code == 302


def test_questions_of_passkeys_are_counted(people: People) -> None:
    for _ in range(60):
        people.stranger.post("/en/workspace/sign-in/passkey/question.json")
    answer = people.stranger.post("/en/workspace/sign-in/passkey/question.json")
    assert (answer.status_code, list(answer.json())) == (429, ["error"])


# ---------------------------------------------------------------------- showing once more who one is


GUARDED = ["password/", "app/", "codes/", "passkeys/new/"]


@pytest.mark.parametrize("path", GUARDED)
def test_what_guards_the_account_is_changed_only_by_whoever_showed_lately_who_they_are(
    people: People, path: str
) -> None:
    with_app()
    answer = people.editor.get(f"{ACCOUNT}{path}")
    assert answer.url == f"{ACCOUNT}confirm/?next=" + f"{ACCOUNT}{path}".replace("/", "%2F")
    wrong = people.editor.post(f"{ACCOUNT}confirm/", {"password": "wrong", "next": f"{ACCOUNT}{path}"})
    assert wrong.status_code == 422
    right = people.editor.post(f"{ACCOUNT}confirm/", {"password": PASSWORD, "next": f"{ACCOUNT}{path}"})
    assert right.url == f"{ACCOUNT}{path}"
    assert people.editor.get(f"{ACCOUNT}{path}").status_code == 200
    kept = people.editor.session
    kept[session.CONFIRMED] -= session.CONFIRMED_SECONDS + 1
    kept.save()
    assert people.editor.get(f"{ACCOUNT}{path}").status_code == 303


def test_what_was_to_be_changed_without_that_stays_as_it_is(people: People) -> None:
    with_app()
    answer = people.editor.post(f"{ACCOUNT}app/remove/")
    assert "confirm" in answer.url
    assert factors.has_second_factor(person().pk)


def test_confirming_cannot_be_tried_for_ever_and_leads_nowhere_else(people: People) -> None:
    right = people.editor.post(f"{ACCOUNT}confirm/", {"password": PASSWORD, "next": "https://evil.example/"})
    assert right.url == ACCOUNT
    for _ in range(9):
        people.editor.post(f"{ACCOUNT}confirm/", {"password": "wrong"})
    assert people.editor.post(f"{ACCOUNT}confirm/", {"password": PASSWORD}).status_code == 429


# ---------------------------------------------------------------------- the account page


def test_name_and_language_are_kept(people: People) -> None:
    answer = people.editor.post(ACCOUNT, {"name": "Edda Lind", "language": "sv"})
    assert (answer.status_code, note(answer)) == (303, "Saved.")
    assert (person().name, person().language) == ("Edda Lind", "sv")
    assert people.editor.post(ACCOUNT, {"name": "x", "language": "xx"}).status_code == 422
    assert AuditEntry.objects.get(action="core.save_profile").details == {"fields": ["name", "language"]}


def test_an_app_is_set_up_with_its_code_and_codes_are_shown_once(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    client = fresh(people.editor)
    page = words(client.get(f"{ACCOUNT}app/"))
    secret = re.search(r'id="secret" readonly value="([A-Z2-7 ]+)"', page)
    assert secret
    plain = secret[1].replace(" ", "")
    assert len(plain) == 32
    assert '<svg class="qr"' in page
    assert client.post(f"{ACCOUNT}app/", {"code": "1"}).status_code == 422
    assert secret[1] in words(client.get(f"{ACCOUNT}app/"))
    with django_capture_on_commit_callbacks(execute=True):
        done = words(client.post(f"{ACCOUNT}app/", {"code": code_now(plain)}))
    codes = re.findall(r"<code>(\d{4} \d{4})</code>", done)
    assert len(codes) == 10
    assert f"{codes[0].replace(' ', '%20')}" in done
    assert not [code for code in codes if code in words(client.get(ACCOUNT))]
    assert plain not in words(client.get(f"{ACCOUNT}app/")).replace(" ", "")
    assert [letter.to for letter in letters()] == [["editor@example.org"]]
    assert letters()[0].subject == "Your account: An authenticator app was set up as second step."
    assert not [code for code in codes if code in letters()[0].body]


def test_the_letter_speaks_the_language_of_its_reader(people: People, django_capture_on_commit_callbacks: Any) -> None:
    with_app()
    User.objects.filter(email="editor@example.org").update(language="de")
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_app(person(), by=person(), now=NOW)
    assert letters()[0].subject == "Ihr Konto: Die Authenticator-App wurde entfernt."


def test_the_app_can_be_taken_away_again(people: People) -> None:
    with_app()
    client = people.editor
    client.post(f"{ACCOUNT}confirm/", {"password": PASSWORD})
    assert note(client.post(f"{ACCOUNT}app/remove/")) == "The authenticator app was removed."
    assert client.post(f"{ACCOUNT}app/remove/").status_code == 404
    assert client.get(f"{ACCOUNT}codes/").status_code == 404


def test_nobody_touches_what_is_anothers(people: People) -> None:
    """Member, colleague from elsewhere, operator: a person's account is theirs alone."""
    from allauth.mfa.models import Authenticator

    fresh(Client(), "editor@example.org")
    row = SignIn.objects.get(user=person())
    key = Authenticator.objects.create(user=person(), type="webauthn", data={"name": "Phone"})
    for email in ("member@example.org", "manager@example.org", "colleague@example.org", "operator@example.org"):
        client = fresh(Client(), email)
        answers = [
            client.post(f"{ACCOUNT}sessions/{row.pk}/end/"),
            client.get(f"{ACCOUNT}passkeys/{key.pk}/"),
            client.post(f"{ACCOUNT}passkeys/{key.pk}/", {"name": "mine"}),
            client.post(f"{ACCOUNT}passkeys/{key.pk}/remove/"),
            client.post(f"{ACCOUNT}identities/1/remove/"),
        ]
        assert {answer.status_code for answer in answers} == {404}
    assert people.stranger.post(f"{ACCOUNT}sessions/{row.pk}/end/").status_code == 302
    assert SignIn.objects.filter(pk=row.pk).exists()


# ---------------------------------------------------------------------- where one is signed in


def test_sessions_are_listed_in_words_and_end_where_one_says(people: People) -> None:
    phone = Client(headers={"accept-language": "en", "user-agent": FIREFOX})
    sign_in(phone)
    here = fresh(people.editor)
    page = words(here.get(ACCOUNT))
    assert "Firefox on Linux" in page
    assert page.count("this one") == 1
    assert page.count("/end/") == 1
    assert "127.0.0.1" not in page
    row = SignIn.objects.get(device="Firefox|Linux")
    assert (row.last_seen_at.minute, row.last_seen_at.second) == (0, 0)
    assert note(here.post(f"{ACCOUNT}sessions/{row.pk}/end/")) == "You are signed out there."
    assert phone.get("/en/workspace/").status_code == 302
    assert here.get("/en/workspace/").status_code == 200
    mine = SignIn.objects.get(user=person())
    assert here.post(f"{ACCOUNT}sessions/{mine.pk}/end/").status_code == 404


def test_everywhere_else_is_everywhere_but_here(people: People) -> None:
    others = [Client(), Client()]
    for other in others:
        sign_in(other)
    manager = fresh(Client(), "manager@example.org")
    here = fresh(people.editor)
    here.post(f"{ACCOUNT}sessions/end-others/")
    assert [other.get("/en/workspace/").status_code for other in others] == [302, 302]
    assert (here.get("/en/workspace/").status_code, manager.get("/en/workspace/").status_code) == (200, 200)


def test_signing_out_takes_the_line_away(people: People) -> None:
    here = fresh(people.editor)
    assert SignIn.objects.filter(user=person()).count() == 1
    here.post("/en/workspace/sign-out/")
    assert SignIn.objects.filter(user=person()).count() == 0


def test_one_and_three_sessions_take_the_same_queries(people: People) -> None:
    here = fresh(people.editor)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            sign_in(Client(headers={"user-agent": FIREFOX}))
        here.get(ACCOUNT)
        with CaptureQueriesContext(connection) as seen:
            page = words(here.get(ACCOUNT))
        counts.append(len([one for one in seen if "contentstamp" not in one["sql"]]))
    assert page.count("/end/") == 2
    assert counts[0] == counts[1]


def test_being_here_costs_no_query_for_an_hour(people: People) -> None:
    here = fresh(people.editor)
    here.get("/en/workspace/records/")
    with CaptureQueriesContext(connection) as seen:
        here.get("/en/workspace/records/")
    sql = " ".join(one["sql"] for one in seen)
    assert "core_signin" not in sql
    assert "mfa_authenticator" not in sql
    assert "needs_second_factor" not in sql
    assert "UPDATE" not in sql


def test_sessions_that_ran_out_are_forgotten(people: People) -> None:
    here = fresh(people.editor)
    now = datetime.now(UTC)
    assert session.forget_old_sessions(now=now) == 0
    assert session.forget_old_sessions(now=now + timedelta(days=15)) >= 1
    assert not SignIn.objects.exists()
    assert not Session.objects.exists()
    assert here.get("/en/workspace/").status_code == 302


# ---------------------------------------------------------------------- passwords


def test_a_new_password_ends_the_other_sessions(people: People, django_capture_on_commit_callbacks: Any) -> None:
    other = Client()
    sign_in(other)
    here = fresh(people.editor)
    before = here.cookies["sessionid"].value
    weak = here.post(f"{ACCOUNT}password/", {"password": "short", "again": "short"})
    assert weak.status_code == 422
    assert "at least 10 characters" in words(weak)
    unlike = here.post(f"{ACCOUNT}password/", {"password": "a quite new password", "again": "a quite new passwort"})
    assert "The two are not the same." in words(unlike)
    with django_capture_on_commit_callbacks(execute=True):
        done = here.post(f"{ACCOUNT}password/", {"password": "a quite new password", "again": "a quite new password"})
    assert note(done) == "The password is changed. You are signed out everywhere else."
    assert here.get(ACCOUNT).status_code == 200
    assert here.cookies["sessionid"].value != before
    assert other.get("/en/workspace/").status_code == 302
    assert SignIn.objects.filter(user=person()).count() == 1
    assert sign_in(Client()).status_code == 422
    assert sign_in(Client(), password="a quite new password").status_code == 303
    assert [letter.subject for letter in letters()] == ["Your account: The password was changed."]


FORGOTTEN = "/en/workspace/password/"


def ask_for_letter(client: Client, email: str, run: Any) -> Any:
    with run(execute=True):
        return client.post(FORGOTTEN, {"email": email})


def test_a_forgotten_password_is_set_anew_once(people: People, django_capture_on_commit_callbacks: Any) -> None:
    with_app()
    client = people.stranger
    ask_for_letter(client, "EDITOR@example.org", django_capture_on_commit_callbacks)
    letter = letters()[-1]
    assert letter.to == ["editor@example.org"]
    link = re.search(r"http://127.0.0.1:\d+(/en/workspace/password/\S+)", letter.body)
    assert link
    assert client.get(link[1]).url == f"{FORGOTTEN}new/"
    assert "editor@example.org" in words(client.get(f"{FORGOTTEN}new/"))
    told = {"password": "a quite new password", "again": "a quite new password"}
    assert client.post(f"{FORGOTTEN}new/", told).url == "/en/workspace/sign-in/"
    assert people.editor.get("/en/workspace/").status_code == 302
    assert sign_in(client, password="a quite new password").url == STEP  # the second step is asked for as ever
    again = Client()
    again.get(link[1])
    assert again.get(f"{FORGOTTEN}new/").status_code == 410
    assert again.post(f"{FORGOTTEN}new/", told).status_code == 410


def test_an_unknown_address_gets_the_same_answer_and_no_letter(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(email="member@example.org").update(is_active=False)
    pages = [
        re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", words(answer))
        for answer in (
            ask_for_letter(people.stranger, email, django_capture_on_commit_callbacks)
            for email in ("editor@example.org", "nobody@example.org", "member@example.org")
        )
    ]
    assert pages[0] == pages[1] == pages[2]
    assert len(letters()) == 1


def test_letters_are_not_sent_without_end(people: People, django_capture_on_commit_callbacks: Any) -> None:
    for number in range(5):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        assert ask_for_letter(client, "editor@example.org", django_capture_on_commit_callbacks).status_code == 200
    assert len(letters()) == 3
    one = Client(REMOTE_ADDR="192.0.2.99")
    answers = [one.post(FORGOTTEN, {"email": f"n{number}@example.org"}).status_code for number in range(11)]
    assert answers == [200] * 10 + [429]


def test_a_link_runs_out_after_two_hours(people: People) -> None:
    now = datetime.now(UTC)
    who, token = password_path(person(), now=now).split("/")[-3:-1]
    assert person_of(who, token, now=now + timedelta(minutes=119)) == person()
    assert person_of(who, token, now=now + timedelta(minutes=121)) is None
    assert person_of(who, token[:-1] + ("a" if token[-1] != "a" else "b"), now=now) is None
    other = password_path(person("manager@example.org"), now=now).split("/")[-3]
    assert person_of(other, token, now=now) is None
    for nonsense in ("", "!!", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "LTE"):
        assert person_of(nonsense, token, now=now) is None


def test_a_line_break_in_a_name_is_no_header(people: People, django_capture_on_commit_callbacks: Any) -> None:
    from allmende.core.accounts.letters import announce

    with django_capture_on_commit_callbacks(execute=True):
        facts = {"name": "x\r\nBcc: evil@example.org"}
        announce(person(), "core.add_passkey", actions.PASSKEY_ADDED, now=NOW, facts=facts)
    letter = letters()[0]
    assert "\n" not in letter.subject
    assert letter.message()["Bcc"] is None


# ---------------------------------------------------------------------- networks that ask for a second factor


@pytest.fixture
def culture(people: People) -> Network:
    """A network that the town is in, and that asks for a second factor."""
    network = Network.objects.create(
        name="Culture", slug="culture", needs_second_factor=True, created_at=NOW, updated_at=NOW
    )
    town = Organisation.objects.get(name="Ville d’Uzès")
    NetworkOrganisation.objects.create(network=network, organisation=town, since=NOW)
    return network


def test_people_of_a_network_that_asks_are_led_to_set_it_up(people: People, culture: Network) -> None:
    for client in (people.member, people.editor, people.manager):
        assert client.get("/en/workspace/").url == ACCOUNT
        assert client.get("/en/workspace/records/").status_code == 303
        assert client.post("/en/workspace/keys/").status_code == 303
    assert people.colleague.get("/en/workspace/").status_code == 200
    assert people.operator.get("/en/workspace/").status_code == 200
    page = words(people.editor.get(ACCOUNT))
    assert "Please set up a second step; then the workspace opens." in page
    assert "Culture asks its people for it." in page
    with_app()
    assert people.editor.get("/en/workspace/records/").status_code == 200
    assert people.member.get("/en/workspace/records/").status_code == 303


def test_who_counts_as_one_of_a_network(people: People, culture: Network) -> None:
    stranger, _ = signed_in("observer@example.org")
    assert not second_factor_missing(stranger)
    NetworkPerson.objects.create(network=culture, user=stranger, role="observer", since=NOW)
    assert second_factor_missing(stranger)
    member = person("member@example.org")
    assert [network.name for network in networks_that_ask(member)] == ["Culture"]
    NetworkOrganisation.objects.update(state="left")
    assert not second_factor_missing(member)
    NetworkOrganisation.objects.update(state="member")
    Network.objects.update(ended_at=NOW)
    assert not second_factor_missing(member)


def test_a_new_wish_reaches_who_is_signed_in_within_five_minutes(people: People, culture: Network) -> None:
    Network.objects.update(needs_second_factor=False)
    assert people.editor.get("/en/workspace/records/").status_code == 200
    Network.objects.update(needs_second_factor=True)
    assert people.editor.get("/en/workspace/records/").status_code == 200
    kept = people.editor.session
    kept["second_factor_fine_until"] -= 301
    kept.save()
    assert people.editor.get("/en/workspace/records/").status_code == 303


def test_operators_need_one_where_the_setting_says_so(people: People, settings: Any) -> None:
    settings.ALLMENDE_OPERATORS_SECOND_FACTOR = True
    assert people.operator.get("/en/workspace/").status_code == 303
    assert "Whoever runs the guide needs one." in words(people.operator.get(ACCOUNT))
    assert people.manager.get("/en/workspace/").status_code == 200


@pytest.mark.parametrize("language", ["de", "sv", "da", "nl", "fr"])
def test_the_pages_speak_every_language(people: People, language: str) -> None:
    with_app()
    client = people.editor
    client.post(f"{ACCOUNT}confirm/", {"password": PASSWORD})
    for path, english in (
        ("account/", "Second step"),
        ("account/app/", "Scan this with the app"),
        ("account/codes/", "Make new codes"),
        ("account/passkeys/new/", "Make the passkey"),
        ("account/password/", "Set the password"),
        ("account/confirm/", "Is it you?"),
    ):
        page = words(client.get(f"/{language}/workspace/{path}"))
        assert english not in page
