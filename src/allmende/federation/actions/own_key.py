"""A new key for this region."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from allmende.core.audit import record
from allmende.core.models import User
from allmende.federation import keys
from allmende.federation.actions.follow import _check
from allmende.federation.actions.sending import inboxes_of_followers, queue
from allmende.federation.activities import activity, to_everybody
from allmende.federation.addresses import below
from allmende.federation.models import Following, RegionActor
from allmende.federation.queries.documents import actor_document
from allmende.federation.region import region_actor


def rotate_key(*, by: User | None, now: datetime, trusted: bool = False) -> None:
    """Make a new key pair; who follows or is followed hears of it, and reads the new public key from the actor."""
    _check(by, trusted=trusted)
    row = region_actor(now)
    private, public = keys.make_keys(settings.SECRET_KEY)
    with transaction.atomic():
        RegionActor.objects.filter(pk=row.pk).update(private_key=private, public_key=public, rotated_at=now)
        told = activity(
            "Update", below(f"actor#update-{now:%Y%m%d%H%M%S}"), actor_document(now=now), now=now, **to_everybody()
        )
        followed = Following.objects.filter(state=Following.State.ACCEPTED).values_list("actor__inbox", flat=True)
        queue(told, [*inboxes_of_followers(), *followed], now=now)
        record("federation.rotate_key", ("region_actor", row.pk), by=by, now=now)
