"""Another mail address for an account: asked for, confirmed from a letter to the new one, told to the old one.

Nothing changes until the person, signed in, opens the link that the new address got: a slip of the pen gives the account to
nobody.  Whether an address belongs to somebody else is told in a letter to that address alone, never on the page.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from allmende.core.accounts.letters import (
    announce,
    send_address_link,
    send_address_taken,
    write_to_old_address,
)
from allmende.core.accounts.session import end_sessions
from allmende.core.audit import record
from allmende.core.models import AddressChange, User

VALID: Final = timedelta(hours=24)
ADDRESS_CHANGED: Final = gettext_noop("The e-mail address was changed.")


def open_change(user: User, *, now: datetime) -> AddressChange | None:
    """The address that ``user`` asked for and has not confirmed yet."""
    return AddressChange.objects.filter(user=user, expires_at__gt=now).first()


def ask_for_address(user: User, email: str, *, by: User, now: datetime) -> None:
    """Write to the new address, and to the old one; an earlier wish is void.

    Says nothing about whether somebody else has the new address, in words or in time.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        AddressChange.objects.update_or_create(
            user=user,
            defaults={"email": email, "digest": _digest(token), "asked_at": now, "expires_at": now + VALID},
        )
        record("core.ask_for_address", ("user", user.pk), by=by, now=now)
        if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
            send_address_taken(user, email)
        else:
            send_address_link(user, email, f"/workspace/account/address/{token}/")
        write_to_old_address(user, user.email, email, is_done=False)


def withdraw_address(user: User, *, by: User, now: datetime) -> bool:
    """Think again; say whether there was anything to take back."""
    with transaction.atomic():
        gone = bool(AddressChange.objects.filter(user=user).delete()[0])
        if gone:
            record("core.withdraw_address", ("user", user.pk), by=by, now=now)
    return gone


def change_with(user: User, token: str, *, now: datetime) -> AddressChange | None:
    """The wish of ``user`` that a link is for; None when it has run out, was used, or is somebody else's."""
    return AddressChange.objects.filter(user=user, digest=_digest(token), expires_at__gt=now).first()


def confirm_address(user: User, token: str, *, by: User, now: datetime, keep_session: str) -> bool:
    """Give the account its new address; every session but ``keep_session`` ends.  False for a link that is void.

    Links for a new password that went to the old address are void too: they hold the address.
    """
    with transaction.atomic():
        account = User.objects.select_for_update().get(pk=user.pk)
        change = change_with(account, token, now=now)
        if change is None or User.objects.filter(email__iexact=change.email).exclude(pk=user.pk).exists():
            return False
        old, account.email = account.email, change.email
        account.save(update_fields=["email"])
        change.delete()
        end_sessions(account, keep=keep_session)
        record("core.change_address", ("user", account.pk), by=by, now=now)
        announce(account, "core.change_address", ADDRESS_CHANGED, now=now)
        write_to_old_address(account, old, account.email, is_done=True)
    return True


def forget_changes(before: datetime) -> int:
    """Delete the wishes that ran out before a moment; return how many."""
    return int(AddressChange.objects.filter(expires_at__lt=before).delete()[0])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
