"""Being forgotten: asked for by the person, done after some days in which they may think again.

The audit trail cannot be changed, and names people by number only.  So the account's row stays and is emptied: name and
address go, nobody can sign in with it, and what it did is "№ 17"'s from then on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from allmende.core import formats
from allmende.core.audit import record
from allmende.core.languages import DEFAULT, LANGUAGES
from allmende.core.mail import send_to_each
from allmende.core.models import ErasureRequest, User
from allmende.core.personal import hindrances, holdings

WAIT: Final = timedelta(days=7)
OPEN: Final = {"cancelled_at": None, "done_at": None}


class ErasureHindered(ValueError):
    """Something has to be settled first; the sentences say what and how."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def open_request(user: User) -> ErasureRequest | None:
    """What the person asked and is not done."""
    return ErasureRequest.objects.filter(user=user, **OPEN).first()


def open_requests(limit: int = 200) -> list[ErasureRequest]:
    """What is to be done, the next first, for the operator."""
    return list(ErasureRequest.objects.filter(**OPEN).select_related("user").order_by("due_at")[:limit])


def ask_erasure(user: User, *, language: str, now: datetime) -> ErasureRequest:
    """Ask to be forgotten in :data:`WAIT`; raise :class:`ErasureHindered` while something has to be settled."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        asked = open_request(user)
        if asked is not None:
            return asked
        if found := hindrances(user):
            raise ErasureHindered(found)
        asked = ErasureRequest.objects.create(user=user, asked_at=now, due_at=now + WAIT, language=language)
        record("core.ask_erasure", ("user", user.pk), by=user, now=now)
    with translation.override(language if language in LANGUAGES else DEFAULT):
        day = formats.day_long(asked.due_at.date(), language)
        lines = [
            gettext("You asked us to erase your account and what is known about you. It will be done on %(day)s.")
            % {"day": day},
            gettext("If you change your mind, or if it was not you, stop it here: %(address)s")
            % {"address": f"{settings.ALLMENDE_PUBLIC_URL}/{language}/workspace/account/data/"},
        ]
        send_to_each([user.email], gettext("Your account will be erased"), "\n\n".join(lines) + "\n")
    return asked


def cancel_erasure(user: User, *, now: datetime) -> bool:
    """Think again; say whether there was something to stop."""
    with transaction.atomic():
        stopped = ErasureRequest.objects.filter(user=user, **OPEN).update(cancelled_at=now)
        if stopped:
            record("core.cancel_erasure", ("user", user.pk), by=user, now=now)
    return bool(stopped)


def erase_due(*, now: datetime) -> int:
    """Forget whoever asked and waited long enough; return how many.  One that is hindered does not stop the others."""
    due = ErasureRequest.objects.filter(due_at__lte=now, **OPEN).order_by("due_at").values_list("pk", flat=True)
    return sum(_erase(pk, now) for pk in list(due[:50]))


def _erase(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        asked = ErasureRequest.objects.select_for_update().filter(pk=pk, due_at__lte=now, **OPEN).first()
        if asked is None:
            return False  # stopped, or done by another process
        user = User.objects.select_for_update().get(pk=asked.user_id)
        if found := hindrances(user):
            if asked.hindrance != found[0][:300]:
                asked.hindrance = found[0][:300]
                asked.save(update_fields=["hindrance"])
            return False
        address = user.email
        erased = {one.key: n for one in holdings() if (n := one.erase(user, now))}
        empty(user)
        asked.done_at, asked.hindrance = now, ""
        asked.save(update_fields=["done_at", "hindrance"])
        record("core.erase", ("user", user.pk), by=None, now=now, erased=erased)
    with translation.override(asked.language if asked.language in LANGUAGES else DEFAULT):
        body = gettext("Your account and what was known about you are erased. This is the last letter.")
        send_to_each([address], gettext("Your account is erased"), body + "\n")
    return True


def empty(user: User) -> None:
    """Take the person out of the account's row.  Sessions end: they hang on the password."""
    user.email, user.name, user.language = f"erased-{user.pk}@erased.invalid", f"№ {user.pk}", ""
    user.is_active, user.is_operator, user.last_login = False, False, None
    user.set_unusable_password()
    user.save()
