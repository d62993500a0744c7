"""Plan an event around what others do: what competes with it, and which dates are better."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue import queries, vocabulary
from allmende.catalogue.queries import clashes, editing
from allmende.catalogue.queries.clashes import ClashCheck, Draft
from allmende.catalogue.queries.editing import EditableRecord
from allmende.catalogue.values import AUDIENCE_FLAGS
from allmende.core.slugs import fold
from allmende.guide.page import Page
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import align_words
from allmende.guide.views.workspace.frame import found, person, show, signed_in, workspace_page
from allmende.partners import queries as partners
from allmende.partners.queries import Area, TerritoryPage

LENGTHS = (60, 90, 120, 180, 240, 360, 480)
MOST_DAYS = 14
SUGGESTED = 400
AHEAD = timedelta(days=540)
"""Dates of series are written out so far ahead; beyond, nothing is known."""
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d{1,8})?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d{1,8})?)")


@dataclass(frozen=True, slots=True)
class Where:
    """A point with a name."""

    lon: float
    lat: float
    name: str
    country: str = ""


@dataclass(slots=True)
class Plan:
    """What the address says, understood as far as it can be."""

    title: str = ""
    day: date | None = None
    start: int | None = None
    minutes: int = 120
    days: int = 1
    at: str = ""
    where: Where | None = None
    which: list[Area] = field(default_factory=list)
    """Municipalities of that name, if there are several."""
    categories: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    visitors: int | None = None
    event: int | None = None
    """The record that is planned, if there is one."""
    errors: dict[str, str] = field(default_factory=dict)

    def query(self, **changes: Any) -> str:
        """The address' query with changes."""
        told: dict[str, Any] = {
            "title": self.title,
            "day": self.day.isoformat() if self.day else "",
            "time": f"{self.start // 60:02}:{self.start % 60:02}" if self.start is not None else "",
            "minutes": self.minutes if self.minutes != 120 else "",
            "days": self.days if self.days > 1 else "",
            "at": self.at,
            "category": self.categories,
            "audience": self.audience,
            "visitors": self.visitors,
            "event": self.event,
            **changes,
        }
        return urlencode({name: value for name, value in told.items() if value}, doseq=True)

    @property
    def draft(self) -> Draft | None:
        """The plan for the engine, once day and place are known."""
        if self.day is None or self.where is None:
            return None
        return Draft(
            day=self.day,
            lon=self.where.lon,
            lat=self.where.lat,
            start=self.start,
            minutes=self.minutes,
            days=self.days,
            categories=frozenset(self.categories),
            audience=frozenset(self.audience),
            visitors=self.visitors,
        )


