"""One record as the person who edits it sees it: values, where each comes from, and what happened to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from allmende.catalogue.actions.differences import group_in_words
from allmende.catalogue.actions.edit import delivered_columns
from allmende.catalogue.actions.submissions import version_of, waiting_for, with_proposal
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.bridges.readers import UnusableInput
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.models import ITEM_MODELS, Source
from allmende.catalogue.queries.editing.duplicates import Side, members_and_origins
from allmende.catalogue.queries.editing.records import editable, editable_for
from allmende.core.models import AuditEntry, User
from allmende.core.prepared import prepared
from allmende.partners.rules import Someone, organisations_to_edit

HISTORY = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of a pinned field comes from, and what the source says instead."""

    by: str
    is_me: bool
    at: datetime
    delivered: str | None
    """The source's own value in words; None where there is no source."""


@dataclass(frozen=True, slots=True)
class EditableRecord:
    """A record with all its columns, and with what is proposed for it and not public yet."""

    kind: str
    id: int
    columns: dict[str, Any]
    source: Source | None
    organisation: str
    municipality: str
    origins: dict[str, Origin]
    members: list[Side]
    """Of a union: the records it stands for."""
    taken_from: dict[str, Side]
    """Of a union: field -> the record that its value comes from."""
    union: int | None
    """The record that stands for this one."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a record's history."""

    at: datetime
    by: str
    action: str
    changes: dict[str, list[str]]
    """Field -> [before, after] in words."""


def _names(identifiers: set[int]) -> dict[int, str]:
    return {pk: name or email for pk, name, email in _people(identifiers)} if identifiers else {}


@prepared
def _people(identifiers: Collection[int]) -> QuerySet[User, tuple[int, str, str]]:
    return User.objects.filter(pk__in=identifiers).values_list("pk", "name", "email")


def _origins(kind: str, columns: dict[str, Any], user: Someone) -> dict[str, Origin]:
    told = columns["origins"]
    if not told:
        return {}
    names = _names({entry["by"] for entry in told.values() if entry.get("by")})
    try:
        delivered = delivered_columns(kind, columns["id"])
    except UnusableInput:  # the source's format changed since
        delivered = None
    return {
        group: Origin(
            by=names.get(entry.get("by"), ""),
            is_me=bool(user and entry.get("by") == user.pk),
            at=datetime.fromisoformat(entry["at"]),
            delivered=group_in_words(delivered, group) if delivered is not None and group != "state" else None,
        )
        for group, entry in told.items()
        if group in GROUPS
    }


def may_open(user: Someone, kind: str, identifier: int) -> bool:
    """Whether ``user`` may edit a record that there is."""
    return kind in ITEM_MODELS and editable(user, kind).filter(pk=identifier).exists()


def record_to_edit(user: Someone, kind: str, identifier: int, *, language: str = "en") -> EditableRecord | None:
    """The record if ``user`` may edit it."""
    if kind not in ITEM_MODELS:
        return None
    allowed = organisations_to_edit(user)
    items = _item(identifier, allowed, kind=kind) if allowed != [] else []
    if not items:
        return None
    item = items[0]
    waiting = waiting_for(kind, identifier, locked=False)
    columns = with_proposal(stored_columns(kind, [identifier])[identifier], waiting)
    columns["updated_at"] = version_of(item, waiting)
    members, taken_from = members_and_origins(kind, identifier, user, language) if item.is_union else ([], {})
    return EditableRecord(
        kind=kind,
        id=identifier,
        columns=columns,
        source=item.source,
        organisation=item.organisation.name if item.organisation else "",
        municipality=item.municipality.name if item.municipality else "",
        origins=_origins(kind, columns, user),
        members=members,
        taken_from=taken_from,
        union=None if item.is_union else item.joined_into,
    )


@prepared
def _item(identifier: int, allowed: Sequence[int] | None, *, kind: str) -> QuerySet[Any]:
    items = editable_for(allowed, kind).filter(pk=identifier).select_related("source", "organisation", "municipality")
    return items.defer("municipality__outline")


def history_of(record: EditableRecord, limit: int = HISTORY) -> list[Change]:
    """What happened to a record, the latest first."""
    rows = _entries(record.id, kind=record.kind, limit=limit)
    names = _names({actor for _, actor, _, _ in rows if actor})
    return [
        Change(at, names.get(actor or 0, ""), action.partition(".")[2], details.get("changes", {}))
        for at, actor, action, details in rows
    ]


@prepared
def _entries(
    identifier: int, *, kind: str, limit: int
) -> QuerySet[AuditEntry, tuple[datetime, int | None, str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject_type=kind, subject_id=identifier).order_by("-at", "-id")
    return entries.values_list("at", "actor_id", "action", "details")[:limit]
