"""The translation desk: what lacks which language, and one record side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.catalogue.actions import EditRefused
from allmende.catalogue.actions.holding_back import show_only_in
from allmende.catalogue.queries import editing
from allmende.catalogue.rules import EditForbidden
from allmende.catalogue.text_states import TO_DO
from allmende.catalogue.translations import actions, queries
from allmende.catalogue.translations.queries import DeskFilter, Entry
from allmende.catalogue.translations.service import ServiceFailed
from allmende.catalogue.values import KINDS
from allmende.core.languages import LANGUAGES, OWN_NAMES
from allmende.guide.page import Page
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page

STATES: Final[dict[str, str | Promise]] = {
    "missing": _("nothing yet"),
    "partly": _("in part"),
    "renew": _("by machine, original changed"),
    "check": _("please check: original changed"),
    "machine": _("by machine"),
    "reviewed": _("reviewed"),
    "original": _("original"),
}
BARS: Final = ("original", "reviewed", "machine", "check", "renew", "partly", "missing")
"""States in a bar, the good ones in front."""


@dataclass(slots=True)
class State:
    """What the form shows beside what is stored."""

    typed: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    """Field -> what the service suggested."""
    overtaken: dict[str, str] = field(default_factory=dict)
    """Field -> the translation that is stored now; what was typed stands in the form."""
    error: str = ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def filter_of(query: QueryDict, language: str) -> DeskFilter:
    """What is asked for; ``language``: where none is named."""
    wanted, kind, state = query.get("language", ""), query.get("kind", ""), query.get("state", "")
    return DeskFilter(
        language=wanted if wanted in LANGUAGES else language,
        kind=kind if kind in KINDS else "event",
        state=state if state in TO_DO else "",
        municipality=query.get("municipality", "").strip()[:80],
        network=_number(query.get("network", "")),
        source=_number(query.get("source", "")),
        soon=query.get("soon") == "1",
        page=_number(query.get("page", "")) or 1,
    )


def told_of(wanted: DeskFilter, **changes: object) -> dict[str, object]:
    """The filter's names and values as an address or a form has them; the page is 1 again unless it is what changes."""
    told = {
        "language": wanted.language,
        "kind": wanted.kind,
        "state": wanted.state,
        "municipality": wanted.municipality,
        "network": wanted.network,
        "source": wanted.source,
        "soon": "1" if wanted.soon else "",
        **changes,
    }
    return {name: value for name, value in told.items() if value}


def query_of(wanted: DeskFilter, **changes: object) -> str:
    """The address' query for a filter."""
    return urlencode(told_of(wanted, **changes))


def _desk_page(request: HttpRequest, title: str) -> Page:
    page = workspace_page(request, "translations", title)
    page.styles = (*page.styles, "guide/workspace/translations.css")
    page.scripts = (*page.scripts, "guide/workspace/translations.js")
    return page


