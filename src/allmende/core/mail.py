"""Letters to people."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

log = logging.getLogger("allmende.mail")


def prepare_folder() -> None:
    """Make the folder for letters that go to files, if they do."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        # Letters hold names and addresses; Django would let everybody on the machine read them.
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)


def send_to_each(addresses: Iterable[str], subject: str, body: str) -> int:
    """Send the same letter to each address, so that none learns the others; return how many went out.

    What cannot be sent is logged without the address.
    """
    subject = " ".join(subject.split())  # a line break would be another header
    sent = 0
    try:
        prepare_folder()
        connection = get_connection()
        for address in dict.fromkeys(addresses):
            sent += connection.send_messages([EmailMessage(subject, body, None, [address])]) or 0
    except (SMTPException, OSError, ValueError) as error:
        log.error("A letter could not be sent: %s. See ALLMENDE_EMAIL_URL.", type(error).__name__)
    return sent
