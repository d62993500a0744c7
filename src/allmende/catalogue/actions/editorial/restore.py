"""Taking an earlier version of a record again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from allmende.catalogue.actions.edit import Changed, edit_item
from allmende.catalogue.actions.revisions import columns_at
from allmende.catalogue.models import Revision
from allmende.core.audit import record
from allmende.core.models import User


def restore_version(
    kind: str, identifier: int, version: int, *, by: User | None, now: datetime, seen: datetime | None = None
) -> Changed:
    """Set the fields as they were right after revision ``version`` (0: before the first): a new edit, which pins them and
    goes to review where edits do.

    Raises as ``edit_item`` does, and ``Revision.DoesNotExist``.
    """
    if version:
        Revision.objects.get(pk=version, kind=kind, item_id=identifier)
    with transaction.atomic():
        changes = columns_at(kind, identifier, version)
        changed = edit_item(kind, identifier, changes, by=by, now=now, seen=seen)
        if changed:
            record("catalogue.restore", (kind, identifier), by=by, now=now, version=version)
    return changed
