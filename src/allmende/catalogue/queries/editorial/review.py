"""What waits for review, as reviewers and owners see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from allmende.catalogue.actions.submissions import version_of, waiting_for
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import ITEM_MODELS, RecordComment, Submission
from allmende.catalogue.rules import may_edit, may_review, must_be_reviewed
from allmende.catalogue.values import KINDS
from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.core.text import Picked, pick
from allmende.partners.models import Organisation
from allmende.partners.policy.queries import Reviewing, policies_of, publication_policy, reviewed_by
from allmende.partners.rules import Someone

LONGEST_QUEUE = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue."""

    id: int
    kind: str
    item_id: int
    name: Picked
    category: str
    organisation: str
    networks: tuple[Reviewing, ...]
    is_change: bool
    by: str
    submitted_at: datetime
    claimed_by: str
    claimed_by_me: bool
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comment:
    """A line of the talk about a record."""

    by: str
    is_me: bool
    at: datetime
    text: str
    asks_for_change: bool


@dataclass(frozen=True, slots=True)
class Review:
    """One submission as its reviewer sees it."""

    id: int
    kind: str
    item_id: int
    state: str
    name: Picked
    slug: str
    item_state: str
    organisation: str
    networks: tuple[Reviewing, ...]
    is_change: bool
    before: dict[str, Any] | None
    """Columns that are public now, or were when it was decided; None: a new record."""
    after: dict[str, Any]
    moved: frozenset[str]
    """Columns that are public otherwise now than when the change was proposed."""
    version: datetime
    by: str
    submitted_at: datetime
    claimed_by: str
    claimed_by_me: bool
    claimed_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    may_edit: bool
    next_id: int | None
    """The next one in the queue."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands with its reviewers, for its owner's people."""

    needs_review: bool
    """What this person changes or publishes has to be looked at first."""
    networks: tuple[Reviewing, ...]
    waiting: Submission | None
    claimed_by: str
    returned: Submission | None
    """The last one, given back with a word."""
    may_review: bool
    comments: list[Comment]


def names_of(people: Iterable[int | None]) -> dict[int | None, str]:
    """User -> name as others see it."""
    wanted = {pk for pk in people if pk}
    return {pk: name or email for pk, name, email in _people(wanted)} if wanted else {}


@prepared
def _people(identifiers: Collection[int]) -> QuerySet[User, tuple[int, str, str]]:
    return User.objects.filter(pk__in=identifiers).values_list("pk", "name", "email")


def _reviewed(user: Someone) -> QuerySet[Submission]:
    condition = reviewed_by(user)
    rows = Submission.objects.all()
    return rows if condition is None else rows.filter(condition)


def waiting_count(user: Someone) -> int:
    """How much waits for ``user`` to review."""
    return _reviewed(user).filter(state=Submission.State.WAITING).count()


def review_queue(user: Someone, *, language: str) -> list[Waiting]:
    """What waits for ``user``, the oldest first."""
    rows = list(_reviewed(user).filter(state=Submission.State.WAITING).order_by("submitted_at", "pk")[:LONGEST_QUEUE])
    shown: dict[tuple[str, int], tuple[Any, str]] = {}
    networks: dict[tuple[str, int | None], tuple[Reviewing, ...]] = {}
    for kind in KINDS:
        mine = [row for row in rows if row.kind == kind]
        if not mine:
            continue
        items = ITEM_MODELS[kind].objects.filter(pk__in=[row.item_id for row in mine])  # type: ignore[attr-defined]
        shown.update(
            {(kind, pk): (name, category) for pk, name, category in items.values_list("pk", "name", "category")}
        )
        policies = policies_of({row.organisation_id for row in mine if row.organisation_id}, kind)
        networks.update({(kind, owner): policy.reviewing for owner, policy in policies.items()})
    owners = dict(Organisation.objects.filter(pk__in={row.organisation_id for row in rows}).values_list("pk", "name"))
    names = names_of({row.by_id for row in rows} | {row.claimed_by_id for row in rows})
    return [
        Waiting(
            id=row.pk,
            kind=row.kind,
            item_id=row.item_id,
            name=pick(row.proposed.get("name") or shown[row.kind, row.item_id][0], language),
            category=shown[row.kind, row.item_id][1],
            organisation=owners.get(row.organisation_id or 0, ""),
            networks=networks.get((row.kind, row.organisation_id), ()),
            is_change=bool(row.proposed),
            by=names.get(row.by_id, ""),
            submitted_at=row.submitted_at,
            claimed_by=names.get(row.claimed_by_id, ""),
            claimed_by_me=bool(user and row.claimed_by_id == user.pk),
            claimed_at=row.claimed_at,
        )
        for row in rows
        if (row.kind, row.item_id) in shown
    ]


