"""Taking back what was changed in many records at once, where nobody changed the record since."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from allmende.catalogue.actions import submissions
from allmende.catalogue.actions.derive import refreshed_once
from allmende.catalogue.actions.edit import EditRefused, edit_item, locked, publish_item, release_field, set_state
from allmende.catalogue.actions.editorial.bulk import GONE, Outcome, standing_of_record
from allmende.catalogue.actions.editorial.plans import PlanRefused, plan_publication
from allmende.catalogue.bridges.readers import UnusableInput
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.models import ITEM_MODELS, BulkEdit, BulkEditRow, Item, SourceRecord, Submission
from allmende.catalogue.rules import EditForbidden, may_edit
from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.partners.rules import is_operator

CHANGED_SINCE: Final = gettext_noop("Somebody changed it since. It stays as it is now.")

UNREADABLE: Final = gettext_noop("What its source delivered cannot be read any more. Correct it by hand.")


class BulkEditForbidden(PermissionError):
    """Only who made the change takes it back, or an operator."""


class _ChangedSinceError(Exception):
    """The record is not as the change left it."""


def undo_many(identifier: int, *, by: User, now: datetime) -> BulkEdit:
    """Take one change of many records back; the rows say which stay, and why.

    Fields that followed their source before follow it again.  What may only be public after a review is proposed.  A second
    call tries again what stayed.  Raises :class:`BulkEditForbidden` or ``DoesNotExist``.
    """
    edit = BulkEdit.objects.get(pk=identifier)
    if edit.by_id != by.pk and not is_operator(by):
        raise BulkEditForbidden("Only who made the change takes it back.")
    done = edit.rows.filter(outcome__in=(Outcome.CHANGED, Outcome.PROPOSED), is_restored=False)
    n = 0
    with refreshed_once():
        for row in done.order_by("pk"):
            with transaction.atomic():  # what is taken back and that it was are kept together
                row.reason = _undo(edit, row, by, now)
                row.is_restored = not row.reason
                row.save(update_fields=["reason", "is_restored"])
            n += row.is_restored
    with transaction.atomic():
        edit.undone_at = now
        edit.save(update_fields=["undone_at"])
        record("catalogue.bulk_undo", ("bulk_edit", edit.pk), by=by, now=now, kind=edit.kind, n=n)
    return edit


def _undo(edit: BulkEdit, row: BulkEditRow, by: User, now: datetime) -> str:
    """Take one record back; return why it stays, or ``""``."""
    try:
        with transaction.atomic():
            item = locked(edit.kind, row.item_id)
            if not may_edit(by, item):
                return GONE
            if standing_of_record(edit.kind, row.item_id) != row.after:
                raise _ChangedSinceError
            _undo_plan(edit.kind, row, by, now)
            _undo_state(item, row, by, now)
            _undo_fields(edit.kind, row, item.origins, by, now)
    except _ChangedSinceError:
        return CHANGED_SINCE
    except (EditRefused, PlanRefused) as refused:
        return str(refused)[:300]
    except UnusableInput:
        return UNREADABLE
    except (EditForbidden, ITEM_MODELS[edit.kind].DoesNotExist):
        return GONE
    return ""


def _undo_plan(kind: str, row: BulkEditRow, by: User, now: datetime) -> None:
    if "plan" not in row.fields:
        return
    publish_at, withdraw_at = (datetime.fromisoformat(text) if text else None for text in row.before["plan"])
    plan_publication(kind, row.item_id, publish_at=publish_at, withdraw_at=withdraw_at, by=by, now=now)


def _undo_state(item: Item, row: BulkEditRow, by: User, now: datetime) -> None:
    before = row.before["state"]
    if "state" not in row.fields or item.state == before:
        return
    if before in {state.value for state in submissions.PUBLIC} or before == Publication.SUBMITTED:
        publish_item(item.KIND, item.pk, by=by, now=now)  # by the policy of today
        return
    waiting = submissions.waiting_for(item.KIND, item.pk)
    if waiting:
        submissions.close(waiting, Submission.State.TAKEN_BACK, by=by, now=now)
    set_state(item, Publication(before), by=by, now=now)


def _undo_fields(kind: str, row: BulkEditRow, origins: dict[str, Any], by: User, now: datetime) -> None:
    fields = [field for field in row.fields if field not in {"state", "plan"}]
    followed = set(row.before["unpinned"]) if row.outcome == Outcome.CHANGED else set()
    if followed and not SourceRecord.objects.filter(kind=kind, item_id=row.item_id).exists():
        followed = set()
    names = {name for field in fields if field not in followed for name in GROUPS[field]}
    columns = {name: value for name, value in row.before["columns"].items() if name in names}
    if columns:
        edit_item(kind, row.item_id, columns, by=by, now=now)
    for field in fields:
        if field in followed and field in origins:
            release_field(kind, row.item_id, field, by=by, now=now)
