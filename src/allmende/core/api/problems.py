"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
OWN_TITLES = {422: "Unprocessable Content", 413: "Content Too Large"}


class Fault(NamedTuple):
    """One thing that is wrong with a request."""

    where: str
    """``query.limit``, ``body.name``, ``path.id``, ``header.If-Match``."""
    message: str


class Refused(Exception):
    """A request that is not answered with what it asked for; becomes a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}
        self.more = more


def title_of(status: int) -> str:
    """The phrase of a status."""
    return OWN_TITLES.get(status) or HTTPStatus(status).phrase


def problem_body(status: int, detail: str, faults: Sequence[Fault] = (), **more: Any) -> bytes:
    """The document."""
    body: dict[str, Any] = {"type": "about:blank", "title": title_of(status), "status": status, "detail": detail}
    if faults:
        body["errors"] = [{"where": fault.where, "message": fault.message} for fault in faults]
    return orjson.dumps({**body, **more})


def problem(refused: Refused) -> HttpResponse:
    """The answer."""
    body = problem_body(refused.status, refused.detail, refused.faults, **refused.more)
    response = HttpResponse(body, status=refused.status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    for name, value in refused.headers.items():
        response[name] = value
    return response


def no_such(kind: str, identifier: object) -> Refused:
    """404: what is not there, and what one may not see."""
    return Refused(404, f"There is no {kind} {identifier} here.")


def wrong(where: str, message: str) -> Refused:
    """422 for one fault."""
    return Refused(422, "The request cannot be understood.", faults=[Fault(where, message)])
