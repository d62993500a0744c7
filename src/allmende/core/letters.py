"""Letters that gather what is new: when they are due, who is to get one, and how they are claimed so that none is lost.

A letter is claimed before it is sent: its next date is written, and its notices are marked as mailed.  Once the mail server
has it, the claim is settled.  A process that dies in between leaves a claim of which nobody knows whether the letter went
out: after a while it is sent once more, says so, and has the same Message-ID, so that mail programs that compare these show
one.  A letter that the mail server refuses is given back, and tried again after a while that doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac

from allmende.core.mail import log, prepare_folder
from allmende.core.models import LetterChoice, Notice, NoticeChoice, User
from allmende.core.notice_kinds import PAGE
from allmende.core.notices import choose_way, ways_of

Every = LetterChoice.Every
What = Literal["digest", "urgent"]
SALT: Final = "allmende.letters"
FIRST_RETRY: Final = timedelta(minutes=15)
LAST_RETRY: Final = timedelta(days=1)
STUCK: Final = timedelta(minutes=30)
"""After so long a letter that was claimed and is not settled is not on its way any more: mail servers answer sooner."""
COLLAPSE: Final = timedelta(minutes=2)
"""So long a notice waits for more of the same before its letter goes out."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one person, in their language."""

    address: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


def next_letter_at(every: str, weekday: int, hour: int, *, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment after ``after`` at which a letter is due, by the clock of ``zone``; None for who wants none.

    An hour that the clock leaves out in spring is the one that follows; one that it shows twice in autumn, the first.
    """
    if every == Every.OFF:
        return None
    day = after.astimezone(zone).date()
    for ahead in range(9):
        date = day + timedelta(days=ahead)
        moment = datetime.combine(date, time(hour), tzinfo=zone).astimezone(UTC)
        if moment > after and (every == Every.DAY or date.weekday() == weekday):
            return moment
    raise AssertionError("a week has every weekday")


def letter_choice(user: User) -> LetterChoice:
    """What ``user`` chose, or what holds for who chose nothing; not stored yet then."""
    return LetterChoice.objects.filter(user=user).first() or LetterChoice(user=user)


def choose_letters(user: User, *, every: str, weekday: int, hour: int, zone: ZoneInfo, now: datetime) -> LetterChoice:
    """Get letters so often from now on."""
    due = next_letter_at(every, weekday, hour, after=now, zone=zone)
    told = {"every": Every(every), "weekday": weekday, "hour": hour, "next_at": due, "failures": 0, "retry_at": None}
    return LetterChoice.objects.update_or_create(user=user, defaults=told)[0]


def _unmailed() -> QuerySet[Notice]:
    return Notice.objects.filter(read_at=None, mailed_at=None)


def schedule_newcomers(*, also: Iterable[int] = (), zone: ZoneInfo, now: datetime) -> int:
    """Give everybody who was told something for the first time (and ``also``) the usual date for their first letter."""
    has_choice = LetterChoice.objects.filter(user_id=OuterRef("user_id"))
    fresh = set(_unmailed().filter(~Exists(has_choice)).order_by().values_list("user_id", flat=True).distinct()[:5000])
    fresh |= set(also) - set(LetterChoice.objects.filter(user__in=also).values_list("user_id", flat=True))
    usual = LetterChoice()
    due = next_letter_at(usual.every, usual.weekday, usual.hour, after=now, zone=zone)
    rows = [LetterChoice(user_id=person, next_at=due) for person in sorted(fresh)]
    LetterChoice.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def due_letters(*, with_dates: Iterable[int], zone: ZoneInfo, now: datetime, limit: int) -> list[LetterChoice]:
    """Who is to get a letter now.  Those whose date has come and for whom there is nothing new wait for the next one.

    ``with_dates``: people for whom something runs out soon.
    """
    may_try = Q(retry_at=None) | Q(retry_at__lte=now)
    due = LetterChoice.objects.filter(may_try, next_at__lte=now, user__is_active=True).exclude(every=Every.OFF)
    has_news = Exists(_unmailed().filter(user_id=OuterRef("user_id")))
    wanted = due.filter(has_news | Q(user__in=list(with_dates)))
    quiet = LetterChoice.objects.filter(pk__in=due.exclude(pk__in=wanted.values("pk")).values("pk"))
    for every, weekday, hour in quiet.order_by().values_list("every", "weekday", "hour").distinct():
        following = next_letter_at(every, weekday, hour, after=now, zone=zone)
        quiet.filter(every=every, weekday=weekday, hour=hour).update(next_at=following)
    return list(wanted.select_related("user").order_by("next_at", "pk")[:limit])


def claim(choice: LetterChoice, *, zone: ZoneInfo, now: datetime) -> bool:
    """Take this letter; False where another process was faster."""
    following = next_letter_at(choice.every, choice.weekday, choice.hour, after=now, zone=zone)
    mine = LetterChoice.objects.filter(pk=choice.pk, next_at=choice.next_at).update(
        next_at=following, retry_at=None, begun_at=now, begun_is_digest=True
    )
    return mine == 1


def begin_urgent(choice: LetterChoice, *, now: datetime) -> None:
    """A letter of its own is on its way; its notices are claimed at this moment too."""
    LetterChoice.objects.filter(pk=choice.pk).update(begun_at=now, begun_is_digest=False)


def settle(choice: LetterChoice) -> None:
    """There was nothing to send after all."""
    LetterChoice.objects.filter(pk=choice.pk).update(begun_at=None, repeats=None)


def send_again_what_is_unsure(*, now: datetime, limit: int) -> int:
    """Letters whose process died on the way are due once more; a second time they are let go.  Return how many are."""
    again = 0
    for choice in LetterChoice.objects.filter(begun_at__lte=now - STUCK).order_by("pk")[:limit]:
        is_first = choice.repeats is None
        told: dict[str, Any] = {"begun_at": None, "repeats": choice.begun_at if is_first else None}
        if is_first and choice.begun_is_digest and choice.every != Every.OFF:
            told["next_at"] = now
        with transaction.atomic():
            mine = LetterChoice.objects.filter(pk=choice.pk, begun_at=choice.begun_at).update(**told)
            if mine and is_first:
                theirs = Notice.objects.filter(user_id=choice.user_id, mailed_at=choice.begun_at, read_at=None)
                theirs.update(mailed_at=None)
                again += 1
        log.warning("A letter was on its way when its process ended. %s", "It is sent once more." if is_first else "")
    return again


def message_id(user: User, begun: datetime) -> str:
    """The Message-ID of a letter (RFC 5322): the same for a letter and its repetition."""
    print_of = salted_hmac("allmende.letters.id", f"{user.pk} {begun.isoformat()}").hexdigest()[:32]
    return f"<{print_of}@{urlsplit(settings.ALLMENDE_PUBLIC_URL).hostname or 'localhost'}>"


def unmailed_of(user: User, limit: int = 50) -> list[Notice]:
    """What ``user`` has neither read nor been written about, the latest first."""
    return list(_unmailed().filter(user=user)[:limit])


def claim_notices(notices: list[Notice], *, now: datetime) -> list[Notice]:
    """Mark these as mailed; return those that nobody had marked or read before."""
    ids = [notice.pk for notice in notices]
    free = set(_unmailed().filter(pk__in=ids).select_for_update().values_list("pk", flat=True))
    Notice.objects.filter(pk__in=free).update(mailed_at=now)
    return [notice for notice in notices if notice.pk in free]


def give_back(choice: LetterChoice, notices: list[Notice], *, is_due_again: bool, now: datetime) -> None:
    """The letter could not be sent: it is tried again later."""
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=None)
    pause = min(FIRST_RETRY * 2 ** min(choice.failures, 10), LAST_RETRY)
    again: dict[str, Any] = {"retry_at": now + pause, "failures": F("failures") + 1, "begun_at": None}
    if is_due_again:
        again["next_at"] = now + pause
    LetterChoice.objects.filter(pk=choice.pk).exclude(every=Every.OFF if is_due_again else "").update(**again)


def note_sent(choice: LetterChoice, *, now: datetime) -> None:
    """The mail server has the letter."""
    LetterChoice.objects.filter(pk=choice.pk).update(
        sent_at=now, failures=0, retry_at=None, begun_at=None, repeats=None
    )


def urgent_notices(*, now: datetime, limit: int) -> dict[int, list[Notice]]:
    """Person -> notices that want a letter of their own; what is read in the meantime needs none."""
    waits = Exists(LetterChoice.objects.filter(user_id=OuterRef("user_id"), retry_at__gt=now))
    found = _unmailed().filter(~waits, wants_letter=True, at__lte=now - COLLAPSE, user__is_active=True)
    by_person: dict[int, list[Notice]] = {}
    for notice in found.select_related("user").order_by("user_id", "at", "pk")[:limit]:
        by_person.setdefault(notice.user_id, []).append(notice)
    return by_person


def send(letter: Letter) -> bool:
    """Hand one letter to the mail server; what cannot be sent is logged without the address."""
    subject = " ".join(letter.subject.split())  # a line break would be another header
    message = EmailMultiAlternatives(subject, letter.text, None, [letter.address], headers=dict(letter.headers))
    message.attach_alternative(letter.html, "text/html")
    try:
        message.message()  # refuses what would be another header, before any file or connection is opened
        prepare_folder()
        return bool(get_connection().send_messages([message]))
    except (OSError, ValueError) as error:  # SMTPException is an OSError
        log.error("A letter could not be sent: %s. See ALLMENDE_EMAIL_URL.", type(error).__name__)
        return False


def off_token(user: User, what: What) -> str:
    """What a link needs to end letters without signing in.  It can do nothing else, so it does not expire."""
    return signing.dumps({"user": user.pk, "what": what}, salt=SALT)


def read_off_token(token: str) -> tuple[User, What] | None:
    """Whose letters of which sort a link ends; None for one that was not made here, or for nobody."""
    try:
        told = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=told["user"], is_active=True).first()
    return (user, told["what"]) if user else None


def end_letters(user: User, what: What) -> None:
    """No more summaries; or no more letters of their own for single notices.  The page goes on telling everything."""
    if what == "digest":
        LetterChoice.objects.update_or_create(user=user, defaults={"every": Every.OFF, "next_at": None})
        return
    for kind, how in ways_of(user).items():
        if how == NoticeChoice.How.LETTER:
            choose_way(user, kind, PAGE)
    Notice.objects.filter(user=user, read_at=None, mailed_at=None).update(wants_letter=False)


def headers_of(address_of_off: str, identifier: str) -> dict[str, str]:
    """The letter's Message-ID; what lets a mail program end the letters with one press (RFC 2369, RFC 8058), and keeps robots from answering."""
    return {
        "Message-ID": identifier,
        "List-Unsubscribe": f"<{address_of_off}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def public_address(path: str, language: str) -> str:
    """The whole address of a page."""
    return f"{settings.ALLMENDE_PUBLIC_URL}/{language}{path}"
