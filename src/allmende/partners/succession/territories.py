"""Municipalities that become part of others, from a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.locks import hold
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.partners.bridges import geo
from allmende.partners.models import Territory, TerritoryChange
from allmende.partners.rules import speaks_for_the_region
from allmende.partners.succession import follow
from allmende.partners.succession.actions import LOCK, ChangeForbidden

_State = TerritoryChange.State
COLUMNS: Final = ("old_code", "new_code", "since", "new_name")


@dataclass(slots=True)
class SuccessionReport:
    """What became of a file of changes."""

    done: int = 0
    planned: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)


def load_succession(
    rows: Iterable[Mapping[str, Any]],
    *,
    by: User | None,
    now: datetime,
    trusted: bool = False,
    level: str = "municipality",
) -> SuccessionReport:
    """Take in rows with ``old_code``, ``new_code``, ``since`` (YYYY-MM-DD) and, where the new one is not known, ``new_name``.

    Rows that stand already are counted as known; bad ones are reported with their number, and the good go in.
    """
    if not trusted and not speaks_for_the_region(by):
        raise ChangeForbidden("Only operators and managers of the region may do this.")
    report = SuccessionReport()
    with transaction.atomic():
        hold(LOCK)
        codes = {area.code: area for area in Territory.objects.filter(level=level).defer("outline")}
        for number, row in enumerate(rows, start=2):
            problem = _take(row, codes, report, by=by, now=now)
            if problem:
                report.problems.append(f"line {number}: {problem}")
        touch_content()
    return report


def _take(
    row: Mapping[str, Any], codes: dict[str, Territory], report: SuccessionReport, *, by: User | None, now: datetime
) -> str:
    old_code, new_code, since, new_name = (str(row.get(name) or "").strip() for name in COLUMNS)
    old = codes.get(old_code)
    if old is None:
        return f"there is no municipality {old_code!r} here; load its outline first"
    try:
        on = date.fromisoformat(since)
    except ValueError:
        return f"{since!r} is no day; write it as 2027-01-01"
    if old_code == new_code:
        return "a municipality cannot become part of itself"
    new = codes.get(new_code)
    if new is None:
        if not new_code or not new_name:
            return f"there is no municipality {new_code!r} here; give its name in the column new_name"
        new = codes[new_code] = Territory.objects.create(
            country=old.country,
            level=old.level,
            code=new_code[:20],
            name=new_name[:120],
            slug=slugify(new_name),
            parent_id=old.parent_id,
            valid_from=on,
            credit=old.credit,
        )
    if TerritoryChange.objects.filter(
        territory=old, successor=new, effective_on=on, state__in=(_State.PLANNED, _State.DONE)
    ).exists():
        report.known += 1
        return ""
    if old.successor_id is not None:
        return f"{old.name} is part of another municipality already"
    if _leads_back(new, old):
        return f"{new.name} is itself part of {old.name}"
    change = TerritoryChange.objects.create(
        territory=old, successor=new, effective_on=on, by=by, decided_at=now, state=_State.PLANNED
    )
    if on <= now.date():
        _apply(change, now=now)
        report.done += 1
    else:
        record("partners.plan_territory", ("territory", old.pk), by=by, now=now, into=new.pk, on=on.isoformat())
        report.planned += 1
    return ""


def _leads_back(area: Territory, to: Territory) -> bool:
    seen: set[int] = set()
    current: Territory | None = area
    while current is not None and current.pk not in seen:
        if current.pk == to.pk:
            return True
        seen.add(current.pk)
        current = current.successor
    return False


def apply_due_territories(*, now: datetime) -> int:
    """Do what is planned for today or earlier; return how many changes were done."""
    due = TerritoryChange.objects.filter(state=_State.PLANNED, effective_on__lte=now.date())
    done = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            hold(LOCK)
            change = due.filter(pk=pk).select_related("territory", "successor", "by").first()
            if change is not None:
                _apply(change, now=now)
                touch_content()
                done += 1
    return done


def _apply(change: TerritoryChange, *, now: datetime) -> None:
    old, new = change.territory, change.successor
    change.moved = follow.follow(Territory, old.pk, new.pk, now=now)
    if new.valid_from == change.effective_on:
        _grow(new, old)
    old.valid_until, old.successor = change.effective_on, new
    old.save()
    change.state, change.done_at = _State.DONE, now
    change.save()
    record("partners.territory_succession", ("territory", old.pk), by=change.by, now=now, into=new.pk)


def _grow(new: Territory, old: Territory) -> None:
    """A municipality that was made of others has their people and their ground."""
    if old.population is not None:
        new.population = (new.population or 0) + old.population
    outlines = [outline for outline in (new.outline, old.outline) if outline]
    if outlines:
        whole = geo.whole_of(outlines) if len(outlines) > 1 else outlines[0]
        for column, value in geo.from_outline(whole).items():
            setattr(new, column, value)
    new.save()
