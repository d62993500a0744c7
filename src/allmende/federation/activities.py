"""The activities that this region sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allmende.federation.addresses import actor_id, below, followers_id
from allmende.federation.bridges.events import CONTEXT, PUBLIC, instant


def activity(kind: str, uri: str, value: Any, *, now: datetime, **more: Any) -> dict[str, Any]:
    """An activity of the region."""
    return {
        "@context": CONTEXT,
        "id": uri,
        "type": kind,
        "actor": actor_id(),
        "published": instant(now),
        "object": value,
        **more,
    }


def to_everybody() -> dict[str, list[str]]:
    """The audience of what is public."""
    return {"to": [PUBLIC], "cc": [followers_id()]}


def about_event(kind: str, value: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Create, Update or Delete of an event."""
    return activity(kind, f"{value['id']}#{kind.lower()}-{now:%Y%m%d%H%M%S}", dict(value), now=now, **to_everybody())


def tombstone(uri: str, *, now: datetime) -> dict[str, Any]:
    """What stands where an event was."""
    return {"id": uri, "type": "Tombstone", "formerType": "Event", "deleted": instant(now)}


def answer_to(kind: str, asked: str | Mapping[str, Any], who: str, token: str, *, now: datetime) -> dict[str, Any]:
    """Accept, Reject or Ignore of what ``who`` asked."""
    return activity(kind, below(f"actor#{kind.lower()}-{token}"), asked, now=now, to=[who])


def follow_of(who: str, token: str, *, now: datetime) -> dict[str, Any]:
    """The wish to follow ``who``."""
    return activity("Follow", below(f"actor#follow-{token}"), who, now=now, to=[who])


def undo_of(follow_id: str, who: str, token: str, *, now: datetime) -> dict[str, Any]:
    """The end of following ``who``."""
    followed = {"id": follow_id, "type": "Follow", "actor": actor_id(), "object": who}
    return activity("Undo", below(f"actor#undo-{token}"), followed, now=now, to=[who])
