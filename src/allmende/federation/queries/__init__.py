"""Reads of the federation, for other modules."""

from allmende.federation.queries.documents import (
    actor_document,
    event_document,
    followers_document,
    outbox_document,
    upcoming_document,
)
from allmende.federation.queries.overview import (
    BlockRow,
    FollowerRow,
    FollowingRow,
    Overview,
    follower_named,
    following_named,
    overview,
)

__all__ = [
    "BlockRow",
    "FollowerRow",
    "FollowingRow",
    "Overview",
    "actor_document",
    "event_document",
    "follower_named",
    "followers_document",
    "following_named",
    "outbox_document",
    "overview",
    "upcoming_document",
]
