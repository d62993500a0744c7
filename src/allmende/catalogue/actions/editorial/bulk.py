"""Changing many records at once, each by the rules that hold for it alone, and taking all of it back together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from allmende.catalogue.actions.derive import refreshed_once
from allmende.catalogue.actions.edit import (
    EditOvertaken,
    EditRefused,
    edit_item,
    publish_item,
    withdraw_item,
    working_columns,
)
from allmende.catalogue.actions.editorial.plans import PlanRefused, plan_publication
from allmende.catalogue.actions.submissions import version_of, waiting_for
from allmende.catalogue.actions.write import Columns
from allmende.catalogue.models import ITEM_MODELS, BulkEdit, BulkEditRow, PublicationPlan, Revision
from allmende.catalogue.rules import EditForbidden
from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.publication import Publication

MOST_AT_ONCE: Final = 300
"""Records that are changed at once."""
OVERTAKEN: Final = gettext_noop("Somebody changed it after you had looked.")
GONE: Final = gettext_noop("It is not there any more, or no longer yours to change.")
Outcome = BulkEditRow.Outcome


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What is to change in each record."""

    fields: tuple[str, ...]
    columns: Callable[[Columns], Mapping[str, Any]]
    """The columns of a record as it is now -> those that are set, in stored form."""
    state: str = ""
    """published, withdrawn, or as it is."""
    sets_expiry: bool = False
    withdraw_at: datetime | None = None
    """With ``sets_expiry``: when they leave the public pages; None: not by plan."""

    @property
    def all_fields(self) -> list[str]:
        return [*self.fields, *(["state"] if self.state else []), *(["plan"] if self.sets_expiry else [])]


def edit_many(
    kind: str,
    identifiers: Sequence[int],
    change: BulkChange,
    *,
    seen: Mapping[int, datetime],
    by: User,
    now: datetime,
) -> BulkEdit:
    """Make one change in each of the records; those where it cannot be made stay as they are, with the reason.

    ``seen``: record -> the version (``updated_at``) that the person had before them; a later one stays as it is.  Each record
    has a transaction of its own, so what was done before an interruption is kept and can be taken back.
    """
    edit = BulkEdit.objects.create(kind=kind, by=by, at=now, fields=change.all_fields)
    with refreshed_once():
        for identifier in list(dict.fromkeys(identifiers))[:MOST_AT_ONCE]:
            try:
                with transaction.atomic():
                    _edit_one(edit, identifier, change, seen.get(identifier), by, now)
            except (EditRefused, PlanRefused) as refused:
                _refuse(edit, identifier, str(refused))
            except EditOvertaken:
                _refuse(edit, identifier, OVERTAKEN)
            except (EditForbidden, ITEM_MODELS[kind].DoesNotExist):
                _refuse(edit, identifier, GONE)
    n = edit.rows.filter(outcome__in=(Outcome.CHANGED, Outcome.PROPOSED)).count()
    with transaction.atomic():
        record("catalogue.bulk_edit", ("bulk_edit", edit.pk), by=by, now=now, kind=kind, fields=edit.fields, n=n)
    return edit


def _refuse(edit: BulkEdit, identifier: int, reason: str) -> None:
    BulkEditRow.objects.create(edit=edit, item_id=identifier, outcome=Outcome.REFUSED, reason=reason[:300])


def _plan_of(kind: str, identifier: int) -> list[str | None]:
    plan = PublicationPlan.objects.filter(kind=kind, item_id=identifier).first()
    times = (plan.publish_at, plan.withdraw_at) if plan else (None, None)
    return [moment.isoformat() if moment else None for moment in times]


def standing_of_record(kind: str, identifier: int) -> dict[str, Any]:
    """How a record stands, to see later whether anybody changed it since."""
    last = Revision.objects.filter(kind=kind, item_id=identifier).order_by("-pk").values_list("pk", flat=True).first()
    waiting = waiting_for(kind, identifier, locked=False)
    item = ITEM_MODELS[kind].objects.only("state").get(pk=identifier)  # type: ignore[attr-defined]
    return {
        "revision": last or 0,
        "proposal": waiting.updated_at.isoformat() if waiting and waiting.proposed else "",
        "state": item.state,
        "plan": _plan_of(kind, identifier),
    }


def _edit_one(
    edit: BulkEdit, identifier: int, change: BulkChange, seen: datetime | None, by: User, now: datetime
) -> None:
    kind = edit.kind
    item = ITEM_MODELS[kind].objects.select_for_update().get(pk=identifier)  # type: ignore[attr-defined]
    if seen is not None and version_of(item, waiting_for(kind, identifier)) != seen:
        raise EditOvertaken
    was = standing_of_record(kind, identifier)
    columns = working_columns(kind, identifier)
    changes = change.columns(columns)
    before = {name: columns[name] for name in changes if name in columns}
    unpinned = [field for field in change.fields if field not in item.origins]
    changed = edit_item(kind, identifier, changes, by=by, now=now)
    fields = list(changed)
    if change.sets_expiry:
        publish_at = datetime.fromisoformat(was["plan"][0]) if was["plan"][0] else None
        plan_publication(kind, identifier, publish_at=publish_at, withdraw_at=change.withdraw_at, by=by, now=now)
    if change.state == Publication.PUBLISHED:
        publish_item(kind, identifier, by=by, now=now)
    elif change.state == Publication.WITHDRAWN:
        withdraw_item(kind, identifier, by=by, now=now)
    after = standing_of_record(kind, identifier)
    fields += [name for name in ("state", "plan") if was[name] != after[name]]
    outcome = Outcome.PROPOSED if changed.is_proposed else Outcome.CHANGED if fields else Outcome.UNCHANGED
    told = {"columns": before, "unpinned": unpinned, "state": was["state"], "plan": was["plan"]}
    BulkEditRow.objects.create(edit=edit, item_id=identifier, outcome=outcome, fields=fields, before=told, after=after)
