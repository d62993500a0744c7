"""The second factor, on django-allauth's tables and WebAuthn ceremony.

An authenticator app shows a new code every 30 seconds (TOTP, RFC 6238).  A code opens once: the last counter that was used is
kept in the row, under its lock, so that it holds across server processes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote, urlencode

import qrcode
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from qrcode.image.svg import SvgPathImage

from allmende.core.models import User

log = logging.getLogger("allmende.accounts")

SECONDS: Final = 30
TOLERANCE: Final = 1
"""Codes before and after the present one that are taken: clocks differ."""
MOST_PASSKEYS: Final = 20
TOTP, CODES, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES, Authenticator.Type.WEBAUTHN
STRONG: Final = (TOTP, PASSKEY)
"""What counts as a second factor; recovery codes stand in for one that was lost."""
BROKEN: Final = (ValidationError, ValueError, TypeError, KeyError, AttributeError)
"""What the ceremony raises for an answer that is not one."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey in a list."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has beside the password."""

    app_since: datetime | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    """The person's factors, with one query."""
    app_since, passkeys, left = None, [], 0
    for row in Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"):
        if row.type == TOTP:
            app_since = row.created_at
        elif row.type == PASSKEY:
            passkeys.append(Passkey(row.pk, str(row.data.get("name", "")), row.created_at, row.last_used_at))
        else:
            left = _codes_left(row)
    return Factors(app_since, tuple(passkeys), left)


def _codes_left(row: Authenticator) -> int:
    try:
        return len(RecoveryCodes(row).get_unused_codes())
    except InvalidToken:
        return 0


def has_second_factor(user_id: int) -> bool:
    """Whether signing in takes a second step."""
    return bool(Authenticator.objects.filter(user_id=user_id, type__in=STRONG).exists())


# ---------------------------------------------------------------------- authenticator app


def new_secret() -> str:
    """A secret for an authenticator app, in base 32."""
    return str(generate_totp_secret())


def hidden(secret: str) -> str:
    """The secret as it may lie in a session."""
    return str(encrypt(secret))


def shown(kept: str) -> str:
    """The secret that :func:`hidden` hid, or ``""``."""
    try:
        return str(decrypt(kept)) if kept else ""
    except InvalidToken:
        return ""


