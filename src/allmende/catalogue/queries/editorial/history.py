"""The versions of a record.  Whoever asks has been asked whether they may edit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allmende.catalogue.actions.revisions import columns_at
from allmende.catalogue.models import Revision
from allmende.catalogue.queries.editing import GROUPS
from allmende.catalogue.queries.editorial.review import names_of

PAGE = 30


@dataclass(frozen=True, slots=True)
class Version:
    """A change in the list."""

    id: int
    at: datetime
    by: str
    action: str
    groups: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Versions:
    """One page of the list, the latest first."""

    rows: list[Version]
    page: int
    pages: int


def versions_of(kind: str, identifier: int, *, page: int = 1) -> Versions:
    """What people changed."""
    revisions = Revision.objects.filter(kind=kind, item_id=identifier).order_by("-pk")
    pages = max(1, -(-revisions.count() // PAGE))
    page = min(max(1, page), pages)
    rows = list(revisions[(page - 1) * PAGE : page * PAGE])
    names = names_of({row.by_id for row in rows})
    found = [
        Version(
            row.pk,
            row.at,
            names.get(row.by_id, ""),
            row.action,
            tuple(group for group, columns in GROUPS.items() if any(name in row.after for name in columns)),
            row.before,
            row.after,
        )
        for row in rows
    ]
    return Versions(found, page, pages)


def version_then(kind: str, identifier: int, version: int) -> tuple[datetime | None, dict[str, Any]] | None:
    """(when, columns) of a version; of 0, the one before the first change.  None: there is none."""
    if not version:
        has_any = Revision.objects.filter(kind=kind, item_id=identifier).exists()
        return (None, columns_at(kind, identifier, 0)) if has_any else None
    at = Revision.objects.filter(pk=version, kind=kind, item_id=identifier).values_list("at", flat=True).first()
    return (at, columns_at(kind, identifier, version)) if at else None
