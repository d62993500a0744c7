"""In which roles somebody acts at a moment: their own, and those they stand in for.

Every rule asks here, so that a deputy has the same rights everywhere and none of them a day longer.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from allmende.partners.models import Deputy, Membership


def deputyships_in_force(user_id: int, *, now: datetime | None = None) -> QuerySet[Deputy]:
    """What ``user_id`` stands in for at ``now`` (rules are asked about this very moment and leave it out)."""
    at = now or timezone.now()
    return Deputy.objects.filter(
        deputy_id=user_id, starts_at__lte=at, ends_at__gt=at, revoked_at=None, membership__user__is_active=True
    )


def memberships_in_force(user_id: int, *, now: datetime | None = None) -> QuerySet[Membership]:
    """The memberships by which ``user_id`` may do something at ``now``; of one organisation there may be two."""
    own = Membership.objects.filter(user_id=user_id).values("pk")
    # A union: both databases answer it from their indexes, which they do not for "one or the other".
    stood_in = deputyships_in_force(user_id, now=now).order_by().values("membership_id")
    return Membership.objects.filter(pk__in=own.union(stood_in, all=True))


def stands_in_for(user_id: int, organisation_id: int | None, *, now: datetime) -> list[int]:
    """Ids of the people for whom ``user_id`` acts at ``now``, in one organisation or anywhere."""
    found = deputyships_in_force(user_id, now=now)
    if organisation_id is not None:
        found = found.filter(membership__organisation_id=organisation_id)
    return sorted(set(found.values_list("membership__user_id", flat=True)))