def app_address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says to the app (``otpauth://``)."""
    issuer = issuer.replace(":", " ").strip() or "Allmende"  # a colon parts issuer and account
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"


def qr_path(text: str) -> tuple[str, int]:
    """The QR code as the ``d`` of an SVG path, and the side of its square in the path's units."""
    code = qrcode.QRCode(border=3, box_size=10)
    code.add_data(text)
    image = code.make_image(image_factory=SvgPathImage)
    image.save(BytesIO())  # the path is put together when the picture is written
    return str(image.path.get("d")), code.modules_count + 2 * code.border


def _counter_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step that ``code`` belongs to, or None for a wrong code."""
    code = "".join(code.split())
    present = int(now.timestamp()) // SECONDS
    found = None
    for counter in range(present - TOLERANCE, present + TOLERANCE + 1):
        # All are compared, so that the time taken tells nothing.
        if constant_time_compare(format_hotp_value(hotp_value(secret, counter)), code):
            found = counter
    return found


def add_app(user: User, secret: str, code: str, *, now: datetime) -> bool:
    """Keep the secret if the app shows the right code; in place of an earlier one.  Runs in the caller's transaction."""
    counter = _counter_of(secret, code, now)
    if counter is None:
        return False
    Authenticator.objects.filter(user_id=user.pk, type=TOTP).delete()
    Authenticator.objects.create(
        user=user, type=TOTP, data={"secret": encrypt(secret), "used": counter}, created_at=now
    )
    return True


def remove_app(user: User) -> bool:
    """Forget the app; say whether there was one."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=TOTP).delete()[0])


@transaction.atomic
def check_code(user: User, code: str, *, now: datetime) -> str:
    """``app`` or ``recovery`` for a code that is right and has not been used, else ``""``."""
    rows = list(Authenticator.objects.select_for_update().filter(user_id=user.pk, type__in=(TOTP, CODES)))
    try:
        for row in sorted(rows, key=lambda one: one.type != TOTP):
            if row.type == TOTP:
                counter = _counter_of(decrypt(row.data["secret"]), code, now)
                if counter is not None and counter > row.data.get("used", 0):
                    row.data["used"], row.last_used_at = counter, now
                    row.save(update_fields=["data", "last_used_at"])
                    return "app"
            elif RecoveryCodes(row).validate_code(code):
                Authenticator.objects.filter(pk=row.pk).update(last_used_at=now)
                return "recovery"
    except InvalidToken:
        log.error(
            "A second factor cannot be read with this installation's secret key. "
            "Restore the key, or reset it: allmende user EMAIL --reset-second-factor"
        )
    return ""


# ---------------------------------------------------------------------- recovery codes


def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes in place of the old ones, ``1234 5678``.  Runs in the caller's transaction."""
    Authenticator.objects.filter(user_id=user.pk, type=CODES).delete()
    return [f"{code[:4]} {code[4:]}" for code in RecoveryCodes.activate(user).generate_codes()]


def drop_codes_without_factor(user: User) -> None:
    """Recovery codes stand in for something: without a factor they go."""
    if not has_second_factor(user.pk):
        Authenticator.objects.filter(user_id=user.pk, type=CODES).delete()


def remove_all(user: User) -> int:
    """Forget every factor; return how many."""
    return int(Authenticator.objects.filter(user_id=user.pk).delete()[0])


# ---------------------------------------------------------------------- passkeys


def registration_options(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey: one that is found without a name, and that asks for finger or PIN."""
    with context.request_context(request):
        return dict(webauthn.begin_registration(user, True))


def add_passkey(request: HttpRequest, user: User, name: str, answer: Any, *, now: datetime) -> Passkey | None:
    """Keep the passkey that the browser made; None for an answer that does not fit."""
    try:
        with context.request_context(request):
            webauthn.parse_registration_response(answer)
            bound = webauthn.complete_registration(answer)
    except BROKEN:
        return None
    if not bound.is_user_verified():
        return None
    row = webauthn.WebAuthn.add(user, name, answer).instance
    Authenticator.objects.filter(pk=row.pk).update(created_at=now)
    return Passkey(row.pk, name, now, None)


def question(request: HttpRequest, user: User | None) -> dict[str, Any]:
    """What the browser needs to show a passkey: one of ``user``'s, or (None) any that it has for this site."""
    with context.request_context(request):
        return dict(webauthn.begin_authentication(user))


def who_answers(request: HttpRequest, answer: Any, *, user: User | None, now: datetime) -> User | None:
    """The person whose passkey answered the question of this session.  With ``user``: they, or nobody."""
    try:
        with context.request_context(request):
            webauthn.parse_authentication_response(answer)
            owner = webauthn.extract_user_from_response(answer) if user is None else user
            if not isinstance(owner, User) or not owner.is_active:
                return None
            row = webauthn.complete_authentication(owner, answer)
    except BROKEN:
        return None
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=now)
    return owner


def rename_passkey(user: User, pk: int, name: str) -> bool:
    """Give a passkey of ``user`` another name; say whether there is such a one."""
    row = Authenticator.objects.filter(pk=pk, user_id=user.pk, type=PASSKEY).first()
    if row is not None:
        row.data["name"] = name
        row.save(update_fields=["data"])
    return row is not None


def remove_passkey(user: User, pk: int) -> str | None:
    """Forget a passkey of ``user``; return its name, or None where there is none."""
    row = Authenticator.objects.filter(pk=pk, user_id=user.pk, type=PASSKEY).first()
    if row is None:
        return None
    row.delete()
    return str(row.data.get("name", ""))
