"""Readings of counters, in the manner of SensorThings.

The body is read by hand, not through a schema: it is taken two hundred times a second, and what is wrong with it is told
field by field in our own words.  The schemas are what the document says.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import Field

from allmende.core.api.calls import answer, call_of
from allmende.core.api.problems import Fault, Refused
from allmende.core.api.schemas import Problem, Strict
from allmende.insight.counters.readings import CREATED, MOST, REPLACED, UNCHANGED, NotYours, take_in

router = Router()
PATH: Final = "readings"
OPERATION: Final = "send_readings"
LARGEST: Final = 512 * 1024
FAULTS_TOLD: Final = 50
EXAMPLE: Final = {
    "phenomenonTime": "2026-06-01T12:00:00Z/2026-06-01T12:15:00Z",
    "result": 12,
    "Datastream": {"@iot.id": "door-1"},
}
_OBSERVATION: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["phenomenonTime", "result", "Datastream"],
    "properties": {
        "phenomenonTime": {
            "type": "string",
            "description": "The period, as two RFC 3339 times with a stroke between them, or the time at which it begins.",
        },
        "result": {"type": "number", "minimum": 0, "description": "What was counted in the period."},
        "Datastream": {
            "type": "object",
            "required": ["@iot.id"],
            "properties": {"@iot.id": {"type": "string", "description": "Name of the counter."}},
        },
    },
}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [_OBSERVATION, {"type": "array", "items": _OBSERVATION, "minItems": 1, "maxItems": MOST}]
                },
                "example": EXAMPLE,
            }
        },
    }
}


class ReadingsOut(Strict):
    """What became of the observations that were sent."""

    outcome: Literal["created", "unchanged", "replaced", "several"]
    created: int = Field(description="Readings that are new.")
    unchanged: int = Field(description="Readings that were known with this very value.")
    replaced: int = Field(description="Readings that were known with another value; the last one holds.")
    revision: int | None = Field(None, description="How often this reading was replaced; of a single one only.")


_ERRORS: Final[dict[Any, Any]] = {400: Problem, 401: Problem, 403: Problem, 413: Problem, 422: Problem, 429: Problem}


@router.post(
    f"/{PATH}",
    response={200: ReadingsOut, 201: ReadingsOut, **_ERRORS},
    tags=["writing"],
    operation_id=OPERATION,
    summary=gettext_noop("Send readings of one’s own counters"),
    openapi_extra=BODY,
)
def send_readings(request: HttpRequest) -> HttpResponse:
    """One observation, or a list of up to 1000.  Sending the same again changes nothing, so send again whenever no answer
    came.  Of a list the good ones are stored also where others are refused."""
    call = call_of(request)
    if len(request.body) > LARGEST:
        raise Refused(413, f"Send at most {MOST} observations and {LARGEST // 1024} kB at once.")
    try:
        told = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refused(
            400, "The body is no JSON.", faults=[Fault("body", "Send one JSON object, or a list.")]
        ) from error
    observations = told if isinstance(told, list) else [told]
    if not 1 <= len(observations) <= MOST:
        raise Refused(413 if observations else 422, f"Send from one to {MOST} observations at once.")
    try:
        taken = take_in(observations, call.key, now=call.now)
    except NotYours as error:
        raise Refused(403, str(error)) from error
    counts: dict[str, Any] = {name: taken.count(name) for name in (CREATED, UNCHANGED, REPLACED)}
    if faults := taken.faults():
        at = "body[{}]." if isinstance(told, list) else "body."
        named = [Fault(f"{at.format(n)}{one.where}".rstrip("."), one.message) for n, one in faults[:FAULTS_TOLD]]
        stored = "The others are stored." if any(counts.values()) else "Nothing is stored."
        raise Refused(
            422, f"{len(faults)} of {len(observations)} observations make no sense. {stored}", faults=named, **counts
        )
    if isinstance(told, list):
        return answer(request, {"outcome": "several", **counts, "revision": None})
    status = 201 if counts[CREATED] else 200
    return answer(request, {"outcome": taken.outcomes[0], **counts, "revision": taken.revisions[0]}, status=status)
