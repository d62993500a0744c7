"""Sending: activities into the queue, the queue to the inboxes, and what changed into activities."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Min

from allmende.catalogue.queries.public_events import Changed, changed_events, last_change, public_events
from allmende.core.publication import Publication
from allmende.federation.actions.knowing import is_blocked
from allmende.federation.activities import about_event, tombstone
from allmende.federation.addresses import FOREIGN, event_id, host_of, key_id
from allmende.federation.bridges.events import digest_of, from_event
from allmende.federation.keys import KeyLost
from allmende.federation.models import (
    Delivery,
    Follower,
    Following,
    Outgoing,
    RegionActor,
    RemoteActor,
    SeenActivity,
    SentEvent,
)
from allmende.federation.negotiation import ACTIVITY_JSON
from allmende.federation.region import Sign, region_actor, signer
from allmende.federation.signatures import signed_headers
from allmende.federation.web import Ask, FetchFailed

log = logging.getLogger("allmende.federation")

AT_ONCE: Final = 200
"""So many events are announced in one round."""
OVERLAP: Final = timedelta(minutes=15)
"""A long import writes its moment of beginning; its events appear later.  So far back every round looks again."""
LOOK: Final = 1000
BACK_OFF: Final = (60, 300, 1800, 7200, 21_600, 43_200, 86_400, 86_400, 86_400, 86_400)
"""Seconds until the next try; after the last one, about six days in all, what waits for that inbox is given up."""
LEASE: Final = timedelta(minutes=5)
"""So long a delivery belongs to the process that took it."""
SECONDS: Final = 20.0
ACTORS_KEPT: Final = timedelta(days=30)
"""Actors that neither follow nor are followed are forgotten after so long."""
KEPT: Final = timedelta(days=3)
"""Seen activities are remembered longer than their signatures are good for."""


# ---------------------------------------------------------------------- into the queue


def queue(value: Mapping[str, Any], inboxes: Iterable[str], *, now: datetime) -> Outgoing:
    """Put an activity into the queue for each inbox, in the running transaction."""
    outgoing, _made = Outgoing.objects.get_or_create(
        uri=value["id"], defaults={"body": json.dumps(value, ensure_ascii=False), "made_at": now}
    )
    Delivery.objects.bulk_create(
        [Delivery(outgoing=outgoing, inbox=inbox, next_try_at=now) for inbox in dict.fromkeys(inboxes)],
        ignore_conflicts=True,
    )
    return outgoing


def inboxes_of_followers() -> list[str]:
    """Each server once: its shared inbox where it has one."""
    actors = RemoteActor.objects.filter(follower__state=Follower.State.ACCEPTED).order_by("pk")
    return list(dict.fromkeys(actor.best_inbox for actor in actors))


# ---------------------------------------------------------------------- what changed


def begin_to_announce(*, now: datetime) -> None:
    """From now on changes are told: to whom follows now.  What was there before is for them to read in the outbox."""
    row = region_actor(now)
    if row.changed_at is None:
        latest = max(last_change()[0], now)
        RegionActor.objects.filter(pk=row.pk, changed_at=None).update(changed_at=latest, changes_from=latest)


def announce_changes(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell followers what changed since the last round; return how many activities were queued."""
    row = RegionActor.objects.filter(id=1).first()
    if row is None or row.changed_at is None or row.changes_from is None:
        return 0
    inboxes = inboxes_of_followers()
    if not inboxes:
        # Nobody listens: the next follower reads the outbox, so nothing is owed to anybody.
        RegionActor.objects.filter(pk=row.pk).update(changed_at=None, changes_from=None)
        SentEvent.objects.all().delete()
        return 0
    changed, reached = _changed(row.changed_at, row.changes_from, limit)
    turned = SentEvent.objects.filter(next_look_at__lte=now, is_deleted=False).values_list("event_id", flat=True)[
        :limit
    ]
    with transaction.atomic():
        count = _tell(changed, list(turned), inboxes, now=now)
        RegionActor.objects.filter(pk=row.pk).update(changed_at=max(reached, row.changed_at))
    return count


def _changed(until: datetime, since: datetime, limit: int) -> tuple[list[Changed], datetime]:
    """Events that followers have not heard of as they are now, and how far the order of changes was walked."""
    place = (max(until - OVERLAP, since), 0)
    found: list[Changed] = []
    reached = until
    while True:
        rows = changed_events(place, foreign=FOREIGN, limit=LOOK)
        known = dict(
            SentEvent.objects.filter(event_id__in=[row.id for row in rows]).values_list("event_id", "changed_at")
        )
        for row in rows:
            reached = row.at
            if row.is_own and known.get(row.id) != row.at and row.at != since:
                found.append(row)
                if len(found) == limit:
                    return found, reached
        if len(rows) < LOOK:
            return found, reached
        place = (rows[-1].at, rows[-1].id)


