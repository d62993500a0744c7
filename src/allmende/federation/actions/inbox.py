"""The inbox: what others send, checked, and noted for the next round."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import transaction

from allmende.core.audit import record
from allmende.core.rate import Limit, is_too_fast
from allmende.federation import keys
from allmende.federation.actions.follow import accept_follower, end_following
from allmende.federation.actions.knowing import is_blocked, remember
from allmende.federation.actions.sending import queue
from allmende.federation.activities import answer_to
from allmende.federation.addresses import actor_id, host_of, is_usable, own_event, own_host, same_server
from allmende.federation.bridges.events import is_event, object_key
from allmende.federation.models import Arrival, Follower, Following, RemoteActor, SeenActivity
from allmende.federation.region import signer
from allmende.federation.remote import Reader, RemoteRefused
from allmende.federation.signatures import Claim, SignatureRefused, Signed, claim_of
from allmende.federation.web import Ask

LARGEST: Final = 512 * 1024
"""Bytes of an activity."""
MOST_WAITING: Final = 5000
"""Objects of one actor that may wait to be taken in."""
FIRST_MEETINGS: Final = Limit(60, 3600)
"""So often an hour one server may make us ask for keys."""
KEY_AGE: Final = timedelta(minutes=5)
"""A key that is older is asked for again before a signature is refused: it may have been changed."""


class InboxRefused(Exception):
    """An activity was not taken; ``status`` is for HTTP, the message for who sent it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


# ---------------------------------------------------------------------- who sends


def verified_actor(request: Signed, *, now: datetime, ask: Ask, expected: str = "") -> RemoteActor:
    """The actor that signed a request; raises :class:`InboxRefused`.

    ``expected``: the actor that the activity names; the key must be its own.
    """
    if request.host != own_host():
        raise InboxRefused(401, "The request is for another host.")
    try:
        claim = claim_of(request, now=now)
    except SignatureRefused as error:
        raise InboxRefused(401, str(error)) from error
    if not is_usable(claim.key_id) or is_blocked(claim.key_id) or same_server(claim.key_id, actor_id()):
        raise InboxRefused(403, "Nothing is taken from there.")
    if expected and not same_server(expected, claim.key_id):
        raise InboxRefused(401, "The key belongs to another server than the actor.")
    known = RemoteActor.objects.filter(key_id=claim.key_id).first()
    if known and _proves(known, claim, expected):
        return known
    if known and now - known.fetched_at < KEY_AGE:
        raise InboxRefused(401, "The signature is not the actor's.")
    if is_too_fast("federation-key", host_of(claim.key_id)[-40:], FIRST_MEETINGS, now=now):
        raise InboxRefused(429, "Too many unknown keys. Try again in an hour.")
    try:
        facts = Reader(ask, signer(now), now).actor(expected or claim.key_id)
    except RemoteRefused as error:
        raise InboxRefused(401, f"The key could not be read: {error}") from error
    fresh = remember(facts, now=now)
    if fresh.key_id != claim.key_id or not _proves(fresh, claim, expected):
        raise InboxRefused(401, "The signature is not the actor's.")
    return fresh


def _proves(actor: RemoteActor, claim: Claim, expected: str) -> bool:
    is_his = not expected or actor.uri == expected
    return is_his and bool(actor.public_key) and keys.is_signed_by(actor.public_key, claim.data, claim.signature)


# ---------------------------------------------------------------------- what is sent


def receive(request: Signed, *, now: datetime, ask: Ask) -> str:
    """Take an activity; return in a word what was done with it.  Raises :class:`InboxRefused`."""
    value = _activity(request.body)
    actor_uri, uri, kind = value["actor"], value["id"], value["type"]
    if is_blocked(actor_uri):
        raise InboxRefused(403, "Nothing is taken from there.")
    if not same_server(uri, actor_uri):
        raise InboxRefused(401, "The activity is from another server than its actor.")
    if kind == "Delete" and not RemoteActor.objects.filter(uri=actor_uri).exists():
        return "unknown"  # servers tell everybody of each account that goes; nobody here ever knew this one
    handler = HANDLERS.get(kind)
    if handler is None:
        return "ignored"  # likes and the like: not worth asking for a key
    actor = verified_actor(request, now=now, ask=ask, expected=actor_uri)
    with transaction.atomic():
        mark = hashlib.blake2b(request.body, digest_size=32).hexdigest()
        _row, is_new = SeenActivity.objects.get_or_create(mark=mark, defaults={"at": now})
        if not is_new:
            return "seen"
        return handler(actor, value, now)


def _activity(body: bytes) -> dict[str, Any]:
    if len(body) > LARGEST:
        raise InboxRefused(413, "The activity is too large.")
    try:
        value = orjson.loads(body)
    except ValueError as error:
        raise InboxRefused(400, "The body is not JSON.") from error
    if not isinstance(value, dict):
        raise InboxRefused(400, "The body is no activity.")
    actor = value.get("actor")
    if isinstance(actor, dict):
        value["actor"] = actor.get("id")
    for name in ("id", "actor"):
        if not is_usable(value.get(name)):
            raise InboxRefused(400, f"The activity has no usable {name}.")
    if not isinstance(value.get("type"), str):
        raise InboxRefused(400, "The activity has no type.")
    return value


