"""Events that come again: copied with their dates moved to another year."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from allmende.catalogue import vocabulary
from allmende.catalogue.actions.copying import copy_event_to
from allmende.catalogue.queries.editorial.next_year import (
    MOST_COPIES,
    Check,
    NextYear,
    Way,
    events_for_another_year,
)
from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.inputs.schedule import rule_in_words, when_in_words
from allmende.guide.views.workspace.selection import back_to_list, chosen

WAYS: Final[dict[Way, str | Promise]] = {
    "near": _("The same weekday, as close to the same date as can be"),
    "ordinal": _("The same weekday of its month, such as the second Saturday"),
}
YEARS: Final = 4
"""Years ahead to choose from."""
PLAIN: Final = {
    "past": _("This day has passed."),
    "by_date": _("Its rule holds on to a day of the month, so the date stays and the weekday changes."),
    "endless": _("Its rule has no end: it comes again by itself. A copy would stand beside it."),
    "there": _("There is one of this name about that time already."),
}


def check_in_words(check: Check, language: str) -> str:
    """What a person should look at, as a sentence."""
    if check.what in PLAIN:
        return str(PLAIN[check.what])
    if check.what == "holiday":
        days = formats.words([formats.day_medium(day, language) for day in check.days], language)
        if check.n > len(check.days):
            days += " …"
        return ngettext("On a public holiday: %(days)s.", "On public holidays: %(days)s.", check.n) % {"days": days}
    if check.what == "weekday":
        old, new = (formats.weekday_long(day, language) for day in check.days)
        return gettext("Another weekday: %(new)s instead of %(old)s.") % {"new": new, "old": old}
    if check.what == "exceptions":
        some = ngettext("%(n)s exception moved along.", "%(n)s exceptions moved along.", check.n)
        return some % {"n": check.n}
    if check.what == "status":
        told = next((one for one in vocabulary.statuses() if one.key == check.text), None)
        label = told.labels.get(language, told.labels["en"]) if told else check.text
        return gettext("Last time it was: %(status)s. The copy takes place.") % {"status": label}
    if check.what == "venue":
        return gettext("Its venue is no longer public: %(venue)s.") % {"venue": check.text}
    return gettext("Prices of last time: %(prices)s. Do they still hold?") % {"prices": check.text}


def _year(data: QueryDict, today: date) -> int | None:
    text = data.get("year", "")
    return int(text) if text.isdecimal() and today.year <= int(text) <= today.year + YEARS else None


def _of_events(data: QueryDict, prefix: str) -> dict[int, str]:
    """Event -> what was sent for it under ``prefix.<number>``."""
    told = {name.removeprefix(f"{prefix}."): name for name in data if name.startswith(f"{prefix}.")}
    return {
        int(number): data.get(name, "").strip()
        for number, name in told.items()
        if number.isdecimal() and len(number) < 19
    }


def _days(data: QueryDict, today: date, *, is_making: bool) -> tuple[dict[int, date], set[int]]:
    """Event -> the first day that a person wants; and those where what they typed is none.

    To look at another year, a day that stands as it was proposed is proposed anew; to make drafts, what stands there holds.
    """
    days: dict[int, date] = {}
    wrong: set[int] = set()
    proposed = _of_events(data, "shown")
    for pk, text in _of_events(data, "day").items():
        if not text or (text == proposed.get(pk) and not is_making):
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if 2000 <= day.year <= today.year + 20:
            days[pk] = day
        else:
            wrong.add(pk)
    return days, wrong


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def next_year(request: HttpRequest) -> HttpResponse:
    """Where the chosen events would go; POST with ``do=make`` makes the drafts."""
    user = person(request)
    page = workspace_page(request, "records", gettext("Copy to another year"))
    page.crumbs = ((gettext("Records"), f"{page.base}/workspace/records/?kind=event"),)
    page.styles = (*page.styles, "guide/workspace/bulk.css")
    data = request.POST if request.method == "POST" else request.GET
    ids = chosen(user, "event", data, page, limit=MOST_COPIES + 1)
    if not ids:
        return back_to_list(request, "event", data, page, gettext("Tick at least one event first."))
    way: Way = "ordinal" if data.get("way") == "ordinal" else "near"
    year = _year(data, page.today)
    is_making = request.method == "POST" and data.get("do") == "make"
    days, wrong = _days(data, page.today, is_making=is_making)
    shown = events_for_another_year(
        user, ids[:MOST_COPIES], year=year, way=way, chosen=days, today=page.today, language=page.language
    )
    ticked = _of_events(data, "copy")
    doubtful = {one.id for one in shown if one.is_there and ticked.get(one.id) == "1"}
    context: dict[str, Any] = {
        "shown": shown,
        "is_cut": len(ids) > MOST_COPIES,
        "most": MOST_COPIES,
        "year": year or "",
        "years": [("", gettext("The next time"))]
        + [(str(page.today.year + n), str(page.today.year + n)) for n in range(YEARS + 1)],
        "way": way,
        "ways": WAYS,
        "wrong": wrong,
        "doubtful": doubtful,
        "kept_days": set(days) if request.method == "POST" else set(),
        "is_ticked": lambda one: one.id in ticked if request.method == "POST" else not one.is_there,
        "when": lambda schedule: when_in_words(schedule, page.language),
        "rule": lambda one: rule_in_words(one.schedule or one.before, one.timezone, page.language),
        "check_in_words": lambda check: check_in_words(check, page.language),
        "nothing": False,
    }
    if not is_making:
        return show(request, page, "next_year.html", context)
    wanted = [one for one in shown if one.id in ticked and one.schedule]
    if wrong or doubtful or not wanted:
        return show(request, page, "next_year.html", context | {"nothing": not wanted}, status=422)
    return _make(request, page, wanted)


def _make(request: HttpRequest, page: Page, wanted: list[NextYear]) -> HttpResponse:
    with transaction.atomic():
        made = [copy_event_to(one.id, one.schedule or {}, by=person(request), now=page.now) for one in wanted]
    if len(made) == 1:
        note = gettext("This is the copy, a draft on its new day. Change what is different, then publish it.")
        return go(request, f"/workspace/records/event/{made[0]}/", note)
    note = ngettext("%(n)s draft made on its new day.", "%(n)s drafts made on their new days.", len(made)) % {
        "n": formats.number(len(made), page.language)
    }
    return go(request, "/workspace/records/?kind=event&state=draft", note)
