"""Word to a person about their own account: a notice on their page, and a letter, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Thread

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import get_language, gettext

from allmende.core.languages import DEFAULT, LANGUAGES
from allmende.core.mail import send_to_each
from allmende.core.models import User
from allmende.core.notices import tell

ACCOUNT = "/workspace/account/"
THREAD = "letter"


def language_of(user: User) -> str:
    """The language to write to somebody in: theirs, else the one in use."""
    return next((code for code in (user.language, get_language()) if code in LANGUAGES), DEFAULT)


def send_soon(address: str, subject: str, body: str) -> None:
    """Send a letter once the transaction is through, beside the answer: how long it takes must not tell who has an account."""
    transaction.on_commit(lambda: Thread(target=send_to_each, args=([address], subject, body), name=THREAD).start())


def announce(user: User, kind: str, message: str, *, now: datetime, facts: Mapping[str, str] | None = None) -> None:
    """Tell somebody that their account was changed, whoever did it.  ``message``: an English key (``gettext_noop``)."""
    tell([user], kind, message, subject=("user", user.pk), path=ACCOUNT, now=now, facts=facts)
    language = language_of(user)
    with translation.override(language):
        sentence = gettext(message) % facts if facts else gettext(message)
        subject = gettext("Your account: %(sentence)s") % {"sentence": sentence}
        body = gettext(
            "%(sentence)s\n\n%(when)s, %(site)s\n\n"
            "If this was you, there is nothing to do. If it was not, set a new password at once and sign out everywhere else:"
            "\n%(address)s\n"
        ) % {
            "sentence": sentence,
            "when": f"{now:%Y-%m-%d %H:%M} UTC",
            "site": settings.ALLMENDE_PUBLIC_URL,
            "address": f"{settings.ALLMENDE_PUBLIC_URL}/{language}{ACCOUNT}",
        }
    send_soon(user.email, subject, body)


def send_password_link(user: User, path: str) -> None:
    """The letter with the link for a new password."""
    language = language_of(user)
    with translation.override(language):
        subject = gettext("Set a new password")
        body = gettext(
            "Somebody asked for a new password for your account at %(site)s. To set one, open this address within "
            "two hours; it works once:\n\n%(address)s\n\n"
            "If it was not you, there is nothing to do: the password stays as it is.\n"
        ) % {"site": settings.ALLMENDE_PUBLIC_URL, "address": f"{settings.ALLMENDE_PUBLIC_URL}/{language}{path}"}
    send_soon(user.email, subject, body)


def send_address_link(user: User, email: str, path: str) -> None:
    """The letter to a new address, with the link that confirms it."""
    language = language_of(user)
    with translation.override(language):
        subject = gettext("Confirm your new e-mail address")
        body = gettext(
            "This address is to become the one of your account at %(site)s. To confirm it, sign in as before and open this "
            "within a day:\n\n%(address)s\n\n"
            "Until then nothing changes. If you did not ask for it, do nothing.\n"
        ) % {"site": settings.ALLMENDE_PUBLIC_URL, "address": f"{settings.ALLMENDE_PUBLIC_URL}/{language}{path}"}
    send_soon(email, subject, body)


def send_address_taken(user: User, email: str) -> None:
    """The letter to an address that has an account already: only whoever reads it there learns of that."""
    language = language_of(user)
    with translation.override(language):
        subject = gettext("Your e-mail address")
        body = gettext(
            "Somebody asked to use this address for another account at %(site)s. It has an account already, so nothing "
            "changes. If it was you, sign in with this address, or set a new password:\n\n%(address)s\n"
        ) % {
            "site": settings.ALLMENDE_PUBLIC_URL,
            "address": f"{settings.ALLMENDE_PUBLIC_URL}/{language}/workspace/password/",
        }
    send_soon(email, subject, body)


def write_to_old_address(user: User, old: str, new: str, *, is_done: bool) -> None:
    """Tell the address that an account had so far that it is to have, or has, another one."""
    language = language_of(user)
    with translation.override(language):
        told = {
            "new": new,
            "site": settings.ALLMENDE_PUBLIC_URL,
            "address": f"{settings.ALLMENDE_PUBLIC_URL}/{language}{ACCOUNT}",
        }
        if is_done:
            subject = gettext("Your account has another e-mail address now")
            body = gettext(
                "Your account at %(site)s has the address %(new)s now; letters no longer come here.\n\n"
                "If it was not you, write to whoever runs the site at once.\n"
            )
        else:
            subject = gettext("Your account is to have another e-mail address")
            body = gettext(
                "Somebody who is signed in with your account at %(site)s asked for the address %(new)s. Nothing changes "
                "until that is confirmed.\n\nIf it was not you, set a new password at once, and take it back here:\n"
                "%(address)s\n"
            )
    send_soon(old, subject, body % told)
