"""What waits for review: kept beside the record, so that what is public stays as it is until somebody has looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from allmende.catalogue.actions.write import Columns
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.models import Item, RecordComment, Submission
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.core.text import original_text
from allmende.partners.policy.queries import editors_of, publication_policy, reviewers_of

PUBLIC = (Publication.PUBLISHED, Publication.JOINED)
"""States in which a record, or the one that stands for it, is on the public pages."""


def waiting_for(kind: str, identifier: int, *, locked: bool = True) -> Submission | None:
    """What waits for review of a record, if anything does."""
    if not locked:
        return next(iter(_waiting(identifier, kind=kind)), None)
    rows = Submission.objects.filter(kind=kind, item_id=identifier, state=Submission.State.WAITING)
    return rows.select_for_update().first()


@prepared
def _waiting(identifier: int, *, kind: str) -> QuerySet[Submission]:
    return Submission.objects.filter(kind=kind, item_id=identifier, state=Submission.State.WAITING).order_by("pk")[:1]


def with_proposal(columns: Columns, waiting: Submission | None) -> Columns:
    """The columns as whoever goes on editing sees them: with what was proposed and is not public yet."""
    return {**columns, **waiting.proposed} if waiting else dict(columns)


def version_of(item: Item, waiting: Submission | None) -> datetime:
    """When the record, or what is proposed for it, was changed last."""
    return max(item.updated_at, waiting.updated_at) if waiting else item.updated_at


def _tell_reviewers(item: Item, submission: Submission, *, now: datetime) -> None:
    policy = publication_policy(item.organisation_id, submission.kind)
    tell(
        reviewers_of(policy),
        "catalogue.submitted",
        gettext_noop("“%(name)s” waits for review."),
        subject=(submission.kind, submission.item_id),
        path=f"/workspace/review/{submission.pk}/",
        facts={"name": original_text(item.name)},
        now=now,
        by=submission.by,
    )


def submit(item: Item, *, by: User | None, now: datetime) -> Submission:
    """Put a record that is not public on the list of those to review, and tell the reviewers."""
    waiting = waiting_for(item.KIND, item.pk)
    if waiting is None:
        waiting = Submission.objects.create(
            kind=item.KIND,
            item_id=item.pk,
            organisation_id=item.organisation_id,
            by=by,
            submitted_at=now,
            updated_at=now,
        )
        _tell_reviewers(item, waiting, now=now)
    return waiting


def propose(
    item: Item, stored: Columns, columns: Columns, changed: Iterable[str], *, by: User | None, now: datetime
) -> Submission:
    """Keep changes of a public record until they are reviewed.

    ``stored``: what is public; ``columns``: what the record would be; ``changed``: fields of this edit.  What is the same
    as in public again is proposed no longer.
    """
    waiting = waiting_for(item.KIND, item.pk)
    proposed, base = (dict(waiting.proposed), dict(waiting.base)) if waiting else ({}, {})
    for group in changed:
        for name in GROUPS[group]:
            if name not in columns or name == "municipality_id":  # follows from the address when it is accepted
                continue
            base.setdefault(name, stored[name])
            proposed[name] = columns[name]
    same = [name for name, value in proposed.items() if value == stored[name]]
    for name in same:
        del proposed[name], base[name]
    if waiting is None:
        waiting = Submission(
            kind=item.KIND, item_id=item.pk, organisation_id=item.organisation_id, submitted_at=now, updated_at=now
        )
    is_new = waiting.pk is None
    waiting.proposed, waiting.base, waiting.by, waiting.updated_at = proposed, base, by, now
    if not proposed:
        waiting.state, waiting.decided_by, waiting.decided_at = Submission.State.TAKEN_BACK, by, now
    waiting.save()
    if is_new:
        _tell_reviewers(item, waiting, now=now)
    return waiting


def drop_proposed(waiting: Submission, groups: Iterable[str], *, by: User | None, now: datetime) -> None:
    """Forget what was proposed for fields that somebody has published directly meanwhile."""
    if not waiting.proposed:
        return
    gone = {name for group in groups for name in GROUPS[group]}
    waiting.proposed = {name: value for name, value in waiting.proposed.items() if name not in gone}
    waiting.base = {name: value for name, value in waiting.base.items() if name not in gone}
    waiting.updated_at = now
    if waiting.proposed:
        waiting.save()
    else:
        close(waiting, Submission.State.ACCEPTED, by=by, now=now)


def close(waiting: Submission, state: str, *, by: User | None, now: datetime) -> None:
    """Say how it ended."""
    waiting.state, waiting.decided_by, waiting.decided_at, waiting.updated_at = state, by, now, now
    waiting.save()


def tell_owner(
    kind: str,
    identifier: int,
    organisation_id: int | None,
    what: str,
    message: str,
    facts: Mapping[str, Any],
    *,
    submitted_by: int | None,
    by: User | None,
    now: datetime,
) -> None:
    """Tell the owner's people who take part in this: who submitted it and who said something; else all its editors."""
    editors = set(editors_of(organisation_id))
    said = RecordComment.objects.filter(kind=kind, item_id=identifier).values_list("by_id", flat=True)
    people = {person for person in (submitted_by, *said) if person in editors}
    path = f"/workspace/records/{kind}/{identifier}/"
    tell(people or editors, what, message, subject=(kind, identifier), path=path, facts=facts, now=now, by=by)
