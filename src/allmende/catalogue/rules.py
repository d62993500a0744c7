"""Who may do what in the catalogue.  Reading what is published is for everyone; the rest is decided here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from allmende.partners import rules as partners
from allmende.partners.policy.queries import PublicationPolicy, may_review_for, publication_policy

if TYPE_CHECKING:
    from allmende.catalogue.models import Item, Source
    from allmende.partners.rules import Someone


class ImportForbidden(PermissionError):
    """This person may not import for this source."""


class AlignForbidden(PermissionError):
    """This person may not decide about gaps there."""


class EditForbidden(PermissionError):
    """This person may not change this record."""


class ReviewForbidden(PermissionError):
    """This person does not review this record."""


class JudgementForbidden(PermissionError):
    """This person may not say whether these records are the same."""


def may_import(user: Someone, source: Source) -> bool:
    """Managers of the organisation that owns the source, and the operator."""
    return partners.may_manage(user, source.organisation_id)


def may_edit(user: Someone, item: Item) -> bool:
    """Editors and managers of the organisation that owns the record, and the operator."""
    return partners.may_edit_for(user, item.organisation_id)


def must_be_reviewed(
    user: Someone, organisation_id: int | None, kind: str, policy: PublicationPolicy | None = None
) -> bool:
    """Whether what ``user`` wants to be public has to be looked at first, by the strictest policy of the owner's networks.

    Reviewers of these networks, and the operator, need nobody else.  Imports do not ask: the owner of a source is trusted
    by having the source.  ``policy``: that of the owner for this kind, where it is at hand.
    """
    if partners.is_operator(user):
        return False
    policy = policy or publication_policy(organisation_id, kind)
    return policy.needs_review and not may_review_for(user, policy)


def may_review(user: Someone, organisation_id: int | None, kind: str, policy: PublicationPolicy | None = None) -> bool:
    """Editors and coordinators of the networks that want to review, and the operator; where none of them wants to any
    more, whoever edits for the owner."""
    policy = policy or publication_policy(organisation_id, kind)
    if may_review_for(user, policy):
        return True
    return not policy.needs_review and partners.may_edit_for(user, organisation_id)


def may_discuss(user: Someone, organisation_id: int | None, kind: str) -> bool:
    """The owner's editors and the reviewers see and write the comments on a record."""
    return partners.may_edit_for(user, organisation_id) or may_review(user, organisation_id, kind)


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
