"""Reads of deliveries: lists, one with its preview, watched folders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from allmende.core.models import User
from allmende.insight.deliveries import keeping
from allmende.insight.deliveries.actions import FIGURES, OPEN
from allmende.insight.deliveries.matching import ROLES, WIDE, Match, match_from
from allmende.insight.models import Delivery, DeliveryWork, Site, WatchedFolder
from allmende.insight.rules import visible_deliveries
from allmende.partners.rules import Someone, organisations_to_edit

PAGE: Final = 50
STATES_OPEN: Final = tuple(str(state) for state in OPEN)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery in a list."""

    id: int
    name: str
    origin: str
    supplier: str
    organisation: str
    state: str
    state_label: str
    received_at: datetime
    created: int
    changed: int
    failed: int
    is_demo: bool
    is_at_work: bool
    """A process reads or applies it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    rows: list[DeliveryRow]
    total: int
    page: int
    pages: int


def list_deliveries(user: Someone, *, state: str = "", page: int = 1) -> Listing:
    """The deliveries that ``user`` sees, the newest first.  ``state``: "open" or a state."""
    found = visible_deliveries(user)
    if state == "open":
        found = found.filter(state__in=OPEN)
    elif state in Delivery.State.values:
        found = found.filter(state=state)
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    part = found.select_related("organisation").defer("problems", "columns")[(page - 1) * PAGE : page * PAGE]
    open_work = DeliveryWork.objects.filter(delivery__in=[one.pk for one in part], failure__isnull=True)
    at_work = set(open_work.values_list("delivery_id", flat=True))
    rows = [
        DeliveryRow(
            one.pk,
            one.name,
            one.get_origin_display(),
            one.supplier,
            one.organisation.name,
            one.state,
            one.get_state_display(),
            one.received_at,
            one.created,
            one.changed,
            one.failed,
            one.is_demo,
            one.pk in at_work,
        )
        for one in part
    ]
    return Listing(rows, total, page, pages)


def delivery_to_see(user: Someone, pk: int) -> Delivery | None:
    """The delivery if ``user`` may take it in or back."""
    return visible_deliveries(user).select_related("organisation", "by").filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class ColumnToMatch:
    """A column of a delivered table, and what it is taken for."""

    name: str
    samples: list[str]
    role: str


def columns_to_match(delivery: Delivery) -> tuple[Match, list[ColumnToMatch]] | None:
    """How a delivery of figures is read; None for shapes that need no matching, and when the file is gone."""
    headers = keeping.read(delivery, "headers.json")
    if delivery.columns.get("shape") != FIGURES or headers is None or keeping.file_of(delivery) is None:
        return None
    match = match_from(delivery.columns)
    columns = [ColumnToMatch(one["name"], one["samples"], match.columns.get(one["name"], "")) for one in headers]
    return match, columns


def has_file(delivery: Delivery) -> bool:
    """Whether the delivered file is still kept."""
    return keeping.file_of(delivery) is not None


def preview_kept(delivery: Delivery) -> dict[str, Any] | None:
    """What applying would do, as it was told last."""
    told = keeping.read(delivery, "preview.json") if delivery.state == Delivery.State.PREVIEWED else None
    return told if isinstance(told, dict) else None


def sites_to_fill(delivery: Delivery) -> list[tuple[str, str]]:
    """Slug and name of the sites that a delivery may be for."""
    return list(Site.objects.filter(organisation=delivery.organisation_id).values_list("slug", "name"))


def folders_of(user: Someone) -> list[WatchedFolder]:
    """The watched folders that ``user`` may change."""
    mine = organisations_to_edit(user)
    found = WatchedFolder.objects.select_related("organisation").order_by("name")
    return list(found if mine is None else found.filter(organisation__in=mine))


def folder_to_change(user: User, name: str) -> WatchedFolder | None:
    """The watched folder of that name if ``user`` may change it."""
    return next((folder for folder in folders_of(user) if folder.name == name), None)


__all__ = [
    "FIGURES",
    "ROLES",
    "STATES_OPEN",
    "WIDE",
    "ColumnToMatch",
    "DeliveryRow",
    "Listing",
    "columns_to_match",
    "delivery_to_see",
    "folder_to_change",
    "folders_of",
    "has_file",
    "list_deliveries",
    "preview_kept",
    "sites_to_fill",
]
