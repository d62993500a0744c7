"""A person's edits.  What a person sets stays, whatever the source delivers later, until they release it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from allmende.catalogue import search
from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.differences import group_in_words
from allmende.catalogue.actions.unions import union_columns
from allmende.catalogue.actions.write import Columns, stored_columns, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.bridges.places import gazetteer
from allmende.catalogue.bridges.readers import RawRecord, ReadOptions, reader_named
from allmende.catalogue.bridges.records import GROUPS, state_of, to_columns
from allmende.catalogue.models import ITEM_MODELS, Item, Media, Occurrence, SourceRecord
from allmende.catalogue.pins import changed_languages, pin
from allmende.catalogue.rules import EditForbidden, may_edit
from allmende.catalogue.text_states import TEXTS
from allmende.catalogue.values import KIND_CODES
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.core.slugs import name_key
from allmende.core.text import followed
from allmende.partners.actions import found_organisation


class EditRefused(Exception):
    """The edit makes no sense; the message names the field and the remedy.  Nothing was changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class EditOvertaken(Exception):
    """Somebody changed the record meanwhile.  Nothing was changed; look at it again."""


Rule = Callable[[User | None, Item], bool]


def _locked(kind: str, identifier: int, by: User | None, rule: Rule = may_edit) -> Item:
    item: Item = ITEM_MODELS[kind].objects.select_for_update().get(pk=identifier)  # type: ignore[attr-defined]
    if not rule(by, item):
        raise EditForbidden("Only editors of the owning organisation may change this record.")
    return item


def _check(kind: str, columns: Columns) -> None:
    if not columns["name"]:
        raise EditRefused("name", "A record needs a name. Write at least one word.")
    lon, lat = columns["lon"], columns["lat"]
    if (lon is None) != (lat is None):
        raise EditRefused("point", "A point needs both longitude and latitude. Fill in both or none.")
    if lon is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise EditRefused("point", "Longitude lies between -180 and 180, latitude between -90 and 90.")
    if kind == "event":
        start, end = columns["schedule"]["start"], columns["schedule"].get("end")
        if end and (len(end) != len(start) or end < start):
            raise EditRefused("schedule", "The event ends before it starts. Correct the start or the end.")


def _organiser(name: str, *, by: User | None, now: datetime) -> int | None:
    return found_organisation(name, by=by, now=now).pk if name_key(name) else None


def write_item(kind: str, columns: Columns, *, now: datetime) -> None:
    """Write one item with all that follows from it, in the running transaction."""
    names = gazetteer().names
    write_items(kind, [columns], window=window_at(now), now=now, municipality_names=names, known=[columns["id"]])
    touch_content()


def edit_item(
    kind: str,
    identifier: int,
    changes: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    seen: datetime | None = None,
    rule: Rule = may_edit,
) -> list[str]:
    """Set columns of an item; return the fields that changed, which are pinned from now on.

    ``changes``: column -> value in stored form.  ``seen``: the record's ``updated_at`` that the person had before them;
    a later one raises :class:`EditOvertaken`.  Where only translations changed, these alone are pinned.  ``rule``: who may.
    Raises :class:`EditRefused`, :class:`EditForbidden`, or ``DoesNotExist``.
    """
    allowed = {name for names in GROUPS.values() for name in names}
    unknown = set(changes) - allowed
    if unknown:
        raise EditRefused(sorted(unknown)[0], f"There is no field {sorted(unknown)[0]!r} to edit.")
    with transaction.atomic():
        item = _locked(kind, identifier, by, rule)
        if seen is not None and item.updated_at != seen:
            raise EditOvertaken("The record was changed by somebody else meanwhile.")
        columns = stored_columns(kind, [identifier])[identifier]
        before = dict(columns)
        columns.update({name: value for name, value in changes.items() if name in columns})
        for name in TEXTS:
            columns[name] = followed(before[name], columns[name])
        _check(kind, columns)
        changed = [
            group for group, names in GROUPS.items() if any(columns.get(name) != before.get(name) for name in names)
        ]
        if not changed:
            return []
        if {"point", "address"} & set(changed) and "municipality_id" not in changes:
            columns["municipality_id"] = gazetteer().locate([columns], [""])[0] or before["municipality_id"]
        if "organiser" in changed:
            columns["organiser_id"] = _organiser(columns["organiser_name"], by=by, now=now)
        origins = dict(before["origins"])
        for group in changed:
            languages = changed_languages(group, before[group], columns[group]) if group in TEXTS else None
            origins[group] = pin(origins, group, languages, {"by": by.pk if by else None, "at": now.isoformat()})
        columns["origins"] = origins
        write_item(kind, columns, now=now)
        record(
            "catalogue.edit",
            (kind, identifier),
            by=by,
            now=now,
            changes={group: [group_in_words(before, group), group_in_words(columns, group)] for group in changed},
        )
    refresh_derived_if_small()
    return changed


