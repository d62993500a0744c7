"""What the catalogue keeps in its own way follows its municipality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from allmende.catalogue.models import Occurrence
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.partners.models import Territory, TerritoryChange
from allmende.partners.succession.actions import apply_due
from allmende.partners.succession.queries import territory_links
from allmende.partners.succession.territories import apply_due_territories, join_territories, take_back_territory


def follow_successions(*, now: datetime) -> int:
    """Do the successions that are due, here and in the partners; return how many.

    Occurrences repeat the number of their event's municipality without a foreign key, so they are told apart.
    """
    done = apply_due(now=now) + apply_due_territories(now=now)
    follow_territories()
    return done


def join_municipalities(
    parts: Sequence[Territory], into: Territory | tuple[str, str], on: date, *, by: User, now: datetime, note: str = ""
) -> list[TerritoryChange]:
    """Municipalities become part of another (see ``partners``), and what is in them follows."""
    with transaction.atomic():
        changes = join_territories(parts, into, on, by=by, now=now, note=note)
        follow_territories()
    return changes


def take_back_municipality(change: TerritoryChange, *, by: User | None, now: datetime) -> None:
    """Bring a municipality back, with what followed from it."""
    with transaction.atomic():
        take_back_territory(change, by=by, now=now)
        back = Occurrence.objects.filter(
            municipality_id=change.successor_id, event__municipality_id=change.territory_id
        )
        back.update(municipality_id=change.territory_id)


def follow_territories() -> int:
    """Give occurrences in municipalities that are part of others the number of those; return how many."""
    changed = 0
    with transaction.atomic():
        for old, new, _ in territory_links():
            changed += Occurrence.objects.filter(municipality_id=old).update(municipality_id=new)
        if changed:
            touch_content()
    return changed
