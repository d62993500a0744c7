"""How full places are, as far as their owners show it: the same for everybody, with or without a key."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema
from ninja.params import functions as param
from pydantic import AwareDatetime, Field

from allmende.core.api.calls import Call, answer, call_of
from allmende.core.api.problems import no_such, wrong
from allmende.core.api.schemas import Problem, Strict
from allmende.insight.steering.queries import busy_places, told
from allmende.partners.models import Territory

router = Router(tags=["reading"])

LEVEL = Literal["quiet", "lively", "full"]
BASIS = Literal["measured", "expected", "usual"]


class NowOut(Strict):
    """How full a place is at this moment."""

    level: LEVEL
    basis: BASIS = Field(description="Counted in the last hours; by the forecast; or by what is usual at this hour.")
    sure: bool
    compared: Literal["busier", "quieter", "same"] | None = Field(description="Beside what is usual at this hour.")
    figure: float | None = Field(default=None, description="Only where the owner shows figures.")


class HourOut(Strict):
    """One hour."""

    start: AwareDatetime
    level: LEVEL | None = Field(description="null: not known, or closed.")
    basis: BASIS | None
    sure: bool
    open: bool
    perhaps: LEVEL | None = Field(default=None, description="What it may well turn out to be instead.")
    figure: float | None = Field(default=None, description="Only where the owner shows figures.")
    low80: float | None = Field(default=None, description="Four in five times it is between this")
    high80: float | None = Field(default=None, description="and this.")


class BusyOut(Strict):
    """How full one place is, now and hour by hour."""

    site: str = Field(description="Short name of the measured place.")
    name: str
    kind: str
    place: int | None = Field(description="Number of the place of the guide; null: it has no page.")
    page: str | None
    owner: str = Field(description="Who counts, and decides what is shown.")
    timezone: str
    demo: bool = Field(description="The figures are made up.")
    now: NowOut | None
    counted_until: AwareDatetime | None
    forecast_made: AwareDatetime | None
    hours: list[HourOut]
    capacity: int | None = Field(default=None, description="Only where the owner shows figures.")
    unit: str | None = None


class BusyList(Strict):
    """Measured places, by name."""

    items: list[BusyOut]


class OneBusyQuery(Schema):
    """How far ahead, and in which language the name is."""

    days: int = Field(1, ge=1, le=7, description=gettext_noop("So many days from today, hour by hour."))
    language: Literal["de", "sv", "da", "nl", "fr", "en"] | None = Field(
        None, description=gettext_noop("Language of the texts; else what Accept-Language asks for.")
    )


class BusyQuery(OneBusyQuery):
    """Which places."""

    municipality: str = Field(
        "", max_length=20, pattern=r"^[^\x00]*$", description=gettext_noop("Official code of a municipality.")
    )
    level: LEVEL | None = Field(None, description=gettext_noop("Only places that are as full as this now."))


def _all(call: Call, asked: OneBusyQuery, **wanted: Any) -> list[dict[str, Any]]:
    found = busy_places(language=call.language, now=call.now, days=asked.days, **wanted)
    return [told(one, call.public_url) for one in found]


@router.get(
    "/busy",
    response={200: BusyList, 401: Problem, 422: Problem, 429: Problem},
    operation_id="list_busy",
    summary=gettext_noop("How busy places are"),
)
def list_busy(request: HttpRequest, asked: Query[BusyQuery]) -> HttpResponse:
    """All measured places whose owners show it, now and hour by hour."""
    town = None
    if asked.municipality:
        towns = Territory.objects.filter(level="municipality", code=asked.municipality)
        town = towns.values_list("pk", flat=True).first()
        if town is None:
            raise wrong("query.municipality", f"There is no municipality with the code {asked.municipality!r} here.")
    items = _all(call_of(request), asked, municipality=town, level=asked.level or "")
    return answer(request, {"items": items})


@router.get(
    "/places/{int:id}/busy",
    response={200: BusyOut, 401: Problem, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_busy",
    summary=gettext_noop("How busy one place is"),
)
def get_busy(
    request: HttpRequest,
    asked: Query[OneBusyQuery],
    id: int = param.Path(..., ge=1, le=2**53, description=gettext_noop("Its number.")),
) -> HttpResponse:
    """404 where nothing is measured, or its owner shows nothing."""
    found = _all(call_of(request), asked, place=id)
    if not found:
        raise no_such("measured place", id)
    return answer(request, found[0])