def _tell(changed: list[Changed], turned: list[int], inboxes: list[str], *, now: datetime) -> int:
    sent = SentEvent.objects.in_bulk([row.id for row in changed] + turned, field_name="event_id")
    states = {row.id: row for row in changed}
    count = 0
    for event in public_events([*states, *(pk for pk in turned if pk not in states)], now=now):
        value = from_event(event)
        digest, before = digest_of(value), sent.get(event.id)
        is_new = before is None or before.is_deleted
        if is_new or before is None or before.digest != digest:
            queue(about_event("Create" if is_new else "Update", value, now=now), inboxes, now=now)
            count += 1
        states.pop(event.id, None)
        _note(event.id, event.updated_at, digest=digest, next_look_at=event.is_over_at)
    for row in states.values():
        before = sent.get(row.id)
        was_public = before is not None or row.state in {Publication.WITHDRAWN, Publication.JOINED}
        if was_public and not (before and before.is_deleted):
            grave = tombstone(event_id(row.id), now=now)
            queue(about_event("Delete", grave, now=now), inboxes, now=now)
            count += 1
        _note(row.id, row.at, digest="", is_deleted=True)
    return count


def _note(identifier: int, changed_at: datetime, **told: Any) -> None:
    defaults = {"changed_at": changed_at, "is_deleted": False, "next_look_at": None} | told
    SentEvent.objects.update_or_create(event_id=identifier, defaults=defaults)


# ---------------------------------------------------------------------- out of the queue


def deliver_due(*, now: datetime, ask: Ask, seconds: float = SECONDS) -> int:
    """Send what is due, the oldest first, for at most so many seconds; return how many arrived."""
    if not Delivery.objects.filter(next_try_at__lte=now).exists():
        return 0
    end = time.monotonic() + seconds
    sign = signer(now)
    silent: set[str] = set()
    done = 0
    # For each inbox in order: a Delete that overtakes its Create would be undone by it.
    held = dict(Delivery.objects.filter(next_try_at__gt=now).order_by().values_list("inbox").annotate(first=Min("pk")))
    due = Delivery.objects.filter(next_try_at__lte=now).select_related("outgoing").order_by("pk")
    for delivery in list(due[:1000]):
        if time.monotonic() > end:
            break
        host = host_of(delivery.inbox)
        if host in silent or held.get(delivery.inbox, delivery.pk) < delivery.pk:
            continue
        taken = Delivery.objects.filter(pk=delivery.pk, next_try_at=delivery.next_try_at).update(
            next_try_at=now + LEASE, tries=F("tries") + 1
        )
        if not taken:
            continue  # another process has it
        # Each with a time of its own: a round may last.
        error = _send(delivery, sign=sign, ask=ask, now=datetime.now(UTC))
        if error:
            silent.add(host)
        else:
            done += 1
        _settle(delivery, error, now=now)
    return done


def _send(delivery: Delivery, *, sign: Sign, ask: Ask, now: datetime) -> str:
    """Why an activity did not arrive, or ``""``."""
    if is_blocked(delivery.inbox):
        return "blocked"
    body = delivery.outgoing.body.encode()
    try:
        headers = signed_headers(
            "POST", delivery.inbox, key_id=key_id(), sign=sign, now=now, body=body, content_type=ACTIVITY_JSON
        )
        answer = ask("POST", delivery.inbox, body=body, headers=headers)
    except (FetchFailed, KeyLost) as error:
        return str(error)[:300]
    if 200 <= answer.status < 300:
        return ""
    return f"answered {answer.status}"


FINAL: Final = frozenset(
    {
        "blocked",
        "answered 400",
        "answered 403",
        "answered 404",
        "answered 405",
        "answered 410",
        "answered 413",
        "answered 422",
    }
)
"""A further try would not help."""


def _settle(delivery: Delivery, error: str, *, now: datetime) -> None:
    followers = Follower.objects.filter(actor__in=_actors_of(delivery.inbox))
    if not error:
        followers.update(last_delivered_at=now, last_error="")
        delivery.delete()
        return
    tries = delivery.tries + 1
    log.info("An activity did not reach %s: %s", host_of(delivery.inbox), error)
    followers.update(last_error=error)
    # The wish to follow itself may be what does not get through.
    Following.objects.filter(actor__in=_actors_of(delivery.inbox)).update(last_error=error)
    if error == "answered 410":
        followers.delete()  # the inbox is gone for good, and its actor with it
    if error in FINAL:
        delivery.delete()
        return
    if tries > len(BACK_OFF):
        Delivery.objects.filter(inbox=delivery.inbox).delete()
        return
    wait = timedelta(seconds=BACK_OFF[tries - 1])
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=now + wait, last_error=error)


def _actors_of(inbox: str) -> list[int]:
    found = RemoteActor.objects.filter(inbox=inbox) | RemoteActor.objects.filter(shared_inbox=inbox)
    return list(found.values_list("pk", flat=True))


def forget_old(*, now: datetime) -> None:
    """Forget activities that nobody waits for any more, what was seen long ago, and actors without a tie to us."""
    Outgoing.objects.filter(deliveries=None, made_at__lt=now - timedelta(hours=1)).delete()
    SeenActivity.objects.filter(at__lt=now - KEPT).delete()
    RemoteActor.objects.filter(follower=None, following=None, fetched_at__lt=now - ACTORS_KEPT).delete()
