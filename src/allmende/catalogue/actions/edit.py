"""A person's edits.  What a person sets stays, whatever the source delivers later, until they release it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import connection, transaction

from allmende.catalogue import search
from allmende.catalogue.actions import submissions
from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.differences import group_in_words
from allmende.catalogue.actions.revisions import keep_revision
from allmende.catalogue.actions.submissions import PUBLIC, version_of, waiting_for, with_proposal
from allmende.catalogue.actions.unions import union_columns
from allmende.catalogue.actions.write import Columns, stored_columns, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.bridges.places import gazetteer
from allmende.catalogue.bridges.readers import RawRecord, ReadOptions, reader_named
from allmende.catalogue.bridges.records import GROUPS, state_of, to_columns
from allmende.catalogue.models import ITEM_MODELS, Item, Media, Occurrence, PublicationPlan, SourceRecord, Submission
from allmende.catalogue.pins import changed_languages, pin
from allmende.catalogue.rules import EditForbidden, may_edit, must_be_reviewed
from allmende.catalogue.text_states import TEXTS
from allmende.catalogue.values import KIND_CODES
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.core.slugs import name_key
from allmende.core.text import followed
from allmende.partners.actions import found_organisation

COUNTED: Final = frozenset(
    (
        "categories",
        "audience",
        "accessibility",
        "prices",
        "address",
        "point",
        "schedule",
        "status",
        "organiser",
        "state",
    )
)
"""Fields on which counts and map clusters depend; after other edits these stay as they are until the next tick."""


class EditRefused(Exception):
    """The edit makes no sense; the message names the field and the remedy.  Nothing was changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class EditOvertaken(Exception):
    """Somebody changed the record meanwhile.  Nothing was changed; look at it again."""


class Changed(list[str]):
    """The fields that an edit changed.  ``is_proposed``: they wait for review, and what is public is as it was."""

    is_proposed: bool = False


def locked(kind: str, identifier: int) -> Item:
    """The record, held until the transaction ends."""
    item: Item = ITEM_MODELS[kind].objects.select_for_update().get(pk=identifier)  # type: ignore[attr-defined]
    return item


Rule = Callable[[User | None, Item], bool]


def _locked(kind: str, identifier: int, by: User | None, rule: Rule = may_edit) -> Item:
    item = locked(kind, identifier)
    if not rule(by, item):
        raise EditForbidden("Only editors of the owning organisation may change this record.")
    return item


def check_columns(kind: str, columns: Columns) -> None:
    """Refuse what makes no sense, with the field and the remedy."""
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


def organiser_id(name: str, *, by: User | None, now: datetime) -> int | None:
    """The organisation of that name, made if there is none yet."""
    return found_organisation(name, by=by, now=now).pk if name_key(name) else None


def write_item(kind: str, columns: Columns, *, now: datetime) -> None:
    """Write one item with all that follows from it, in the running transaction."""
    names = gazetteer().names
    write_items(kind, [columns], window=window_at(now), now=now, municipality_names=names, known=[columns["id"]])
    touch_content()


def working_columns(kind: str, identifier: int) -> Columns:
    """A record's columns with what is proposed for it: what the next edit goes on from."""
    waiting = waiting_for(kind, identifier, locked=False)
    return with_proposal(stored_columns(kind, [identifier])[identifier], waiting)


def groups_that_differ(before: Columns, after: Columns) -> list[str]:
    """The fields in which two states of a record differ."""
    return [group for group, names in GROUPS.items() if any(after.get(name) != before.get(name) for name in names)]


def edit_item(
    kind: str,
    identifier: int,
    changes: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    seen: datetime | None = None,
    rule: Rule = may_edit,
) -> Changed:
    """Set columns of an item; return the fields that changed, which are pinned from now on.

    A public record whose owner's networks want to review stays as it is: the change waits as a proposal, and the answer
    says so.  ``changes``: column -> value in stored form.  ``seen``: the version that the person had before them (the
    record's ``updated_at``, or that of its proposal); a later one raises :class:`EditOvertaken`.  Where only
    translations changed, these alone are pinned.  ``rule``: who may.  Raises :class:`EditRefused`, :class:`EditForbidden`, or ``DoesNotExist``.
    """
    allowed = {name for group, names in GROUPS.items() if group != "state" for name in names}
    unknown = set(changes) - allowed
    if unknown:
        raise EditRefused(sorted(unknown)[0], f"There is no field {sorted(unknown)[0]!r} to edit.")
    with transaction.atomic():
        item = _locked(kind, identifier, by, rule)
        waiting = waiting_for(kind, identifier)
        if seen is not None and version_of(item, waiting) != seen:
            raise EditOvertaken("The record was changed by somebody else meanwhile.")
        stored = stored_columns(kind, [identifier])[identifier]
        before = with_proposal(stored, waiting)
        columns = {**before, **{name: value for name, value in changes.items() if name in before}}
        for name in TEXTS:
            columns[name] = followed(before[name], columns[name])
        check_columns(kind, columns)
        changed = Changed(groups_that_differ(before, columns))
        if not changed:
            return changed
        if item.state in PUBLIC and must_be_reviewed(by, item.organisation_id, kind):
            submissions.propose(item, stored, columns, changed, by=by, now=now)
            changed.is_proposed = True
            record("catalogue.propose", (kind, identifier), by=by, now=now, changes=_in_words(changed, before, columns))
            return changed
        told = {name: columns[name] for group in changed for name in GROUPS[group] if name in changes}
        after = write_edit(kind, stored, told, changed, by=by, now=now)
        if waiting:
            submissions.drop_proposed(waiting, changed, by=by, now=now)
        record("catalogue.edit", (kind, identifier), by=by, now=now, changes=_in_words(changed, before, after))
        _review_again(item, by=by, now=now)
    if COUNTED & set(changed):
        refresh_derived_if_small()
    return changed