@require_safe
@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """The matrix of kinds and languages, and the list of what is to do."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = _desk_page(request, gettext("Translations"))
    wanted = filter_of(request.GET, page.language)
    page.query = query_of(wanted)
    context = {
        "wanted": wanted,
        "matrix": queries.matrix(user, wanted, today=page.today),
        "listing": queries.to_do(user, wanted, today=page.today, language=page.language),
        "networks": queries.networks_to_filter(user),
        "sources": queries.sources_to_filter(user),
        "service": queries.service_standing(now=page.now),
        "query_of": query_of,
        "told_of": told_of,
        "bar_of": bar_of,
        "states": STATES,
        "to_do": TO_DO,
        "words": words,
    }
    return show(request, page, "translations.html", context)


def bar_of(cell: queries.Cell) -> list[tuple[str, float, float]]:
    """(state, start, width) of the parts of a bar, in hundredths."""
    parts, start = [], 0.0
    for state in BARS:
        width = 100 * cell.n(state) / cell.total if cell.total else 0.0
        if width:
            parts.append((state, round(start, 2), round(width, 2)))
            start += width
    return parts


@require_POST
@signed_in
def order(request: HttpRequest) -> HttpResponse:
    """Let the service translate what is missing in a selection."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = _desk_page(request, "")
    wanted = filter_of(request.POST, page.language)
    back = f"/workspace/translations/?{query_of(wanted)}"
    if not queries.service_standing(now=page.now).is_set:
        return go(request, back, gettext("No translation service is set up."), is_good=False)
    line = queries.identifiers_for_service(user, wanted, today=page.today)
    n = actions.order_translations([(wanted.kind, pk) for pk in line], wanted.language, by=user, now=page.now)
    if not n:
        return go(request, back, gettext("There is nothing to translate here."))
    return go(
        request, back, gettext("The translation service works on it. Its texts stand here, marked, as they come.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def translate(request: HttpRequest, kind: str, pk: int, language: str) -> HttpResponse:
    """One record: the original on the left, the translation on the right."""
    user, shown = person(request), request.LANGUAGE_CODE
    entry: Entry = found(queries.entry_to_translate(user, kind, pk, language, shown=shown))
    page = _desk_page(request, entry.name.text or f"{kind} {pk}")
    told = request.GET.copy()
    told["language"], told["kind"] = language, kind
    wanted = filter_of(told, language)
    page.query = query_of(wanted, language="", kind="")
    page.crumbs = ((gettext("Translations"), f"{page.base}/workspace/translations/?{query_of(wanted)}"),)
    if request.method == "POST":
        return _save(request, page, entry, wanted)
    return _form(request, page, entry, wanted, State())


def _typed(request: HttpRequest, entry: Entry) -> State:
    def sent(head: str, name: str) -> str:
        return request.POST.get(f"{head}.{name}", "").replace("\r\n", "\n").strip()

    state = State()
    for one in entry.fields:
        if one.original_language == entry.language or f"text.{one.field}" not in request.POST:
            continue
        state.typed[one.field], state.made[one.field] = sent("text", one.field), sent("made", one.field)
        seen = request.POST.get(f"seen.{one.field}", one.print)
        if seen != one.print and state.typed[one.field] != one.text.strip():
            state.overtaken[one.field] = one.text
    return state


def _save(request: HttpRequest, page: Page, entry: Entry, wanted: DeskFilter) -> HttpResponse:
    state = _typed(request, entry)
    asked = request.POST.get("suggest", "")
    if any(one.field == asked and one.original_language != entry.language for one in entry.fields):
        return _suggested(request, page, entry, wanted, state, asked)
    if state.overtaken:
        return _form(request, page, entry, wanted, state, status=409)
    all_checked = request.POST.get("go") == "reviewed"
    texts: dict[str, str] = {}
    machine: set[str] = set()
    for one in entry.fields:
        if one.field not in state.typed:
            continue
        text = state.typed[one.field]
        is_checked = all_checked or bool(request.POST.get(f"checked.{one.field}"))
        if text != one.text.strip():
            texts[one.field] = text
            if text and text == state.made[one.field] and not is_checked:
                machine.add(one.field)
        elif text and is_checked and one.state in {"machine", "renew", "check"}:
            texts[one.field] = text
    _, following = queries.neighbours(person(request), wanted, entry.id, today=page.today)
    try:
        changed = actions.translate_item(
            entry.kind, entry.id, entry.language, texts, machine=machine, by=person(request), now=page.now
        )
    except EditRefused as error:
        state.error = str(error)
        return _form(request, page, entry, wanted, state, status=422)
    except EditForbidden:
        return HttpResponse(found(None))
    note = gettext("Saved: %(name)s.") if texts else ""
    if changed.is_proposed:
        note = gettext("Kept for review: %(name)s. What is public stays as it is until somebody has looked.")
    return _onward(request, entry, wanted, following, note % {"name": entry.name.text} if note else "")


def _onward(request: HttpRequest, entry: Entry, wanted: DeskFilter, following: int | None, note: str) -> HttpResponse:
    query = query_of(wanted, language="", kind="")
    if request.POST.get("go") == "stay":
        return go(request, f"/workspace/translations/{entry.kind}/{entry.id}/{entry.language}/?{query}", note)
    if following is None or following == entry.id:
        return go(request, f"/workspace/translations/?{query_of(wanted)}", note)
    return go(request, f"/workspace/translations/{entry.kind}/{following}/{entry.language}/?{query}", note)


def _suggested(
    request: HttpRequest, page: Page, entry: Entry, wanted: DeskFilter, state: State, name: str
) -> HttpResponse:
    try:
        state.made[name] = actions.suggest(entry.kind, entry.id, entry.language, name, by=person(request), now=page.now)
        state.typed[name] = state.made[name]
    except (ServiceFailed, actions.BudgetSpent) as error:
        state.error = str(error)
    return _form(request, page, entry, wanted, state)


def _form(
    request: HttpRequest, page: Page, entry: Entry, wanted: DeskFilter, state: State, *, status: int = 200
) -> HttpResponse:
    before, after = queries.neighbours(person(request), wanted, entry.id, today=page.today)
    typed: Mapping[str, Any] = state.typed
    context = {
        "entry": entry,
        "wanted": wanted,
        "text": lambda one: typed.get(one.field, one.text),
        "state": state,
        "before": before,
        "after": after,
        "query": page.query,
        "service": queries.service_standing(now=page.now),
        "longest": actions.LONGEST,
        "states": STATES,
        "names": OWN_NAMES,
        "words": words,
    }
    return show(request, page, "translation.html", context, status=status)


@require_POST
@signed_in
def languages(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """In which languages a record is shown."""
    page = _desk_page(request, "")
    found(editing.record_to_edit(person(request), kind, pk))
    here = f"/workspace/records/{kind}/{pk}/"
    try:
        changed = show_only_in(kind, pk, request.POST.getlist("shown"), by=person(request), now=page.now)
    except EditRefused as error:
        return go(request, here, str(error), is_good=False)
    return go(request, here, gettext("Saved.") if changed else "")
