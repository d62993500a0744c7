"""Copying a record: next year's event begins with this year's, a second hall with the first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from allmende.catalogue.actions.write import stored_columns, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.bridges.places import gazetteer
from allmende.catalogue.models import ITEM_MODELS, Event
from allmende.catalogue.rules import EditForbidden, may_edit
from allmende.core.audit import record
from allmende.core.bulk import allocate_ids
from allmende.core.models import User
from allmende.core.publication import Publication

NOT_COPIED = {"source_id": None, "joined_into": None, "is_union": False, "public_since": None, "picture": ""}


def copy_item(
    kind: str, identifier: int, *, by: User | None, now: datetime, changes: Mapping[str, Any] | None = None
) -> int:
    """Make a draft with the values of a record, owned by the same organisation; return its id.

    ``changes``: column -> value in stored form, of what is different in the copy.

    It belongs to no source, so no import touches it.  Raises :class:`EditForbidden`, or ``DoesNotExist``.
    """
    with transaction.atomic():
        item = ITEM_MODELS[kind].objects.get(pk=identifier)  # type: ignore[attr-defined]
        if not may_edit(by, item):
            raise EditForbidden("Only editors of the owning organisation may copy this record.")
        columns = stored_columns(kind, [identifier])[identifier]
        fresh = allocate_ids(ITEM_MODELS[kind], 1)[0]
        columns.update(NOT_COPIED, id=fresh, origins={}, created_at=now, state=Publication.DRAFT.value)
        columns.update(changes or {})
        if "place_key" in columns:
            columns["place_key"] = ""  # keys belong to a source
        write_items(
            kind, [columns], window=window_at(now), now=now, municipality_names=gazetteer().names, is_compared=True
        )
        record("catalogue.copy", (kind, fresh), by=by, now=now, original=identifier)
    return int(fresh)


def copy_event_to(identifier: int, schedule: Mapping[str, Any], *, by: User | None, now: datetime) -> int:
    """Make a draft of an event on other days, which takes place whatever became of the first; return its id.

    ``schedule``: in stored form, such as ``queries.editorial.next_year`` gives.  Raises as :func:`copy_item` does.
    """
    changes = {"schedule": dict(schedule), "status": Event.Status.SCHEDULED.value}
    return copy_item("event", identifier, by=by, now=now, changes=changes)
