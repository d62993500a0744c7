"""Telling people what concerns them: on their page, and (where they want that) in a letter.

A module calls :func:`tell` in the transaction of the change.  The sentence is an English key marked with
``gettext_noop``; it is put into words in the reader's language when it is read, with :func:`in_words`.  What a kind of
notices is called in the settings, and how people hear of it unless they choose otherwise, a module says with
:func:`allmende.core.notice_kinds.offer_kind`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext

from allmende.core.models import Notice, NoticeChoice, NoticeMute, User
from allmende.core.notice_kinds import kinds, usual_way
from allmende.core.prepared import prepared

How = NoticeChoice.How
KEPT_READ: Final = timedelta(days=90)
SHOWN_UNREAD: Final = 100
"""The bell counts no further."""


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
    within: tuple[str, int] | None = None,
) -> int:
    """Give each of ``people`` a notice, but not to ``by``, who did it, nor to who does not want it; return how many.

    An unread notice of the same kind about the same subject is brought up to date instead: many changes of one thing are
    one line.  ``within``: the network that it happened in, ``("network", 5)``, for those who mute it; where the network is
    the subject that goes without saying.  Costs the same number of queries for one receiver and for a thousand.
    """
    receivers = {person if isinstance(person, int) else person.pk for person in people} - {by.pk if by else None}
    place = within or (subject if subject[0] == "network" else None)
    where = f"{place[0]}:{place[1]}" if place else ""
    if where and receivers:
        receivers -= set(NoticeMute.objects.filter(within=where, user__in=receivers).values_list("user_id", flat=True))
    if not receivers:
        return 0
    ways = dict(NoticeChoice.objects.filter(kind=kind, user__in=receivers).values_list("user_id", "how"))
    usual = usual_way(kind)
    receivers = {person for person in receivers if ways.get(person, usual) != How.OFF}
    told: dict[str, Any] = {"message": message, "facts": dict(facts or {}), "path": path, "at": now, "within": where}
    about = {"kind": kind, "subject_type": subject[0], "subject_id": subject[1]}
    same = Notice.objects.filter(user__in=receivers, read_at=None, **about)
    known = set(same.values_list("user_id", flat=True))
    if known:
        same.update(**told, times=F("times") + 1)
    fresh = [
        Notice(user_id=person, wants_letter=ways.get(person, usual) == How.LETTER, **about, **told)
        for person in sorted(receivers - known)
    ]
    # Somebody else may have told the same at this very moment; one line is enough.
    Notice.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    return len(receivers)


def in_words(notice: Notice) -> str:
    """The sentence in the language in use."""
    return gettext(notice.message) % notice.facts if notice.facts else gettext(notice.message)


def unread_after_opening(user: User, path: str, *, now: datetime) -> int:
    """How many notices ``user`` has not read, counted to a hundred; those that lead to ``path`` are read by being there.

    One query, and a second one only when something was opened that a notice told of.
    """
    unread = _unread(user.pk)
    here = [pk for pk, to in unread if to.partition("#")[0].partition("?")[0] == path]
    if here:
        Notice.objects.filter(pk__in=here, read_at=None).update(read_at=now)
    return len(unread) - len(here)


@prepared
def _unread(user_id: int) -> QuerySet[Notice, tuple[int, str]]:
    return Notice.objects.filter(user_id=user_id, read_at=None).values_list("pk", "path")[:SHOWN_UNREAD]


def notices_of(user: User, *, is_read: bool, limit: int = 200) -> list[Notice]:
    """The notices of a person, the latest first."""
    return _notices(user.pk, is_read=is_read, limit=limit)


@prepared
def _notices(user_id: int, *, is_read: bool, limit: int) -> QuerySet[Notice]:
    return Notice.objects.filter(user_id=user_id, read_at__isnull=not is_read)[:limit]


def mark_read(user: User, identifiers: Iterable[int] | None, *, now: datetime) -> int:
    """Mark these notices of ``user`` read (all, where None is given); return how many were not so before."""
    unread = Notice.objects.filter(user=user, read_at=None)
    if identifiers is not None:
        unread = unread.filter(pk__in=list(identifiers))
    return unread.update(read_at=now)


def mark_unread(user: User, *, read_at: datetime) -> int:
    """Take back what was marked read at one moment; what has been told again since stays as it is."""
    done = list(Notice.objects.filter(user=user, read_at=read_at))
    about = [(notice.kind, notice.subject_type, notice.subject_id) for notice in done]
    unread = Notice.objects.filter(user=user, read_at=None, subject_id__in={subject for _, _, subject in about})
    again = set(unread.values_list("kind", "subject_type", "subject_id"))
    back = [notice.pk for notice, key in zip(done, about, strict=True) if key not in again]
    return Notice.objects.filter(pk__in=back).update(read_at=None)


def ways_of(user: User) -> dict[str, str]:
    """Kind -> how ``user`` hears of it, for all kinds that have a name or that they were told of."""
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "how"))
    met = Notice.objects.filter(user=user).order_by().values_list("kind", flat=True).distinct()
    return {kind: chosen.get(kind, usual_way(kind)) for kind in sorted({*kinds(), *met, *chosen})}


def choose_way(user: User, kind: str, how: str) -> None:
    """Let ``user`` hear of a kind of notices in another way."""
    if how == usual_way(kind):
        NoticeChoice.objects.filter(user=user, kind=kind).delete()
    else:
        NoticeChoice.objects.update_or_create(user=user, kind=kind, defaults={"how": How(how)})


def muted_by(user: User) -> set[str]:
    """What ``user`` does not want to hear of: ``{"network:5"}``."""
    return set(NoticeMute.objects.filter(user=user).values_list("within", flat=True))


def mute(user: User, within: str, *, is_muted: bool) -> None:
    """Hear no more of what happens there, or hear of it again."""
    if is_muted:
        NoticeMute.objects.get_or_create(user=user, within=within)
    else:
        NoticeMute.objects.filter(user=user, within=within).delete()


def forget_old_notices(*, now: datetime) -> int:
    """Delete what was read long ago; return how many."""
    return Notice.objects.filter(read_at__lt=now - KEPT_READ).delete()[0]
