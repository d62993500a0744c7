"""The personal data that belong to signing in, to letters and to forms: all of them go with the account."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext_noop

from allmende.core.accounts.address import forget_changes
from allmende.core.accounts.session import end_sessions
from allmende.core.models import (
    AddressChange,
    CalendarFeed,
    FormDraft,
    LetterChoice,
    NoticeChoice,
    NoticeMute,
    SignIn,
    User,
)
from allmende.core.personal import CONTRACT, Holding, Row, moment, offer_holding
from allmende.core.retention import Rule, offer_retention


def _sign_ins(user: User) -> list[Row]:
    return [
        {
            "device": one.device.replace("|", ", "),
            "method": one.method,
            "signed_in": moment(one.started_at),
            "seen": moment(one.last_seen_at),
        }
        for one in SignIn.objects.filter(user=user)
    ]


def _factors(user: User) -> list[Row]:
    """Without the secrets: they would let in whoever reads the export."""
    return [
        {
            "what": str(Authenticator.Type(one.type).label),
            "name": str(one.data.get("name", "")),
            "created": moment(one.created_at),
            "last_used": moment(one.last_used_at),
        }
        for one in Authenticator.objects.filter(user_id=user.pk)
    ]


def _erase_factors(user: User, now: datetime) -> int:
    return int(Authenticator.objects.filter(user_id=user.pk).delete()[0])


def _identities(user: User) -> list[Row]:
    linked = SocialAccount.objects.filter(user_id=user.pk)
    return [
        *(
            {"where": one.provider, "name": one.uid, "created": moment(one.date_joined), "seen": moment(one.last_login)}
            for one in linked
        ),
        *({"where": "", "name": one.email} for one in EmailAddress.objects.filter(user_id=user.pk)),
    ]


def _erase_identities(user: User, now: datetime) -> int:
    gone = SocialAccount.objects.filter(user_id=user.pk).delete()[0]
    return int(gone + EmailAddress.objects.filter(user_id=user.pk).delete()[0])


def _letters(user: User) -> list[Row]:
    calendar = CalendarFeed.objects.filter(user=user).first()
    return [
        *(
            {"what": "letter", "choice": one.every, "at": moment(one.sent_at)}
            for one in LetterChoice.objects.filter(user=user)
        ),
        *({"what": one.kind, "choice": one.how, "at": None} for one in NoticeChoice.objects.filter(user=user)),
        *({"what": one.within, "choice": "off", "at": None} for one in NoticeMute.objects.filter(user=user)),
        *([{"what": "calendar", "choice": "on", "at": moment(calendar.created_at)}] if calendar else []),
    ]


def _erase_letters(user: User, now: datetime) -> int:
    kinds = (LetterChoice, NoticeChoice, NoticeMute, CalendarFeed)
    return sum(kind._default_manager.filter(user=user).delete()[0] for kind in kinds)


def _drafts(user: User) -> list[Row]:
    return [
        {"form": one.form, "at": moment(one.saved_at), "typed": one.typed}
        for one in FormDraft.objects.filter(user=user)
    ]


def _address(user: User) -> list[Row]:
    return [
        {"address": one.email, "asked": moment(one.asked_at), "until": moment(one.expires_at)}
        for one in AddressChange.objects.filter(user=user)
    ]


def offer() -> None:
    """Offer them."""
    account = gettext_noop("As long as there is the account")
    for holding in (
        Holding(
            "sign_ins",
            gettext_noop("Where I am signed in"),
            gettext_noop("So that the person sees, and ends, where they are signed in"),
            CONTRACT,
            gettext_noop("Until the session ends; no network address is kept"),
            _sign_ins,
            lambda user, now: len(end_sessions(user)),
        ),
        Holding(
            "second_factors",
            gettext_noop("Second steps"),
            gettext_noop("So that a password alone lets nobody in"),
            CONTRACT,
            account,
            _factors,
            _erase_factors,
        ),
        Holding(
            "identities",
            gettext_noop("Accounts from elsewhere"),
            gettext_noop("To sign in with an account that the person has already"),
            CONTRACT,
            account,
            _identities,
            _erase_identities,
        ),
        Holding(
            "letters",
            gettext_noop("Letters and calendar"),
            gettext_noop("To tell people what they want to hear, in the way they want"),
            CONTRACT,
            account,
            _letters,
            _erase_letters,
        ),
        Holding(
            "drafts",
            gettext_noop("What I typed and did not save"),
            gettext_noop("So that nothing typed is lost"),
            CONTRACT,
            gettext_noop("60 days after it was typed"),
            _drafts,
            lambda user, now: FormDraft.objects.filter(user=user).delete()[0],
        ),
        Holding(
            "address_change",
            gettext_noop("A new e-mail address that is not confirmed yet"),
            gettext_noop("So that an account changes its address only where the new one is the person's"),
            CONTRACT,
            gettext_noop("A day, and the night's clearing up"),
            _address,
            lambda user, now: AddressChange.objects.filter(user=user).delete()[0],
        ),
    ):
        offer_holding(holding)
    offer_retention(
        Rule("address_changes", gettext_noop("New e-mail addresses that nobody confirmed"), 1, forget_changes)
    )
