"""Writing with a key: changes to single records, and deliveries to one's sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Body, Query, Schema
from ninja.params import functions as param
from pydantic import Field

from allmende.catalogue.actions import EditRefused, remote
from allmende.catalogue.api import router
from allmende.catalogue.api.patches import EventPatch, OfferPatch, PlacePatch, RecordPatch, columns_of_patch
from allmende.catalogue.api.schemas import DeliveryOut, EventOut, OfferOut, PlaceOut, SourceList
from allmende.catalogue.models import ImportRun, Source
from allmende.catalogue.queries import api as queries
from allmende.catalogue.queries.api import Shown
from allmende.catalogue.rules import EditForbidden, ImportForbidden
from allmende.core.api.calls import Call, answer, call_of
from allmende.core.api.problems import Fault, Refused, no_such
from allmende.core.api.schemas import Problem
from allmende.core.uploads import UploadRefused
from allmende.partners.keys.queries import KeyHolder

PIECE: Final = 64 * 1024
NUMBER: Final = gettext_noop("Its number.")
IF_MATCH: Final = gettext_noop("The `version` of the record that you know, or the ETag that came with it.")
KEY_ERRORS: Final[dict[Any, Any]] = {401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
EDIT_ERRORS: Final[dict[Any, Any]] = {**KEY_ERRORS, 400: Problem, 412: Problem, 428: Problem}
SUFFIX_OF: Final = {
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/ld+json": ".jsonld",
    "application/geo+json": ".geojson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/html": ".html",
}


def holder_of(request: HttpRequest, *, to_write: bool = True) -> KeyHolder:
    """Who knocks with a key; without one 401, with one that may only read 403."""
    holder = call_of(request).key
    if holder is None:
        raise Refused(
            401, "This needs a key: Authorization: Bearer …", headers={"WWW-Authenticate": 'Bearer realm="allmende"'}
        )
    if to_write and not holder.may_write:
        raise Refused(403, "This key may read, but not write. Make one with the scope “read and write”.")
    return cast(KeyHolder, holder)


def _version(header: str) -> str:
    """The record's version in an If-Match: the version itself, or the end of the ETag that was sent with it."""
    return header.strip().removeprefix("W/").strip('"').rpartition("-")[2]


def _shown(call: Call) -> Shown:
    return Shown(language=call.language, public_url=call.public_url)


def _edit(
    request: HttpRequest, kind: str, identifier: int, if_match: str | None, told: RecordPatch | None, state: str
) -> None:
    holder, call = holder_of(request), call_of(request)
    if not if_match:
        raise Refused(
            428,
            "Say with If-Match which version of the record you change.",
            faults=[
                Fault("header.If-Match", "Send the version of the record that you know, or * for whichever there is.")
            ],
        )
    wanted = _version(if_match)

    def is_current(updated_at: Any) -> bool:
        return wanted in {"*", queries.version_at(updated_at)}

    try:
        changed = remote.edit_with_key(
            kind,
            identifier,
            lambda columns: columns_of_patch(told, columns) if told else {},
            state=state,
            is_current=is_current,
            holder=holder,
            now=call.now,
        )
    except EditForbidden as error:
        raise Refused(403, str(error)) from error
    except EditRefused as error:
        faults = [Fault(f"body.{error.field}", str(error))]
        raise Refused(422, "The change makes no sense; nothing was changed.", faults=faults) from error
    except queries.NO_SUCH as error:
        raise no_such(kind, identifier) from error
    if changed is None:
        raise Refused(412, "The record was changed meanwhile. Read it again, and decide anew.")


def _patch(request: HttpRequest, kind: str, identifier: int, if_match: str | None, told: RecordPatch) -> HttpResponse:
    call = call_of(request)
    _edit(request, kind, identifier, if_match, told, told.state or "")
    found = queries.one_record(
        kind, identifier, _shown(call), own=call.key.organisation_id, now=call.now, zone=call.zone
    )
    if not isinstance(found, queries.One):
        raise no_such(kind, identifier)
    return answer(request, found.record, headers={"ETag": f'W/"{found.version}"'})


