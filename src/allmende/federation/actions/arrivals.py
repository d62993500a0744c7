"""What arrived becomes records of its source; and now and then the outbox of each neighbour is read through."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.db.models import Q

from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.stream import known_keys, take_in
from allmende.federation.actions.knowing import is_blocked
from allmende.federation.addresses import host_of, own_event, same_server
from allmende.federation.bridges.events import Problem, RawRecord, is_event, raw_event
from allmende.federation.models import Arrival, Following
from allmende.federation.region import signer
from allmende.federation.remote import Reader, RemoteGone, RemoteRefused
from allmende.federation.web import Ask

log = logging.getLogger("allmende.federation")

BATCH: Final = 500
TRIES: Final = 5
FETCHES: Final = 40
"""Objects that are fetched one by one in a round, from one neighbour."""
SECONDS: Final = 25.0
AGAIN: Final = timedelta(hours=24)
RETRY: Final = timedelta(hours=1)
PAGES: Final = 60
"""Pages of an outbox that are read at most."""
MOST: Final = 3000
"""Events of an outbox that are taken at most."""


def take_in_arrivals(*, now: datetime, ask: Ask) -> int:
    """Apply what waits; return how many records were made, changed or withdrawn."""
    waiting = Following.objects.filter(arrivals__isnull=False, state=Following.State.ACCEPTED).distinct()
    count = sum(_take_in(row, now=now, ask=ask) for row in waiting.select_related("source", "actor"))
    if count:
        refresh_derived_if_small()
    return count


def _take_in(following: Following, *, now: datetime, ask: Ask) -> int:
    rows = list(following.arrivals.order_by("pk")[:BATCH])
    last = {row.uri: row for row in rows}  # of several states of one object, the last one counts
    reader = Reader(ask, signer(now), now)
    end = time.monotonic() + SECONDS
    raws: list[RawRecord] = []
    withdrawn: list[str] = []
    left: list[int] = []
    error = ""
    fetches = 0
    for row in last.values():
        if row.kind == Arrival.Kind.DELETE:
            withdrawn.append(row.uri)
            continue
        if row.kind == Arrival.Kind.OBJECT:
            value: Any = orjson.loads(bytes(row.raw))
        elif fetches >= FETCHES or time.monotonic() > end:
            left.append(row.pk)
            continue
        else:
            fetches += 1
            try:
                value = _fetched(reader, row.uri)
            except RemoteGone:
                withdrawn.append(row.uri)
                continue
            except RemoteRefused as refused:
                error = str(refused)
                if row.tries + 1 < TRIES:
                    Arrival.objects.filter(pk=row.pk).update(tries=row.tries + 1)
                    left.append(row.pk)
                continue
        if value is not None and isinstance(raw := raw_event(value, row.uri), RawRecord):
            raws.append(raw)
    report = take_in(following.source, raws, withdrawn=withdrawn, now=now, location=following.actor.uri)
    following.arrivals.filter(pk__in=[row.pk for row in rows]).exclude(pk__in=left).delete()
    refused_records = [problem.message for problem in report.problems if problem.severity == "error"]
    Following.objects.filter(pk=following.pk).update(
        last_arrived_at=now, last_error=(error or " ".join(refused_records[:1]))[:300]
    )
    return report.created + report.updated + report.withdrawn


def _fetched(reader: Reader, uri: str) -> dict[str, Any] | None:
    """The event of that name, from its own server; None for what is no event, blocked, or our own."""
    if is_blocked(uri) or own_event(uri) is not None:
        return None
    value = reader.object(uri)
    return value if is_event(value) and own_event(value["id"]) is None else None


# ---------------------------------------------------------------------- reading an outbox through


@dataclass(slots=True)
class Walk:
    """What an outbox holds."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    named: dict[str, None] = field(default_factory=dict)
    """Events that are only named, to be fetched."""
    is_whole: bool = False
    """The outbox was read to its end."""


