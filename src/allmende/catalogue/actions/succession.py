"""What the catalogue keeps in its own way follows its municipality."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from allmende.catalogue.models import Occurrence
from allmende.core.content import touch_content
from allmende.partners.succession.actions import apply_due
from allmende.partners.succession.queries import territory_links
from allmende.partners.succession.territories import apply_due_territories


def follow_successions(*, now: datetime) -> int:
    """Do the successions that are due, here and in the partners; return how many.

    Occurrences repeat the number of their event's municipality without a foreign key, so they are told apart.
    """
    done = apply_due(now=now) + apply_due_territories(now=now)
    follow_territories()
    return done


def follow_territories() -> int:
    """Give occurrences in municipalities that are part of others the number of those; return how many."""
    changed = 0
    with transaction.atomic():
        for old, new, _ in territory_links():
            changed += Occurrence.objects.filter(municipality_id=old).update(municipality_id=new)
        if changed:
            touch_content()
    return changed