Number = param.Path(..., ge=1, le=2**53, description=NUMBER)
IfMatch = param.Header(None, alias="If-Match", max_length=200, description=IF_MATCH)


@router.patch(
    "/events/{int:id}",
    response={200: EventOut, **EDIT_ERRORS},
    tags=["writing"],
    operation_id="change_event",
    summary=gettext_noop("Change an event of one’s own organisation"),
)
def change_event(
    request: HttpRequest, told: Body[EventPatch], id: int = Number, if_match: str | None = IfMatch
) -> HttpResponse:
    """What is sent is held: a later import keeps it.  What is left out stays as it is."""
    return _patch(request, "event", id, if_match, told)


@router.patch(
    "/places/{int:id}",
    response={200: PlaceOut, **EDIT_ERRORS},
    tags=["writing"],
    operation_id="change_place",
    summary=gettext_noop("Change a place of one’s own organisation"),
)
def change_place(
    request: HttpRequest, told: Body[PlacePatch], id: int = Number, if_match: str | None = IfMatch
) -> HttpResponse:
    """What is sent is held: a later import keeps it.  What is left out stays as it is."""
    return _patch(request, "place", id, if_match, told)


@router.patch(
    "/offers/{int:id}",
    response={200: OfferOut, **EDIT_ERRORS},
    tags=["writing"],
    operation_id="change_offer",
    summary=gettext_noop("Change an offer of one’s own organisation"),
)
def change_offer(
    request: HttpRequest, told: Body[OfferPatch], id: int = Number, if_match: str | None = IfMatch
) -> HttpResponse:
    """What is sent is held: a later import keeps it.  What is left out stays as it is."""
    return _patch(request, "offer", id, if_match, told)


def _withdraw(request: HttpRequest, kind: str, identifier: int, if_match: str | None) -> HttpResponse:
    _edit(request, kind, identifier, if_match, None, "withdrawn")
    response = HttpResponse(status=204)
    response["Cache-Control"] = "no-store"
    return response


@router.delete(
    "/events/{int:id}",
    response={204: None, **EDIT_ERRORS},
    tags=["writing"],
    operation_id="withdraw_event",
    summary=gettext_noop("Take an event of one’s own organisation off the public pages"),
)
def withdraw_event(request: HttpRequest, id: int = Number, if_match: str | None = IfMatch) -> HttpResponse:
    """It is kept and can be published again with PATCH."""
    return _withdraw(request, "event", id, if_match)


@router.delete(
    "/places/{int:id}",
    response={204: None, **EDIT_ERRORS},
    tags=["writing"],
    operation_id="withdraw_place",
    summary=gettext_noop("Take a place of one’s own organisation off the public pages"),
)
def withdraw_place(request: HttpRequest, id: int = Number, if_match: str | None = IfMatch) -> HttpResponse:
    """It is kept and can be published again with PATCH."""
    return _withdraw(request, "place", id, if_match)


@router.delete(
    "/offers/{int:id}",
    response={204: None, **EDIT_ERRORS},
    tags=["writing"],
    operation_id="withdraw_offer",
    summary=gettext_noop("Take an offer of one’s own organisation off the public pages"),
)
def withdraw_offer(request: HttpRequest, id: int = Number, if_match: str | None = IfMatch) -> HttpResponse:
    """It is kept and can be published again with PATCH."""
    return _withdraw(request, "offer", id, if_match)


# ---------------------------------------------------------------------- deliveries


class DeliveryQuery(Schema):
    """How a delivery is to be taken."""

    preview: bool = Field(False, description=gettext_noop("Only say what would become of it; change nothing."))
    insist: bool = Field(
        False, description=gettext_noop("Apply it although more than a fifth of the known records are missing.")
    )
    format: Literal["", "ical", "csv", "xlsx", "json", "geojson", "schema-org"] = Field(
        "", description=gettext_noop("Name of a reader; without it the format is recognised.")
    )


