"""What a change of many records would do to each, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allmende.catalogue.actions.edit import EditRefused, check_columns, groups_that_differ
from allmende.catalogue.actions.editorial.bulk import MOST_AT_ONCE, BulkChange
from allmende.catalogue.actions.submissions import PUBLIC, with_proposal
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import ITEM_MODELS, BulkEdit, BulkEditRow, Submission
from allmende.catalogue.queries.editing.records import editable
from allmende.catalogue.queries.editorial.plans import Plan, plans_of
from allmende.catalogue.rules import must_be_reviewed
from allmende.core.publication import Publication
from allmende.core.text import Picked, pick
from allmende.partners.rules import Someone, is_operator

__all__ = ["MOST_AT_ONCE", "BulkResult", "Foreseen", "ResultRow", "bulk_edit_to_see", "foresee"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would do to one record."""

    id: int
    name: Picked
    version: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    """All columns, as they would be."""
    fields: list[str]
    """The fields that would change; ``state`` and ``plan`` among them."""
    is_proposed: bool
    """The fields wait for review; what is public stays as it is."""
    old_state: str
    new_state: str
    plan: Plan
    refused: str = ""
    """Why nothing of it can be done, in the words of the action."""


def foresee(
    user: Someone, kind: str, identifiers: Sequence[int], change: BulkChange, *, language: str
) -> list[Foreseen]:
    """The records of ``identifiers`` that ``user`` may edit, in their order, with what would change in each."""
    wanted = list(dict.fromkeys(identifiers))[:MOST_AT_ONCE]
    mine = set(editable(user, kind).filter(pk__in=wanted).values_list("pk", flat=True))
    stored = stored_columns(kind, [pk for pk in wanted if pk in mine])
    waiting = {
        one.item_id: one
        for one in Submission.objects.filter(kind=kind, item_id__in=mine, state=Submission.State.WAITING)
    }
    plans = plans_of(kind, mine)
    owners = {columns["organisation_id"] for columns in stored.values()}
    reviewed = {owner: must_be_reviewed(user, owner, kind) for owner in owners}
    return [
        _foreseen(stored[pk], waiting.get(pk), plans.get(pk, Plan()), reviewed, change, kind, language)
        for pk in wanted
        if pk in stored
    ]


def _foreseen(
    stored: dict[str, Any],
    waiting: Submission | None,
    plan: Plan,
    reviewed: Mapping[Any, bool],
    change: BulkChange,
    kind: str,
    language: str,
) -> Foreseen:
    before = with_proposal(stored, waiting)
    after = {**before, **change.columns(before)}
    state, must_wait = stored["state"], reviewed[stored["organisation_id"]]
    refused = ""
    try:
        check_columns(kind, after)
    except EditRefused as error:
        refused = str(error)
    fields = groups_that_differ(before, after)
    new_state = _new_state(state, change.state, must_wait=must_wait)
    if change.sets_expiry and plan.withdraw_at != change.withdraw_at:
        fields.append("plan")
        if change.withdraw_at and plan.publish_at and change.withdraw_at <= plan.publish_at:
            refused = "It would leave before it appears. Choose a later time."
    if new_state != state:
        fields.append("state")
    version = max(stored["updated_at"], waiting.updated_at) if waiting else stored["updated_at"]
    is_proposed = must_wait and state in PUBLIC and bool(set(fields) - {"state", "plan"})
    name = pick(before["name"], language)
    return Foreseen(stored["id"], name, version, before, after, fields, is_proposed, state, new_state, plan, refused)


def _new_state(state: str, wanted: str, *, must_wait: bool) -> str:
    if wanted == Publication.WITHDRAWN:
        return Publication.WITHDRAWN.value
    if wanted == Publication.PUBLISHED and state not in PUBLIC:
        return (Publication.SUBMITTED if must_wait else Publication.PUBLISHED).value
    return state


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What became of one record."""

    id: int
    name: Picked
    outcome: str
    fields: list[str]
    reason: str
    state: str
    is_restored: bool
    is_open: bool
    """Whether the person may still edit it."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """A change of many records that was made."""

    id: int
    kind: str
    at: datetime
    undone_at: datetime | None
    fields: list[str]
    rows: list[ResultRow]
    is_mine: bool

    def count(self, *outcomes: str) -> int:
        """How many rows have one of these outcomes."""
        return sum(row.outcome in outcomes for row in self.rows)


def bulk_edit_to_see(user: Someone, identifier: int, *, language: str) -> BulkResult | None:
    """A change if ``user`` made it, or is an operator."""
    edit = BulkEdit.objects.filter(pk=identifier).first()
    if edit is None or user is None or not (edit.by_id == user.pk or is_operator(user)):
        return None
    rows = list(BulkEditRow.objects.filter(edit=edit).order_by("pk").defer("before", "after"))
    ids = [row.item_id for row in rows]
    items = ITEM_MODELS[edit.kind].objects.filter(pk__in=ids)  # type: ignore[attr-defined]
    told = {pk: (name, state) for pk, name, state in items.values_list("pk", "name", "state")}
    mine = set(editable(user, edit.kind).filter(pk__in=ids).values_list("pk", flat=True))
    shown = [
        ResultRow(
            row.item_id,
            pick(told[row.item_id][0] if row.item_id in mine else {}, language),
            row.outcome,
            row.fields,
            row.reason,
            told[row.item_id][1] if row.item_id in mine else "",
            row.is_restored,
            row.item_id in mine,
        )
        for row in rows
    ]
    return BulkResult(edit.pk, edit.kind, edit.at, edit.undone_at, edit.fields, shown, edit.by_id == user.pk)
