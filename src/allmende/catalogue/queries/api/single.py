"""One record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.queries import lists
from allmende.catalogue.queries.api import occurrences as dates
from allmende.catalogue.queries.api.fields import Shown, columns_of, render, version
from allmende.catalogue.queries.api.lists import zones_of
from allmende.catalogue.queries.held_back import is_shown_in
from allmende.catalogue.rows import rows_by_number
from allmende.core.publication import Publication

NO_SUCH = tuple(model.DoesNotExist for model in ITEM_MODELS.values())
"""What asking for a record by number raises where there is none."""
version_at = version
EXTRA = ("flags", "public_since", "joined_into", "organisation_id", "updated_at")


class One(NamedTuple):
    """A record, ready to be sent."""

    record: dict[str, Any]
    version: str
    """Names this state of it."""


class Gone(NamedTuple):
    """A record that was public once and is no more."""

    updated_at: datetime


class Moved(NamedTuple):
    """A record for which another one stands."""

    to: int


def standing_for(kind: str, identifier: int | None) -> int | None:
    """The published record at the end of a chain of joined ones; None if there is none."""
    model: Any = ITEM_MODELS[kind]
    for _ in range(5):
        if identifier is None:
            return None
        found = model.objects.filter(pk=identifier).values_list("state", "joined_into").first()
        if found is None:
            return None
        if found[0] == Publication.PUBLISHED:
            return identifier
        identifier = found[1]
    return None


def one_record(
    kind: str, identifier: int, shown: Shown, *, own: int | None, expand: bool = False, now: datetime, zone: ZoneInfo
) -> One | Gone | Moved | None:
    """A public record; what was public and is gone or joined; None for what is not there or not to be seen.

    ``own``: the organisation whose records are shown in every state.
    """
    row = rows_by_number(kind, (*columns_of(kind, shown), *EXTRA), [identifier]).get(identifier)
    if row is None:
        return None
    state, owner = row["state"], row["organisation_id"]
    if state != Publication.PUBLISHED and (own is None or owner != own):
        if row["public_since"] is None:
            return None
        to = standing_for(kind, row["joined_into"]) if state == Publication.JOINED else None
        return Moved(to) if to else Gone(row["updated_at"])
    if not (own is not None and owner == own) and not is_shown_in(row["flags"], shown.language):
        return None
    if kind == "event":
        zones = zones_of([row])
        today = lists.today_at(now, zone)
        shown.nexts = dates.nexts(zones, now=now, today=today)
        if expand:
            shown.expanded = dates.expanded(zones, now=now, today=today)
    return One(render(kind, [row], shown)[0], version(row["updated_at"]))
