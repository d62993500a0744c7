"""The page of neighbours: who may see it, and what can be done there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from allmende.catalogue.actions import open_source
from allmende.federation.models import DomainBlock, Follower, Following, RemoteActor
from tests.federation.conftest import Neighbour
from tests.guide.workspace.conftest import NOW, People, note_of, words

HERE = "/en/workspace/federation/"


@pytest.fixture
def neighbour(settings: Any) -> Iterator[Neighbour]:
    """A server on this machine."""
    from allmende.core.fetch import parse_allow

    settings.ALLMENDE_PUBLIC_URL = "http://region.example.org"
    here = Neighbour("Nachbarregion")
    settings.ALLMENDE_FETCH_ALLOW = parse_allow(here.host)
    yield here
    here.close()


def follower(number: int, state: str = "pending") -> Follower:
    uri = f"http://n{number}.example.org/actor"
    actor = RemoteActor.objects.create(
        uri=uri, host=f"n{number}.example.org", handle=f"@relay@n{number}.example.org", name=f"N {number}",
        inbox=f"{uri}/inbox", fetched_at=timezone.now(),
    )  # fmt: skip
    return Follower.objects.create(actor=actor, state=state, follow_id=f"{uri}#f", since=timezone.now())


def test_only_those_who_speak_for_the_region_see_it(people: People) -> None:
    """The manager is one of the destination organisation, the colleague one of a museum."""
    assert people.answers(lambda who: who.get(HERE)) == {
        "member": 404,
        "editor": 404,
        "manager": 200,
        "colleague": 404,
        "operator": 200,
        "stranger": 302,
    }
    assert people.answers(lambda who: who.post(HERE, {"do": "block", "domain": "example.org"})) == {
        "member": 404,
        "editor": 404,
        "manager": 303,
        "colleague": 404,
        "operator": 303,
        "stranger": 302,
    }
    assert "/workspace/federation/" not in words(people.colleague.get("/en/workspace/sources/"))
    assert "/workspace/federation/" in words(people.manager.get("/en/workspace/sources/"))


def test_a_manager_follows_and_unfollows(people: People, neighbour: Neighbour) -> None:
    answer = people.manager.post(HERE, {"do": "follow", "handle": neighbour.actor})
    assert answer.status_code == 303
    assert note_of(answer) == ["Nachbarregion was asked. Its events come once it says yes, usually within minutes."]
    row = Following.objects.get()
    assert (row.state, row.by.email if row.by else "") == ("asked", "manager@example.org")
    page = words(people.manager.get(HERE))
    assert "Nachbarregion" in page
    assert "Asked, no answer yet" in page
    assert people.colleague.post(HERE, {"do": "unfollow", "id": row.pk}).status_code == 404
    assert people.manager.post(HERE, {"do": "unfollow", "id": row.pk}).status_code == 303
    row.refresh_from_db()
    assert row.state == "ended"


def test_what_cannot_be_followed_is_said_beside_the_field(people: People) -> None:
    answer = people.manager.post(HERE, {"do": "follow", "handle": "<b>nobody"})
    assert answer.status_code == 422
    page = words(answer)
    assert 'value="&lt;b&gt;nobody"' in page
    assert 'aria-invalid="true"' in page
    assert "Write the handle" in page
    answer = people.manager.post(HERE, {"do": "block", "domain": "not a domain"})
    assert answer.status_code == 422
    assert "Write the domain as in example.org." in words(answer)


def test_followers_are_let_in_and_sent_away(people: People, settings: Any) -> None:
    settings.ALLMENDE_FEDERATION = "approval"
    row = follower(1)
    assert "Waits for approval" in words(people.manager.get(HERE))
    assert people.manager.post(HERE, {"do": "accept", "id": row.pk}).status_code == 303
    row.refresh_from_db()
    assert row.state == "accepted"
    assert people.manager.post(HERE, {"do": "refuse", "id": row.pk}).status_code == 303
    assert not Follower.objects.exists()
    assert people.manager.post(HERE, {"do": "refuse", "id": row.pk}).status_code == 404


def test_a_block_is_set_and_taken_back(people: People) -> None:
    follower(1, "accepted")
    people.manager.post(HERE, {"do": "block", "domain": "N1.example.org", "reason": "advertising"})
    assert not Follower.objects.exists()
    page = words(people.manager.get(HERE))
    assert "n1.example.org" in page
    assert "advertising" in page
    people.manager.post(HERE, {"do": "unblock", "domain": "n1.example.org"})
    assert not DomainBlock.objects.exists()
    assert people.manager.post(HERE, {"do": "unblock", "domain": "n1.example.org"}).status_code == 404
    assert people.manager.post(HERE, {"do": "nonsense"}).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_database_the_same_however_long_it_is(
    people: People, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        follower(number, "accepted")
        DomainBlock.objects.create(domain=f"b{number}.example.org", at=timezone.now())
        row = follower(100 + number, "accepted")
        source = open_source(f"from-{number}", defaults={"title": "N", "format": "activitypub"}, now=NOW)
        Following.objects.create(
            actor=row.actor, source=source, state="accepted", follow_id=f"x{number}", asked_at=timezone.now()
        )
    people.manager.get(HERE)
    with django_assert_num_queries(12):
        assert people.manager.get(HERE).status_code == 200
