"""Signing in with an account elsewhere, against a real provider that runs beside the test."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from allmende.core.accounts import factors, session
from allmende.core.accounts.providers import parse_oidc
from allmende.core.models import AuditEntry, Notice, SignIn, User
from tests.guide.workspace.conftest import People, words
from tests.guide.workspace.oidc_peer import SECRET, Peer, new_key, running
from tests.guide.workspace.test_account import ACCOUNT, STEP, code_now, fresh, note, person, with_app

pytestmark = pytest.mark.django_db
WITH = "/en/workspace/sign-in/with/town/"


@pytest.fixture
def peer(people: People, settings: Any) -> Iterator[Peer]:
    """The town's own sign-in, where the editor is signed in."""
    with running() as peer:
        told = {"id": "town", "name": "Town hall", "url": peer.address, "client_id": "guide", "client_secret": SECRET}
        settings.ALLMENDE_OIDC = parse_oidc(json.dumps([told]))
        settings.ALLMENDE_PUBLIC_URL = "http://testserver"
        peer.person = {"sub": "7f3a", "email": "Editor@example.org", "email_verified": True}
        yield peer


def way_there(client: Client, **told: str) -> str:
    """The address of the provider that the page leads to."""
    page = words(client.post(WITH, told))
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def there_and_back(client: Client, peer: Peer, **told: str) -> Any:
    """Go to the provider and come back."""
    parts = urlsplit(peer.visit(way_there(client, **told)))
    assert parts.netloc == "testserver"
    return client.get(f"/en{parts.path}?{parts.query}")


def test_the_button_is_there_when_somebody_vouches(people: People, peer: Peer, settings: Any) -> None:
    assert "Sign in with Town hall" in words(people.stranger.get("/en/workspace/sign-in/"))
    settings.ALLMENDE_OIDC = ()
    assert "Town hall" not in words(people.stranger.get("/en/workspace/sign-in/"))
    assert people.stranger.post(WITH).status_code == 404


def test_a_verified_address_with_an_account_opens_it_and_its_owner_hears_of_it(people: People, peer: Peer) -> None:
    client = people.stranger
    way = way_there(client, next="/en/workspace/records/")
    before = client.cookies["sessionid"].value
    parts = urlsplit(peer.visit(way))
    answer = client.get(f"/en{parts.path}?{parts.query}")
    assert (answer.status_code, answer.url) == (303, "/en/workspace/records/")
    assert client.get("/en/workspace/records/").status_code == 200
    assert client.cookies["sessionid"].value != before
    assert set(peer.asked["scope"].split()) == {"openid", "email"}
    assert peer.asked["redirect_uri"] == "http://testserver/workspace/sign-in/with/town/back/"
    linked = SocialAccount.objects.get()
    assert (linked.user, linked.uid) == (person(), "7f3a")
    assert linked.extra_data == {"email": "Editor@example.org"}  # nothing more is kept
    assert AuditEntry.objects.filter(action="core.link_identity").count() == 1
    assert Notice.objects.filter(user=person(), kind="core.link_identity").count() == 1
    assert SignIn.objects.get(user=person()).method == "oidc:town"


def test_one_comes_back_in_the_language_one_left_in(people: People, peer: Peer) -> None:
    page = words(people.stranger.post("/sv/workspace/sign-in/with/town/"))
    found = re.search(r'content="0; url=([^"]+)"', page)
    assert found
    parts = urlsplit(peer.visit(html.unescape(found[1])))
    answer = people.stranger.get(f"{parts.path}?{parts.query}")
    assert answer.url == f"/sv{parts.path}?{parts.query}"
    assert people.stranger.get(answer.url).url == "/sv/workspace/"


