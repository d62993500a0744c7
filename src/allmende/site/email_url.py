"""The mail server, from one address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
"""Without encryption, with STARTTLS, encrypted from the first byte."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters go: to a server, or (without a host) into a folder."""

    sender: str
    folder: Path
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    scheme: str = ""


def parse_email_url(url: str, *, folder: Path, host: str) -> MailServer:
    """Read ``smtp+tls://user:password@mail.example.org:587?from=guide@example.org``; raise ``ValueError`` with the remedy.

    An empty ``url`` means ``folder``.  ``host`` of the installation is that of the sender where none is named.
    """
    sender = f"allmende@{host}"
    if not url:
        return MailServer(sender, folder)
    parts = urlsplit(url)
    # The value is not repeated: it holds a password.
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("it must look like smtp+tls://user:password@mail.example.org (or smtp://, smtps://)")
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise ValueError("its port must be a number up to 65535") from error
    named = parse_qs(parts.query).get("from", [sender])[0].strip()
    if named.count("@") != 1 or any(sign.isspace() for sign in named):
        raise ValueError("what stands after from= must be an e-mail address")
    return MailServer(
        named, folder, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), parts.scheme
    )
