"""Rate limits that hold across server processes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from allmende.core.models import RateCount


class Limit(NamedTuple):
    """At most ``tries`` in ``seconds``."""

    tries: int
    seconds: int


def sender_of(request: HttpRequest) -> str:
    """A keyed hash of the sender's address; the address itself is stored nowhere."""
    return salted_hmac("allmende.rate", request.META.get("REMOTE_ADDR", "")).hexdigest()[:24]


def is_too_fast(name: str, sender: str, limit: Limit, *, now: datetime) -> bool:
    """Count one try of ``sender`` at ``name`` and say whether it is one too many."""
    window = int(now.timestamp()) // limit.seconds
    with transaction.atomic():
        row, _ = RateCount.objects.select_for_update().get_or_create(
            key=f"{name}:{sender}"[:64], defaults={"window": window}
        )
        if row.window != window:
            row.window, row.count = window, 0
        row.count += 1
        row.save(update_fields=["window", "count"])
    return row.count > limit.tries
