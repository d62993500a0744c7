"""Favourites: keys of things (``e12.p3``) in a first-party cookie or in a link, never in an account."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "favourites"
MOST = 100
"""More than a cookie should carry; further ones are refused with a word."""
ONE_YEAR = 365 * 24 * 3600
_KEY = re.compile(r"[epo][1-9]\d{0,17}")


def parse(text: str) -> list[str]:
    """The keys in a cookie or a link, each once, in order; anything else is left out."""
    keys = (key for key in text[:4000].split(".") if _KEY.fullmatch(key))
    return list(dict.fromkeys(keys))[:MOST]


def joined(keys: Iterable[str]) -> str:
    """The keys as one text, for a cookie or a link."""
    return ".".join(keys)


def of(request: HttpRequest) -> list[str]:
    """What this guest has saved."""
    return parse(request.COOKIES.get(COOKIE, ""))


def toggled(keys: list[str], key: str) -> list[str]:
    """``keys`` without ``key`` if it was there, else with it in front."""
    if key in keys:
        return [other for other in keys if other != key]
    return [key, *keys][:MOST]


def keep(response: HttpResponse, keys: list[str]) -> None:
    """Write the cookie, or take it away when nothing is left."""
    if not keys:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    # Scripts read it to fill the hearts on pages that are the same for everybody, so it is not HttpOnly.
    response.set_cookie(COOKIE, joined(keys), max_age=ONE_YEAR, samesite="Lax", secure=settings.SECURE_PUBLIC)
