"""One request to the API, and answers to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest, HttpResponse

FRESH_SECONDS = 60
"""How long caches on the way may keep a public answer."""
CLOCK_SECONDS = 600
"""What depends on the hour (which events are still to come) has a new validator so often."""
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


@dataclass(slots=True)
class Call:
    """What is known of a request before its operation begins."""

    now: datetime
    zone: ZoneInfo
    """The region's time zone."""
    language: str
    public_url: str
    stamp: int
    key: Any = None
    """Who knocks with a key; None for the public."""
    etag: str = ""


def call_of(request: HttpRequest) -> Call:
    """The call that the API's door has laid on the request."""
    return cast(Call, cast(Any, request).call)


def validator(request: HttpRequest, call: Call, *, by_clock: bool, seconds: int = CLOCK_SECONDS) -> str:
    """A weak ETag from the content stamp and everything else that decides what is answered.

    Weak, since the same answer is sent packed in several ways.
    """
    hour = int(call.now.timestamp()) // seconds if by_clock else 0
    told = "\0".join(
        [
            request.path_info,
            request.META.get("QUERY_STRING", ""),
            call.language,
            str(call.key and call.key.key_id),
            str(hour),
        ]
    )
    return f'W/"{call.stamp:x}-{hashlib.blake2b(told.encode(), digest_size=6).hexdigest()}"'


def matches(header: str, etag: str) -> bool:
    """Whether an If-None-Match names this validator (weak comparison, RFC 9110)."""
    if header.strip() == "*":
        return True
    return etag.removeprefix("W/") in [part.strip().removeprefix("W/") for part in header.split(",")]


def answer(
    request: HttpRequest, body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A JSON answer."""
    call = call_of(request)
    response = HttpResponse(orjson.dumps(body, option=OPTIONS), status=status, content_type="application/json")
    response["Content-Language"] = call.language
    if request.method == "GET":
        validated(response, call)
    else:
        response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def validated(response: HttpResponse, call: Call) -> HttpResponse:
    """Say how long an answer holds, and by what it is known again."""
    response["ETag"] = call.etag
    response["Cache-Control"] = "private, no-cache" if call.key else f"public, max-age={FRESH_SECONDS}"
    response["Vary"] = "Accept-Language, Authorization"
    return response


def next_address(request: HttpRequest, call: Call, cursor: str) -> str:
    """The address of the next page: what was asked for, from ``cursor`` on."""
    pairs = [(name, value) for name in request.GET for value in request.GET.getlist(name) if name != "cursor"]
    return f"{call.public_url}{request.path_info}?{urlencode([*pairs, ('cursor', cursor)])}"


def page_answer(request: HttpRequest, items: Sequence[Any], cursor: str, **more: Any) -> HttpResponse:
    """A page of a list: its items and the address of the next page, also as a Link header (RFC 8288)."""
    address = next_address(request, call_of(request), cursor) if cursor else None
    headers = {"Link": f'<{address}>; rel="next"'} if address else {}
    return answer(request, {"items": items, "next": address, **more}, headers=headers)
