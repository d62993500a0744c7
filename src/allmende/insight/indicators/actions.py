"""Changing figures, definitions and statements of purpose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext

from allmende.core.audit import record
from allmende.core.models import User
from allmende.insight.indicators.define import define_indicator
from allmende.insight.indicators.definitions import asked_of, read_definitions
from allmende.insight.indicators.marks import FIELDS, Meanwhile, fields_of, mark_of, meanwhile
from allmende.insight.indicators.periods import starts_of
from allmende.insight.indicators.publishing import touch_public
from allmende.insight.indicators.refusals import CannotUndo, DefinitionRefused, FiguresForbidden
from allmende.insight.indicators.subject import Desk, desk_of
from allmende.insight.models import Indicator, IndicatorBatch, IndicatorValue, PurposeStatement
from allmende.insight.rules import may_edit_for
from allmende.partners.models import Organisation

__all__ = [
    "LONGEST_PURPOSE",
    "CannotUndo",
    "Conflict",
    "DefinitionRefused",
    "Entry",
    "FiguresForbidden",
    "Refused",
    "Saved",
    "define_indicator",
    "save_figures",
    "save_purpose",
    "share_figures",
    "undo_batch",
]

LONGEST_PURPOSE: Final = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure to be stored; ``value`` None takes it away."""

    code: str
    start: date
    value: float | None
    source: str = ""
    note: str = ""
    is_shared: bool = False
    is_provisional: bool = False
    seen: str | None = None
    """The mark of what stood there when the person looked (``marks.mark_of``); None: it is not asked for."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that was not stored, because others changed the figure since the person looked."""

    entry: Entry
    stored: Meanwhile


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that was not stored, and why."""

    code: str
    start: date
    message: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What was stored."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    refused: tuple[Refused, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    batch_id: int | None = None
    """With it the whole is taken back; None where nothing changed."""


def save_figures(
    organisation: Organisation,
    entries: Iterable[Entry],
    *,
    by: User | None,
    now: datetime,
    origin: str = IndicatorBatch.Origin.FORM,
    name: str = "",
    is_demo: bool = False,
    trusted: bool = False,
) -> Saved:
    """Store figures that ``organisation`` answers for; good ones go in beside those that are refused.

    Who looked before (``Entry.seen``) overwrites nothing that others changed since: such entries come back as conflicts.
    ``trusted``: from the machine's command line.  Raises :class:`FiguresForbidden`.
    """
    if not trusted and not may_edit_for(by, organisation.pk):
        raise FiguresForbidden("Only editors and managers of an organisation may keep its figures.")
    desk = desk_of(organisation)
    rows = Indicator.objects.filter(formula="").select_related("owner")
    asked = {one.code: one for one in asked_of(desk.kind, desk.networks, read_definitions(rows, "en"))}
    refused: list[Refused] = []
    conflicts: list[Conflict] = []
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        wanted = list(entries)
        stored = _stored(desk, {asked[one.code].id for one in wanted if one.code in asked}, wanted)
        before: list[dict[str, Any]] = []
        counts = {"created": 0, "changed": 0, "removed": 0}
        for one in wanted:
            definition = asked.get(one.code)
            if definition is None:
                refused.append(Refused(one.code, one.start, gettext("There is no such indicator for you to fill in.")))
                continue
            problem = _problem(desk, definition.subject, definition.period, one)
            row = stored.get((definition.id, one.start))
            if not problem and row is not None and row.entered_for_id != organisation.pk:
                problem = gettext("Another organisation keeps this figure of the area.")
            if problem:
                refused.append(Refused(one.code, one.start, problem))
                continue
            if one.seen is not None and one.seen != mark_of(fields_of(row)) and not _says_the_same(one, row):
                conflicts.append(Conflict(one, meanwhile(row)))
                continue
            done = _store(desk, definition.id, definition.subject, one, row, before, by=by, now=now, is_demo=is_demo)
            if done:
                counts[done] += 1
        batch = _note_batch(organisation, origin, name, before, counts, by=by, now=now)
    return Saved(**counts, refused=tuple(refused), conflicts=tuple(conflicts), batch_id=batch)


def _told(one: Entry) -> dict[str, Any]:
    """``FIELDS`` of an entry, as long as the table takes them."""
    told = {name: getattr(one, name) for name in FIELDS}
    told["source"], told["note"] = one.source[:300], one.note[:500]
    return told


def _says_the_same(one: Entry, row: IndicatorValue | None) -> bool:
    return row is None if one.value is None else tuple(_told(one).values()) == fields_of(row)


def _stored(desk: Desk, indicators: set[int], wanted: Sequence[Entry]) -> dict[tuple[int, date], IndicatorValue]:
    rows = IndicatorValue.objects.select_for_update().filter(
        desk.own_figures(), indicator__in=indicators, start__in={one.start for one in wanted}
    )
    return {(row.indicator_id, row.start): row for row in rows}


def _problem(desk: Desk, subject: str, period: str, one: Entry) -> str:
    if one.start not in starts_of(period, one.start.year):
        return gettext("This is no first day of such a period.")
    if one.value is not None and not math.isfinite(one.value):
        return gettext("“%(value)s” is no figure.") % {"value": one.value}
    if one.value is not None and one.value < 0:
        return gettext("A figure cannot be below zero.")
    if subject == "territory" and desk.territory_id is None:
        return gettext("It is not said for which area you speak: choose the municipality in your profile.")
    return ""


def _store(
    desk: Desk,
    indicator_id: int,
    subject: str,
    one: Entry,
    row: IndicatorValue | None,
    before: list[dict[str, Any]],
    *,
    by: User | None,
    now: datetime,
    is_demo: bool,
) -> str:
    """What was done: ``created``, ``changed``, ``removed`` or nothing."""
    was = {name: getattr(row, name) for name in FIELDS} if row is not None else None
    is_area = subject == Indicator.Subject.TERRITORY
    place = {
        "indicator": indicator_id,
        "organisation": None if is_area else desk.organisation_id,
        "territory": desk.territory_id if is_area else None,
        "start": one.start.isoformat(),
    }
    if one.value is None:
        if row is None:
            return ""
        row.delete()
        before.append({**place, "was": was})
        return "removed"
    told = _told(one)
    if was == told:
        return ""
    before.append({**place, "was": was})
    if row is None:
        row = IndicatorValue(
            indicator_id=indicator_id,
            organisation_id=place["organisation"],
            territory_id=place["territory"],
            start=one.start,
            entered_for_id=desk.organisation_id,
        )
    for name, value in told.items():
        setattr(row, name, value)
    row.by, row.updated_at, row.is_demo = by, now, is_demo
    row.save()
    return "changed" if was is not None else "created"


def _note_batch(
    organisation: Organisation,
    origin: str,
    name: str,
    before: list[dict[str, Any]],
    counts: Mapping[str, int],
    *,
    by: User | None,
    now: datetime,
) -> int | None:
    if not before:
        return None
    years = sorted({int(one["start"][:4]) for one in before})
    touch_public(organisation.pk)
    batch = IndicatorBatch.objects.create(
        organisation=organisation, origin=origin, name=name[:200], at=now, years=years, before=before, **counts
    )
    record(
        "insight.save_figures",
        ("organisation", organisation.pk),
        by=by,
        now=now,
        batch=batch.pk,
        years=years,
        origin=origin,
        **counts,
    )
    return batch.pk


def share_figures(
    organisation: Organisation, *, year: int | None, is_shared: bool, by: User | None, now: datetime
) -> Saved:
    """Share all figures of a year (None: of all years) with a name, or take them back into the anonymous group."""
    if not may_edit_for(by, organisation.pk):
        raise FiguresForbidden("Only editors and managers of an organisation may share its figures.")
    rows = IndicatorValue.objects.filter(entered_for=organisation).exclude(is_shared=is_shared)
    if year is not None:
        rows = rows.filter(start__year=year)
    with transaction.atomic():
        before = []
        for row in rows.select_for_update():
            before.append(
                {
                    "indicator": row.indicator_id,
                    "organisation": row.organisation_id,
                    "territory": row.territory_id,
                    "start": row.start.isoformat(),
                    "was": {name: getattr(row, name) for name in FIELDS},
                }
            )
            row.is_shared, row.updated_at = is_shared, now
            row.save(update_fields=["is_shared", "updated_at"])
        counts = {"created": 0, "changed": len(before), "removed": 0}
        batch = _note_batch(organisation, IndicatorBatch.Origin.SHARING, "", before, counts, by=by, now=now)
    return Saved(changed=len(before), batch_id=batch)


def undo_batch(organisation: Organisation, batch_id: int, *, by: User | None, now: datetime) -> int:
    """Put back what stood there before, and return how many figures that were.  The last change goes first.

    Raises :class:`FiguresForbidden`, :class:`CannotUndo`.
    """
    if not may_edit_for(by, organisation.pk):
        raise FiguresForbidden("Only editors and managers of an organisation may take back its figures.")
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        last = IndicatorBatch.objects.filter(organisation=organisation, undone_at__isnull=True).first()
        if last is None or last.pk != batch_id:
            raise CannotUndo(gettext("Take back what was changed after it first."))
        for one in last.before:
            _put_back(organisation.pk, one, by=by, now=now)
        touch_public(organisation.pk)
        last.undone_at, last.is_counted = now, False
        last.save(update_fields=["undone_at", "is_counted"])
        record("insight.undo_figures", ("organisation", organisation.pk), by=by, now=now, batch=last.pk)
    return len(last.before)


def _put_back(organisation_id: int, one: Mapping[str, Any], *, by: User | None, now: datetime) -> None:
    place = {
        "indicator_id": one["indicator"],
        "organisation_id": one["organisation"],
        "territory_id": one["territory"],
        "start": date.fromisoformat(one["start"]),
    }
    mine = IndicatorValue.objects.filter(**place, site__isnull=True, entered_for=organisation_id)
    if one["was"] is None:
        mine.delete()
    elif not mine.update(**one["was"], updated_at=now):
        if IndicatorValue.objects.filter(**place, site__isnull=True).exists():
            raise CannotUndo(gettext("Another organisation keeps this figure of the area."))
        IndicatorValue.objects.create(**place, **one["was"], entered_for_id=organisation_id, by=by, updated_at=now)


def save_purpose(
    organisation: Organisation, text: Mapping[str, Any], *, is_public: bool, by: User | None, now: datetime
) -> bool:
    """Store what an organisation is there for (translated text, see ``core.text``); return whether that is new."""
    if not may_edit_for(by, organisation.pk):
        raise FiguresForbidden("Only editors and managers of an organisation may say what it is there for.")
    cut = (
        {**text, "texts": {code: told[:LONGEST_PURPOSE] for code, told in text.get("texts", {}).items()}}
        if text
        else {}
    )
    with transaction.atomic():
        row = PurposeStatement.objects.select_for_update().filter(pk=organisation.pk).first()
        if row is not None and row.text == cut and row.is_public == is_public:
            return False
        PurposeStatement.objects.update_or_create(
            organisation=organisation, defaults={"text": cut, "is_public": is_public, "updated_at": now}
        )
        record("insight.save_purpose", ("organisation", organisation.pk), by=by, now=now, is_public=is_public)
    return True
