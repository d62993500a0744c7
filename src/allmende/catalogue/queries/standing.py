"""Which record stands for another one, and for which ones it stands."""

from __future__ import annotations

from collections.abc import Iterable

from allmende.catalogue.models import ITEM_MODELS
from allmende.core.bulk import in_blocks
from allmende.core.publication import Publication


def stands_for(kind: str, identifiers: Iterable[int]) -> dict[int, int]:
    """For each record that another one stands for: the id of that one.  Chains of unions are followed to their end."""
    model = ITEM_MODELS[kind]
    found: dict[int, int] = {}
    wanted = {pk: pk for pk in identifiers}
    while wanted:
        step: dict[int, int] = {}
        for block in in_blocks(list(wanted)):
            rows = model.objects.filter(pk__in=block, state=Publication.JOINED, joined_into__isnull=False)  # type: ignore[attr-defined]
            step.update(rows.values_list("pk", "joined_into"))
        following: dict[int, int] = {}
        for now_at, first in wanted.items():
            target = step.get(now_at)
            if target is not None and target not in (first, found.get(first)):
                found[first] = target
                following[target] = first
        wanted = following
    return found


def family(kind: str, identifier: int) -> list[int]:
    """The record itself and, if it is a union, those it stands for."""
    members = ITEM_MODELS[kind].objects.filter(joined_into=identifier, is_union=False)  # type: ignore[attr-defined]
    return [identifier, *members.values_list("pk", flat=True)]
