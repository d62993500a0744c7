"""Reads of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from allmende.core.accounts.factors import Factors, Passkey, factors_of, has_second_factor
from allmende.core.models import SignIn, User

__all__ = [
    "Factors",
    "Passkey",
    "SignedIn",
    "factors_of",
    "has_second_factor",
    "password_path",
    "person_of",
    "sign_ins",
]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One of the places where somebody is signed in."""

    id: int
    browser: str
    system: str
    method: str
    started_at: datetime
    last_seen_at: datetime
    is_this: bool


def sign_ins(user: User, session_key: str, *, now: datetime) -> list[SignedIn]:
    """Where ``user`` is signed in, this session first, with two queries."""
    rows = list(SignIn.objects.filter(user_id=user.pk)[:200])
    alive = set(
        Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=now).values_list(
            "session_key", flat=True
        )
    )
    found = [
        SignedIn(
            row.pk,
            row.device.partition("|")[0],
            row.device.partition("|")[2],
            row.method,
            row.started_at,
            row.last_seen_at,
            constant_time_compare(row.session_key, session_key),
        )
        for row in rows
        if row.session_key in alive
    ]
    return sorted(found, key=lambda one: not one.is_this)


class _Tokens(PasswordResetTokenGenerator):
    """Tokens that nobody has to keep: signed, for two hours, and void once the password or the last sign-in changes."""

    key_salt = "allmende.core.accounts.password"

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now

    def _now(self) -> datetime:
        return self.now.replace(tzinfo=None)


def password_path(user: User, *, now: datetime) -> str:
    """Path, below the language, under which ``user`` may set a new password once."""
    who = urlsafe_base64_encode(force_bytes(user.pk))
    return f"/workspace/password/{who}/{_Tokens(now).make_token(user)}/"


def person_of(who: str, token: str, *, now: datetime) -> User | None:
    """Whom a link for a new password is for; None when it has run out, was used, or is none."""
    try:
        pk = int(urlsafe_base64_decode(who).decode())
    except ValueError:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
    return user if user is not None and _Tokens(now).check_token(user, token) else None
