"""Reading: lists, search, single records, dates, changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Query
from ninja.params import functions as param

from allmende.catalogue.api import router
from allmende.catalogue.api.params import (
    ChangeQuery,
    EventQuery,
    ItemQuery,
    OccurrenceQuery,
    OneEventQuery,
    OneQuery,
    SearchQuery,
    filters_of,
    only,
    shown_by,
    source_of,
    wanted_by,
)
from allmende.catalogue.api.schemas import (
    ChangePage,
    EventOut,
    EventPage,
    OccurrencePage,
    OfferOut,
    OfferPage,
    PlaceOut,
    PlacePage,
    SearchPage,
)
from allmende.catalogue.queries import api as queries
from allmende.catalogue.queries import lists as cursors
from allmende.catalogue.queries.api import BadCursor, Gone, Moved, Page
from allmende.catalogue.values import KINDS
from allmende.core.api.calls import Call, answer, call_of, page_answer
from allmende.core.api.problems import Refused, no_such, wrong
from allmende.core.api.schemas import Problem

MOST_EXPANDED: Final = 100
LIST_ERRORS: Final[dict[Any, Any]] = {401: Problem, 422: Problem, 429: Problem}
ONE_ERRORS: Final[dict[Any, Any]] = {401: Problem, 404: Problem, 410: Problem, 422: Problem, 429: Problem}
WITH_CHANGES: Final = frozenset({"modified_since", "source", "limit", "cursor", "fields", "language", "languages"})
WITH_STATE: Final = frozenset({"state", "source", "limit", "cursor", "fields", "language", "languages", "count"})
NUMBER: Final = gettext_noop("Its number.")


def _list(request: HttpRequest, kind: str, asked: EventQuery | ItemQuery) -> HttpResponse:
    """A list, or what changed, or one's own records."""
    call = call_of(request)
    if asked.modified_since is not None:
        only(asked, WITH_CHANGES, "What changed can be narrowed by source only; take the other filters out.")
        return _changes(request, (kind,), asked, asked.modified_since)
    if asked.state is not None and (asked.state != "published" or call.key):
        return _own(request, kind, asked)
    since, until = getattr(asked, "since", None), getattr(asked, "until", None)
    wanted = wanted_by(asked, filters_of(asked, since=since, until=until))
    if wanted.expand and wanted.limit > MOST_EXPANDED:
        raise wrong("query.limit", f"With expand=occurrences a page has at most {MOST_EXPANDED} events.")
    shown = shown_by(asked, call, (kind,))
    try:
        if kind == "event":
            page = queries.list_events(wanted, shown, now=call.now, zone=call.zone)
        else:
            page = queries.list_items(kind, wanted, shown)
    except BadCursor as error:
        raise wrong("query.cursor", str(error)) from error
    return _paged(request, page)


def _paged(request: HttpRequest, page: Page) -> HttpResponse:
    more: dict[str, Any] = {}
    if page.total is not None:
        more = {"total": page.total, "total_is_at_least": page.total_is_at_least}
    return page_answer(request, page.items, page.cursor, **more)


def _own(request: HttpRequest, kind: str, asked: EventQuery | ItemQuery) -> HttpResponse:
    call = call_of(request)
    if call.key is None:
        raise Refused(
            401,
            "Records that are not public are shown to a key of the organisation that owns them.",
            headers={"WWW-Authenticate": 'Bearer realm="allmende"'},
        )
    only(asked, WITH_STATE, "One's own records can be narrowed by state and source only; take the other filters out.")
    wanted = wanted_by(asked, filters_of(asked))
    state = "" if asked.state == "all" else str(asked.state)
    try:
        page = queries.list_own(kind, call.key.organisation_id, state, wanted, shown_by(asked, call, (kind,)))
    except BadCursor as error:
        raise wrong("query.cursor", str(error)) from error
    return _paged(request, page)


@router.get(
    "/events",
    response={200: EventPage, **LIST_ERRORS},
    tags=["reading"],
    operation_id="list_events",
    summary=gettext_noop("Events that are still to come, by day and time"),
)
def list_events(request: HttpRequest, asked: Query[EventQuery]) -> HttpResponse:
    """Each event once, on its first day that passes the filters and is not over; `next` is that date."""
    return _list(request, "event", asked)


@router.get(
    "/places",
    response={200: PlacePage, **LIST_ERRORS},
    tags=["reading"],
    operation_id="list_places",
    summary=gettext_noop("Places, by name or by distance"),
)
def list_places(request: HttpRequest, asked: Query[ItemQuery]) -> HttpResponse:
    """By name; with `near` the nearest first."""
    return _list(request, "place", asked)


@router.get(
    "/offers",
    response={200: OfferPage, **LIST_ERRORS},
    tags=["reading"],
    operation_id="list_offers",
    summary=gettext_noop("Offers, by name or by distance"),
)
def list_offers(request: HttpRequest, asked: Query[ItemQuery]) -> HttpResponse:
    """By name; with `near` the nearest first."""
    return _list(request, "offer", asked)


@router.get(
    "/search",
    response={200: SearchPage, **LIST_ERRORS},
    tags=["reading"],
    operation_id="search",
    summary=gettext_noop("Events, places and offers that words find, best first"),
)
def search(request: HttpRequest, asked: Query[SearchQuery]) -> HttpResponse:
    """Small mistakes in writing are forgiven (`corrected`); where nothing has all the words, some will do (`relaxed`)."""
    call = call_of(request)
    filters = filters_of(asked, since=asked.since, until=asked.until)
    if not filters.q:
        raise wrong("query.q", "Write at least one word.")
    if asked.bbox:
        raise wrong("query.bbox", "A search takes near and radius_km, no box.")
    kinds = tuple(asked.kind) or KINDS
    wanted = queries.Wanted(filters=filters, cursor=asked.cursor, limit=asked.limit)
    try:
        page = queries.search(wanted, shown_by(asked, call, kinds), kinds, now=call.now, zone=call.zone)
    except BadCursor as error:
        raise wrong("query.cursor", str(error)) from error
    return page_answer(
        request,
        page.items,
        page.cursor,
        total=page.total or 0,
        total_is_at_least=page.total_is_at_least,
        corrected=page.corrected or None,
        relaxed=page.relaxed,
    )


