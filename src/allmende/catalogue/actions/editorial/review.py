"""What reviewers do: look at it, accept it, ask for a change, take the acceptance back; and the talk about it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from allmende.catalogue.actions import submissions
from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.differences import group_in_words
from allmende.catalogue.actions.edit import EditOvertaken, groups_that_differ, locked, set_state, write_edit
from allmende.catalogue.actions.submissions import PUBLIC, tell_owner, version_of
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import ITEM_MODELS, Item, PublicationPlan, RecordComment, Submission
from allmende.catalogue.rules import EditForbidden, ReviewForbidden, may_discuss, may_edit, may_review
from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.publication import Publication
from allmende.core.text import original_text

LONGEST_COMMENT = 4000


class AlreadyDecided(Exception):
    """Somebody else was faster: this submission does not wait any more.  Nothing was changed."""


class WordMissing(Exception):
    """Whoever asks for a change has to say what is to be changed."""


def _held(identifier: int, by: User | None) -> tuple[Submission, Item]:
    """A submission and its record, held until the transaction ends; the record first, as edits do."""
    seen = Submission.objects.get(pk=identifier)
    item = locked(seen.kind, seen.item_id)
    submission = Submission.objects.select_for_update().get(pk=identifier)
    if not may_review(by, item.organisation_id, submission.kind):
        raise ReviewForbidden("Only reviewers of the owner's networks may decide about this.")
    return submission, item


def _waiting(identifier: int, by: User | None, seen: datetime | None) -> tuple[Submission, Item]:
    submission, item = _held(identifier, by)
    if submission.state != Submission.State.WAITING:
        raise AlreadyDecided("This does not wait for review any more.")
    if seen is not None and version_of(item, submission) != seen:
        raise EditOvertaken("The record was changed while you looked at it.")
    return submission, item


def _name(item: Item) -> dict[str, str]:
    return {"name": original_text(item.name)}


def accept_submission(identifier: int, *, by: User | None, now: datetime, seen: datetime | None = None) -> bool:
    """Publish what waits, or let it be published at its time; return whether it is public now.

    ``seen``: the version that the reviewer looked at.

    Raises :class:`AlreadyDecided`, ``EditOvertaken``, :class:`ReviewForbidden` or ``DoesNotExist``.
    """
    with transaction.atomic():
        submission, item = _waiting(identifier, by, seen)
        kind, pk = submission.kind, submission.item_id
        submissions.close(submission, Submission.State.ACCEPTED, by=by, now=now)
        is_later = False
        if submission.proposed:
            stored = stored_columns(kind, [pk])[pk]
            changed = groups_that_differ(stored, {**stored, **submission.proposed})
            after = write_edit(kind, stored, submission.proposed, changed, by=submission.by, now=now, action="accept")
            words = {group: [group_in_words(stored, group), group_in_words(after, group)] for group in changed}
            record("catalogue.accept", (kind, pk), by=by, now=now, changes=words)
        else:
            plans = PublicationPlan.objects.filter(kind=kind, item_id=pk, publish_at__gt=now)
            is_later = bool(plans.update(is_reviewed=True))
            set_state(item, Publication.DRAFT if is_later else Publication.PUBLISHED, by=by, now=now)
            record("catalogue.accept", (kind, pk), by=by, now=now)
        if is_later:
            message = gettext_noop("“%(name)s” is accepted and will be published at its time.")
        elif submission.proposed:
            message = gettext_noop("Your change of “%(name)s” is public now.")
        else:
            message = gettext_noop("“%(name)s” is published.")
        _tell_owner(submission, item, "catalogue.accepted", message, by=by, now=now)
    refresh_derived_if_small()
    return not is_later


def _tell_owner(submission: Submission, item: Item, what: str, message: str, *, by: User | None, now: datetime) -> None:
    tell_owner(
        submission.kind,
        submission.item_id,
        item.organisation_id,
        what,
        message,
        _name(item),
        submitted_by=submission.by_id,
        by=by,
        now=now,
    )


def please_change(identifier: int, word: str, *, by: User | None, now: datetime, seen: datetime | None = None) -> None:
    """Give it back with a word: a new record is a draft again; what was proposed for a public one goes back with it.

    Raises :class:`WordMissing` and as :func:`accept_submission` does.
    """
    word = word.strip()[:LONGEST_COMMENT]
    if not word:
        raise WordMissing("Please say what should be changed.")
    with transaction.atomic():
        submission, item = _waiting(identifier, by, seen)
        submissions.close(submission, Submission.State.RETURNED, by=by, now=now)
        if not submission.proposed and item.state == Publication.SUBMITTED:
            set_state(item, Publication.DRAFT, by=by, now=now)
        _say(submission.kind, submission.item_id, word, asks=True, by=by, now=now)
        record("catalogue.please_change", (submission.kind, submission.item_id), by=by, now=now)
        message = gettext_noop("Please change “%(name)s” before it can be published.")
        _tell_owner(submission, item, "catalogue.please_change", message, by=by, now=now)
    refresh_derived_if_small()


def claim_submission(identifier: int, *, by: User, now: datetime) -> None:
    """Say that one looks at it, so that nobody else does the same work; whoever had it before gives it over."""
    with transaction.atomic():
        submission, _ = _waiting(identifier, by, None)
        submission.claimed_by, submission.claimed_at = by, now
        submission.save(update_fields=["claimed_by", "claimed_at"])
        record("catalogue.claim", (submission.kind, submission.item_id), by=by, now=now)


def release_claim(identifier: int, *, by: User, now: datetime) -> None:
    """Leave it to the others again."""
    with transaction.atomic():
        submission, _ = _waiting(identifier, by, None)
        submission.claimed_by, submission.claimed_at = None, None
        submission.save(update_fields=["claimed_by", "claimed_at"])
        record("catalogue.unclaim", (submission.kind, submission.item_id), by=by, now=now)


def undo_acceptance(identifier: int, *, by: User | None, now: datetime) -> None:
    """Take an acceptance back: what was published waits for review again.

    A change whose fields were changed again since stays (:class:`AlreadyDecided`), and so does what waits once more.
    """
    with transaction.atomic():
        submission, item = _held(identifier, by)
        kind, pk = submission.kind, submission.item_id
        if submission.state != Submission.State.ACCEPTED or submissions.waiting_for(kind, pk):
            raise AlreadyDecided("This was decided anew meanwhile.")
        if submission.proposed:
            stored = stored_columns(kind, [pk])[pk]
            if any(stored[name] != value for name, value in submission.proposed.items()):
                raise AlreadyDecided("The fields were changed again since.")
            changed = groups_that_differ(stored, {**stored, **submission.base})
            write_edit(kind, stored, submission.base, changed, by=by, now=now, action="undo_accept")
        elif item.state in PUBLIC or PublicationPlan.objects.filter(kind=kind, item_id=pk, is_reviewed=True).exists():
            PublicationPlan.objects.filter(kind=kind, item_id=pk).update(is_reviewed=False)
            set_state(item, Publication.SUBMITTED, by=by, now=now)
        else:
            raise AlreadyDecided("It is not public any more.")
        submission.state, submission.decided_by, submission.decided_at = Submission.State.WAITING, None, None
        submission.updated_at = now
        submission.save()
        record("catalogue.undo_accept", (kind, pk), by=by, now=now)
    refresh_derived_if_small()


def take_back(kind: str, identifier: int, *, by: User | None, now: datetime) -> bool:
    """The owner's editors take back what waits: a new record is a draft again, a change is forgotten.

    Returns whether anything waited.
    """
    with transaction.atomic():
        item = locked(kind, identifier)
        if not may_edit(by, item):
            raise EditForbidden("Only editors of the owning organisation may take this back.")
        waiting = submissions.waiting_for(kind, identifier)
        if waiting is None:
            return False
        submissions.close(waiting, Submission.State.TAKEN_BACK, by=by, now=now)
        if item.state == Publication.SUBMITTED:
            set_state(item, Publication.DRAFT, by=by, now=now)
        record("catalogue.take_back", (kind, identifier), by=by, now=now)
    return True


def _say(kind: str, identifier: int, text: str, *, asks: bool, by: User | None, now: datetime) -> RecordComment:
    return RecordComment.objects.create(
        kind=kind, item_id=identifier, by=by, at=now, text=text[:LONGEST_COMMENT], asks_for_change=asks
    )


def comment(kind: str, identifier: int, text: str, *, by: User | None, now: datetime) -> None:
    """Say something about a record; the others who take part are told.  An empty text says nothing."""
    text = text.strip()
    with transaction.atomic():
        item: Item = ITEM_MODELS[kind].objects.get(pk=identifier)  # type: ignore[attr-defined]
        if not may_discuss(by, item.organisation_id, kind):
            raise ReviewForbidden("Only the owner's editors and the reviewers talk about a record.")
        if not text:
            return
        said = _say(kind, identifier, text, asks=False, by=by, now=now)
        record("catalogue.comment", (kind, identifier), by=by, now=now, comment=said.pk)
        waiting = submissions.waiting_for(kind, identifier, locked=False)
        message = gettext_noop("Somebody wrote about “%(name)s”.")
        tell_owner(
            kind,
            identifier,
            item.organisation_id,
            "catalogue.comment",
            message,
            _name(item),
            submitted_by=waiting.by_id if waiting else None,
            by=by,
            now=now,
        )
        if waiting:
            tell(
                _reviewers_in(kind, identifier, waiting),
                "catalogue.comment",
                message,
                subject=(kind, identifier),
                path=f"/workspace/review/{waiting.pk}/",
                facts=_name(item),
                now=now,
                by=by,
            )


def _reviewers_in(kind: str, identifier: int, waiting: Submission) -> list[int]:
    """The reviewers who take part: whoever looks at it, and who said something."""
    said = User.objects.filter(
        pk__in=RecordComment.objects.filter(kind=kind, item_id=identifier).values("by_id"), is_active=True
    )
    people = [*said, *([waiting.claimed_by] if waiting.claimed_by else [])]
    return [person.pk for person in people if may_review(person, waiting.organisation_id, kind)]