def _review_again(item: Item, *, by: User | None, now: datetime) -> None:
    """What a reviewer has accepted for a later day is looked at again when it is edited before."""
    plans = PublicationPlan.objects.filter(kind=item.KIND, item_id=item.pk, is_reviewed=True)
    if item.state not in PUBLIC and plans and must_be_reviewed(by, item.organisation_id, item.KIND):
        plans.update(is_reviewed=False)
        submissions.submit(item, by=by, now=now)
        set_state(item, Publication.SUBMITTED, by=by, now=now)


def _in_words(groups: list[str], before: Columns, after: Columns) -> dict[str, list[str]]:
    return {group: [group_in_words(before, group), group_in_words(after, group)] for group in groups}


def write_edit(
    kind: str,
    stored: Columns,
    changes: Mapping[str, Any],
    changed: list[str],
    *,
    by: User | None,
    now: datetime,
    action: str = "edit",
) -> Columns:
    """Write changes of the fields ``changed`` and pin them as ``by``'s, in the running transaction; return the columns.

    The version before is kept.  Whoever calls has asked whether this may be, and writes the audit line.
    """
    columns = {**stored, **changes}
    if {"point", "address"} & set(changed) and "municipality_id" not in changes:
        columns["municipality_id"] = gazetteer().locate([columns], [""])[0] or stored["municipality_id"]
    if "organiser" in changed:
        columns["organiser_id"] = organiser_id(columns["organiser_name"], by=by, now=now)
    told = {"by": by.pk if by else None, "at": now.isoformat()}
    origins = dict(stored["origins"])
    for group in changed:
        languages = changed_languages(group, stored[group], columns[group]) if group in TEXTS else None
        origins[group] = pin(origins, group, languages, told)
    columns["origins"] = origins
    keep_revision(kind, columns["id"], stored, columns, action, by=by, now=now)
    write_item(kind, columns, now=now)
    return columns


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
            columns["organiser_id"] = organiser_id(columns["organiser_name"], by=by, now=now)
        keep_revision(kind, identifier, before, columns, "release", by=by, now=now)
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


def set_state(item: Item, state: Publication, *, by: User | None, now: datetime) -> None:
    """Put a record that is held by this transaction into a state, with its audit line.

    Whoever calls has asked whether this may be.
    """
    kind, identifier = item.KIND, item.pk
    before = stored_columns(kind, [identifier])[identifier]
    columns = {**before, "state": state.value}
    columns["origins"] = {**columns["origins"], "state": {"by": by.pk if by else None, "at": now.isoformat()}}
    keep_revision(kind, identifier, before, columns, state.value, by=by, now=now)
    write_item(kind, columns, now=now)
    if state != Publication.PUBLISHED:
        if kind == "event":
            Occurrence.objects.filter(event_id=identifier).delete()
        search.remove(connection, [(KIND_CODES[kind], identifier)])
    record(f"catalogue.{state.value}", (kind, identifier), by=by, now=now)
    transaction.on_commit(partial(_show_or_hide_pictures, kind, identifier))


def _show_or_hide_pictures(kind: str, identifier: int) -> None:
    """The files of pictures from the library are public only while a published record shows them."""
    chosen = (
        Media.objects.filter(kind=kind, item_id=identifier).exclude(library=None).values_list("library_id", flat=True)
    )
    if named := [pk for pk in chosen if pk is not None]:
        from allmende.catalogue.actions.library_files import bring_in_line  # brings the picture library, rarely needed

        bring_in_line(named)


def withdraw_item(kind: str, identifier: int, *, by: User | None, now: datetime) -> None:
    """Take an item off the public pages; it stays here and can be published again.  What waited for review is taken back."""
    with transaction.atomic():
        item = _locked(kind, identifier, by)
        waiting = waiting_for(kind, identifier)
        if waiting:
            submissions.close(waiting, Submission.State.TAKEN_BACK, by=by, now=now)
        if item.state != Publication.WITHDRAWN:
            set_state(item, Publication.WITHDRAWN, by=by, now=now)
    refresh_derived_if_small()


def publish_item(kind: str, identifier: int, *, by: User | None, now: datetime) -> Publication:
    """Put an item on the public pages, or on the list of those to review where a network of its owner wants that.

    Returns the state that it has now.
    """
    with transaction.atomic():
        item = _locked(kind, identifier, by)
        if item.state in PUBLIC:
            return Publication(item.state)
        if must_be_reviewed(by, item.organisation_id, kind):
            submissions.submit(item, by=by, now=now)
            if item.state != Publication.SUBMITTED:
                set_state(item, Publication.SUBMITTED, by=by, now=now)
            return Publication.SUBMITTED
        waiting = waiting_for(kind, identifier)
        if waiting:
            submissions.close(waiting, Submission.State.ACCEPTED, by=by, now=now)
        set_state(item, Publication.PUBLISHED, by=by, now=now)
    refresh_derived_if_small()
    return Publication.PUBLISHED
