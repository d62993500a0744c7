"""Rate limits that hold across server processes."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address, ip_network
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
    """A keyed hash of the sender's address; the address itself is stored nowhere.

    Of an IPv6 address only the network counts (/64): one sender has all the rest to choose from.
    """
    address = request.META.get("REMOTE_ADDR", "")
    with suppress(ValueError):
        number = ip_address(address)
        if number.version == 6:
            address = str(ip_network((number, 64), strict=False))
    return salted_hmac("allmende.rate", address).hexdigest()[:24]


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
        row.expires = (window + 1) * limit.seconds
        row.save(update_fields=["window", "count", "expires"])
    return row.count > limit.tries


def forget_old_rates(*, now: datetime) -> int:
    """Delete the counters whose window has passed; return how many."""
    return RateCount.objects.filter(expires__lt=int(now.timestamp())).delete()[0]
