"""Who did what, and when: for those whom it concerns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from allmende.catalogue.queries import safe_cell
from allmende.core.models import User
from allmende.core.trail import DAYS, Wanted, lines_that_fit, readable
from allmende.guide.page import Page
from allmende.guide.views.workspace.audit_lines import TrailRow, in_rows, thing_kind
from allmende.guide.views.workspace.audit_words import action_label
from allmende.guide.views.workspace.frame import person, show, signed_in, workspace_page

SHOWN: Final = 50
LAST_PAGE: Final = 200
MOST_EXPORTED: Final = 100_000
TOGETHER: Final = 500
COLUMNS: Final = ("at", "who", "action", "what", "thing_kind", "thing_number", "thing", "details")


def _text(told: QueryDict, name: str) -> str:
    """A word of the address, without the sign that no database keeps."""
    return str(told.get(name, "")).replace("\0", "")


def wanted_of(told: QueryDict) -> Wanted:
    """The lines that an address asks for."""
    number, days = told.get("number", "")[:18], told.get("days", "")
    chosen = int(days) if days.isdecimal() and len(days) < 5 else 90
    return Wanted(
        who=_text(told, "who").strip()[:80],
        subject_type=_text(told, "thing")[:40],
        subject_id=int(number) if number.isdecimal() else None,
        action=_text(told, "action")[:60],
        days=chosen if chosen in DAYS else 90,
    )


def query_of(wanted: Wanted, page: int = 1) -> str:
    """The query that asks for the same again."""
    told = {
        "who": wanted.who,
        "thing": wanted.subject_type,
        "number": wanted.subject_id,
        "action": wanted.action,
        "days": wanted.days if wanted.days != 90 else None,
        "page": page if page > 1 else None,
    }
    return urlencode({name: value for name, value in told.items() if value is not None and value != ""})


def _spans() -> list[tuple[int, str]]:
    def name(days: int) -> str:
        return ngettext("last %(n)s day", "last %(n)s days", days) % {"n": days} if days else gettext("ever")

    return [(days, name(days)) for days in DAYS]


def _choices(user: User) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Kinds of things and actions that there are in what ``user`` may read lately."""
    recent = readable(user).values_list("subject_type", "action")[:2000]
    kinds, actions = {kind for kind, _ in recent}, {action for _, action in recent}
    whole = gettext("everything")
    things = sorted((thing_kind(kind), kind) for kind in kinds)
    doings = sorted((action_label(action), action) for action in actions)
    return [("", whole), *((key, label) for label, key in things)], [("", whole), *((k, label) for label, k in doings)]


@require_safe
@signed_in
def audit(request: HttpRequest) -> HttpResponse:
    """The lines that I may read, the latest first."""
    user = person(request)
    page = workspace_page(request, "audit", gettext("Who did what"))
    page.styles = (*page.styles, "guide/workspace/day.css")
    wanted = wanted_of(request.GET)
    told = request.GET.get("page", "1")
    number = min(max(1, int(told)), LAST_PAGE) if told.isdecimal() and len(told) < 6 else 1
    page.query = query_of(wanted, number)
    start = (number - 1) * SHOWN
    lines = list(lines_that_fit(user, wanted, now=page.now)[start : start + SHOWN + 1])
    things, actions = _choices(user)
    context = {
        "wanted": wanted,
        "rows": in_rows(lines[:SHOWN], language=page.language),
        "things": things,
        "actions": actions,
        "spans": _spans(),
        "query": query_of(wanted),
        "before": query_of(wanted, number - 1) if number > 1 else None,
        "after": query_of(wanted, number + 1) if len(lines) > SHOWN and number < LAST_PAGE else None,
        "in_short": in_short,
    }
    return show(request, page, "audit.html", context)


def _plain(value: object) -> str:
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def in_short(row: TrailRow) -> list[tuple[str, str]]:
    """The details of a line as name and value, none of them long."""
    return [(str(name), _plain(value)[:300]) for name, value in row.details.items() if value not in (None, "", [], {})]


def _rows(user: User, wanted: Wanted, page: Page) -> Iterator[TrailRow]:
    """All lines that fit, in blocks: a long trail does not fit into memory."""
    lines = lines_that_fit(user, wanted, now=page.now)[:MOST_EXPORTED]
    block = []
    for entry in lines.iterator(chunk_size=TOGETHER):
        block.append(entry)
        if len(block) == TOGETHER:
            yield from in_rows(block, language=page.language)
            block = []
    yield from in_rows(block, language=page.language)


def _csv(rows: Iterator[TrailRow]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    writer.writerow(COLUMNS)
    for row in rows:
        values: tuple[Any, ...] = (
            row.at.isoformat(),
            row.who,
            row.action,
            row.text,
            row.subject_type,
            row.subject_id,
            row.thing,
            row.details,
        )
        writer.writerow([safe_cell(_plain(value)) for value in values])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _json_lines(rows: Iterator[TrailRow]) -> Iterator[str]:
    for row in rows:
        told = {
            "id": row.id,
            "at": row.at.isoformat(),
            "who": row.who,
            "action": row.action,
            "what": row.text,
            "thing_kind": row.subject_type,
            "thing_number": row.subject_id,
            "thing": row.thing,
            "details": row.details,
        }
        yield json.dumps(told, ensure_ascii=False, default=str) + "\n"


def _file(
    request: HttpRequest, write: Callable[[Iterator[TrailRow]], Iterator[str]], name: str, media_type: str
) -> HttpResponse:
    page = workspace_page(request, "audit", "")
    rows = _rows(person(request), wanted_of(request.GET), page)
    # Written at once and not while it is sent: the language and the database belong to this request.
    answer = HttpResponse(list(write(rows)), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@signed_in
def as_csv(request: HttpRequest) -> HttpResponse:
    """The lines as a table for spreadsheets."""
    return _file(request, _csv, "audit.csv", "text/csv; charset=utf-8")


@require_safe
@signed_in
def as_json_lines(request: HttpRequest) -> HttpResponse:
    """The lines as one JSON object each."""
    return _file(request, _json_lines, "audit.jsonl", "application/x-ndjson; charset=utf-8")
