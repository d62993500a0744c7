"""What people allow, purpose by purpose.  Nothing is allowed before they say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.models import Consent, User


@dataclass(frozen=True, slots=True)
class Purpose:
    """What one may allow; the texts are English keys of the translations."""

    key: str
    name: str
    wording: str


PURPOSES: Final = (
    Purpose(
        "digest",
        gettext_noop("Letters with what is new"),
        gettext_noop(
            "I want a letter with what waits for me and what is new in my networks. What concerns me directly, such as an "
            "answer to my request, comes without it."
        ),
    ),
    Purpose(
        "public_contact",
        gettext_noop("My name on public pages"),
        gettext_noop("My name and e-mail address may stand on my organisation’s public page as a contact."),
    ),
)
_KEYS: Final = {purpose.key: purpose for purpose in PURPOSES}


def has_consent(user_id: int, purpose: str) -> bool:
    """Whether a person allows a purpose now."""
    return bool(who_consents([user_id], purpose))


def who_consents(user_ids: Iterable[int], purpose: str) -> set[int]:
    """Of these people, who allows a purpose now."""
    found = Consent.objects.filter(user_id__in=list(user_ids), purpose=purpose, withdrawn_at=None)
    return set(found.values_list("user_id", flat=True))


def consents_of(user: User) -> dict[str, Consent]:
    """Purpose -> what the person allows now."""
    return {one.purpose: one for one in Consent.objects.filter(user=user, withdrawn_at=None)}


def give_consent(user: User, purpose: str, *, now: datetime) -> bool:
    """Allow a purpose, in the words that the person read; say whether it was not allowed before."""
    wording = gettext(_KEYS[purpose].wording)
    try:
        with transaction.atomic():
            Consent.objects.create(user=user, purpose=purpose, wording=wording, given_at=now)
            record("core.give_consent", ("user", user.pk), by=user, now=now, purpose=purpose)
    except IntegrityError:
        return False  # allowed already; the earlier words stay
    return True


def withdraw_consent(user: User, purpose: str, *, now: datetime) -> bool:
    """Allow it no longer; say whether it was allowed."""
    with transaction.atomic():
        ended = Consent.objects.filter(user=user, purpose=purpose, withdrawn_at=None).update(withdrawn_at=now)
        if ended:
            record("core.withdraw_consent", ("user", user.pk), by=user, now=now, purpose=purpose)
    return bool(ended)
