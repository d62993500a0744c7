"""What other servers ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from allmende import __version__
from allmende.catalogue.queries.public_events import upcoming_event_ids
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.federation.actions.inbox import LARGEST, InboxRefused, receive
from allmende.federation.addresses import FOREIGN, HANDLE, actor_id, below, is_on, origin, own_host
from allmende.federation.answers import activity_json, answer_event, plain, refusal, signed_request
from allmende.federation.negotiation import ACTIVITY_JSON, is_activity, wants_activity
from allmende.federation.queries import documents
from allmende.federation.region import region_name
from allmende.federation.remote import APPLICATION
from allmende.federation.web import ask

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
POSTS: Final = Limit(1200, 3600)
"""Activities that one address may send in an hour: a neighbour that imports its whole catalogue stays below."""
SCHEMA: Final = "http://nodeinfo.diaspora.software/ns/schema/"


def when_on(view: View[P]) -> View[P]:
    """404 where the federation is turned off."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs) if is_on() else plain(404, "The federation is turned off.")

    return cast(View[P], guarded)


def _json(value: dict[str, Any], kind: str) -> HttpResponse:
    response = activity_json(value, kind=kind)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "max-age=3600"
    return response


@require_safe
@when_on
def webfinger(request: HttpRequest) -> HttpResponse:
    """RFC 7033: from ``acct:region@host`` (or the actor's address) to the actor."""
    resource = request.GET.get("resource", "")
    if not resource:
        return plain(400, "Say which resource: acct:NAME@HOST.")
    names = {f"acct:{HANDLE}@{own_host()}", f"acct:relay@{own_host()}", actor_id(), origin(), f"{origin()}/"}
    if resource not in names and resource.lower() not in names:
        return plain(404, "There is nobody of that name here.")
    value = {
        "subject": f"acct:{HANDLE}@{own_host()}",
        "aliases": [actor_id(), f"{origin()}/"],
        "links": [
            {"rel": "self", "type": ACTIVITY_JSON, "href": actor_id()},
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": f"{origin()}/"},
        ],
    }
    return _json(value, "application/jrd+json")


@require_safe
@when_on
def nodeinfo_links(request: HttpRequest) -> HttpResponse:
    """Where NodeInfo is, and (FEP-2677) which actor stands for the whole server."""
    links = [{"rel": SCHEMA + version, "href": below(f"nodeinfo/{version}")} for version in ("2.1", "2.0")]
    links.append({"rel": APPLICATION, "href": actor_id()})
    return _json({"links": links}, "application/json")


@require_safe
@when_on
def nodeinfo(request: HttpRequest, major: str, minor: str) -> HttpResponse:
    """NodeInfo 2.1 (and 2.0): program, protocol, and how many events there are.  Nothing about people."""
    version = f"{major}.{minor}"
    if version not in {"2.0", "2.1"}:
        return plain(404, "NodeInfo is here in the versions 2.0 and 2.1.")
    _ids, total = upcoming_event_ids(foreign=FOREIGN, today=timezone.now().date(), limit=1, count=True)
    software = {"name": "allmende", "version": __version__}
    if version == "2.1":
        software["homepage"] = f"{origin()}/"
    value = {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {}, "localPosts": total or 0},
        "metadata": {"nodeName": region_name()},
    }
    return _json(value, f'application/json; profile="{SCHEMA}{version}#"')


@require_safe
@when_on
def actor(request: HttpRequest) -> HttpResponse:
    """The region as an actor; never behind a signature, since its key is needed to check signatures."""
    if "text/html" in request.headers.get("Accept", "") and not wants_activity(request.headers.get("Accept", "")):
        return _to_page(f"{origin()}/")
    response = activity_json(documents.actor_document(now=timezone.now()))
    response["Cache-Control"] = "max-age=300"
    return response


def _to_page(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response["Vary"] = "Accept"
    response["Cache-Control"] = "no-store"
    return response


def _document(make: Callable[[str, datetime], dict[str, Any]]) -> View[[]]:
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        return refusal(request, now) or activity_json(make(request.GET.get("page", ""), now))

    return view


outbox = _document(lambda page, now: documents.outbox_document(page, now=now))
followers = _document(lambda page, now: documents.followers_document())
following = _document(lambda page, now: documents.following_document())
upcoming = _document(lambda page, now: documents.upcoming_document(page, now=now))


@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """An event as an object; a browser is sent to its page."""
    accept = request.headers.get("Accept", "")
    if "text/html" in accept and not wants_activity(accept) and is_on():
        page = documents.event_page_of(pk)
        return _to_page(page) if page else plain(404, "There is no such event here.")
    return answer_event(request, pk)


@csrf_exempt
@require_POST
@when_on
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox of the region, and the one shared inbox of this server."""
    now = timezone.now()
    if is_too_fast("federation-inbox", sender_of(request), POSTS, now=now):
        return plain(429, "Too many activities in a short time. Try again in an hour.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return plain(413, "The activity is too large.")
    if not is_activity(request.content_type or ""):
        return plain(415, f"Send {ACTIVITY_JSON}.")
    try:
        done = receive(signed_request(request), now=now, ask=ask)
    except InboxRefused as error:
        return plain(error.status, str(error))
    return plain(202, done)