def test_afterwards_the_number_there_counts_and_not_the_address(people: People, peer: Peer) -> None:
    there_and_back(people.stranger, peer)
    peer.person = {"sub": "7f3a", "email": "manager@example.org", "email_verified": True}
    client = Client(headers={"accept-language": "en"})
    there_and_back(client, peer)
    assert "editor@example.org" in words(client.get(ACCOUNT))
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"sub": "1", "email": "nobody@example.org", "email_verified": True}, "by invitation"),
        ({"sub": "1", "email": "editor@example.org", "email_verified": False}, "has been verified"),
        ({"sub": "1", "email": "editor@example.org"}, "has been verified"),
        ({"sub": "1"}, "by invitation"),
    ],
)
def test_who_has_no_account_gets_none(people: People, peer: Peer, claims: dict[str, Any], sentence: str) -> None:
    peer.person, peer.userinfo = claims, {"sub": "1"}
    before = User.objects.count()
    answer = there_and_back(people.stranger, peer)
    assert answer.status_code == 403
    assert sentence in words(answer)
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()
    assert people.stranger.get("/en/workspace/").status_code == 302


def test_a_provider_vouches_for_its_own_domain_only(people: People, peer: Peer, settings: Any) -> None:
    told = {"id": "town", "name": "T", "url": peer.address, "client_id": "guide", "client_secret": SECRET}
    settings.ALLMENDE_OIDC = parse_oidc(json.dumps([{**told, "domains": ["town.example"]}]))
    assert there_and_back(people.stranger, peer).status_code == 403


def test_a_closed_account_stays_closed(people: People, peer: Peer) -> None:
    there_and_back(people.stranger, peer)
    User.objects.filter(pk=person().pk).update(is_active=False)
    assert there_and_back(Client(headers={"accept-language": "en"}), peer).status_code == 403


def test_the_second_step_is_asked_for_as_ever(people: People, peer: Peer) -> None:
    secret = with_app()
    assert there_and_back(people.stranger, peer).url == STEP
    assert people.stranger.get("/en/workspace/").status_code == 302
    assert people.stranger.post(STEP, {"code": code_now(secret)}).url == "/en/workspace/"
    assert SignIn.objects.get(user=person()).method == "oidc:town+app"
    assert "Town hall, authenticator app" in words(people.stranger.get(ACCOUNT))


def test_the_address_may_stand_beside_the_token(people: People, peer: Peer) -> None:
    peer.person = {"sub": "7f3a"}
    peer.userinfo = {"sub": "7f3a", "email": "editor@example.org", "email_verified": True}
    assert there_and_back(people.stranger, peer).url == "/en/workspace/"


def _other_person(peer: Peer) -> None:
    peer.person, peer.userinfo = {"sub": "1"}, {"sub": "2", "email": "editor@example.org", "email_verified": True}


def _other_key(peer: Peer) -> None:
    peer.signs_with = new_key()


def _unsigned(peer: Peer) -> None:
    peer.algorithm = "none"


def _other_nonce(peer: Peer) -> None:
    peer.override = {"nonce": "of another sign-in"}


def _other_audience(peer: Peer) -> None:
    peer.override = {"aud": "another guide"}


def _other_issuer(peer: Peer) -> None:
    peer.override = {"iss": "https://evil.example"}


def _expired(peer: Peer) -> None:
    peer.override = {"exp": 1_600_000_000}


def _nobody(peer: Peer) -> None:
    peer.override = {"sub": ""}


def _a_number(peer: Peer) -> None:
    peer.override = {"sub": 7}


def _not_printable(peer: Peer) -> None:
    peer.override = {"email": "editor@example.org\0"}


@pytest.mark.parametrize(
    "spoil",
    [
        _other_person,
        _other_key,
        _unsigned,
        _other_nonce,
        _other_audience,
        _other_issuer,
        _expired,
        _nobody,
        _a_number,
        _not_printable,
    ],
)
def test_what_is_not_quite_right_opens_nothing(people: People, peer: Peer, spoil: Any, caplog: Any) -> None:
    spoil(peer)
    answer = there_and_back(people.stranger, peer)
    assert answer.url == "/en/workspace/sign-in/"
    assert "could not be asked" in note(answer)
    assert people.stranger.get("/en/workspace/").status_code == 302
    assert not SocialAccount.objects.exists()
    assert "See ALLMENDE_OIDC" in caplog.text
    assert "example.org" not in caplog.text


def test_a_provider_may_send_nobody_into_the_operators_network(people: People, peer: Peer, caplog: Any) -> None:
    with running() as inner:
        peer.elsewhere = inner.address
        answer = people.stranger.post(WITH)
        back = urlsplit(peer.visit(way_there(people.stranger))) if answer.status_code == 200 else None
        assert back is not None
        answer = people.stranger.get(f"/en{back.path}?{back.query}")
        assert "could not be asked" in note(answer)
        assert inner.visits == []
    assert "AddressRefused" in caplog.text