def refresh_followings(*, now: datetime, ask: Ask, seconds: float = SECONDS) -> int:
    """Read the outboxes that are due: once at first, then daily; return how many records changed.

    So a new neighbour's events come in, and what was lost on the way is found: an event of ours that its server no longer
    knows is withdrawn.
    """
    due = Following.objects.filter(
        Q(refreshed_at=None) | Q(refreshed_at__lt=now - AGAIN), state=Following.State.ACCEPTED
    )
    end = time.monotonic() + seconds
    count = 0
    for following in due.select_related("actor", "source").order_by("refreshed_at", "pk")[:20]:
        if time.monotonic() > end:
            break
        # Taken before the work: another process leaves it alone, and a failure waits for an hour.
        taken = Following.objects.filter(pk=following.pk, refreshed_at=following.refreshed_at).update(
            refreshed_at=now - AGAIN + RETRY
        )
        if taken:
            count += _refresh(following, Reader(ask, signer(now), now), now=now)
    if count:
        refresh_derived_if_small()
    return count


def _refresh(following: Following, reader: Reader, *, now: datetime) -> int:
    try:
        walk = read_outbox(reader, following.actor.outbox)
    except RemoteRefused as error:
        Following.objects.filter(pk=following.pk).update(last_error=str(error)[:300])
        return 0
    gone: list[str] = []
    missing = []
    if walk.is_whole:
        known = known_keys(following.source, upcoming_on=now.date())
        here = {*walk.events, *walk.named}
        missing = [key for key in known if key not in here]
    end = time.monotonic() + SECONDS
    for uri in [*walk.named, *missing][:FETCHES]:
        if time.monotonic() > end:
            break
        try:
            value = _fetched(reader, uri)
        except RemoteGone:
            gone.append(uri)
            continue
        except RemoteRefused as error:
            log.info("An event of %s could not be fetched: %s", host_of(uri), error)
            continue
        if value is not None:
            walk.events[value["id"]] = value
    raws = [raw_event(value, uri) for uri, value in walk.events.items()]
    usable = [raw for raw in raws if not isinstance(raw, Problem)]
    report = take_in(following.source, usable, withdrawn=gone, now=now, location=following.actor.outbox)
    changed = report.created + report.updated + report.withdrawn
    told: dict[str, Any] = {"refreshed_at": now, "last_error": ""}
    if changed:
        told["last_arrived_at"] = now
    Following.objects.filter(pk=following.pk).update(**told)
    return changed


def read_outbox(reader: Reader, address: str) -> Walk:
    """Walk through an outbox page by page; only what its own server says is taken whole."""
    walk = Walk()
    if not address:
        return walk
    seen: set[str] = set()
    here: Any = address
    while len(seen) < PAGES and len(walk.events) < MOST:
        page: Any = here
        if isinstance(here, str):
            if here in seen or not same_server(here, address):
                return walk
            seen.add(here)
            page, final = reader.json(here)
            if not same_server(final, address):
                return walk
        if not isinstance(page, dict):
            return walk
        for value in _items(page):
            _note(walk, value, address)
        here = page.get("next") or (page.get("first") if "orderedItems" not in page else None)
        if not here:
            walk.is_whole = True
            return walk
    return walk


def _items(page: dict[str, Any]) -> Iterator[Any]:
    found = page.get("orderedItems") or page.get("items")
    yield from found[:1000] if isinstance(found, list) else ()


def _note(walk: Walk, value: Any, address: str) -> None:
    if isinstance(value, dict) and value.get("type") in {"Create", "Update", "Announce"}:
        value = value.get("object")
    if isinstance(value, dict) and is_event(value):
        uri = value.get("id")
        if isinstance(uri, str) and same_server(uri, address) and own_event(uri) is None:
            walk.events[uri] = value
    elif isinstance(value, str) and host_of(value) and own_event(value) is None and len(walk.named) < MOST:
        walk.named[value] = None
