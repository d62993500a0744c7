"""Who may do what in the catalogue.  Reading what is published is for everyone; the rest is decided here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from allmende.partners import rules as partners

if TYPE_CHECKING:
    from allmende.catalogue.models import Item, Source
    from allmende.partners.rules import Someone


class ImportForbidden(PermissionError):
    """This person may not import for this source."""


class AlignForbidden(PermissionError):
    """This person may not decide about gaps there."""


class EditForbidden(PermissionError):
    """This person may not change this record."""


class JudgementForbidden(PermissionError):
    """This person may not say whether these records are the same."""


def may_import(user: Someone, source: Source) -> bool:
    """Managers of the organisation that owns the source, and the operator."""
    return partners.may_manage(user, source.organisation_id)


def may_edit(user: Someone, item: Item) -> bool:
    """Editors and managers of the organisation that owns the record, and the operator."""
    return partners.may_edit_for(user, item.organisation_id)


def may_see_reports(user: Someone, item: Item) -> bool:
    """Whoever may edit the record sees what readers say about it."""
    return may_edit(user, item)


def judged_organisations(user: Someone) -> list[int] | None:
    """Ids of the organisations for whose records ``user`` says what is the same and what is not; None means all.

    Whoever coordinates the region or its destination organisation sees everything side by side; others what is theirs.
    """
    if partners.may_set_brand(user):
        return None
    return partners.managed_ids(user)


def may_judge(user: Someone, organisations: Iterable[int | None], *, unasked: bool = False) -> bool:
    """Whether ``user`` may say that records of these organisations are the same or not.

    One of the records must be theirs; all of them, where nobody asked: else one could hide a rival's record under one's
    own.
    """
    mine = judged_organisations(user)
    if mine is None:
        return True
    is_mine = [organisation in mine for organisation in organisations]
    return bool(is_mine) and (all(is_mine) if unasked else any(is_mine))


def may_set_gap_aside(user: Someone, municipality_id: int) -> bool:
    """Managers of the region or its destination organisation; of a municipality, for its own area; the operator."""
    allowed = partners.areas_to_coordinate(user)
    return allowed is None or municipality_id in allowed


MODERATED_STATES = ("submitted", "published")
"""What moderators of a network see of its members' records; a draft is nobody's business but its owner's."""


def may_translate(user: Someone, item: Item) -> bool:
    """Whoever may edit the record, and whoever moderates a network of its owner once it is submitted or published."""
    if may_edit(user, item):
        return True
    if item.state not in MODERATED_STATES or item.organisation_id is None:
        return False
    moderated = partners.organisations_moderated(user)
    return moderated is None or item.organisation_id in moderated
