"""Secrets in links: shown in a letter, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> tuple[str, str]:
    """A token with 256 bits of chance, and what is stored of it."""
    token = secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """What is stored of a token; a plain hash is enough for so much chance."""
    return hashlib.sha256(token.encode()).hexdigest()
