"""Municipalities that become part of others, from a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.locks import hold
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.partners.bridges import geo
from allmende.partners.models import Territory, TerritoryChange
from allmende.partners.rules import speaks_for_the_region
from allmende.partners.succession import follow
from allmende.partners.succession.actions import LOCK, ChangeForbidden, ChangeRefused
from allmende.partners.succession.queries import newest_into

_State = TerritoryChange.State
MADE: Final = "made"
"""In ``moved``: the municipality was made for the change."""
BEFORE: Final = "before"
"""In ``moved``: people and ground of the new one before it grew."""
GROUND: Final = ("population", "outline", "west", "south", "east", "north", "lon", "lat")
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
    known = frozenset(codes)
    new = codes.get(new_code)
    if new is None:
        if not new_code or not new_name:
            return f"there is no municipality {new_code!r} here; give its name in the column new_name"
        new = codes[new_code] = _new_territory(old, new_code, new_name, on)
    if TerritoryChange.objects.filter(
        territory=old, successor=new, effective_on=on, state__in=(_State.PLANNED, _State.DONE)
    ).exists():
        report.known += 1
        return ""
    if old.successor_id is not None:
        return f"{old.name} is part of another municipality already"
    if _leads_back(new, old):
        return f"{new.name} is itself part of {old.name}"
    change = _decide(old, new, on, note="", made=new_code not in known, by=by, now=now)
    if change.state == _State.DONE:
        report.done += 1
    else:
        report.planned += 1
    return ""


def _decide(
    old: Territory, new: Territory, on: date, *, note: str, made: bool, by: User | None, now: datetime
) -> TerritoryChange:
    """Write down that one becomes part of the other; do it, if its day has come."""
    change = TerritoryChange.objects.create(
        territory=old,
        successor=new,
        effective_on=on,
        note=note,
        by=by,
        decided_at=now,
        state=_State.PLANNED,
        moved={MADE: True} if made else {},
    )
    if on <= now.date():
        _apply(change, now=now)
    else:
        record("partners.plan_territory", ("territory", old.pk), by=by, now=now, into=new.pk, on=on.isoformat())
    return change


def _new_territory(old: Territory, code: str, name: str, on: date) -> Territory:
    return Territory.objects.create(
        country=old.country,
        level=old.level,
        code=code[:20],
        name=name[:120],
        slug=slugify(name),
        parent_id=old.parent_id,
        valid_from=on,
        credit=old.credit,
    )


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
    moved: dict[str, Any] = follow.follow(Territory, old.pk, new.pk, now=now)
    if change.moved.get(MADE):
        moved[MADE] = True
    if new.valid_from is not None and new.valid_until == new.valid_from:
        new.valid_until, new.successor = None, None  # it was taken back once, and comes after all
        new.save()
    if new.valid_from == change.effective_on:
        moved[BEFORE] = {column: getattr(new, column) for column in GROUND}
        _grow(new, old)
    change.moved = moved
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


def join_territories(
    parts: Sequence[Territory],
    into: Territory | tuple[str, str],
    on: date,
    *,
    by: User,
    now: datetime,
    note: str = "",
) -> list[TerritoryChange]:
    """``parts`` become part of ``into`` on a day; at once, if that is not in the future.  All of them, or none.

    ``into`` is a municipality, or the (code, name) of one that is made of them.  Raise :class:`ChangeForbidden`, or
    :class:`ChangeRefused` for what makes no sense; its ``field`` is ``parts``, ``into``, ``code``, ``name`` or ``on``.
    """
    if not speaks_for_the_region(by):
        raise ChangeForbidden("Only operators and managers of the region may do this.")
    if not 1800 <= on.year <= now.year + 10:
        raise ChangeRefused("on", gettext("Choose a day within ten years from now."))
    if not parts:
        raise ChangeRefused("parts", gettext("Choose at least one municipality."))
    with transaction.atomic():
        hold(LOCK)
        made = isinstance(into, tuple)
        new = _made_of(parts[0], *into, on) if isinstance(into, tuple) else into
        for old in parts:
            _check(old, new)
        changes = [_decide(old, new, on, note=note[:300], made=made, by=by, now=now) for old in parts]
        touch_content()
    return changes


def _made_of(first: Territory, code: str, name: str, on: date) -> Territory:
    code, name = code.strip()[:20], " ".join(name.split())[:120]
    if not code:
        raise ChangeRefused("code", gettext("Write the official code of the new municipality."))
    if not name:
        raise ChangeRefused("name", gettext("Write the name of the new municipality."))
    same = Territory.objects.filter(country=first.country, level=first.level, code=code).first()
    if same is None:
        return _new_territory(first, code, name, on)
    if same.valid_from is None or same.valid_until != same.valid_from:
        raise ChangeRefused("code", gettext("There is a municipality with this code. Choose it from the list."))
    same.name, same.slug, same.valid_from, same.valid_until, same.successor = name, slugify(name), on, None, None
    same.save()
    return same


def _check(old: Territory, new: Territory) -> None:
    names = {"old": old.name, "new": new.name}
    if old.pk == new.pk:
        raise ChangeRefused("into", gettext("A municipality cannot become part of itself."))
    if (old.country, old.level) != (new.country, new.level):
        raise ChangeRefused("into", gettext("“%(old)s” and “%(new)s” are not of one kind.") % names)
    if old.successor_id is not None:
        raise ChangeRefused("parts", gettext("“%(old)s” is part of another municipality already.") % names)
    if new.successor_id is not None:
        raise ChangeRefused("into", gettext("“%(new)s” is part of another municipality itself.") % names)
    if TerritoryChange.objects.filter(territory__in=[old.pk, new.pk], state=_State.PLANNED).exists():
        raise ChangeRefused("parts", gettext("Such a change is planned already; take it back first."))


def may_take_back_territory(change: TerritoryChange) -> bool:
    """Whether nothing stands against it: planned changes, and those after which nothing was changed.

    Where several became part of one, the last comes first, since each has the ground as it found it.
    """
    if change.state == _State.PLANNED:
        return True
    if change.state != _State.DONE or change.done_at is None or change.territory.successor_id != change.successor_id:
        return False
    if change.successor.successor_id is not None:
        return False
    if newest_into().get(change.successor_id) != change.pk:
        return False
    return follow.is_untouched(change.moved, change.successor_id, since=change.done_at)


def take_back_territory(change: TerritoryChange, *, by: User | None, now: datetime) -> None:
    """Cancel what is planned; bring back what followed.  The change stays in the history as taken back."""
    if not speaks_for_the_region(by):
        raise ChangeForbidden("Only operators and managers of the region may do this.")
    with transaction.atomic():
        hold(LOCK)
        change.refresh_from_db()
        if not may_take_back_territory(change):
            raise ChangeRefused("change", gettext("Something was changed since; this can no longer be taken back."))
        old, new = Territory.objects.get(pk=change.territory_id), Territory.objects.get(pk=change.successor_id)
        if change.state == _State.DONE:
            follow.bring_back(change.moved, old.pk, now=now)
            old.valid_until, old.successor = None, None
            old.save()
            for column, value in change.moved.get(BEFORE, {}).items():
                setattr(new, column, value)
        change.state = _State.UNDONE
        change.save()
        others = TerritoryChange.objects.filter(successor=new, state__in=(_State.PLANNED, _State.DONE))
        if change.moved.get(MADE) and not others.exists() and not follow.preview(Territory, new.pk):
            # It was made for this alone.  The row stays for the history, as a place that never was.
            new.valid_until, new.successor = new.valid_from, old
        new.save()
        record("partners.take_back_territory", ("territory", old.pk), by=by, now=now, into=new.pk)
        touch_content()