def _changes(request: HttpRequest, kinds: tuple[str, ...], asked: Any, since: datetime) -> HttpResponse:
    call = call_of(request)
    if since.astimezone(UTC).year < 1900:
        raise wrong("query.modified_since", "Nothing here is that old; 1970-01-01T00:00:00Z means everything.")
    try:
        found = queries.changes_since(
            kinds,
            since.astimezone(UTC),
            shown_by(asked, call, kinds),
            source=source_of(asked.source),
            cursor=asked.cursor,
            limit=asked.limit,
            now=call.now,
        )
    except BadCursor as error:
        raise wrong("query.cursor", str(error)) from error
    return page_answer(request, found.items, found.cursor, until=found.until)


@router.get(
    "/changes",
    response={200: ChangePage, **LIST_ERRORS},
    tags=["reading"],
    operation_id="list_changes",
    summary=gettext_noop("What changed since a time, with what is gone, the oldest first"),
)
def list_changes(request: HttpRequest, asked: Query[ChangeQuery]) -> HttpResponse:
    """Follow `next` to the end, then ask again from `until`.  Some changes are told twice, none is left out."""
    return _changes(request, tuple(asked.kind) or KINDS, asked, asked.modified_since)


def _one(request: HttpRequest, kind: str, identifier: int, asked: OneQuery | OneEventQuery) -> HttpResponse:
    call = call_of(request)
    found = queries.one_record(
        kind,
        identifier,
        shown_by(asked, call, (kind,)),
        own=call.key.organisation_id if call.key else None,
        expand=getattr(asked, "expand", None) == "occurrences",
        now=call.now,
        zone=call.zone,
    )
    if found is None:
        raise no_such(kind, identifier)
    if isinstance(found, Gone):
        raise Refused(410, f"This {kind} was withdrawn.", headers={"Vary": "Accept-Language, Authorization"})
    if isinstance(found, Moved):
        return moved(request, call, kind, found)
    call.etag = f'{call.etag[:-1]}-{found.version}"'
    return answer(request, found.record)


def moved(request: HttpRequest, call: Call, kind: str, found: Moved) -> HttpResponse:
    """301 to the record that stands for a joined one."""
    query = request.META.get("QUERY_STRING", "")
    there = f"{call.public_url}/api/v1/{kind}s/{found.to}" + (f"?{query}" if query else "")
    response = answer(request, {"replaced_by": found.to}, status=301)
    response["Location"] = there
    return response


Number = param.Path(..., ge=1, le=2**53, description=NUMBER)


@router.get(
    "/events/{int:id}",
    response={200: EventOut, **ONE_ERRORS},
    tags=["reading"],
    operation_id="get_event",
    summary=gettext_noop("One event"),
)
def get_event(request: HttpRequest, asked: Query[OneEventQuery], id: int = Number) -> HttpResponse:
    """410 where it was withdrawn; 301 to the one that stands for it where it was joined with another."""
    return _one(request, "event", id, asked)


@router.get(
    "/events/{int:id}/occurrences",
    response={200: OccurrencePage, 404: Problem, 422: Problem, 429: Problem},
    tags=["reading"],
    operation_id="list_occurrences",
    summary=gettext_noop("All dates of an event"),
)
def list_occurrences(request: HttpRequest, asked: Query[OccurrenceQuery], id: int = Number) -> HttpResponse:
    """Within the kept horizon: from five weeks ago to a year and a half ahead."""
    after = _after_start(asked.cursor)
    filters = filters_of(_NO_FACTS, since=asked.since, until=asked.until)
    found = queries.occurrences_of(id, since=filters.since, until=filters.until, after=after, limit=asked.limit)
    if found is None:
        raise no_such("event", id)
    items, last = found
    return page_answer(request, items, cursors.encode_cursor(int(last.timestamp()), "start") if last else "")


_NO_FACTS = ItemQuery.model_construct()


def _after_start(cursor: str) -> datetime | None:
    if not cursor:
        return None
    parts = cursors.decode_cursor(cursor, 2)
    if not parts or parts[1] != "start" or not parts[0].isdecimal() or len(parts[0]) > 11:
        raise wrong("query.cursor", "This cursor belongs to no page of this list.")
    return datetime.fromtimestamp(int(parts[0]), UTC)


@router.get(
    "/places/{int:id}",
    response={200: PlaceOut, **ONE_ERRORS},
    tags=["reading"],
    operation_id="get_place",
    summary=gettext_noop("One place"),
)
def get_place(request: HttpRequest, asked: Query[OneQuery], id: int = Number) -> HttpResponse:
    """410 where it was withdrawn; 301 to the one that stands for it where it was joined with another."""
    return _one(request, "place", id, asked)


@router.get(
    "/offers/{int:id}",
    response={200: OfferOut, **ONE_ERRORS},
    tags=["reading"],
    operation_id="get_offer",
    summary=gettext_noop("One offer"),
)
def get_offer(request: HttpRequest, asked: Query[OneQuery], id: int = Number) -> HttpResponse:
    """410 where it was withdrawn; 301 to the one that stands for it where it was joined with another."""
    return _one(request, "offer", id, asked)
