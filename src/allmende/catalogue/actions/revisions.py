"""Keeping what people change, so that every version can be seen and taken again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.models import Revision
from allmende.core.models import User

KEPT: Final = tuple(dict.fromkeys(name for names in GROUPS.values() for name in names))
"""The columns that people set."""


def keep_revision(
    kind: str,
    identifier: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    action: str,
    *,
    by: User | None,
    now: datetime,
) -> None:
    """Keep the columns in which ``before`` and ``after`` differ, in the running transaction."""
    names = [name for name in KEPT if name in after and before.get(name) != after[name]]
    if names:
        Revision.objects.create(
            kind=kind,
            item_id=identifier,
            at=now,
            by=by,
            action=action,
            before={name: before.get(name) for name in names},
            after={name: after[name] for name in names},
        )


def columns_at(kind: str, identifier: int, version: int) -> dict[str, Any]:
    """Column -> value right after a revision, of the columns that people changed then or since; 0: before the first.

    The state is left out: an old text is no reason to publish or withdraw anything.
    """
    found: dict[str, Any] = {}
    rows = Revision.objects.filter(kind=kind, item_id=identifier, pk__gte=version).order_by("pk")
    for revision in rows:
        if revision.pk == version:
            found.update(revision.after)
        else:
            for name, value in revision.before.items():
                found.setdefault(name, value)
    found.pop("state", None)
    return found
