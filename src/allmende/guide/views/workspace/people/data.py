"""My data: what is known, its export, consents, and being forgotten; for the operator, the record of processing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.core import consent, erasure
from allmende.core.personal import Holding, export, hindrances, holdings
from allmende.core.retention import retention_rules
from allmende.core.text import pick
from allmende.guide.bridges.personal_tables import to_tables
from allmende.guide.page import Page
from allmende.guide.rules import may_set_brand
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in
from allmende.guide.views.workspace.people.columns import column_words, in_line, value_words
from allmende.guide.views.workspace.people.common import people_page, words_of

SHOWN_ROWS: Final = 10
LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """One kind of data as the page shows it."""

    holding: Holding
    n: int
    columns: list[str]
    rows: list[list[str]]


def _value(value: Any, page: Page) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, dict | list):
        return in_line(value)[:LONGEST] if value else "–"
    text = value_words().get(str(value), str(value))
    if len(text) >= 19 and text[4:5] == text[7:8] == "-" and text[10:11] == "T":
        try:
            return str(words_of(page)["day"](datetime.fromisoformat(text)))
        except ValueError:
            return text
    return text


def _shown(holding: Holding, request: HttpRequest, page: Page, *, most: int | None = SHOWN_ROWS) -> Shown:
    rows = holding.rows(person(request))
    columns = list(rows[0]) if rows else []
    words = column_words()
    return Shown(
        holding,
        len(rows),
        [words.get(name, name) for name in columns],
        [[_value(row.get(name), page) for name in columns] for row in rows[:most]],
    )


@require_safe
@signed_in
def data(request: HttpRequest) -> HttpResponse:
    """What is known about me."""
    user = person(request)
    page = people_page(request, gettext("What is known about me"), "account")
    context = {
        "kinds": [_shown(one, request, page) for one in holdings()],
        "asked": erasure.open_request(user),
        "hindrances": hindrances(user),
        "wait": erasure.WAIT.days,
        **words_of(page),
    }
    return show(request, page, "people/data.html", context)


@require_safe
@signed_in
def data_export(request: HttpRequest) -> HttpResponse:
    """The same for a machine."""
    page = people_page(request, "")
    body = json.dumps(export(person(request), now=page.now), ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-data-{page.today.isoformat()}.json"'
    return response


@require_safe
@signed_in
def data_to_read(request: HttpRequest) -> HttpResponse:
    """The same to read and to print: every row, nothing to open."""
    user = person(request)
    page = people_page(request, gettext("What is known about me"), "account")
    page.crumbs = ((gettext("What is known about me"), f"{page.base}/workspace/account/data/"),)
    kinds = [_shown(one, request, page, most=None) for one in holdings()]
    context = {"kinds": [one for one in kinds if one.n], "of": user.name or user.email, **words_of(page)}
    context["empty"] = [gettext(one.holding.name) for one in kinds if not one.n]
    return show(request, page, "people/data_to_read.html", context)


@require_safe
@signed_in
def data_tables(request: HttpRequest) -> HttpResponse:
    """The same as tables for a spreadsheet, one for each kind, in one file."""
    page = people_page(request, "")
    response = HttpResponse(to_tables(export(person(request), now=page.now)), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="my-data-{page.today.isoformat()}.zip"'
    return response


@require_POST
@signed_in
def erase(request: HttpRequest) -> HttpResponse:
    """Ask to be forgotten, or think again."""
    page = people_page(request, "")
    here = "/workspace/account/data/#erase"
    if request.POST.get("answer") == "cancel":
        erasure.cancel_erasure(person(request), now=page.now)
        return go(request, here, gettext("Stopped. Your account stays."))
    if request.POST.get("sure") != "1":
        return go(request, here, gettext("Please tick that you are sure."), is_good=False)
    try:
        asked = erasure.ask_erasure(person(request), language=page.language, now=page.now)
    except erasure.ErasureHindered as error:
        return go(request, here, str(error), is_good=False)
    day = words_of(page)["day"](asked.due_at)
    return go(
        request,
        here,
        gettext("Your account will be erased on %(day)s. Until then you can stop it here.") % {"day": day},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def consents(request: HttpRequest) -> HttpResponse:
    """What I allow, one switch for each purpose."""
    user = person(request)
    page = people_page(request, gettext("What I allow"), "account")
    page.crumbs = ((gettext("What is known about me"), f"{page.base}/workspace/account/data/"),)
    if request.method == "POST":
        for purpose in consent.PURPOSES:
            if request.POST.get(purpose.key) == "1":
                consent.give_consent(user, purpose.key, now=page.now)
            else:
                consent.withdraw_consent(user, purpose.key, now=page.now)
        return go(request, "/workspace/account/consent/", gettext("Saved."))
    context = {"purposes": consent.PURPOSES, "given": consent.consents_of(user), **words_of(page)}
    return show(request, page, "people/consent.html", context)


@require_safe
@signed_in
def erasures(request: HttpRequest) -> HttpResponse:
    """Who asked to be forgotten, for the operator."""
    found(person(request).is_operator or None)
    page = people_page(request, gettext("Requests to be forgotten"))
    return show(request, page, "people/erasures.html", {"rows": erasure.open_requests(), **words_of(page)})


@require_safe
@signed_in
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing activities (Art. 30 GDPR), to print: operator, and who speaks for the region."""
    found(may_set_brand(person(request)) or None)
    page = people_page(request, gettext("Record of processing activities"))
    context = {
        "holdings": holdings(),
        "rules": retention_rules(),
        "imprint": pick(page.brand.imprint, page.language).text if page.brand.imprint else "",
        **words_of(page),
    }
    return show(request, page, "people/processing.html", context)
