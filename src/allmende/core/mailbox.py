"""Letters that ended in a folder because no mail server is connected."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from django.conf import settings

SHOWN: Final = 100
_RULER: Final = re.compile(rb"\n-{79}\n(?=\Z|Content-Type: )")
"""What Django's file backend writes behind each letter; a text may hold such a line too."""
_NAME: Final = re.compile(r"[0-9A-Za-z-]{1,80}\.log")
LARGEST: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as a reader sees it."""

    name: str
    """Of its file."""
    number: int
    """Its place in the file, from 0."""
    at: datetime | None
    sender: str
    to: str
    subject: str
    text: str
    """The plain part; empty where there is none."""
    html: str
    """The other part, as it came: never to be shown without cleaning."""


def has_mailbox() -> bool:
    """Whether letters end here."""
    return str(settings.EMAIL_BACKEND).endswith("filebased.EmailBackend")


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except (LookupError, ValueError):
        return ""  # in a character set that nobody knows


def _letters(path: Path) -> list[Letter]:
    try:
        if path.stat().st_size > LARGEST:
            return []
        parts = [part for part in _RULER.split(path.read_bytes()) if part.strip()]
    except OSError:
        return []  # deleted meanwhile
    found = []
    for number, raw in enumerate(parts):
        message = email.message_from_bytes(raw.lstrip(b"\n"), policy=default)
        try:
            at = parsedate_to_datetime(str(message["date"]))
        except (TypeError, ValueError):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        found.append(
            Letter(
                path.name,
                number,
                at if at.tzinfo else at.replace(tzinfo=UTC),
                str(message["from"] or ""),
                str(message["to"] or ""),
                str(message["subject"] or ""),
                _part(message, "plain"),
                _part(message, "html"),
            )
        )
    return found


def letters(limit: int = SHOWN) -> list[Letter]:
    """The newest letters first."""
    if not _folder().is_dir():
        return []
    # Django begins the names with the time.
    paths = sorted((path for path in _folder().iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    found = [letter for path in paths[:limit] for letter in reversed(_letters(path))]
    return found[:limit]


def letter(name: str, number: int) -> Letter | None:
    """One letter, or None; ``name`` comes from an address and is trusted with nothing."""
    if not _NAME.fullmatch(name):
        return None
    found = _letters(_folder() / name)
    return found[number] if number < len(found) else None


def forget_letters(before: datetime) -> int:
    """Delete files that are older; return how many."""
    n = 0
    if has_mailbox() and _folder().is_dir():
        for path in _folder().iterdir():
            if _NAME.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                n += 1
    return n