def test_a_provider_that_wants_the_secret_in_a_header_gets_it_there(people: People, peer: Peer) -> None:
    peer.wants_basic = True
    assert there_and_back(people.stranger, peer).url == "/en/workspace/"


def test_who_changed_their_mind_is_told_so(people: People, peer: Peer) -> None:
    peer.refuses = True
    assert note(there_and_back(people.stranger, peer)) == "Signing in with Town hall was cancelled."


def test_a_provider_that_is_down_says_so(people: People, peer: Peer) -> None:
    peer.is_down = True
    answer = people.stranger.post(WITH)
    assert answer.url == "/en/workspace/sign-in/"
    assert "could not be asked" in note(answer)


def test_an_answer_counts_once_and_in_its_own_browser(people: People, peer: Peer) -> None:
    parts = urlsplit(peer.visit(way_there(people.stranger)))
    back = f"/en{parts.path}?{parts.query}"
    victim = Client(headers={"accept-language": "en"})
    assert "took too long" in note(victim.get(back))
    assert victim.get("/en/workspace/").status_code == 302
    assert people.stranger.get(back).url == "/en/workspace/"
    people.stranger.post("/en/workspace/sign-out/")
    assert "took too long" in note(people.stranger.get(back))
    assert "took too long" in note(people.stranger.get(f"{WITH}back/"))


def test_nobody_else_can_begin_it(people: People, peer: Peer) -> None:
    assert people.stranger.get(WITH).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(WITH).status_code == 403


def test_an_account_elsewhere_is_connected_and_removed(people: People, peer: Peer) -> None:
    peer.person = {"sub": "9", "email": "private@elsewhere.example"}
    peer.userinfo = {"sub": "9"}
    client = fresh(people.editor)
    assert note(there_and_back(client, peer, purpose="connect")) == "You can sign in with Town hall now."
    assert "private@elsewhere.example" in words(client.get(ACCOUNT))
    other = fresh(people.manager, "manager@example.org")
    assert "somebody else’s account" in note(there_and_back(other, peer, purpose="connect"))
    assert there_and_back(people.stranger, peer).url == "/en/workspace/"
    pk = SocialAccount.objects.get().pk
    assert other.post(f"{ACCOUNT}identities/{pk}/remove/").status_code == 404
    assert client.post(f"{ACCOUNT}identities/{pk}/remove/").status_code == 303
    assert there_and_back(Client(headers={"accept-language": "en"}), peer).status_code == 403


def test_connecting_asks_first_who_one_is(people: People, peer: Peer) -> None:
    answer = people.editor.post(WITH, {"purpose": "connect"})
    assert answer.url.startswith(f"{ACCOUNT}confirm/")


def test_whoever_has_no_password_confirms_there(people: People, peer: Peer) -> None:
    there_and_back(people.stranger, peer)
    client = people.editor
    user = person()
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    page = words(client.get(f"{ACCOUNT}confirm/"))
    assert "Confirm with Town hall" in page
    assert 'name="password"' not in page
    answer = there_and_back(client, peer, purpose="confirm", next=f"{ACCOUNT}app/")
    assert answer.url == f"{ACCOUNT}app/"
    assert (peer.asked["prompt"], peer.asked["max_age"]) == ("login", "60")
    assert client.get(f"{ACCOUNT}app/").status_code == 200


@pytest.mark.parametrize("auth_time", [None, 1_600_000_000])
def test_a_provider_that_did_not_ask_confirms_nothing(people: People, peer: Peer, auth_time: int | None) -> None:
    there_and_back(people.stranger, peer)
    client = people.editor
    peer.override = {"auth_time": auth_time}
    assert "did not confirm" in note(there_and_back(client, peer, purpose="confirm"))
    assert session.CONFIRMED not in client.session


def test_another_person_there_confirms_nothing(people: People, peer: Peer) -> None:
    there_and_back(people.stranger, peer)
    assert "did not confirm" in note(there_and_back(people.manager, peer, purpose="confirm"))
    assert factors.factors_of(person("manager@example.org")).any is False