def id_of(value: Any) -> str:
    """The id of an object that may be given whole or by its id."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _follow(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    if id_of(value.get("object")) != actor_id():
        raise InboxRefused(404, "There is nobody of that name to follow.")
    row, _made = Follower.objects.update_or_create(
        actor=actor,
        defaults={"follow_id": value["id"], "last_error": ""},
        create_defaults={"follow_id": value["id"], "state": Follower.State.PENDING, "since": now},
    )
    if row.state == Follower.State.ACCEPTED or settings.ALLMENDE_FEDERATION == "open":
        accept_follower(row, now=now)
    record("federation.followed", ("follower", row.pk), by=None, now=now, actor=actor.uri, state=row.state)
    return row.state


def _undo(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    undone = value.get("object")
    row = Follower.objects.filter(actor=actor).first()
    is_follow = (
        isinstance(undone, dict) and undone.get("type") == "Follow" and id_of(undone.get("object")) == actor_id()
    )
    if row is None or not (is_follow or id_of(undone) == row.follow_id):
        return "ignored"
    record("federation.unfollowed", ("follower", row.pk), by=None, now=now, actor=actor.uri)
    row.delete()
    return "unfollowed"


def _answer(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    """Accept or Reject of our wish to follow."""
    row = Following.objects.filter(actor=actor).exclude(state=Following.State.ENDED).first()
    answered = value.get("object")
    is_ours = id_of(answered) == (row.follow_id if row else None) or (
        isinstance(answered, dict) and answered.get("type") == "Follow" and id_of(answered.get("actor")) == actor_id()
    )
    if row is None or not is_ours:
        return "ignored"
    if value["type"] == "Accept":
        row.state, row.accepted_at, row.last_error = Following.State.ACCEPTED, row.accepted_at or now, ""
    else:
        row.state = Following.State.REFUSED
        row.arrivals.all().delete()
    row.save(update_fields=["state", "accepted_at", "last_error"])
    record("federation.answered", ("following", row.pk), by=None, now=now, actor=actor.uri, state=row.state)
    return row.state


def _followed(actor: RemoteActor) -> Following:
    row = Following.objects.filter(actor=actor, state=Following.State.ACCEPTED).first()
    if row is None:
        raise InboxRefused(403, "This actor is not followed here.")
    if row.arrivals.count() >= MOST_WAITING:
        raise InboxRefused(429, "Too much waits to be taken in. Try again later.")
    return row


def _object(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    """Create and Update of an event by its own server; anything from elsewhere is fetched where it is at home."""
    sent = value.get("object")
    uri = id_of(sent)
    if value["type"] == "Update" and uri == actor.uri:
        RemoteActor.objects.filter(pk=actor.pk).update(fetched_at=now - KEY_AGE)
        return "noted"
    following = _followed(actor)
    if isinstance(sent, dict) and not is_event(sent):
        return "ignored"
    if not same_server(uri, actor.uri):
        raise InboxRefused(401, "The object is from another server than its actor.")
    return _arrive(following, uri, sent if isinstance(sent, dict) else None, now)


def _announce(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    following = _followed(actor)
    uri = id_of(value.get("object"))
    if not is_usable(uri) or is_blocked(uri):
        return "ignored"
    if same_server(uri, actor_id()):
        return "own"  # our own event, told on by a neighbour
    return _arrive(following, uri, None, now)


def _arrive(following: Following, uri: str, sent: dict[str, Any] | None, now: datetime) -> str:
    if own_event(uri) is not None or not is_usable(uri) or not object_key(uri):
        return "ignored"
    kind = Arrival.Kind.OBJECT if sent is not None else Arrival.Kind.FETCH
    raw = orjson.dumps(sent) if sent is not None else b""
    Arrival.objects.create(following=following, kind=kind, uri=uri, raw=raw, received_at=now)
    return str(kind)


def _delete(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    uri = id_of(value.get("object"))
    if uri == actor.uri:
        Follower.objects.filter(actor=actor).delete()
        for row in Following.objects.filter(actor=actor).exclude(state=Following.State.ENDED):
            end_following(row, now=now)
            record("federation.gone", ("following", row.pk), by=None, now=now, actor=actor.uri)
        return "gone"
    following = _followed(actor)
    if not same_server(uri, actor.uri) or not object_key(uri):
        raise InboxRefused(401, "The object is from another server than its actor.")
    Arrival.objects.create(following=following, kind=Arrival.Kind.DELETE, uri=uri, received_at=now)
    return "delete"


def _join(actor: RemoteActor, value: Mapping[str, Any], now: datetime) -> str:
    """FEP-8a8e: who does not manage participants says so."""
    queue(answer_to("Ignore", value["id"], actor.uri, secrets.token_hex(8), now=now), [actor.inbox], now=now)
    return "answered"


HANDLERS: Final[dict[str, Callable[[RemoteActor, Mapping[str, Any], datetime], str]]] = {
    "Follow": _follow,
    "Undo": _undo,
    "Accept": _answer,
    "Reject": _answer,
    "Create": _object,
    "Update": _object,
    "Announce": _announce,
    "Delete": _delete,
    "Join": _join,
}
