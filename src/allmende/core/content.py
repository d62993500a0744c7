"""The content stamp: says that public content changed, and answers whether it did."""

from __future__ import annotations

import time

from django.db import connection
from django.db.models import F

from allmende.core.models import ContentStamp

CHECK_SECONDS = 1.0
"""How long another process may serve a finished page after a change."""

_seen: dict[str, tuple[float, int]] = {}


def touch_content() -> None:
    """Say, in the running transaction, that public content changed."""
    if not ContentStamp.objects.filter(id=1).update(value=F("value") + 1):
        ContentStamp.objects.get_or_create(id=1, defaults={"value": 1})
    _seen.clear()


def content_stamp() -> int:
    """The stamp as stored now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM core_contentstamp WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def recent_content_stamp() -> int:
    """The stamp, asked of the database at most once per second and process."""
    now = time.monotonic()
    at, value = _seen.get(connection.alias, (-1e9, 0))
    if now - at < CHECK_SECONDS:
        return value
    value = content_stamp()
    _seen[connection.alias] = (now, value)
    return value