Slug = param.Path(
    ..., max_length=80, pattern=r"^[-a-zA-Z0-9_]+$", description=gettext_noop("Short name of the source.")
)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """The body, piece by piece: it may be larger than what is kept in memory."""
    while piece := request.read(PIECE):
        yield piece


def _source(request: HttpRequest, slug: str) -> tuple[Source, KeyHolder]:
    holder = holder_of(request)
    try:
        return remote.source_for_key(slug, holder), holder
    except Source.DoesNotExist as error:
        raise no_such("source", slug) from error
    except ImportForbidden as error:
        raise Refused(403, str(error)) from error


def _state(state: remote.DeliveryState) -> dict[str, Any]:
    return {
        "id": state.id,
        "state": state.state,
        **{name: state.counts.get(name, 0) for name in remote.COUNTS},
        "format": state.format,
        "message": state.message,
        "problems": state.problems,
        "changes": state.changes,
    }


@router.get(
    "/sources",
    response={200: SourceList, 401: Problem, 422: Problem, 429: Problem},
    tags=["writing"],
    operation_id="list_own_sources",
    summary=gettext_noop("The sources to which this key may deliver"),
)
def list_own_sources(request: HttpRequest) -> HttpResponse:
    """Sources are made in the workspace."""
    rows = remote.sources_for_key(holder_of(request, to_write=False))
    names = ("slug", "title", "format", "kind", "licence")
    return answer(request, {"items": [{name: getattr(row, name) for name in names} for row in rows]})


@router.post(
    "/sources/{slug}/deliveries",
    response={200: DeliveryOut, 202: DeliveryOut, 409: DeliveryOut, **KEY_ERRORS, 413: Problem},
    tags=["writing"],
    operation_id="deliver",
    summary=gettext_noop("Deliver a file to a source, and see what became of it"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in (*SUFFIX_OF, "application/octet-stream")
            },
        }
    },
)
def deliver(request: HttpRequest, asked: Query[DeliveryQuery], slug: str = Slug) -> HttpResponse:
    """The body is the file itself, in any format that the source's owner could upload, complete: what is missing in it is
    withdrawn.  409 where a guard refused it; 202 where it is so large that it is worked on behind, see Location."""
    source, holder = _source(request, slug)
    call = call_of(request)
    content_type = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    try:
        state = remote.deliver_with_key(
            source,
            f"delivery{SUFFIX_OF.get(content_type, '')}",
            _pieces(request),
            format=asked.format,
            preview=asked.preview,
            insist=asked.insist,
            holder=holder,
            now=call.now,
        )
    except UploadRefused as error:
        raise Refused(422, str(error), faults=[Fault("body", str(error))]) from error
    if state.state == "failed":
        raise Refused(422, state.message, faults=[Fault("body", state.message)])
    status = {"running": 202, "refused": 409}.get(state.state, 200)
    headers = {"Location": f"{call.public_url}/api/v1/sources/{slug}/deliveries/{state.id}"} if status == 202 else {}
    return answer(request, _state(state), status=status, headers=headers)


@router.get(
    "/sources/{slug}/deliveries/{int:id}",
    response={200: DeliveryOut, **KEY_ERRORS},
    tags=["writing"],
    operation_id="get_delivery",
    summary=gettext_noop("How far a large delivery is, or what became of it"),
)
def get_delivery(request: HttpRequest, slug: str = Slug, id: int = Number) -> HttpResponse:
    """`running` until it is `applied`, `previewed` or `failed`."""
    _, holder = _source(request, slug)
    try:
        return answer(request, _state(remote.delivery_for_key(slug, id, holder)), headers={"Cache-Control": "no-store"})
    except ImportRun.DoesNotExist as error:
        raise no_such("delivery", id) from error