def review_to_see(user: Someone, identifier: int, *, language: str) -> Review | None:
    """A submission, waiting or decided, if ``user`` reviews it."""
    submission = Submission.objects.filter(pk=identifier).select_related("organisation").first()
    if submission is None or not may_review(user, submission.organisation_id, submission.kind):
        return None
    kind, pk = submission.kind, submission.item_id
    stored = stored_columns(kind, [pk]).get(pk)
    item = ITEM_MODELS[kind].objects.filter(pk=pk).first()  # type: ignore[attr-defined]
    if stored is None or item is None:
        return None
    names = names_of([submission.by_id, submission.claimed_by_id, submission.decided_by_id])
    is_waiting = submission.state == Submission.State.WAITING
    before = stored if is_waiting else {**stored, **submission.base}
    later = _reviewed(user).filter(state=Submission.State.WAITING).exclude(pk=identifier)
    return Review(
        id=submission.pk,
        kind=kind,
        item_id=pk,
        state=submission.state,
        name=pick(submission.proposed.get("name") or stored["name"], language),
        slug=stored["slug"],
        item_state=stored["state"],
        organisation=submission.organisation.name if submission.organisation else "",
        networks=publication_policy(submission.organisation_id, kind).reviewing,
        is_change=bool(submission.proposed),
        before=before if submission.proposed else None,
        after={**stored, **submission.proposed},
        moved=frozenset(name for name, value in submission.base.items() if is_waiting and stored[name] != value),
        version=version_of(item, submission),
        by=names.get(submission.by_id, ""),
        submitted_at=submission.submitted_at,
        claimed_by=names.get(submission.claimed_by_id, ""),
        claimed_by_me=bool(user and submission.claimed_by_id == user.pk),
        claimed_at=submission.claimed_at,
        decided_by=names.get(submission.decided_by_id, ""),
        decided_at=submission.decided_at,
        may_edit=may_edit(user, item),
        next_id=later.order_by("submitted_at", "pk").values_list("pk", flat=True).first(),
    )


def comments_of(user: Someone, kind: str, identifier: int) -> list[Comment]:
    """The talk about a record, the oldest first.  Whoever asks has been asked whether they may see it."""
    rows = _comments(identifier, kind=kind)
    names = names_of({row.by_id for row in rows})
    return [
        Comment(names.get(row.by_id, ""), bool(user and row.by_id == user.pk), row.at, row.text, row.asks_for_change)
        for row in rows
    ]


def standing_of(user: Someone, kind: str, identifier: int, organisation_id: int | None) -> Standing:
    """How a record stands with its reviewers; ``user`` may edit it."""
    waiting = waiting_for(kind, identifier, locked=False)
    last = next(iter(_last(identifier, kind=kind)), None)
    policy = publication_policy(organisation_id, kind)
    return Standing(
        needs_review=must_be_reviewed(user, organisation_id, kind, policy),
        networks=policy.reviewing,
        waiting=waiting,
        claimed_by=names_of([waiting.claimed_by_id]).get(waiting.claimed_by_id, "") if waiting else "",
        returned=last if last and last.state == Submission.State.RETURNED and waiting is None else None,
        may_review=may_review(user, organisation_id, kind, policy),
        comments=comments_of(user, kind, identifier),
    )


@prepared
def _comments(identifier: int, *, kind: str) -> QuerySet[RecordComment]:
    return RecordComment.objects.filter(kind=kind, item_id=identifier)


@prepared
def _last(identifier: int, *, kind: str) -> QuerySet[Submission]:
    return Submission.objects.filter(kind=kind, item_id=identifier).order_by("-submitted_at", "-pk")[:1]
