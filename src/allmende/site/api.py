"""The API under ``/api/v1/``: its parts put together, and the door that every request goes through.

The door decides the language, knows the key, counts, answers what is unchanged, and turns everything that goes wrong into
problem details.  The parts only answer questions.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import Any, Final

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.urls import URLPattern, path, re_path
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from allmende import __version__
from allmende.catalogue.api import reads, writes
from allmende.catalogue.api import router as catalogue
from allmende.core.api.calls import FRESH_SECONDS, Call, matches, validated, validator
from allmende.core.api.meter import Meter
from allmende.core.api.problems import CONTENT_TYPE, Fault, Refused, problem
from allmende.core.content import recent_content_stamp
from allmende.core.languages import OWN_NAMES, from_accept_language
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.brand import current_brand, zone_of
from allmende.insight.api import busy, readings
from allmende.partners.api import organisations
from allmende.partners.keys.queries import KeyHolder, open_with

log = logging.getLogger("allmende.api")

ROOT: Final = "/api/v1"
ANONYMOUS: Final = Meter("anonymous", settings.ALLMENDE_API_PER_MINUTE, 60)
WITH_KEY: Final = Meter("key", 4 * settings.ALLMENDE_API_PER_MINUTE, 60)
READINGS: Final = Meter("readings", 60_000, 60)
"""Counters send far more often than people write; they are counted in memory, since counting must not cost a write."""
WRITES: Final = Limit(600, 3600)
"""Changes and deliveries with one key in an hour, counted across all server processes."""
BY_CLOCK: Final = ("events", "search")
"""What depends on which events are still to come."""
BY_MINUTE: Final = "busy"
"""How full places are changes by itself: answers at addresses that end so have a new validator every minute."""
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="allmende"'}
EXPOSED: Final = "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Content-Language"
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
DESCRIPTION: Final = (
    "Events, places, offers and organisations of a region. Reading is open to everybody; writing needs a key of an "
    "organisation. Times are RFC 3339, points are longitude and latitude (EPSG:4326), amounts are decimal texts. "
    "Everything that goes wrong is told as problem details (RFC 9457). Records carry the licence of their source."
)

api = NinjaAPI(
    title="Allmende",
    version=__version__,
    description=DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}}},
)
api.add_router("", catalogue)
api.add_router("", organisations.router)
api.add_router("", readings.router)
api.add_router("", busy.router)
PARTS: Final = (reads, writes, organisations, readings, busy)
"""Loading these has declared the operations."""

View = Callable[..., HttpResponseBase]


# ---------------------------------------------------------------------- problems


def _fault(error: dict[str, Any]) -> Fault:
    """A fault of a parameter, in the API's words: ``query.limit``."""
    where = [str(part) for part in error["loc"]]
    # The first part is the source, the second the name of the function's argument; a plain argument has no third.
    named = [where[0], *(where[2:] or where[1:])]
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch":
        message = "It is not written as it should be; see its description."
    return Fault(".".join(named), message)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problem(error)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(Refused(404, "There is nothing at this address."))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [_fault(one) for one in error.errors]
    return problem(Refused(422, "The request cannot be understood.", faults=faults))


