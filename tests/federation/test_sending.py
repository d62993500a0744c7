"""What followers are told, and what becomes of it when they cannot be reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.actions import edit_item
from allmende.catalogue.models import Event, Source
from allmende.core.models import User
from allmende.federation import actions, keys
from allmende.federation.models import Delivery, Follower, Outgoing, RegionActor, RemoteActor, SeenActivity, SentEvent
from allmende.federation.signatures import claim_of
from allmende.federation.web import ask
from tests.federation.conftest import Deliver, Neighbour, Send

pytestmark = pytest.mark.django_db

ACTOR = "http://region.example.org/federation/actor"


def now() -> datetime:
    return datetime.now(UTC)


def announce(at: datetime | None = None) -> int:
    return actions.announce_changes(now=at or now())


def send(at: datetime | None = None) -> int:
    return actions.deliver_due(now=at or now(), ask=ask)


def event(uid: str = "a", name: str = "Concert", **more: str) -> dict[str, str]:
    return {"UID": uid, "SUMMARY": name} | more


@pytest.fixture
def follower(neighbour: Neighbour, post: Send, deliver: Deliver) -> Neighbour:
    """A neighbour that follows a region that has an event already."""
    deliver(event("old", "Was there before"), now=now() - timedelta(hours=1))
    post(neighbour, neighbour.activity("Follow", ACTOR))
    send()
    neighbour.received.clear()
    neighbour.posts.clear()
    return neighbour


def told(neighbour: Neighbour) -> list[tuple[str, str]]:
    """What arrived since it was last asked."""
    found = [(value["type"], value["object"].get("name", "")) for value in neighbour.received]
    neighbour.received.clear()
    return found


def test_changes_are_told_once_each(follower: Neighbour, deliver: Deliver) -> None:
    old = event("old", "Was there before")
    deliver(old, event())
    assert announce() == 1
    send()
    assert told(follower) == [("Create", "Concert")]
    assert announce() == 0
    deliver(old, event(name="Concert en plein air"))
    assert announce() == 1
    send()
    assert told(follower) == [("Update", "Concert en plein air")]
    deliver(old)
    assert announce() == 1
    send()
    assert follower.received[-1]["object"]["type"] == "Tombstone"
    assert [kind for kind, _ in told(follower)] == ["Delete"]
    deliver(old, event())
    announce()
    send()
    assert told(follower) == [("Create", "Concert")]
    assert announce() == 0


def test_what_was_there_before_is_not_sent_but_its_end_is(follower: Neighbour, deliver: Deliver) -> None:
    assert announce() == 0
    deliver(event())
    assert announce() == 2
    send()
    assert sorted(kind for kind, _ in told(follower)) == ["Create", "Delete"]


def test_a_change_that_says_the_same_is_not_told(follower: Neighbour, deliver: Deliver) -> None:
    old = event("old", "Was there before")
    deliver(old, event())
    announce()
    deliver(old, event(CATEGORIES="x"))
    assert announce() == 0


def test_an_edit_by_hand_is_told(follower: Neighbour) -> None:
    boss = User.objects.create_user("o@example.org", "a long enough password", is_operator=True)
    one = Event.objects.get()
    changes = {"name": {"original": "fr", "texts": {"fr": "Anders", "en": "Other"}}}
    edit_item("event", one.pk, changes, by=boss, now=now())
    assert announce() == 1
    send()
    assert follower.received[0]["object"]["nameMap"] == {"fr": "Anders", "en": "Other"}


def test_without_followers_nothing_is_queued(deliver: Deliver, neighbour: Neighbour, post: Send) -> None:
    deliver(event())
    assert announce() == 0
    wish = neighbour.activity("Follow", ACTOR)
    post(neighbour, wish)
    post(neighbour, neighbour.activity("Undo", wish))
    deliver(event(), event("b"))
    assert announce() == 0
    assert RegionActor.objects.get().changed_at is None
    assert not Outgoing.objects.filter(body__contains='"Create"').exists()


def test_events_of_others_are_not_told_on(follower: Neighbour, deliver: Deliver) -> None:
    Source.objects.update(format="activitypub")
    Event.objects.update(updated_at=now())
    assert announce() == 0


def test_a_draft_that_nobody_knew_of_stays_secret(follower: Neighbour, deliver: Deliver) -> None:
    deliver(event("old", "Was there before"), event("b", CLASS="PRIVATE"))
    assert Event.objects.filter(state="draft").count() == 1
    assert announce() == 0


def test_a_large_import_goes_out_in_portions(follower: Neighbour, deliver: Deliver) -> None:
    deliver(event("old", "Was there before"), *(event(str(n), f"Concert {n}") for n in range(45)))
    portions = [actions.announce_changes(now=now(), limit=20) for _ in range(4)]
    assert portions == [20, 20, 5, 0]
    assert SentEvent.objects.count() == 45


def test_an_import_that_took_long_is_not_missed(follower: Neighbour, deliver: Deliver) -> None:
    """It began before others were announced already; what it writes bears the moment of writing."""
    began = now()
    old = event("old", "Was there before")
    deliver(old, event("quick"))
    assert announce() == 1
    deliver(old, event("quick"), event("late"), now=began - timedelta(minutes=5))
    assert announce() == 1
    assert announce() == 0


def test_the_next_date_of_a_series_is_told_when_the_last_one_is_over(follower: Neighbour, deliver: Deliver) -> None:
    today = now().date()
    weekly = {
        "RRULE": "FREQ=WEEKLY;COUNT=9",
        "DTSTART;TZID=Europe/Paris": f"{today + timedelta(days=1):%Y%m%d}T080000",
        "DTEND;TZID=Europe/Paris": f"{today + timedelta(days=1):%Y%m%d}T120000",
    }
    deliver(event("old", "Was there before"), event(**weekly))
    announce()
    send()
    assert follower.received[-1]["object"]["startTime"][:10] == (today + timedelta(days=1)).isoformat()
    assert announce(now() + timedelta(hours=1)) == 0
    assert announce(now() + timedelta(days=3)) == 1
    send(now() + timedelta(days=3))
    assert follower.received[-1]["type"] == "Update"
    assert follower.received[-1]["object"]["startTime"][:10] == (today + timedelta(days=8)).isoformat()


def test_one_server_gets_each_activity_once(
    follower: Neighbour, neighbours: Callable[[str], Neighbour], post: Send, deliver: Deliver
) -> None:
    third = neighbours("Third")
    for who in (follower, third):
        other = who.actor_document() | {"id": f"{who.origin}/other", "inbox": f"{who.origin}/other/inbox"}
        other["publicKey"] = other["publicKey"] | {"id": f"{who.origin}/other#key", "owner": other["id"]}
        who.documents["/other"] = other
        wish = who.activity("Follow", ACTOR) | {"actor": other["id"]}
        assert post(who, wish, key_id=f"{who.origin}/other#key").status_code == 202
    send()
    follower.received.clear()
    third.received.clear()
    deliver(event("old", "Was there before"), event())
    announce()
    assert Delivery.objects.count() == 2
    assert send() == 2
    assert [post_.target for post_ in follower.posts[-1:]] == ["/shared"]
    assert (len(follower.received), len(third.received)) == (1, 1)


def test_what_is_sent_is_signed_with_the_key_of_the_actor(follower: Neighbour, deliver: Deliver) -> None:
    deliver(event("old", "Was there before"), event())
    announce()
    send()
    claim = claim_of(follower.posts[-1], now=now())
    actor = Client().get("/federation/actor").json()
    assert claim.key_id == actor["publicKey"]["id"]
    assert keys.is_signed_by(actor["publicKey"]["publicKeyPem"], claim.data, claim.signature)


def test_a_new_key_is_told_and_used(follower: Neighbour) -> None:
    before = RegionActor.objects.get().public_key
    with pytest.raises(PermissionError):
        actions.rotate_key(by=None, now=now())
    actions.rotate_key(by=None, now=now(), trusted=True)
    send()
    update = follower.received[-1]
    assert (update["type"], update["object"]["id"]) == ("Update", ACTOR)
    fresh = update["object"]["publicKey"]["publicKeyPem"]
    assert fresh == RegionActor.objects.get().public_key != before
    claim = claim_of(follower.posts[-1], now=now())
    assert keys.is_signed_by(fresh, claim.data, claim.signature)


def test_a_lost_secret_key_is_said_and_rotation_helps(follower: Neighbour, deliver: Deliver, settings: Any) -> None:
    deliver(event("old", "Was there before"), event())
    announce()
    settings.SECRET_KEY = "quite another secret of this installation"
    assert send() == 0
    assert "--rotate-key" in Follower.objects.get().last_error
    actions.rotate_key(by=None, now=now(), trusted=True)
    assert send(now() + timedelta(minutes=2)) == 2


# ---------------------------------------------------------------------- when it does not arrive


def test_what_does_not_arrive_is_tried_again_later_and_in_order(follower: Neighbour, deliver: Deliver) -> None:
    old = event("old", "Was there before")
    deliver(old, event())
    announce()
    follower.answer_to_posts = 503
    assert send() == 0
    deliver(old)
    announce()
    follower.received.clear()
    follower.answer_to_posts = 202
    assert send() == 0  # the Delete waits for its Create
    assert follower.received == []
    assert Follower.objects.get().last_error == "answered 503"
    assert send(now() + timedelta(seconds=61)) == 2
    assert [kind for kind, _ in told(follower)] == ["Create", "Delete"]
    row = Follower.objects.get()
    assert row.last_error == ""
    assert row.last_delivered_at is not None


def test_it_is_given_up_after_a_week(follower: Neighbour, deliver: Deliver) -> None:
    deliver(event("old", "Was there before"), event(), event("b"))
    announce()
    follower.answer_to_posts = 500
    at, tries = now(), 0
    while Delivery.objects.exists():
        before = len(follower.received)
        send(at)
        tries += len(follower.received) - before
        at += timedelta(hours=24)
    assert tries == 11
    assert Follower.objects.get().last_error == "answered 500"


def test_an_inbox_that_is_gone_takes_its_follower_along(follower: Neighbour, deliver: Deliver) -> None:
    deliver(event("old", "Was there before"), event())
    announce()
    follower.answer_to_posts = 410
    send()
    assert not Follower.objects.exists()
    assert not Delivery.objects.exists()


def test_a_server_that_is_down_does_not_hold_up_the_others(
    follower: Neighbour, neighbours: Callable[[str], Neighbour], post: Send, deliver: Deliver
) -> None:
    third = neighbours("Third")
    post(third, third.activity("Follow", ACTOR))
    send()
    third.received.clear()
    follower.close()
    deliver(event("old", "Was there before"), event(), event("b"))
    announce()
    assert send() == 2
    assert len(third.received) == 2
    assert Delivery.objects.count() == 2


def test_old_things_are_forgotten(follower: Neighbour) -> None:
    assert SeenActivity.objects.exists()
    assert Outgoing.objects.exists()
    actions.forget_old(now=now() + timedelta(minutes=5))
    assert Outgoing.objects.exists()
    actions.forget_old(now=now() + timedelta(days=4))
    assert not SeenActivity.objects.exists()
    assert not Outgoing.objects.exists()
    assert RemoteActor.objects.count() == 1
    Follower.objects.all().delete()
    actions.forget_old(now=now() + timedelta(days=29))
    assert RemoteActor.objects.count() == 1
    actions.forget_old(now=now() + timedelta(days=31))
    assert not RemoteActor.objects.exists()
