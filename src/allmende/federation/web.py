"""Asking other servers: every request of the federation goes out through here, by the safe fetcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from django.conf import settings

from allmende.core.fetch import Answer, Bounds, FetchFailed, request

__all__ = ["Answer", "Ask", "FetchFailed", "ask"]

BOUNDS: Final = Bounds(seconds=12, idle_seconds=8, size=2 * 2**20, redirects=2)


class Ask(Protocol):
    """Exchange a small body with another server; raises :class:`FetchFailed` if there is no answer."""

    def __call__(self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer: ...


def ask(method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer:
    """The real one: public addresses only, unless ``ALLMENDE_FETCH_ALLOW`` says otherwise."""
    return request(method, url, body=body, headers=headers, bounds=BOUNDS, allow=settings.ALLMENDE_FETCH_ALLOW)
