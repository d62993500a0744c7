"""Lists of the records that a person may edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count, Q, QuerySet, Value

from allmende.catalogue.models import ITEM_MODELS, Source
from allmende.catalogue.values import KINDS
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.core.slugs import fold
from allmende.core.text import Picked, pick
from allmende.partners.rules import Someone, organisations_to_edit

R = TypeVar("R")

PAGE = 30
LAST_PAGE = 2000

MISSING: dict[str, Q] = {
    "point": Q(lon__isnull=True),
    "description": Q(description={}),
    "accessibility": Q(accessibility={}),
    "prices": Q(prices=[], price_text={}),
    "contact": Q(email="", phone="", url=""),
}
"""What a record may lack, and how to find those that do."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What the list shows."""

    kind: str = "event"
    text: str = ""
    source: int | None = None
    state: str = ""
    edited: bool = False
    missing: str = ""
    when: str = ""
    """Of events: coming, past, or last_year; counted from ``today``."""
    today: date = date.min
    page: int = 1


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in the list."""

    kind: str
    id: int
    slug: str
    name: Picked
    category: str
    state: str
    source: str
    municipality: str
    starts_at: datetime | None
    timezone: str
    updated_at: datetime
    edited: int
    """Number of fields that a person set."""
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of the list."""

    rows: list[RecordRow]
    total: int
    page: int
    pages: int


def editable(user: Someone, kind: str) -> QuerySet[Any]:
    """All records of a kind that ``user`` may edit."""
    return editable_for(organisations_to_edit(user), kind)


def editable_for(allowed: Sequence[int] | None, kind: str) -> QuerySet[Any]:
    """All records of a kind that belong to these organisations; None means all of them."""
    items: QuerySet[Any] = ITEM_MODELS[kind].objects.all()  # type: ignore[attr-defined]
    return items if allowed is None else items.filter(organisation_id__in=allowed)


def has_records_to_edit(user: Someone) -> bool:
    """Whether ``user`` may edit for any organisation."""
    allowed = organisations_to_edit(user)
    return allowed is None or bool(allowed)


def kind_counts(user: Someone) -> dict[str, int]:
    """How many records of each kind ``user`` may edit."""
    allowed = organisations_to_edit(user)
    return dict.fromkeys(KINDS, 0) | (dict(_kind_counts(allowed)) if allowed != [] else {})


@prepared
def _kind_counts(allowed: Sequence[int] | None) -> QuerySet[Any, tuple[str, int]]:
    return counted_by_kind(editable_for(allowed, kind) for kind in KINDS)


def counted_by_kind(queries: Iterable[QuerySet[Any]]) -> QuerySet[Any, tuple[str, int]]:
    """(kind, number of records) of queries over tables of different kinds, in one; none where there are none."""
    return each_kind(
        records.order_by().values(of=Value(records.model.KIND)).annotate(n=Count("pk")).values_list("of", "n")
        for records in queries
    )


def each_kind(queries: Iterable[QuerySet[Any, R]]) -> QuerySet[Any, R]:
    """The rows of queries over tables of different kinds, in one."""
    first, *others = queries
    return first.union(*others, all=True)


def sources_of_records(user: Someone, kind: str) -> list[tuple[int, str]]:
    """(id, title) of the sources that records of a kind come from."""
    mine = editable(user, kind).order_by().values("source_id").distinct()
    return list(Source.objects.filter(pk__in=mine).order_by("title").values_list("pk", "title"))


def _missing(item: Any) -> tuple[str, ...]:
    lacks = {
        "point": item.lon is None,
        "description": not item.description,
        "accessibility": not item.accessibility,
    }
    return tuple(name for name, is_missing in lacks.items() if is_missing)


def _row(item: Any, language: str) -> RecordRow:
    return RecordRow(
        kind=item.KIND,
        id=item.pk,
        slug=item.slug,
        name=pick(item.name, language),
        category=item.category,
        state=item.state,
        source=item.source.title if item.source else "",
        municipality=item.municipality.name if item.municipality else item.locality,
        starts_at=getattr(item, "starts_at", None),
        timezone=item.timezone,
        updated_at=item.updated_at,
        edited=len(item.origins),
        missing=_missing(item),
    )


def _fitting(user: Someone, wanted: RecordFilter) -> QuerySet[Any]:
    items = editable(user, wanted.kind)
    for word in fold(wanted.text).split()[:6]:
        items = items.filter(sort_name__contains=word)
    if wanted.source:
        items = items.filter(source_id=wanted.source)
    if wanted.state in Publication.values:
        items = items.filter(state=wanted.state)
    if wanted.edited:
        items = items.exclude(origins={})
    if wanted.missing in MISSING:
        items = items.filter(MISSING[wanted.missing])
    if wanted.kind == "event" and wanted.when:
        ahead = Q(last_day__gte=wanted.today) | Q(is_endless=True)
        if wanted.when == "coming":
            items = items.filter(ahead)
        elif wanted.when == "past":
            items = items.exclude(ahead)
        elif wanted.when == "last_year":
            items = items.filter(starts_at__year=wanted.today.year - 1)
    return items


def records_chosen(user: Someone, kind: str, identifiers: Sequence[int], *, limit: int) -> list[int]:
    """Those of ``identifiers`` that ``user`` may edit, by name; at most ``limit``."""
    mine = editable(user, kind).filter(pk__in=list(identifiers)[: 2 * limit])
    return list(mine.order_by("sort_name", "pk").values_list("pk", flat=True)[:limit])


def all_that_fit(user: Someone, wanted: RecordFilter, *, limit: int) -> list[int]:
    """The records that the list shows for ``wanted`` on all its pages, by name; at most ``limit``."""
    return list(_fitting(user, wanted).order_by("sort_name", "pk").values_list("pk", flat=True)[:limit])


def records_to_edit(user: Someone, wanted: RecordFilter, *, language: str) -> RecordPage:
    """The records that ``user`` may edit and that fit ``wanted``, by name."""
    items = _fitting(user, wanted)
    total = items.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted.page), pages, LAST_PAGE)
    shown = items.order_by("sort_name", "pk").select_related("source", "municipality")
    shown = shown.defer("municipality__outline", *(["vevent", "schedule"] if wanted.kind == "event" else ["hours"]))
    rows = [_row(item, language) for item in shown[(page - 1) * PAGE : page * PAGE]]
    return RecordPage(rows, total, page, pages)
