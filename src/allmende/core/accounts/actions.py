"""Changes of accounts.  Each holds its transaction, writes its audit line, and tells the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from allmende.core.accounts import factors
from allmende.core.accounts.letters import announce, send_password_link
from allmende.core.accounts.queries import password_path
from allmende.core.accounts.session import end_sessions
from allmende.core.audit import record
from allmende.core.models import User

PASSWORD_CHANGED = gettext_noop("The password was changed.")
APP_ADDED = gettext_noop("An authenticator app was set up as second step.")
APP_REMOVED = gettext_noop("The authenticator app was removed.")
CODES_RENEWED = gettext_noop("New recovery codes were made; the old ones do not work any more.")
CODE_USED = gettext_noop("A recovery code was used to sign in.")
PASSKEY_ADDED = gettext_noop("The passkey “%(name)s” was added.")
PASSKEY_REMOVED = gettext_noop("The passkey “%(name)s” was removed.")
FACTORS_RESET = gettext_noop("Whoever runs this site has removed your second step. Please set up a new one.")


def _note(user: User, verb: str, message: str, *, by: User | None, now: datetime, **facts: str) -> None:
    record(f"core.{verb}", ("user", user.pk), by=by, now=now, **facts)
    announce(user, f"core.{verb}", message, now=now, facts=facts)


@transaction.atomic
def save_profile(user: User, *, name: str, language: str, by: User, now: datetime) -> None:
    """Keep name and language."""
    changed = [field for field, value in (("name", name), ("language", language)) if getattr(user, field) != value]
    if changed:
        user.name, user.language = name, language
        user.save(update_fields=["name", "language"])
        record("core.save_profile", ("user", user.pk), by=by, now=now, fields=changed)


@transaction.atomic
def change_password(user: User, password: str, *, by: User | None, now: datetime, keep_session: str = "") -> None:
    """Set the password, which the form has judged; every session but ``keep_session`` ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user, keep=keep_session)
    _note(user, "change_password", PASSWORD_CHANGED, by=by, now=now)


def send_link_for_new_password(email: str, *, now: datetime) -> None:
    """Send the letter if there is such an account.  Says nothing about that, in words or in time."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        return
    with transaction.atomic():
        record("core.ask_for_password", ("user", user.pk), by=None, now=now)
        send_password_link(user, password_path(user, now=now))


@transaction.atomic
def add_app(user: User, secret: str, code: str, *, by: User, now: datetime) -> list[str] | None:
    """Set up an authenticator app; None for a wrong code, else recovery codes (empty where there are some)."""
    User.objects.select_for_update().get(pk=user.pk)
    if not factors.add_app(user, secret, code, now=now):
        return None
    _note(user, "add_app", APP_ADDED, by=by, now=now)
    return _first_codes(user)


@transaction.atomic
def remove_app(user: User, *, by: User, now: datetime) -> bool:
    """Take the authenticator app away; say whether there was one."""
    if not factors.remove_app(user):
        return False
    factors.drop_codes_without_factor(user)
    _note(user, "remove_app", APP_REMOVED, by=by, now=now)
    return True


def _first_codes(user: User) -> list[str]:
    return [] if factors.factors_of(user).codes_left else factors.new_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(user: User, *, by: User, now: datetime) -> list[str]:
    """New recovery codes, which are to be shown once; none without a second factor."""
    User.objects.select_for_update().get(pk=user.pk)
    if not factors.has_second_factor(user.pk):
        return []
    codes = factors.new_recovery_codes(user)
    _note(user, "renew_codes", CODES_RENEWED, by=by, now=now)
    return codes


def check_code(user: User, code: str, *, now: datetime) -> str:
    """``app`` or ``recovery`` for a right code; the person hears of a recovery code that was used."""
    with transaction.atomic():
        kind = factors.check_code(user, code, now=now)
        if kind == "recovery":
            _note(user, "use_recovery_code", CODE_USED, by=user, now=now)
    return kind


@transaction.atomic
def add_passkey(
    request: HttpRequest, user: User, name: str, answer: Any, *, by: User, now: datetime
) -> list[str] | None:
    """Keep a passkey that the browser of ``request`` made; None if it does not fit, else recovery codes as for an app."""
    User.objects.select_for_update().get(pk=user.pk)
    if len(factors.factors_of(user).passkeys) >= factors.MOST_PASSKEYS:
        return None
    if factors.add_passkey(request, user, name, answer, now=now) is None:
        return None
    _note(user, "add_passkey", PASSKEY_ADDED, by=by, now=now, name=name)
    return _first_codes(user)


@transaction.atomic
def rename_passkey(user: User, pk: int, name: str, *, by: User, now: datetime) -> bool:
    """Give a passkey another name; say whether there is such a one."""
    if not factors.rename_passkey(user, pk, name):
        return False
    record("core.rename_passkey", ("user", user.pk), by=by, now=now, name=name)
    return True


@transaction.atomic
def remove_passkey(user: User, pk: int, *, by: User, now: datetime) -> bool:
    """Take a passkey away; say whether there was such a one."""
    name = factors.remove_passkey(user, pk)
    if name is None:
        return False
    factors.drop_codes_without_factor(user)
    _note(user, "remove_passkey", PASSKEY_REMOVED, by=by, now=now, name=name)
    return True


@transaction.atomic
def reset_second_factor(user: User, *, by: User | None, now: datetime) -> int:
    """Remove every factor of somebody who lost theirs, and end their sessions; return how many factors there were."""
    number = factors.remove_all(user)
    if number:
        end_sessions(user)
        _note(user, "reset_second_factor", FACTORS_RESET, by=by, now=now)
    return number


@transaction.atomic
def sign_out_there(user: User, pk: int, *, by: User, now: datetime, keep: str) -> bool:
    """End one session of ``user`` (not ``keep``); say whether there was such a one."""
    ended = end_sessions(user, pk=pk, keep=keep)
    if ended:
        record("core.sign_out_there", ("user", user.pk), by=by, now=now, device=ended[0].device)
    return bool(ended)


@transaction.atomic
def sign_out_elsewhere(user: User, *, by: User, now: datetime, keep: str) -> int:
    """End every session of ``user`` but ``keep``; return how many."""
    number = len(end_sessions(user, keep=keep))
    if number:
        record("core.sign_out_elsewhere", ("user", user.pk), by=by, now=now, number=number)
    return number
