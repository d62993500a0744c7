"""Telling people what concerns them: on their page, and (where they want that) in a letter.

A module calls :func:`tell` in the transaction of the change.  The sentence is an English key marked with
``gettext_noop``; it is put into words in the reader's language when it is read, with :func:`in_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from allmende.core.models import Notice, User


def tell(
    people: Iterable[User | int],
    kind: str,
    message: str,
    *,
    subject: tuple[str, int],
    path: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> int:
    """Give each of ``people`` a notice, but not to ``by``, who did it; return how many are told.

    An unread notice of the same kind about the same subject is brought up to date instead: many changes of one thing are
    one line.
    """
    receivers = {person if isinstance(person, int) else person.pk for person in people} - {by.pk if by else None}
    for receiver in sorted(receivers):
        same = Notice.objects.filter(
            user_id=receiver, kind=kind, subject_type=subject[0], subject_id=subject[1], read_at=None
        ).first()
        notice = same or Notice(user_id=receiver, kind=kind, subject_type=subject[0], subject_id=subject[1], times=0)
        notice.message, notice.facts, notice.path = message, dict(facts or {}), path
        notice.times, notice.at = notice.times + 1, now
        notice.save()
    return len(receivers)


def in_words(notice: Notice) -> str:
    """The sentence in the language in use."""
    return gettext(notice.message) % notice.facts if notice.facts else gettext(notice.message)