def release_field(kind: str, identifier: int, group: str, *, by: User | None, now: datetime) -> None:
    """Take back a pin: the field takes the value its source delivered last, and follows the source again."""
    with transaction.atomic():
        _locked(kind, identifier, by)
        columns = stored_columns(kind, [identifier])[identifier]
        if group not in columns["origins"]:
            return
        delivered = delivered_columns(kind, identifier)
        before = dict(columns)
        columns["origins"] = {name: told for name, told in columns["origins"].items() if name != group}
        for name in GROUPS[group]:
            if delivered and name in delivered:
                columns[name] = followed(before[name], delivered[name]) if name in TEXTS else delivered[name]
        if group == "point" and delivered and "address" not in columns["origins"]:
            columns["municipality_id"] = delivered["municipality_id"]
        if group == "organiser":
            columns["organiser_id"] = _organiser(columns["organiser_name"], by=by, now=now)
        write_item(kind, columns, now=now)
        record(
            "catalogue.release",
            (kind, identifier),
            by=by,
            now=now,
            changes={group: [group_in_words(before, group), group_in_words(columns, group)]},
        )
    refresh_derived_if_small()


def delivered_columns(kind: str, identifier: int) -> Columns | None:
    """What the source delivered last for an item, as columns; None for items without a source.

    For a union: the best of what the records say for which it stands.
    """
    if ITEM_MODELS[kind].objects.filter(pk=identifier, is_union=True).exists():  # type: ignore[attr-defined]
        return union_columns(kind, identifier)
    kept = SourceRecord.objects.filter(kind=kind, item_id=identifier).select_related("source").first()
    if kept is None:
        return None
    source = kept.source
    reader = reader_named(source.format)
    options = ReadOptions(
        mapping=source.mapping,
        language=source.language,
        timezone=source.timezone,
        kind=source.kind,  # type: ignore[arg-type]
    )
    parsed = reader.parse(RawRecord(kept.key, zlib.decompress(bytes(kept.raw)), "as delivered"), options)
    if parsed.record is None:
        return None
    columns = to_columns(parsed.record, source)
    columns["municipality_id"] = gazetteer().locate([columns], [parsed.record.address.municipality_code])[0]
    is_current = kept.state == SourceRecord.State.CURRENT
    columns["state"] = state_of(parsed.record) if is_current else Publication.WITHDRAWN.value
    return columns


def _set_state(kind: str, identifier: int, state: Publication, *, by: User | None, now: datetime) -> None:
    with transaction.atomic():
        item = _locked(kind, identifier, by)
        if item.state == state:
            return
        columns = stored_columns(kind, [identifier])[identifier]
        columns["state"] = state.value
        columns["origins"] = {**columns["origins"], "state": {"by": by.pk if by else None, "at": now.isoformat()}}
        write_item(kind, columns, now=now)
        if state != Publication.PUBLISHED:
            if kind == "event":
                Occurrence.objects.filter(event_id=identifier).delete()
            search.remove(connection, [(KIND_CODES[kind], identifier)])
        record(f"catalogue.{state.value}", (kind, identifier), by=by, now=now)
    _show_or_hide_pictures(kind, identifier)
    refresh_derived_if_small()


def _show_or_hide_pictures(kind: str, identifier: int) -> None:
    """The files of pictures from the library are public only while a published record shows them."""
    chosen = (
        Media.objects.filter(kind=kind, item_id=identifier).exclude(library=None).values_list("library_id", flat=True)
    )
    if named := [pk for pk in chosen if pk is not None]:
        from allmende.catalogue.actions.library_files import bring_in_line  # brings the picture library, rarely needed

        bring_in_line(named)


def withdraw_item(kind: str, identifier: int, *, by: User | None, now: datetime) -> None:
    """Take an item off the public pages; it stays here and can be published again."""
    _set_state(kind, identifier, Publication.WITHDRAWN, by=by, now=now)


def publish_item(kind: str, identifier: int, *, by: User | None, now: datetime) -> None:
    """Put an item on the public pages."""
    _set_state(kind, identifier, Publication.PUBLISHED, by=by, now=now)
