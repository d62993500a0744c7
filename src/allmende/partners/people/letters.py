"""Letters about people: invitations, and the answers to those who ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from allmende.core import formats
from allmende.core.languages import DEFAULT, LANGUAGES
from allmende.core.mail import send_to_each
from allmende.core.models import User
from allmende.core.rate import Limit, is_too_fast
from allmende.partners.models import Invitation, JoinRequest

TO_ADDRESS: Final = Limit(10, 86400)
"""Letters of these kinds that one address gets in a day, whoever asks for them."""


def language_of(code: str) -> str:
    """``code`` where the interface speaks it."""
    return code if code in LANGUAGES else DEFAULT


def is_pestered(email: str, *, now: datetime) -> bool:
    """Count one letter to ``email`` and say whether it is one too many."""
    address = salted_hmac("allmende.rate.letter", email.lower()).hexdigest()[:24]
    return is_too_fast("letter-to", address, TO_ADDRESS, now=now)


def _link(language: str, path: str) -> str:
    return f"{settings.ALLMENDE_PUBLIC_URL}/{language}/workspace/{path}"


def _send(email: str, subject: str, paragraphs: list[str]) -> bool:
    return send_to_each([email], subject, "\n\n".join(part for part in paragraphs if part) + "\n") == 1


def name_of(person: User | None) -> str:
    """How a person is called in a letter."""
    return (person.name or person.email) if person else ""


def send_invitation(invitation: Invitation, token: str) -> bool:
    """Send the letter with the link; say whether it went out."""
    language = language_of(invitation.language)
    with translation.override(language):
        target = invitation.organisation if invitation.network is None else invitation.network
        told = {
            "by": name_of(invitation.invited_by) or gettext("Somebody"),
            "target": str(target),
            "organisation": str(invitation.organisation or ""),
        }
        if invitation.network and invitation.organisation:
            what = gettext("%(by)s invites %(organisation)s into the network “%(target)s”.")
        elif invitation.network:
            what = gettext("%(by)s invites you into the network “%(target)s”.")
        else:
            what = gettext("%(by)s invites you to work with “%(target)s”.")
        # The last moment belongs to the day before, where it falls on midnight.
        last = formats.day_long((invitation.expires_at - timedelta(seconds=1)).date(), language)
        return _send(
            invitation.email,
            gettext("Invitation: %(target)s") % told,
            [
                what % told,
                invitation.message,
                gettext("Accept or decline here: %(address)s") % {"address": _link(language, f"invitations/{token}/")},
                gettext("The link is for you alone, works once, and until %(day)s.") % {"day": last},
                gettext("If you did not expect this, do nothing: no account is made without you."),
            ],
        )


def send_confirmation(request: JoinRequest, token: str) -> bool:
    """Ask whoever wants to join whether the address is theirs."""
    language = language_of(request.language)
    with translation.override(language):
        told = {"target": request.organisation.name}
        return _send(
            request.email,
            gettext("Please confirm: you want to join %(target)s") % told,
            [
                gettext("Somebody, probably you, asked to join “%(target)s” with this address.") % told,
                gettext("If it was you, confirm it here: %(address)s")
                % {"address": _link(language, f"join/confirm/{token}/")},
                gettext("Otherwise do nothing: nobody hears of it, and it is forgotten after 14 days."),
            ],
        )


def send_refusal(request: JoinRequest) -> bool:
    """Tell somebody without an account that the answer is no."""
    with translation.override(language_of(request.language)):
        told = {"target": request.organisation.name}
        return _send(
            request.email,
            gettext("Your request to join %(target)s") % told,
            [gettext("“%(target)s” declined your request to join.") % told, request.word],
        )
