"""Answers of ActivityPub to requests, for the federation's own addresses and for pages that are asked for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from allmende.federation.actions.inbox import InboxRefused, verified_actor
from allmende.federation.addresses import is_on
from allmende.federation.negotiation import ACTIVITY_JSON
from allmende.federation.queries.documents import event_document
from allmende.federation.signatures import Signed
from allmende.federation.web import ask

SECONDS = 60


def signed_request(request: HttpRequest) -> Signed:
    """A request as its signature sees it: the path as it was sent, without what the language took off."""
    query = request.META.get("QUERY_STRING", "")
    return Signed(
        method=str(request.method),
        target=request.path + (f"?{query}" if query else ""),
        host=request.META.get("HTTP_HOST", "").lower(),
        scheme=request.scheme or "http",
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )


def refusal(request: HttpRequest, now: datetime) -> HttpResponse | None:
    """Why an object is not shown: the federation is off, or questions must be signed and this one is not."""
    if not is_on():
        return plain(404, "The federation is turned off.")
    if not settings.ALLMENDE_FEDERATION_SECURE:
        return None
    try:
        verified_actor(signed_request(request), now=now, ask=ask)
    except InboxRefused as error:
        return plain(error.status, str(error))
    return None


def plain(status: int, text: str) -> HttpResponse:
    """A sentence for who runs the other server."""
    response = HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def activity_json(
    value: dict[str, Any], *, status: int = 200, kind: str = ACTIVITY_JSON, vary: str = ""
) -> HttpResponse:
    """A document.  Caches may keep it, but where questions must be signed no one may answer in our place."""
    response = HttpResponse(orjson.dumps(value), status=status, content_type=f"{kind}; charset=utf-8")
    # Never "public": what stands in front of Django keeps such answers and takes parameters off that pages do not know.
    response["Cache-Control"] = "private, no-store" if settings.ALLMENDE_FEDERATION_SECURE else f"max-age={SECONDS}"
    response["Vary"] = ", ".join(filter(None, ["Accept", vary]))
    return response


def answer_event(request: HttpRequest, identifier: int) -> HttpResponse:
    """An event as ActivityPub: the object, its tombstone, or 404."""
    now = timezone.now()
    refused = refusal(request, now)
    if refused:
        return refused
    found = event_document(identifier, now=now)
    if found is None:
        return plain(404, "There is no such event here.")
    return activity_json(found[1], status=found[0])
