"""Finding neighbours, reading their outbox through, and ending it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allmende.catalogue.models import Event, Source
from allmende.core.models import User
from allmende.federation import actions
from allmende.federation.models import Following
from allmende.federation.web import ask
from tests.federation.conftest import NOW, Neighbour, Send

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return datetime.now(UTC)


def follow(text: str, **more: Any) -> Following:
    return actions.follow(text, by=None, now=now(), ask=ask, trusted=True, **more)


def names() -> list[str]:
    return sorted(event.sort_name for event in Event.objects.filter(state="published"))


@pytest.mark.parametrize("text", ["@relay@HOST", "relay@HOST", "HOST", "http://HOST/", "http://HOST/actor"])
def test_a_neighbour_is_found_by_handle_host_or_address(neighbour: Neighbour, text: str) -> None:
    finger = f"/.well-known/webfinger?resource=acct:relay@{neighbour.host}"
    link = {"rel": "self", "type": "application/activity+json", "href": neighbour.actor}
    neighbour.documents[finger] = {"links": [link]}
    row = follow(text.replace("HOST", neighbour.host), language="de", timezone="Europe/Berlin")
    assert (row.state, row.actor.uri) == ("asked", neighbour.actor)
    source = Source.objects.get()
    assert (source.title, source.organisation.name) == (f"Nachbarregion ({neighbour.host})", "Nachbarregion")
    assert (source.format, source.language, source.timezone) == ("activitypub", "de", "Europe/Berlin")


def test_nodeinfo_names_the_actor_of_a_server(neighbour: Neighbour) -> None:
    rel = "https://www.w3.org/ns/activitystreams#Application"
    neighbour.documents["/.well-known/nodeinfo"] = {"links": [{"rel": rel, "href": neighbour.actor}]}
    assert follow(neighbour.host).actor.uri == neighbour.actor


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Write the handle"),
        ("ftp://example.org/", "Write the handle"),
        ("https://user:secret@example.org/x", "Write the handle"),
        ("http://region.example.org/", "this region itself"),
        ("@region@region.example.org", "this region itself"),
        ("@nobody@HOST", "not there"),
        ("HOST", "names no actor"),
        ("http://HOST/page", "not there"),
        ("http://HOST/note", "does not lead to an actor"),
        ("http://127.0.0.2/actor", "127.0.0.2"),
    ],
)
def test_what_cannot_be_followed_says_why(neighbour: Neighbour, text: str, says: str) -> None:
    neighbour.documents["/note"] = {"id": f"{neighbour.origin}/note", "type": "Note"}
    with pytest.raises(actions.FollowRefused, match=says):
        follow(text.replace("HOST", neighbour.host))
    assert not Source.objects.exists()


def test_only_who_speaks_for_the_region_may_follow(neighbour: Neighbour) -> None:
    stranger = User.objects.create_user("x@example.org", "a long enough password")
    with pytest.raises(PermissionError):
        actions.follow(neighbour.actor, by=stranger, now=now(), ask=ask)
    assert neighbour.asked == []


def test_following_twice_is_refused(neighbour: Neighbour) -> None:
    follow(neighbour.actor)
    with pytest.raises(actions.FollowRefused, match="followed already"):
        follow(neighbour.actor)


def test_a_refusal_is_kept(neighbour: Neighbour, post: Send) -> None:
    row = follow(neighbour.actor)
    wish = {"id": row.follow_id, "type": "Follow", "object": neighbour.actor}
    assert post(neighbour, neighbour.activity("Reject", wish)).content == b"refused\n"
    row.refresh_from_db()
    assert row.state == "refused"
    assert follow(neighbour.actor).pk == row.pk  # one may ask again


@pytest.fixture
def accepted(neighbour: Neighbour, post: Send) -> Neighbour:
    row = follow(neighbour.actor)
    assert post(neighbour, neighbour.activity("Accept", row.follow_id)).status_code == 202
    return neighbour


def outbox(neighbour: Neighbour, *pages: list[Any]) -> None:
    neighbour.documents["/outbox"] = {
        "id": f"{neighbour.origin}/outbox",
        "type": "OrderedCollection",
        "first": f"{neighbour.origin}/outbox?page=0",
    }
    for number, items in enumerate(pages):
        page = {"type": "OrderedCollectionPage", "orderedItems": items}
        if number + 1 < len(pages):
            page["next"] = f"{neighbour.origin}/outbox?page={number + 1}"
        neighbour.documents[f"/outbox?page={number}"] = page


def refresh(at: datetime | None = None) -> int:
    return actions.refresh_followings(now=at or now(), ask=ask)


def test_what_was_there_before_is_read_from_the_outbox(
    accepted: Neighbour, neighbours: Callable[[str], Neighbour]
) -> None:
    third = neighbours("Third")
    note = {"type": "Create", "object": {"type": "Note", "id": f"{accepted.origin}/n"}}
    stolen = {"type": "Create", "object": third.event(1, name="Fremd") | {"id": "http://elsewhere.example.org/1"}}
    shared = {"type": "Announce", "object": third.event(5, name="Weitergesagt")["id"]}
    outbox(
        accepted,
        [{"type": "Create", "object": accepted.event(1)}, note],
        [{"type": "Create", "object": accepted.event(2)}, stolen, shared],
    )
    assert refresh() == 3
    assert names() == ["fest 1", "fest 2", "weitergesagt"]
    assert refresh() == 0  # not due again before tomorrow
    assert [path for path, _ in accepted.asked].count("/outbox") == 1


def test_what_was_lost_on_the_way_is_found(accepted: Neighbour) -> None:
    outbox(accepted, [{"type": "Create", "object": accepted.event(number)} for number in (11, 12, 13)])
    refresh()
    accepted.documents["/events/11"] = 410
    outbox(accepted, [{"type": "Create", "object": accepted.event(12, name="Neuer Name")}])
    assert refresh(now() + timedelta(hours=25)) == 2
    assert names() == ["fest 13", "neuer name"]  # 13 is only not listed: its server still knows it


def test_an_outbox_that_breaks_off_withdraws_nothing(accepted: Neighbour) -> None:
    outbox(accepted, [{"type": "Create", "object": accepted.event(11)}])
    refresh()
    accepted.documents["/events/11"] = 410
    accepted.documents["/outbox"] = 500
    assert refresh(now() + timedelta(hours=25)) == 0
    assert names() == ["fest 11"]
    assert "answered 500" in Following.objects.get().last_error
    assert refresh(now() + timedelta(hours=25, minutes=30)) == 0
    outbox(accepted, [])
    assert refresh(now() + timedelta(hours=27)) == 1  # tried again after an hour
    assert names() == []


def test_an_endless_outbox_ends(accepted: Neighbour) -> None:
    outbox(accepted, [{"type": "Create", "object": accepted.event(1)}])
    accepted.documents["/outbox?page=0"]["next"] = f"{accepted.origin}/outbox?page=0"
    assert refresh() == 1


def test_to_unfollow_withdraws_what_came_from_there(accepted: Neighbour, post: Send) -> None:
    outbox(accepted, [{"type": "Create", "object": accepted.event(1)}])
    refresh()
    row = Following.objects.get()
    actions.unfollow(row, by=None, now=NOW, trusted=True)
    actions.deliver_due(now=now(), ask=ask)
    undo = accepted.received[-1]
    assert (undo["type"], undo["object"]["type"], undo["object"]["id"]) == ("Undo", "Follow", row.follow_id)
    assert names() == []
    assert post(accepted, accepted.activity("Create", accepted.event(2))).status_code == 403
    again = follow(accepted.actor)
    post(accepted, accepted.activity("Accept", again.follow_id))
    assert refresh() == 1
    assert names() == ["fest 1"]
    assert Source.objects.count() == 1
