"""The inbox: what is taken, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.models import Event, ImportRun, SourceRecord
from allmende.core.models import AuditEntry
from allmende.federation import actions
from allmende.federation.actions.inbox import LARGEST
from allmende.federation.models import Arrival, Delivery, Follower, Following, RemoteActor, SeenActivity
from allmende.federation.queries import overview
from allmende.federation.web import ask
from tests.federation.conftest import NOW, Neighbour, Send, key_pair, pem_of

pytestmark = pytest.mark.django_db

ACTOR = "http://region.example.org/federation/actor"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def followed(neighbour: Neighbour, post: Send) -> Neighbour:
    """A neighbour that this region follows."""
    row = actions.follow(
        neighbour.actor, by=None, now=now(), ask=ask, language="de", timezone="Europe/Berlin", trusted=True
    )
    actions.deliver_due(now=now(), ask=ask)
    (wish,) = neighbour.received
    assert post(neighbour, neighbour.activity("Accept", wish)).status_code == 202
    row.refresh_from_db()
    assert row.state == Following.State.ACCEPTED
    return neighbour


def arrive() -> int:
    return actions.take_in_arrivals(now=now(), ask=ask)


def names() -> list[str]:
    return sorted(event.sort_name for event in Event.objects.filter(state="published"))


# ---------------------------------------------------------------------- following us


def test_who_asks_may_follow_and_is_told_so(neighbour: Neighbour, post: Send) -> None:
    wish = neighbour.activity("Follow", ACTOR)
    answer = post(neighbour, wish)
    assert (answer.status_code, answer.content) == (202, b"accepted\n")
    assert Follower.objects.get().actor.handle == f"@relay@{neighbour.host}"
    assert actions.deliver_due(now=now(), ask=ask) == 1
    (accepted,) = neighbour.received
    assert (accepted["type"], accepted["actor"]) == ("Accept", ACTOR)
    assert accepted["object"] == {"id": wish["id"], "type": "Follow", "actor": neighbour.actor, "object": ACTOR}
    assert not Delivery.objects.exists()
    assert Client().get("/federation/followers").json()["totalItems"] == 1
    assert AuditEntry.objects.filter(action="federation.followed").count() == 1


def test_by_approval_a_person_decides(neighbour: Neighbour, post: Send, settings: Any) -> None:
    settings.ALLMENDE_FEDERATION = "approval"
    assert post(neighbour, neighbour.activity("Follow", ACTOR)).content == b"pending\n"
    assert actions.deliver_due(now=now(), ask=ask) == 0
    row = Follower.objects.get()
    with pytest.raises(PermissionError):
        actions.settle_follower(row, accept=True, by=None, now=now())
    actions.settle_follower(row, accept=True, by=None, now=now(), trusted=True)
    actions.deliver_due(now=now(), ask=ask)
    assert [value["type"] for value in neighbour.received] == ["Accept"]
    actions.settle_follower(row, accept=False, by=None, now=now(), trusted=True)
    actions.deliver_due(now=now(), ask=ask)
    assert [value["type"] for value in neighbour.received] == ["Accept", "Reject"]
    assert not Follower.objects.exists()


def test_who_does_not_want_to_follow_any_more_is_forgotten(neighbour: Neighbour, post: Send) -> None:
    wish = neighbour.activity("Follow", ACTOR)
    post(neighbour, wish)
    assert post(neighbour, neighbour.activity("Undo", {"type": "Like", "object": ACTOR})).content == b"ignored\n"
    assert post(neighbour, neighbour.activity("Undo", wish)).content == b"unfollowed\n"
    assert not Follower.objects.exists()


def test_a_wish_to_follow_somebody_else_is_refused(neighbour: Neighbour, post: Send) -> None:
    answer = post(neighbour, neighbour.activity("Follow", "http://region.example.org/federation/nobody"))
    assert answer.status_code == 404
    assert not Follower.objects.exists()


def test_where_the_federation_is_off_nothing_is_there(neighbour: Neighbour, post: Send, settings: Any) -> None:
    settings.ALLMENDE_FEDERATION = "off"
    assert post(neighbour, neighbour.activity("Follow", ACTOR)).status_code == 404
    with pytest.raises(actions.FollowRefused, match="turned off"):
        actions.follow(neighbour.actor, by=None, now=now(), ask=ask, trusted=True)


# ---------------------------------------------------------------------- what they publish


def test_events_arrive_change_and_go(followed: Neighbour, post: Send) -> None:
    event = followed.event(1)
    assert post(followed, followed.activity("Create", event)).content == b"object\n"
    assert names() == []  # taken in by the next round, not while the neighbour waits
    assert arrive() == 1
    assert names() == ["fest 1"]
    kept = SourceRecord.objects.get()
    assert (kept.key, kept.source.format, kept.source.is_indexed) == (event["id"], "activitypub", False)
    assert post(followed, followed.activity("Update", event | {"name": "Großes Fest"})).status_code == 202
    arrive()
    assert names() == ["grosses fest"]
    grave = {"id": event["id"], "type": "Tombstone"}
    assert post(followed, followed.activity("Delete", grave)).content == b"delete\n"
    assert arrive() == 1
    assert names() == []
    assert Event.objects.get().state == "withdrawn"
    (row,) = overview().following
    assert (row.events, row.waiting, row.last_error) == (0, 0, "")
    assert row.last_arrived_at is not None


def test_a_round_is_one_run_and_the_same_again_is_none(followed: Neighbour, post: Send) -> None:
    for number in range(3):
        post(followed, followed.activity("Create", followed.event(number + 1)))
    assert arrive() == 3
    assert ImportRun.objects.get().created == 3
    post(followed, followed.activity("Update", followed.event(1)))
    assert arrive() == 0
    assert ImportRun.objects.count() == 1


def test_markup_and_scripts_do_not_come_in(followed: Neighbour, post: Send) -> None:
    hostile = followed.event(
        1, name="Fest <script>alert(1)</script>", content="<p>Hallo<img src=x onerror=alert(1)></p>"
    )
    post(followed, followed.activity("Create", hostile | {"url": "javascript:alert(1)"}))
    arrive()
    event = Event.objects.get()
    assert event.name["texts"] == {"de": "Fest"}
    assert event.description["texts"] == {"de": "Hallo"}
    assert event.url == hostile["id"]


def test_what_is_announced_is_fetched_where_it_is_at_home(
    followed: Neighbour, neighbours: Callable[[str], Neighbour], post: Send
) -> None:
    other = neighbours("Third")
    genuine = other.event(7, name="Echt")
    post(followed, followed.activity("Announce", genuine | {"name": "Gefälscht"}))
    post(followed, followed.activity("Announce", f"{other.origin}/events/8"))  # not there
    assert arrive() == 1
    assert names() == ["echt"]
    path, headers = next(entry for entry in other.asked if entry[0] == "/events/7")
    assert path == "/events/7"
    assert 'keyId="http://region.example.org/federation/actor#main-key"' in headers["signature"]
    assert "activity+json" in headers["accept"]


def test_an_object_that_calls_itself_otherwise_is_not_taken(followed: Neighbour, post: Send) -> None:
    followed.documents["/events/9"] = followed.event(1) | {"id": "http://elsewhere.example.org/1"}
    post(followed, followed.activity("Announce", f"{followed.origin}/events/9"))
    for _ in range(6):
        assert arrive() == 0
    assert not Arrival.objects.exists()  # given up after five tries
    assert "does not lead to the object" in overview().following[0].last_error


def test_our_own_event_that_comes_back_stays_ours(followed: Neighbour, post: Send) -> None:
    own = "http://region.example.org/federation/events/1"
    assert post(followed, followed.activity("Announce", own)).content == b"own\n"
    answer = post(followed, followed.activity("Create", {"type": "Event", "id": own, "name": "x"}))
    assert answer.status_code == 401
    assert not Arrival.objects.exists()


def test_an_event_for_a_few_is_not_shown(followed: Neighbour, post: Send) -> None:
    post(followed, followed.activity("Create", followed.event(1, to=[f"{followed.origin}/followers"])))
    assert arrive() == 0
    assert names() == []
    assert "not addressed to the public" in overview().following[0].last_error


def test_a_wish_to_take_part_is_answered_with_ignore(followed: Neighbour, post: Send) -> None:
    join = followed.activity("Join", "http://region.example.org/federation/events/1")
    post(followed, join)
    actions.deliver_due(now=now(), ask=ask)
    assert (followed.received[-1]["type"], followed.received[-1]["object"]) == ("Ignore", join["id"])


def test_a_neighbour_that_closes_takes_its_events_along(followed: Neighbour, post: Send) -> None:
    post(followed, followed.activity("Create", followed.event(1)))
    arrive()
    assert post(followed, followed.activity("Delete", followed.actor)).content == b"gone\n"
    assert names() == []
    assert Following.objects.get().state == Following.State.ENDED


# ---------------------------------------------------------------------- hostile


def refused(answer: Any) -> tuple[int, str]:
    assert not Arrival.objects.exists()
    return answer.status_code, answer.content.decode().strip()


def test_a_changed_body_is_refused(followed: Neighbour, post: Send) -> None:
    event = followed.activity("Create", followed.event(1))
    forged = json.dumps(event | {"object": event["object"] | {"name": "Anders"}}).encode()
    answer = post(followed, event, body=forged, signed_body=json.dumps(event).encode())
    assert refused(answer) == (401, "The body is not the one of the digest.")


def test_somebody_elses_key_is_refused(followed: Neighbour, neighbours: Callable[[str], Neighbour], post: Send) -> None:
    third = neighbours("Third")
    event = followed.activity("Create", followed.event(1))
    as_third = post(followed, event, key_id=f"{third.actor}#main-key", sign=third.sign)
    assert refused(as_third) == (401, "The key belongs to another server than the actor.")
    assert refused(post(followed, event, sign=third.sign)) == (401, "The signature is not the actor's.")


def test_an_object_of_another_server_is_refused(
    followed: Neighbour, neighbours: Callable[[str], Neighbour], post: Send
) -> None:
    third = neighbours("Third")
    stolen = followed.activity("Update", third.event(1, name="Abgesagt"))
    assert refused(post(followed, stolen)) == (401, "The object is from another server than its actor.")
    gone = followed.activity("Delete", f"{third.origin}/events/1")
    assert refused(post(followed, gone)) == (401, "The object is from another server than its actor.")
    foreign = followed.activity("Create", followed.event(1)) | {"id": f"{third.origin}/a/1"}
    assert refused(post(followed, foreign)) == (401, "The activity is from another server than its actor.")


def test_the_same_activity_twice_has_one_effect(followed: Neighbour, post: Send) -> None:
    event = followed.activity("Create", followed.event(1))
    assert post(followed, event).content == b"object\n"
    assert post(followed, event).content == b"seen\n"
    assert Arrival.objects.count() == 1


def test_two_updates_with_one_id_are_two(followed: Neighbour, post: Send) -> None:
    """Gancio names every Update of an event alike."""
    for name in ("Eins", "Zwei"):
        update = followed.activity("Update", followed.event(1, name=name)) | {
            "id": f"{followed.origin}/events/1#update"
        }
        assert post(followed, update).content == b"object\n"
    arrive()
    assert names() == ["zwei"]


def test_an_old_request_is_refused(followed: Neighbour, post: Send) -> None:
    late = post(followed, followed.activity("Create", followed.event(1)), now=now() - timedelta(hours=13))
    assert refused(late)[0] == 401


def test_who_is_not_followed_sends_nothing(neighbour: Neighbour, post: Send) -> None:
    answer = post(neighbour, neighbour.activity("Create", neighbour.event(1)))
    assert refused(answer) == (403, "This actor is not followed here.")
    assert not SeenActivity.objects.exists()


def test_who_has_not_accepted_yet_sends_nothing(neighbour: Neighbour, post: Send) -> None:
    actions.follow(neighbour.actor, by=None, now=now(), ask=ask, trusted=True)
    assert refused(post(neighbour, neighbour.activity("Create", neighbour.event(1))))[0] == 403


def test_what_is_huge_or_no_activity_is_refused(followed: Neighbour, post: Send) -> None:
    huge = followed.activity("Create", followed.event(1, content="x" * LARGEST))
    assert refused(post(followed, huge))[0] == 413
    assert refused(post(followed, followed.activity("Create", 1), content_type="application/json"))[0] == 415
    for body in (b"[]", b"{", b"null", b'{"id": 1, "actor": 2}', b"[" * 2000, b'{"a":' * 2000):
        assert refused(post(followed, {}, body=body))[0] == 400
    without_type = {"id": f"{followed.origin}/a", "actor": followed.actor}
    assert refused(post(followed, without_type))[0] == 400
    assert Client().get("/federation/inbox").status_code == 405


def test_an_unsigned_request_is_refused(followed: Neighbour) -> None:
    answer = Client().post(
        "/federation/inbox",
        json.dumps(followed.activity("Create", followed.event(1))),
        content_type="application/activity+json",
        headers={"host": "region.example.org"},
    )
    assert refused(answer) == (401, "The request is not signed.")


def test_a_request_for_another_host_is_refused(followed: Neighbour, post: Send) -> None:
    answer = post(followed, followed.activity("Create", followed.event(1)), headers={"Host": "testserver"})
    assert refused(answer) == (401, "The request is for another host.")


def test_a_blocked_server_is_not_even_asked(neighbour: Neighbour, post: Send) -> None:
    actions.block_domain("127.0.0.1", by=None, now=now(), trusted=True)
    assert refused(post(neighbour, neighbour.activity("Follow", ACTOR))) == (403, "Nothing is taken from there.")
    assert neighbour.asked == []
    with pytest.raises(actions.FollowRefused, match="blocked"):
        actions.follow(neighbour.actor, by=None, now=now(), ask=ask, trusted=True)


def test_blocking_ends_what_was(followed: Neighbour, post: Send) -> None:
    post(followed, followed.activity("Follow", ACTOR))
    post(followed, followed.activity("Create", followed.event(1)))
    arrive()
    actions.block_domain(f"@relay@{followed.host}", by=None, now=now(), trusted=True)
    assert (names(), Follower.objects.count(), Following.objects.get().state) == ([], 0, "ended")
    assert Delivery.objects.count() == 0
    assert actions.unblock_domain(followed.host, by=None, now=now(), trusted=True)
    assert not actions.unblock_domain(followed.host, by=None, now=now(), trusted=True)


def test_accounts_that_go_elsewhere_cost_nothing(neighbour: Neighbour, post: Send) -> None:
    assert post(neighbour, neighbour.activity("Delete", neighbour.actor)).content == b"unknown\n"
    assert neighbour.asked == []


def test_likes_of_strangers_cost_nothing(neighbour: Neighbour, post: Send) -> None:
    assert post(neighbour, neighbour.activity("Like", "http://region.example.org/federation/events/1")).content == (
        b"ignored\n"
    )
    assert neighbour.asked == []


def test_a_new_key_of_a_neighbour_is_learnt(followed: Neighbour, post: Send) -> None:
    followed.key = key_pair("another")
    followed.documents["/actor"] = followed.actor_document()
    event = followed.activity("Create", followed.event(1))
    assert post(followed, event).status_code == 401  # its key was read a moment ago: not asked again at once
    RemoteActor.objects.update(fetched_at=NOW - timedelta(minutes=6))
    assert post(followed, event).status_code == 202
    assert RemoteActor.objects.get().public_key == pem_of(followed.key)


def test_an_actor_with_its_inbox_elsewhere_is_not_believed(neighbour: Neighbour, post: Send) -> None:
    neighbour.documents["/actor"]["inbox"] = "http://elsewhere.example.org/inbox"
    status, says = refused(post(neighbour, neighbour.activity("Follow", ACTOR)))
    assert status == 401
    assert "has no inbox on its own server" in says


def test_addresses_inside_the_operators_network_are_not_asked(neighbour: Neighbour, post: Send, settings: Any) -> None:
    settings.ALLMENDE_FETCH_ALLOW = ()
    assert refused(post(neighbour, neighbour.activity("Follow", ACTOR)))[0] == 401
    assert neighbour.asked == []


def test_too_many_activities_are_slowed_down(neighbour: Neighbour, post: Send, monkeypatch: Any) -> None:
    from allmende.core.rate import Limit
    from allmende.federation import views

    monkeypatch.setattr(views, "POSTS", Limit(2, 3600))
    for _ in range(2):
        assert post(neighbour, neighbour.activity("Like", ACTOR)).status_code == 202
    assert post(neighbour, neighbour.activity("Like", ACTOR)).status_code == 429
