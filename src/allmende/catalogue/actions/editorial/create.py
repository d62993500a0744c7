"""A record that somebody types in: it begins as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from allmende.catalogue.actions.edit import EditRefused, check_columns, organiser_id
from allmende.catalogue.actions.write import Columns, shape_of, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.bridges.places import gazetteer
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.rules import EditForbidden
from allmende.core.audit import record
from allmende.core.bulk import allocate_ids
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.partners.rules import may_edit_for


def blank_columns(kind: str, *, organisation_id: int | None, language: str, timezone: str) -> Columns:
    """The columns of a record in which nothing stands yet."""
    empty = ITEM_MODELS[kind]()
    columns = {name: getattr(empty, name) for name in shape_of(kind).columns}
    columns.update(
        organisation_id=organisation_id,
        language=language,
        timezone=timezone,
        state=Publication.DRAFT.value,
        categories=["other"],
    )
    if kind == "event":
        columns["schedule"] = {"start": ""}
    return columns


def create_item(
    kind: str,
    organisation_id: int,
    values: Mapping[str, Any],
    *,
    language: str,
    timezone: str,
    by: User | None,
    now: datetime,
) -> int:
    """Make a draft of an organisation from columns in stored form; return its id.

    Raises :class:`EditForbidden`, or :class:`EditRefused` for what makes no sense (no name, an event without a day).
    """
    if not may_edit_for(by, organisation_id):
        raise EditForbidden("Only editors of an organisation may make records for it.")
    columns = blank_columns(kind, organisation_id=organisation_id, language=language, timezone=timezone)
    allowed = {name for group, names in GROUPS.items() if group != "state" for name in names}
    columns.update({name: value for name, value in values.items() if name in allowed and name in columns})
    if kind == "event" and not columns["schedule"]["start"]:
        raise EditRefused("schedule.start_day", "Please say on which day it starts.")
    check_columns(kind, columns)
    with transaction.atomic():
        columns["id"] = int(allocate_ids(ITEM_MODELS[kind], 1)[0])
        columns["created_at"] = now
        columns["municipality_id"] = gazetteer().locate([columns], [""])[0]
        if kind == "event":
            columns["organiser_id"] = organiser_id(columns["organiser_name"], by=by, now=now)
        write_items(kind, [columns], window=window_at(now), now=now, municipality_names=gazetteer().names)
        record("catalogue.create", (kind, columns["id"]), by=by, now=now)
    return int(columns["id"])
