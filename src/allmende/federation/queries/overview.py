"""What the workspace and the command line show of the federation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from allmende.catalogue.models import SourceRecord
from allmende.federation.addresses import HANDLE, own_host
from allmende.federation.models import Arrival, Delivery, DomainBlock, Follower, Following


@dataclass(frozen=True, slots=True)
class FollowingRow:
    """A neighbour that this region follows."""

    id: int
    name: str
    handle: str
    uri: str
    state: str
    asked_at: datetime
    last_arrived_at: datetime | None
    last_error: str
    events: int
    """Records that are here from there."""
    source: str
    """Short name of its source."""
    waiting: int
    """Objects that arrived and are not taken in yet."""


@dataclass(frozen=True, slots=True)
class FollowerRow:
    """Who follows this region."""

    id: int
    name: str
    handle: str
    uri: str
    host: str
    state: str
    since: datetime
    last_delivered_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A server with which nothing is exchanged."""

    domain: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at once."""

    handle: str
    following: list[FollowingRow]
    followers: list[FollowerRow]
    blocks: list[BlockRow]
    undelivered: int


def overview() -> Overview:
    """Whom this region follows, who follows it, whom it blocks; the same number of queries however many there are."""
    followings = list(Following.objects.select_related("actor", "source"))
    current = SourceRecord.objects.filter(
        source_id__in=[row.source_id for row in followings], state=SourceRecord.State.CURRENT
    )
    events = dict(current.order_by().values_list("source_id").annotate(n=Count("pk")))
    waiting = dict(Arrival.objects.order_by().values_list("following_id").annotate(n=Count("pk")))
    return Overview(
        handle=f"@{HANDLE}@{own_host()}",
        following=[
            FollowingRow(
                id=row.pk,
                name=row.actor.name,
                handle=row.actor.handle,
                uri=row.actor.uri,
                state=row.state,
                asked_at=row.asked_at,
                last_arrived_at=row.last_arrived_at,
                last_error=row.last_error,
                events=events.get(row.source_id, 0),
                source=row.source.slug,
                waiting=waiting.get(row.pk, 0),
            )
            for row in followings
        ],
        followers=[
            FollowerRow(
                id=row.pk,
                name=row.actor.name,
                handle=row.actor.handle,
                uri=row.actor.uri,
                host=row.actor.host,
                state=row.state,
                since=row.since,
                last_delivered_at=row.last_delivered_at,
                last_error=row.last_error,
            )
            for row in Follower.objects.select_related("actor")
        ],
        blocks=[BlockRow(row.domain, row.reason, row.at) for row in DomainBlock.objects.all()],
        undelivered=Delivery.objects.count(),
    )


def _named(text: str) -> Q:
    text = text.strip()
    handle = text if text.startswith("@") else f"@{text}"
    host = text.partition("://")[2].rstrip("/") or text
    return Q(actor__uri=text) | Q(actor__handle__iexact=handle) | Q(actor__host=host.lower())


def following_named(text: str) -> Following | None:
    """The neighbour that this region follows under a handle, host or address."""
    rows = Following.objects.exclude(state=Following.State.ENDED)
    return rows.filter(_named(text)).select_related("actor", "source").first()


def follower_named(text: str) -> Follower | None:
    """The follower with a handle, host or address."""
    return Follower.objects.filter(_named(text)).select_related("actor").first()
