"""What other servers read about this region."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

from allmende.catalogue.queries.public_events import (
    own_event_state,
    public_events,
    upcoming_by_start,
    upcoming_event_ids,
)
from allmende.federation.activities import to_everybody, tombstone
from allmende.federation.addresses import (
    FOREIGN,
    HANDLE,
    actor_id,
    below,
    event_id,
    event_page,
    followers_id,
    key_id,
    origin,
)
from allmende.federation.bridges.events import CONTEXT, from_event, instant
from allmende.federation.models import Follower, Following
from allmende.federation.region import region_actor, region_name

PAGE: Final = 50


def actor_document(*, now: datetime) -> dict[str, Any]:
    """The region as an actor."""
    row = region_actor(now)
    return {
        "@context": CONTEXT,
        "id": actor_id(),
        "type": "Application",
        "preferredUsername": HANDLE,
        "name": region_name(),
        "url": f"{origin()}/",
        "inbox": below("inbox"),
        "outbox": below("outbox"),
        "followers": followers_id(),
        "following": below("following"),
        "upcomingEvents": below("upcoming"),
        "endpoints": {"sharedInbox": below("inbox")},
        "manuallyApprovesFollowers": _asks_people(),
        "discoverable": True,
        "published": instant(row.made_at),
        "publicKey": {"id": key_id(), "owner": actor_id(), "publicKeyPem": row.public_key},
    }


def _asks_people() -> bool:
    return str(settings.ALLMENDE_FEDERATION) == "approval"


def event_document(identifier: int, *, now: datetime) -> tuple[int, dict[str, Any]] | None:
    """(status, object) of an own event: 200, or 410 with its tombstone; None if there never was one."""
    state = own_event_state(identifier, foreign=FOREIGN)
    if state is None:
        return None
    for event in public_events([identifier], now=now):
        return 200, {"@context": CONTEXT} | from_event(event)
    return 410, {"@context": CONTEXT} | tombstone(event_id(identifier), now=now)


def event_page_of(identifier: int) -> str:
    """The page for people of an own event, or ``""``."""
    state = own_event_state(identifier, foreign=FOREIGN)
    return event_page(state[1], identifier) if state else ""


def _collection(name: str, total: int) -> dict[str, Any]:
    return {"@context": CONTEXT, "id": below(name), "type": "OrderedCollection", "totalItems": total}


def counted(name: str, total: int) -> dict[str, Any]:
    """A collection of which only the number is told."""
    return _collection(name, total)


def followers_document() -> dict[str, Any]:
    """How many follow; who they are is nobody's business."""
    return counted("followers", Follower.objects.filter(state=Follower.State.ACCEPTED).count())


def following_document() -> dict[str, Any]:
    """How many this region follows."""
    return counted("following", Following.objects.filter(state=Following.State.ACCEPTED).count())


def outbox_document(page: str, *, now: datetime) -> dict[str, Any]:
    """The events that are not over, newest first, each as its Create: what a new follower reads through.

    ``page``: empty for the collection itself, ``first``, or the number of an event below which the page begins.
    """
    today = now.astimezone(UTC).date()
    if not page:
        _ids, total = upcoming_event_ids(foreign=FOREIGN, today=today, limit=1, count=True)
        return _collection("outbox", total or 0) | {"first": below("outbox?page=first")}
    before = int(page) if page.isdecimal() and len(page) < 19 else 0
    ids, _total = upcoming_event_ids(foreign=FOREIGN, today=today, before=before, limit=PAGE)
    value: dict[str, Any] = {
        "@context": CONTEXT,
        "id": below(f"outbox?page={before or 'first'}"),
        "type": "OrderedCollectionPage",
        "partOf": below("outbox"),
        "orderedItems": [_create(event) for event in public_events(ids, now=now)],
    }
    if len(ids) == PAGE:
        value["next"] = below(f"outbox?page={ids[-1]}")
    return value


def _create(event: Any) -> dict[str, Any]:
    return {
        "id": event_id(event.id) + "#create",
        "type": "Create",
        "actor": actor_id(),
        "published": instant(event.created_at),
        **to_everybody(),
        "object": from_event(event),
    }


def upcoming_document(page: str, *, now: datetime) -> dict[str, Any]:
    """FEP-8a8e ``upcomingEvents``: events that are not over, soonest first.

    ``page``: empty, ``first``, or where the page before ended: start in seconds since 1970, a dash, number of the event.
    """
    if not page:
        today = now.astimezone(UTC).date()
        _ids, total = upcoming_event_ids(foreign=FOREIGN, today=today, limit=1, count=True)
        return _collection("upcoming", total or 0) | {"first": below("upcoming?page=first")}
    seconds, _dash, number = page.partition("-")
    after = None
    if seconds.isdecimal() and number.isdecimal() and len(page) < 32 and int(seconds) < 2**33:
        after = (datetime.fromtimestamp(int(seconds), UTC), int(number))
    rows = upcoming_by_start(foreign=FOREIGN, now=now, after=after, limit=PAGE)
    value: dict[str, Any] = {
        "@context": CONTEXT,
        "id": below(f"upcoming?page={page if after else 'first'}"),
        "type": "OrderedCollectionPage",
        "partOf": below("upcoming"),
        "orderedItems": [from_event(event) for event in public_events([pk for pk, _start in rows], now=now)],
    }
    if len(rows) == PAGE:
        pk, start = rows[-1]
        value["next"] = below(f"upcoming?page={int(start.timestamp())}-{pk}")
    return value