@api.exception_handler(HttpError)
def _unread(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(Refused(400, "The body is no JSON.", faults=[Fault("body", "Send one JSON object.")]))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(Refused(413, "The body is too large."))


@api.exception_handler(UnreadablePostError)
def _broken_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return problem(Refused(400, "The body broke off."))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("The API failed at %s %s", request.method, request.path_info, exc_info=error)
    return problem(Refused(500, "Something went wrong here. We are sorry; please try again in a moment."))


# ---------------------------------------------------------------------- the door


def _key(request: HttpRequest, now: Any) -> KeyHolder | None:
    """Who knocks with a key.  One that is no good is refused, also where none is needed."""
    header = request.headers.get("Authorization", "")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    holder = open_with(token.strip()[:200], now=now) if scheme.lower() == "bearer" else None
    if holder is None:
        headers = {"WWW-Authenticate": f'{CHALLENGE["WWW-Authenticate"]}, error="invalid_token"'}
        raise Refused(401, "This key is unknown, has expired or was revoked.", headers=headers)
    return holder


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in OWN_NAMES else from_accept_language(request.headers.get("Accept-Language", ""))


def _count(request: HttpRequest, holder: KeyHolder | None, now: Any, *, is_reading: bool) -> dict[str, str]:
    """Count the request; return the header fields that say what is left."""
    meter = (READINGS if is_reading else WITH_KEY) if holder else ANONYMOUS
    reading = meter.count(str(holder.key_id) if holder else sender_of(request))
    headers = meter.headers(reading)
    if reading.is_over:
        raise Refused(
            429,
            f"At most {meter.quota} requests in {meter.seconds} seconds. Please wait {reading.seconds} seconds.",
            headers={**headers, "Retry-After": str(max(1, reading.seconds))},
        )
    is_write = holder and request.method not in {"GET", "HEAD"} and not is_reading
    if holder and is_write and is_too_fast("api", str(holder.key_id), WRITES, now=now):
        left = WRITES.seconds - int(now.timestamp()) % WRITES.seconds
        headers = {
            "RateLimit-Policy": f'"writes";q={WRITES.tries};w={WRITES.seconds}',
            "RateLimit": f'"writes";r=0;t={left}',
            "Retry-After": str(left),
        }
        raise Refused(429, f"At most {WRITES.tries} changes an hour with one key.", headers=headers)
    return headers


def _known_parameters(request: HttpRequest, operation: Any) -> None:
    """A parameter that nobody reads is a mistake in writing: say so, rather than answer something else."""
    unknown = sorted(set(request.GET) - _parameters(operation))
    if unknown:
        faults = [Fault(f"query.{name[:40]}", "There is no such parameter here.") for name in unknown[:10]]
        raise Refused(422, "The request cannot be understood.", faults=faults)


_PARAMETERS: dict[int, frozenset[str]] = {}


def _parameters(operation: Any) -> frozenset[str]:
    known = _PARAMETERS.get(id(operation))
    if known is None:
        names: set[str] = set()
        for model in operation.models:
            if model.__ninja_param_source__ == "query":
                names |= set(getattr(model, "__ninja_flatten_map__", None) or model.model_fields)
        known = _PARAMETERS[id(operation)] = frozenset(names)
    return known


def door(view: View, operations: Iterable[Any]) -> View:
    """What stands before every operation at one address."""
    by_method = {method: operation for operation in operations for method in operation.methods}
    allowed = sorted([*by_method, "OPTIONS", *(["HEAD"] if "GET" in by_method else [])])

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        limits: dict[str, str] = {}
        try:
            if request.method == "OPTIONS":
                response: HttpResponseBase = HttpResponse(
                    status=204, headers={"Allow": ", ".join(allowed), **PREFLIGHT}
                )
            else:
                operation = by_method.get(str(request.method))
                if operation is None:
                    refusal = f"This address takes {', '.join(allowed)}."
                    raise Refused(405, refusal, headers={"Allow": ", ".join(allowed)})
                response, limits = _through(request, view, operation, args, kwargs)
        except Refused as error:
            response = problem(error)
        except Exception as error:  # a program that asks for JSON must not be answered with a page
            response = _broken(request, error)
        for name, value in limits.items():
            response.headers.setdefault(name, value)
        return _open_to_all(response, is_head=is_head)

    return csrf_exempt(guarded)


def _through(
    request: HttpRequest, view: View, operation: Any, args: Any, kwargs: Any
) -> tuple[HttpResponseBase, dict[str, str]]:
    if getattr(request, "language_in_path", ""):
        raise Refused(404, f"The API stands below {ROOT}, under no language; ask with ?language=.")
    now = timezone.now()
    holder = _key(request, now)
    limits = _count(request, holder, now, is_reading=operation.operation_id == readings.OPERATION)
    language = _language(request)
    call = Call(
        now=now,
        zone=zone_of(current_brand().timezone),
        language=language,
        public_url=settings.ALLMENDE_PUBLIC_URL,
        stamp=recent_content_stamp(),
        key=holder,
    )
    request.call = call  # type: ignore[attr-defined]
    if request.method == "GET":
        by_clock = request.path_info.removeprefix(f"{ROOT}/").startswith(BY_CLOCK)
        if request.path_info.rstrip("/").endswith(f"/{BY_MINUTE}"):
            call.etag = validator(request, call, by_clock=True, seconds=FRESH_SECONDS)
        else:
            call.etag = validator(request, call, by_clock=by_clock)
        known = request.headers.get("If-None-Match")
        if known and _is_known(known, call.etag):
            # Whoever knows this validator has had an answer to the very same question.
            return validated(HttpResponse(status=304), call), limits
    elif holder is None:
        raise Refused(401, "This needs a key: Authorization: Bearer …", headers=CHALLENGE)
    _known_parameters(request, operation)
    with translation.override(language):
        response = view(request, *args, **kwargs)
    if request.method == "GET" and response.status_code == 200 and request.headers.get("If-None-Match") == "*":
        response = validated(HttpResponse(status=304), call)
    return response, limits


def _is_known(header: str, etag: str) -> bool:
    """Whether a validator is known; that of a record has its version at the end, which the stamp implies.

    ``*`` names no answer that anybody has had: whether there is one shows only when it is made.
    """
    parts = [part.strip().removeprefix("W/").strip('"') for part in header.split(",")]
    plain = etag.removeprefix("W/").strip('"')
    return any(part == plain or part.startswith(f"{plain}-") for part in parts)


def _open_to_all(response: HttpResponseBase, *, is_head: bool) -> HttpResponseBase:
    """Any web site may read what is public; none can send a visitor's own rights along."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = EXPOSED
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    if is_head and isinstance(response, HttpResponse):
        length = len(response.content)
        response.content = b""
        response["Content-Length"] = str(length)
    return response


# ---------------------------------------------------------------------- the document


def _with_problems(document: dict[str, Any]) -> None:
    """Errors are problem details, and every operation may answer with a few more of them."""
    problem_schema = {"$ref": "#/components/schemas/Problem"}
    everywhere = {
        "404": "There is nothing at this address, or nothing that one may see.",
        "405": "This address takes other methods.",
        "422": "A parameter makes no sense; `errors` names each.",
        "429": "Too many requests; see `Retry-After`.",
        "500": "Something went wrong here.",
    }
    for methods in document["paths"].values():
        for method, operation in methods.items():
            responses = {str(status): told for status, told in operation["responses"].items()}
            operation["responses"] = responses
            for status, told in responses.items():
                content = told.get("content", {})
                if int(status) >= 400 and "DeliveryOut" not in orjson.dumps(content).decode():
                    told["content"] = {CONTENT_TYPE: {"schema": problem_schema}}
            for status, text in everywhere.items():
                content = {"description": text, "content": {CONTENT_TYPE: {"schema": problem_schema}}}
                responses.setdefault(status, content)
            operation["security"] = [{"key": []}] if method != "get" else [{}, {"key": []}]
            if method == "get":
                responses["304"] = {"description": "Unchanged since the answer that carried this ETag."}
                operation["parameters"].append(
                    {
                        "in": "header",
                        "name": "If-None-Match",
                        "required": False,
                        "schema": {"type": "string"},
                        "description": "ETag of an answer that is known.",
                    }
                )


def _described(parameter: dict[str, Any]) -> None:
    """A parameter without what says the same twice: there is no null in an address, only what is left out."""
    schema = parameter["schema"]
    choices = schema.pop("anyOf", [])
    if choices:
        schema.update(next(choice for choice in choices if choice.get("type") != "null"))
    for name in ("title", "description"):
        schema.pop(name, None)
    if schema.get("default") in (None, "", []):
        schema.pop("default", None)


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document: dict[str, Any] = orjson.loads(
        orjson.dumps(api.get_openapi_schema(path_prefix="api/v1/"), option=orjson.OPT_NON_STR_KEYS)
    )
    _with_problems(document)
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                _described(parameter)
    document["servers"] = [{"url": settings.ALLMENDE_PUBLIC_URL}]
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of an organisation, made in the workspace."}
    }
    document["externalDocs"] = {"url": f"{settings.ALLMENDE_PUBLIC_URL}/api/", "description": "Try it"}
    return document


@lru_cache(maxsize=1)
def _openapi_bytes() -> tuple[bytes, str]:
    body = orjson.dumps(openapi())
    return body, f'W/"{hashlib.blake2b(body, digest_size=9).hexdigest()}"'


@csrf_exempt
def openapi_json(request: HttpRequest) -> HttpResponseBase:
    """The document as a file."""
    if request.method not in {"GET", "HEAD"} or bool(getattr(request, "language_in_path", "")):
        return nothing_here(request)
    body, etag = _openapi_bytes()
    if matches(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=300"
    return _open_to_all(response, is_head=request.method == "HEAD")


@csrf_exempt
def nothing_here(request: HttpRequest, *args: Any) -> HttpResponseBase:
    """Addresses of the API that there are not."""
    if request.resolver_match and request.resolver_match.url_name == "openapi":
        headers = {"Allow": "GET, HEAD"}
        return _open_to_all(problem(Refused(405, "This address takes GET and HEAD.", headers=headers)), is_head=False)
    return _open_to_all(
        problem(Refused(404, f"There is nothing at this address; see {ROOT}/openapi.json.")), is_head=False
    )


def _patterns() -> list[Any]:
    """Ninja's addresses with the door before each."""
    views = {}
    for bound in api._get_bound_routers():
        for view_path, path_view in bound.path_operations.items():
            views[view_path.strip("/")] = path_view.operations
    found: list[Any] = [path("openapi.json", openapi_json, name="openapi")]
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            route = str(pattern.pattern).strip("/")
            if any(str(known.pattern) == route for known in found):
                continue  # one address, several methods: ninja names each
            operations = views[route.replace("<", "{").replace(">", "}")]
            found.append(path(route, door(pattern.callback, operations), name=pattern.name))
    return found


urlpatterns = _patterns()
not_found = re_path(r"^api/v\d+(/.*)?$", nothing_here, name="api_nothing")