def _number(text: str, least: int, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most else None


def _when(query: QueryDict, plan: Plan, today: date) -> None:
    told = query.get("day", "").strip()
    try:
        plan.day = date.fromisoformat(told) if told else None
    except ValueError:
        plan.errors["day"] = gettext("Write the day as 2027-05-17.")
    if plan.day and not today <= plan.day <= today + AHEAD:
        plan.errors["day"] = gettext("Choose a day from today on, at most a year and a half ahead.")
        plan.day = None
    clock = query.get("time", "").strip()
    try:
        at = time.fromisoformat(clock) if clock else None
    except ValueError:
        at = None
        plan.errors["time"] = gettext("Write the time as 19:30.")
    plan.start = at.hour * 60 + at.minute if at else None
    plan.minutes = _number(query.get("minutes", ""), 1, 1440) or 120
    plan.days = _number(query.get("days", ""), 1, MOST_DAYS) or 1


def _place(plan: Plan) -> None:
    """Understand the place: a point, an official code, or the name of a municipality."""
    if not plan.at:
        return
    point = _POINT.fullmatch(plan.at)
    if point:
        lat, lon = float(point[1]), float(point[2])
        if abs(lat) <= 85 and abs(lon) <= 180:
            plan.where = Where(lon, lat, plan.at)
            return
    area = partners.municipality(plan.at)
    if area is None:
        near = partners.search_municipalities(plan.at, limit=12)
        same = [one for one in near if fold(one.name) == fold(plan.at)]
        chosen = same or near
        if len(chosen) == 1:
            area = partners.territory_by_id(chosen[0].id)
        else:
            plan.which = chosen
            plan.errors["at"] = (
                gettext("There are several of this name. Which one do you mean?")
                if chosen
                else gettext("No municipality of this name is known here. Write its name, or latitude and longitude.")
            )
            return
    _settle(plan, area)


def _settle(plan: Plan, area: TerritoryPage | None) -> None:
    if area is None or area.lon is None or area.lat is None:
        plan.errors["at"] = gettext("Nobody told where this municipality lies. Write latitude and longitude.")
        return
    plan.where = Where(area.lon, area.lat, area.name, area.country)


def plan_of(query: QueryDict, today: date) -> Plan:
    """What is asked for.  What makes no sense is named in ``errors`` or left out."""
    keys = {one.key for one in vocabulary.categories() if "event" in one.kinds}
    plan = Plan(
        title=query.get("title", "").strip()[:200],
        at=query.get("at", "").strip()[:80],
        categories=tuple(key for key in dict.fromkeys(query.getlist("category")) if key in keys)[:5],
        audience=tuple(key for key in dict.fromkeys(query.getlist("audience")) if key in AUDIENCE_FLAGS),
        visitors=_number(query.get("visitors", ""), 1, 1_000_000),
        event=_number(query.get("event", ""), 1, 2**31),
    )
    _when(query, plan, today)
    _place(plan)
    if query and not plan.errors:
        if plan.day is None and "day" in query:
            plan.errors["day"] = gettext("Choose a day.")
        if plan.where is None and "at" in query:
            plan.errors["at"] = gettext("Say where it takes place.")
    return plan


@require_safe
@signed_in
def plan(request: HttpRequest) -> HttpResponse:
    """The form, and the answer once day and place are there."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = workspace_page(request, "align", gettext("Plan an event"))
    page.styles = (*page.styles, "guide/align.css")
    wanted = plan_of(request.GET, page.today)
    page.query = wanted.query()
    record = editing.record_to_edit(user, "event", wanted.event) if wanted.event else None
    draft = wanted.draft
    check = None
    if draft and wanted.where:
        check = clashes.check_plan(
            draft,
            user=user,
            language=page.language,
            today=page.today,
            zone=page.zone,
            country=wanted.where.country,
            ignore=record.id if record else None,
        )
    context = {
        "wanted": wanted,
        "check": check,
        "weeks": _weeks(check) if check else [],
        "record": record,
        "lengths": LENGTHS,
        "categories": [one for one in vocabulary.categories() if "event" in one.kinds],
        "audiences": [one for one in vocabulary.audiences() if one.key in AUDIENCE_FLAGS],
        "towns": _towns(),
        "aw": align_words,
        "monday": date(2024, 1, 1),
        "one_day": timedelta(days=1),
    }
    return show(request, page, "plan.html", context, status=200)


def _towns() -> list[str]:
    """Names to choose from while typing: the municipalities with most to see."""
    known = sorted(queries.municipalities(only_with_content=True), key=lambda one: (-one.total, one.slug))[:SUGGESTED]
    return sorted({one.name for one in known})


def _weeks(check: ClashCheck) -> list[list[Any]]:
    """The days around in rows of a week, Monday to Sunday; None stands for days that were not looked at."""
    days = list(check.assessment.days)
    cells: list[Any] = [None] * days[0].day.weekday() + days
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def plan_query(entry: EditableRecord, draft: Draft) -> str:
    """The query that plans a stored event."""
    return Plan(
        title="",
        day=draft.day,
        start=draft.start,
        minutes=draft.minutes,
        days=min(draft.days, MOST_DAYS),
        at=f"{draft.lat:.5f},{draft.lon:.5f}",
        categories=tuple(sorted(draft.categories)),
        audience=tuple(sorted(draft.audience & AUDIENCE_FLAGS.keys())),
        event=entry.id,
    ).query()


@dataclass(frozen=True, slots=True)
class ClashNote:
    """What the record's page says: how many events compete on its next date."""

    day: date
    rivals: int
    points: float
    query: str


def clash_note(entry: EditableRecord, user: Any, page: Page) -> ClashNote | None:
    """For an event with a point and a date to come."""
    if entry.kind != "event":
        return None
    now: datetime = page.now
    draft = clashes.draft_of(entry.columns, now=now, zone=page.zone, pk=entry.id)
    if draft is None:
        return None
    assessment, _ = clashes.assess_plan(draft, user=user, today=page.today, zone=page.zone, ignore=entry.id, shown=0)
    return ClashNote(draft.day, assessment.level.rivals, assessment.level.points, plan_query(entry, draft))
