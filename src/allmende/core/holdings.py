"""The personal data in the core itself."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext, gettext_noop

from allmende.core.models import AuditEntry, Consent, ErasureRequest, Notice, User
from allmende.core.notices import in_words
from allmende.core.personal import (
    CONSENT,
    CONTRACT,
    DUTY,
    INTEREST,
    Holding,
    Row,
    moment,
    nothing_to_erase,
    offer_hindrance,
    offer_holding,
)


def _profile(user: User) -> list[Row]:
    return [
        {
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "joined": moment(user.date_joined),
            "last_sign_in": moment(user.last_login),
            "operator": user.is_operator,
        }
    ]


def _notices(user: User) -> list[Row]:
    return [
        {"at": moment(one.at), "message": in_words(one), "read": moment(one.read_at)}
        for one in Notice.objects.filter(user=user)
    ]


def _audit(user: User) -> list[Row]:
    lines = AuditEntry.objects.filter(actor=user).values_list("at", "action", "subject_type", "subject_id", "details")
    return [
        {"at": moment(at), "action": action, "subject": f"{kind} {number}", "details": details}
        for at, action, kind, number, details in lines
    ]


def _consents(user: User) -> list[Row]:
    return [
        {
            "purpose": one.purpose,
            "wording": one.wording,
            "given": moment(one.given_at),
            "withdrawn": moment(one.withdrawn_at),
        }
        for one in Consent.objects.filter(user=user)
    ]


def _erasures(user: User) -> list[Row]:
    return [
        {
            "asked": moment(one.asked_at),
            "due": moment(one.due_at),
            "cancelled": moment(one.cancelled_at),
            "done": moment(one.done_at),
        }
        for one in ErasureRequest.objects.filter(user=user)
    ]


def _erase_notices(user: User, now: datetime) -> int:
    return Notice.objects.filter(user=user).delete()[0]


def _erase_consents(user: User, now: datetime) -> int:
    return Consent.objects.filter(user=user).delete()[0]


def _last_operator(user: User) -> list[str]:
    others = User.objects.filter(is_operator=True, is_active=True).exclude(pk=user.pk)
    if user.is_operator and not others.exists():
        return [gettext("You are the only operator of this installation. Make somebody else an operator first.")]
    return []


def offer() -> None:
    """Offer them, and what stands in the way of forgetting."""
    offer_hindrance(_last_operator)
    for holding in (
        Holding(
            "profile",
            gettext_noop("Account"),
            gettext_noop("To sign in, and so that others know with whom they work"),
            CONTRACT,
            gettext_noop("As long as there is the account"),
            _profile,
            nothing_to_erase,  # the account's row is emptied last
            recipients=gettext_noop("Colleagues in the same organisations and networks"),
        ),
        Holding(
            "notices",
            gettext_noop("Notices"),
            gettext_noop("To tell what concerns the person"),
            CONTRACT,
            gettext_noop("90 days after they were read, a year otherwise"),
            _notices,
            _erase_notices,
        ),
        Holding(
            "consents",
            gettext_noop("Consents"),
            gettext_noop("To know, and to show, what the person allowed"),
            CONSENT,
            gettext_noop("Three years after they were withdrawn"),
            _consents,
            _erase_consents,
        ),
        Holding(
            "erasures",
            gettext_noop("Requests to be forgotten"),
            gettext_noop("To do what was asked, and to show that it was done"),
            DUTY,
            gettext_noop("Three years after they were settled; by then without a name"),
            _erasures,
            nothing_to_erase,
            is_kept=True,
        ),
        Holding(
            "audit",
            gettext_noop("What I changed"),
            gettext_noop("So that it can be seen who changed what, and mistakes can be put right"),
            DUTY,
            gettext_noop("For good; after an erasure without a name"),
            _audit,
            nothing_to_erase,
            is_kept=True,
            recipients=gettext_noop("Whoever may change the same record"),
        ),
        Holding(
            "misuse",
            gettext_noop("Counters against misuse"),
            gettext_noop("To slow down whoever tries passwords or sends forms by program"),
            INTEREST,
            gettext_noop("Until the window is over, a day at most; keyed hashes only"),
            lambda user: [],
            nothing_to_erase,
        ),
    ):
        offer_holding(holding)
