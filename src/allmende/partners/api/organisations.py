"""Organisations."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema
from ninja.params import functions as param
from pydantic import AwareDatetime, Field

from allmende.core.api.calls import Call, answer, call_of, page_answer
from allmende.core.api.problems import no_such, wrong
from allmende.core.api.schemas import AddressOut, AnyText, Problem, Strict
from allmende.core.api.texts import all_of, chosen
from allmende.partners.api import profiles
from allmende.partners.models import Organisation, Territory

router = Router(tags=["reading"])

KIND = Literal[
    "region",
    "municipality",
    "dmo",
    "museum",
    "association",
    "company",
    "farm",
    "school",
    "university",
    "agency",
    "other",
]
COLUMNS: Final = (
    "pk",
    "slug",
    "name",
    "kind",
    "about",
    "url",
    "email",
    "phone",
    "street",
    "postal_code",
    "locality",
    "municipality__code",
    "municipality__name",
    "updated_at",
    "name_key",
    "ended_on",
    "successor_id",
    "successor__name",
    "successor__slug",
    *profiles.COLUMNS,
)
FIELDS: Final = (
    "page",
    "name",
    "organisation_kind",
    "about",
    "address",
    "url",
    "email",
    "phone",
    "profile",
    "ended_on",
    "successor",
    "updated_at",
)


class OrganisationOut(Strict):
    """An organisation of the region."""

    id: int
    kind: Literal["organisation"]
    page: str = Field(default="", description="Address of its page in the guide.")
    name: str = ""
    organisation_kind: KIND = "other"
    about: AnyText = None
    address: AddressOut | None = None
    url: str | None = None
    email: str | None = None
    phone: str | None = None
    profile: profiles.ProfileOut | None = Field(
        default=None, description="What it does, what to ask it, whom, and what it has; null: it has not said yet."
    )
    ended_on: date | None = Field(default=None, description="First day on which it is no longer there.")
    successor: profiles.SuccessorOut | None = Field(default=None, description="Of which it is part since then.")
    updated_at: AwareDatetime | None = None


class OrganisationPage(Strict):
    """A page of organisations."""

    items: list[OrganisationOut]
    next: str | None = Field(description="Address of the next page; null: this is the last.")
    total: int | None = Field(default=None, description="With `count=true`.")
    until: AwareDatetime | None = Field(default=None, description="With `modified_since`: ask again from here.")


class OneOrganisation(Schema):
    """How an organisation is shown."""

    fields: str = Field(
        "",
        max_length=600,
        pattern=r"^[a-z_,]*$",
        description=gettext_noop("Only these fields, separated by commas; `id` and `kind` are always there."),
    )
    language: Literal["de", "sv", "da", "nl", "fr", "en"] | None = Field(
        None, description=gettext_noop("Language of the texts; else what Accept-Language asks for.")
    )
    languages: Literal["all"] | None = Field(
        None,
        description=gettext_noop("`all`: every text in all its languages, each marked original, reviewed or machine."),
    )


class OrganisationQuery(OneOrganisation):
    """What one may ask of the list."""

    q: str = Field("", max_length=200, pattern=r"^[^\x00]*$", description=gettext_noop("Words in the name."))
    organisation_kind: KIND | None = Field(None, description=gettext_noop("Only this kind of organisation."))
    municipality: str = Field(
        "", max_length=20, pattern=r"^[^\x00]*$", description=gettext_noop("Official code of a municipality.")
    )
    modified_since: AwareDatetime | None = Field(
        None, description=gettext_noop("Only what changed since this time (RFC 3339), the oldest first.")
    )
    count: bool = Field(False, description=gettext_noop("Count the hits, up to 1,000."))
    limit: int = Field(20, ge=1, le=1000, description=gettext_noop("How many at most on a page."))
    cursor: str = Field(
        "",
        max_length=400,
        pattern=r"^[A-Za-z0-9_-]*$",
        description=gettext_noop("Where the page begins: taken from the address in `next`."),
    )


MARGIN: Final = timedelta(minutes=2)
"""Changes are stamped when they are made and seen when their transaction is through."""


def _render_all(rows: list[tuple[Any, ...]], asked: OneOrganisation, call: Call) -> list[dict[str, Any]]:
    """The records; profiles cost their queries only where they are asked for."""
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    wanted = _fields(asked)

    def text(value: Any) -> Any:
        return all_of(value) if asked.languages == "all" else chosen(value, call.language)

    found = profiles.profiles_of(told, text) if not wanted or "profile" in wanted else {}
    return [_render(values, found.get(values["pk"]), asked, call) for values in told]


def _render(
    values: dict[str, Any], profile: dict[str, Any] | None, asked: OneOrganisation, call: Call
) -> dict[str, Any]:
    code = values["municipality__code"]
    about = values["about"]
    heir = values["successor_id"]
    record = {
        "page": f"{call.public_url}/organisations/{values['slug']}-{values['pk']}/",
        "name": values["name"],
        "organisation_kind": values["kind"],
        "about": all_of(about) if asked.languages == "all" else chosen(about, call.language),
        "address": {
            "street": values["street"],
            "postal_code": values["postal_code"],
            "locality": values["locality"],
            "country": "",
            "municipality": {"code": code, "name": values["municipality__name"]} if code else None,
        },
        "url": values["url"] or None,
        "email": values["email"] or None,
        "phone": values["phone"] or None,
        "profile": profile,
        "ended_on": values["ended_on"],
        "successor": {
            "id": heir,
            "name": values["successor__name"],
            "page": f"{call.public_url}/organisations/{values['successor__slug']}-{heir}/",
        }
        if heir
        else None,
        "updated_at": values["updated_at"],
    }
    wanted = _fields(asked)
    head = {"id": values["pk"], "kind": "organisation"}
    return {**head, **{name: value for name, value in record.items() if not wanted or name in wanted}}


def _fields(asked: OneOrganisation) -> frozenset[str]:
    names = frozenset(name for name in asked.fields.split(",") if name)
    unknown = sorted(names - {"id", "kind", *FIELDS})
    if unknown:
        raise wrong("query.fields", f"There is no field {unknown[0]!r}. There are: id, kind, {', '.join(FIELDS)}.")
    return names | {"id"} if names else names


def encode(*parts: object) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode("|".join(map(str, parts)).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[int, str]:
    """(number, text) of a cursor."""
    try:
        number, text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|", 1)
        if "\0" in text or len(number) > 15:
            raise ValueError(cursor)
        return int(number), text
    except (binascii.Error, ValueError) as error:
        raise wrong("query.cursor", "This cursor belongs to no page of this list.") from error


def _by_change(rows: QuerySet[Organisation], asked: OrganisationQuery) -> QuerySet[Organisation]:
    assert asked.modified_since is not None
    rows = rows.filter(updated_at__gte=asked.modified_since.astimezone(UTC)).order_by("updated_at", "pk")
    if not asked.cursor:
        return rows
    number, text = _decode(asked.cursor)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise wrong("query.cursor", "This cursor belongs to no page of this list.") from error
    if at.tzinfo is None:
        raise wrong("query.cursor", "This cursor belongs to no page of this list.")
    return rows.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=number))


@router.get(
    "/organisations",
    response={200: OrganisationPage, 401: Problem, 422: Problem, 429: Problem},
    operation_id="list_organisations",
    summary=gettext_noop("Organisations, by name"),
)
def list_organisations(request: HttpRequest, asked: Query[OrganisationQuery]) -> HttpResponse:
    """Who has places, offers and events here, or organises them."""
    call = call_of(request)
    rows = Organisation.objects.all()
    for word in asked.q.lower().split()[:6]:
        rows = rows.filter(name__icontains=word)
    if asked.organisation_kind:
        rows = rows.filter(kind=asked.organisation_kind)
    if asked.municipality:
        town = (
            Territory.objects.filter(level="municipality", code=asked.municipality).values_list("pk", flat=True).first()
        )
        if town is None:
            raise wrong("query.municipality", f"There is no municipality with the code {asked.municipality!r} here.")
        rows = rows.filter(municipality_id=town)
    if asked.modified_since is None:
        rows = rows.filter(successor__isnull=True)  # who asks for changes is told who is part of others now
    more: dict[str, Any] = {"total": rows.count()} if asked.count else {}
    if asked.modified_since is not None:
        if asked.modified_since.astimezone(UTC).year < 1900:
            raise wrong("query.modified_since", "Nothing here is that old; 1970-01-01T00:00:00Z means everything.")
        rows = _by_change(rows, asked)
        more["until"] = call.now - MARGIN
    else:
        if asked.cursor:
            number, key = _decode(asked.cursor)
            rows = rows.filter(Q(name_key__gt=key) | Q(name_key=key, pk__gt=number))
        rows = rows.order_by("name_key", "pk")
    read = list(rows.values_list(*COLUMNS)[: asked.limit + 1])
    more_to_come = len(read) > asked.limit
    read = read[: asked.limit]
    cursor = ""
    if more_to_come:
        last = dict(zip(COLUMNS, read[-1], strict=True))
        cursor = encode(last["pk"], last["updated_at"].isoformat() if asked.modified_since else last["name_key"])
    return page_answer(request, _render_all(read, asked, call), cursor, **more)


@router.get(
    "/organisations/{int:id}",
    response={200: OrganisationOut, 401: Problem, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_organisation",
    summary=gettext_noop("One organisation"),
)
def get_organisation(
    request: HttpRequest,
    asked: Query[OneOrganisation],
    id: int = param.Path(..., ge=1, le=2**53, description=gettext_noop("Its number.")),
) -> HttpResponse:
    """An organisation with its address and what it says about itself."""
    row = Organisation.objects.filter(pk=id).values_list(*COLUMNS).first()
    if row is None:
        raise no_such("organisation", id)
    return answer(request, _render_all([row], asked, call_of(request))[0])
