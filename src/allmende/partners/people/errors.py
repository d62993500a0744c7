"""What may go wrong with people, each with a sentence for whoever tried it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext

from allmende.partners.rules import Someone, may_manage

LONGEST_WORD = 1000


class PeopleForbidden(PermissionError):
    """This person may not decide about the people of this organisation or network."""


class PeopleRefused(ValueError):
    """It cannot be done as it stands; the message says why and what to do."""


class LastManager(PeopleRefused):
    """Nobody would be left to run the organisation."""

    def __init__(self) -> None:
        super().__init__(gettext("This is the last manager. Make somebody else a manager first."))


def check_manages(by: Someone, organisation_id: int) -> None:
    """Raise :class:`PeopleForbidden` unless ``by`` manages the organisation."""
    if not may_manage(by, organisation_id):
        raise PeopleForbidden("Only managers of an organisation decide about its people.")


def clean_email(email: str) -> str:
    """An address fit for a letter's head; raise :class:`PeopleRefused` for anything else."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise PeopleRefused(gettext("This is not a complete e-mail address, such as anna@example.org.")) from error
    if len(email) > 254:
        raise PeopleRefused(gettext("This is not a complete e-mail address, such as anna@example.org."))
    return email


def clean_word(word: str) -> str:
    """What somebody says with it, in at most a thousand signs."""
    return word.replace("\r\n", "\n").strip()[:LONGEST_WORD]
