"""The secret addresses of people's calendars: made, renewed and ended by them, kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from allmende.core.audit import record
from allmende.core.models import CalendarFeed, User


def _digest(token: str) -> str:
    """A token holds 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def renew_feed(user: User, *, now: datetime) -> str:
    """A new token, to be shown once; the one before opens nothing any more."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        CalendarFeed.objects.update_or_create(user=user, defaults={"digest": _digest(token), "created_at": now})
        record("core.renew_calendar", ("user", user.pk), by=user, now=now)
    return token


def end_feed(user: User, *, now: datetime) -> bool:
    """Let the token open nothing any more; say whether there was one."""
    with transaction.atomic():
        ended = CalendarFeed.objects.filter(user=user).delete()[0]
        if ended:
            record("core.end_calendar", ("user", user.pk), by=user, now=now)
    return bool(ended)


def feed_since(user: User) -> datetime | None:
    """When the token was made, if there is one."""
    return CalendarFeed.objects.filter(user=user).values_list("created_at", flat=True).first()


def person_of(token: str) -> User | None:
    """Whose calendar a token opens: nobody's, if it is unknown, was renewed, or the account is not in use."""
    if not 20 <= len(token) <= 100:
        return None
    feed = CalendarFeed.objects.select_related("user").filter(digest=_digest(token), user__is_active=True).first()
    return feed.user if feed else None
