"""One record: edit, take a source's value again, publish, withdraw."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from allmende.catalogue import vocabulary
from allmende.catalogue.actions import EditRefused, edit_item, publish_item, release_field, withdraw_item
from allmende.catalogue.actions.copying import copy_item
from allmende.catalogue.actions.edit import EditOvertaken
from allmende.catalogue.queries import editing, languages_shown
from allmende.catalogue.queries.editing import EditableRecord
from allmende.catalogue.queries.editorial.plans import plans_of
from allmende.catalogue.queries.editorial.review import standing_of
from allmende.core import formats
from allmende.core.drafts import forget_draft
from allmende.core.publication import Publication
from allmende.core.text import pick
from allmende.guide.page import Page
from allmende.guide.views.workspace import inputs, words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.inputs import facts, schedule, texts
from allmende.guide.views.workspace.inputs.base import many, of_group, one, rows
from allmende.guide.views.workspace.plan import clash_note
from allmende.guide.views.workspace.typed import form_name, typed_context

EMPTY_ROWS = 2


@dataclass(slots=True)
class State:
    """What the form shows: what stands in it, what is wrong, and what somebody else changed meanwhile."""

    inputs: inputs.Typed
    errors: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, str] = field(default_factory=dict)
    """Field -> what is stored now, in words; the form holds what the person typed."""
    seen: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def record(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The form of a record, and what it sends."""
    entry: EditableRecord = found(editing.record_to_edit(person(request), kind, pk, language=request.LANGUAGE_CODE))
    page = _frame(request, entry)
    if request.method == "POST":
        return _save(request, page, entry)
    told_before, draft = typed_context(request, page, kind, pk)
    if draft is not None:  # go on with what was typed and not saved
        return _form(request, page, entry, State(dict(draft.typed), seen=dict(draft.seen)), told_before)
    if request.GET.get("again") == "1":  # go on with what the reviewers gave back
        returned = standing_of(person(request), kind, pk, entry.columns["organisation_id"]).returned
        if returned:
            proposed = inputs.show(kind, {**entry.columns, **returned.proposed})
            return _form(request, page, entry, State(proposed), told_before)
    return _form(request, page, entry, State(inputs.show(kind, entry.columns)), told_before)


def told(request: HttpRequest) -> inputs.Typed:
    """What was typed into the fields of a record."""
    posted = request.POST
    return inputs.typed({name: posted.getlist(name) for name in posted if "." in name})


def _seen(request: HttpRequest, now_stored: dict[str, str]) -> dict[str, str]:
    """The prints of the fields as the person saw them."""
    try:
        told = json.loads(request.POST.get("seen", ""))
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return {group: str(told.get(group, stored)) for group, stored in now_stored.items()}


def _save(request: HttpRequest, page: Page, entry: EditableRecord) -> HttpResponse:
    kind, typed = entry.kind, told(request)
    stored = inputs.show(kind, entry.columns)
    now_stored, now_typed = inputs.prints(kind, stored), inputs.prints(kind, typed)
    seen = _seen(request, now_stored)
    mine = [group for group in now_typed if now_typed[group] not in {seen[group], now_stored[group]}]
    state = State(dict(typed))
    for group in inputs.FIELDS[kind]:
        if seen[group] == now_stored[group]:
            continue
        if group in mine:
            state.clashes[group] = editing.group_in_words(entry.columns, group)
        else:  # somebody else's change that this person has no opinion on
            for name in of_group(state.inputs, group):
                del state.inputs[name]
            state.inputs.update(of_group(stored, group))
    if state.clashes:
        return _form(request, page, entry, state, status=409)
    changes = changes_of(kind, mine, typed, entry, state)
    if state.errors:
        state.seen = seen
        return _form(request, page, entry, state, status=422)
    here = f"/workspace/records/{kind}/{entry.id}/"
    try:
        saved = edit_item(kind, entry.id, changes, by=person(request), now=page.now, seen=entry.columns["updated_at"])
    except EditRefused as error:
        state.errors[error.field] = str(error)
        return _form(request, page, entry, state, status=422)
    except EditOvertaken:
        fresh = editing.record_to_edit(person(request), kind, entry.id)
        return _save(request, page, found(fresh))
    forget_draft(person(request), form_name(kind, entry.id), request.POST.get("tab", "")[:40] or "-")
    if not saved:
        return go(request, here, gettext("There was nothing to save: no field was changed."))
    names = formats.words([words.word(words.FIELDS, group) for group in saved], page.language)
    if saved.is_proposed:
        note = gettext("Kept for review: %(fields)s. What is public stays as it is until somebody has looked.")
        return go(request, here, note % {"fields": names})
    return go(request, here, gettext("Saved: %(fields)s. A later import will not overwrite this.") % {"fields": names})


def changes_of(
    kind: str, groups: list[str], typed: inputs.Typed, entry: EditableRecord, state: State
) -> dict[str, Any]:
    """The columns of the fields ``groups`` as typed; what cannot be used is noted in ``state.errors``."""
    changes: dict[str, Any] = {}
    for group in groups:
        try:
            changes.update(inputs.read(kind, group, typed, entry.columns))
        except inputs.Wrong as wrong:
            state.errors[wrong.name] = wrong.message
    return changes


def _row_numbers(typed: inputs.Typed, prefix: str) -> list[int]:
    """The rows to show: those in use, and empty ones behind them."""
    used = list(rows(typed, prefix))
    start = used[-1] + 1 if used else 0
    return used + list(range(start, start + EMPTY_ROWS))


def edit_page(request: HttpRequest, entry: EditableRecord, more: dict[str, Any], *, status: int) -> HttpResponse:
    """The form as it stands, with what another form beside it has to say."""
    page = _frame(request, entry)
    return _form(request, page, entry, State(inputs.show(entry.kind, entry.columns)), more, status=status)


def _frame(request: HttpRequest, entry: EditableRecord) -> Page:
    name = pick(entry.columns["name"], request.LANGUAGE_CODE).text
    page = workspace_page(request, "records", name or f"{entry.kind} {entry.id}")
    page.crumbs = ((gettext("Records"), f"{page.base}/workspace/records/?kind={entry.kind}"),)
    return page


def _form(
    request: HttpRequest,
    page: Page,
    entry: EditableRecord,
    state: State,
    more: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    columns = entry.columns
    page.scripts = (*page.scripts, "guide/workspace_map.js")
    page.styles = (*page.styles, "guide/workspace/editorial.css")
    context = form_context(page, entry, state) | {
        "history": editing.history_of(entry),
        "clash": clash_note(entry, person(request), page),
        "is_public": columns["state"] == "published",
        "union_path": f"{page.base}/workspace/records/{entry.kind}/{entry.union}/" if entry.union else "",
        "public_path": f"{page.base}/{entry.kind}s/{columns['slug']}-{entry.id}/",
        "plan": plans_of(entry.kind, [entry.id]).get(entry.id),
        "standing": standing_of(person(request), entry.kind, entry.id, columns["organisation_id"]),
        **(more if more is not None else _still_typing(request, page, entry)),
    }
    return show(request, page, "record.html", context, status=status)


def _still_typing(request: HttpRequest, page: Page, entry: EditableRecord) -> dict[str, Any]:
    """The form came back with a word: the same window goes on, and what it typed is kept on."""
    context, _ = typed_context(request, page, entry.kind, entry.id)
    tab = request.POST.get("tab", "")[:40]
    return {**context, "typed_tab": tab, "drafts": [one for one in context["drafts"] if one.tab != tab]}


def form_context(page: Page, entry: EditableRecord, state: State) -> dict[str, Any]:
    """What the fields of the form need, of a record or of one that is to be made."""
    kind, columns = entry.kind, entry.columns
    language = page.language
    prints = inputs.prints(kind, inputs.show(kind, columns))
    return {
        "entry": entry,
        "columns": columns,
        "fields": inputs.FIELDS[kind],
        "value": lambda name: one(state.inputs, name),
        "values": lambda name: many(state.inputs, name),
        "errors": state.errors,
        "clashes": state.clashes,
        "seen": json.dumps(state.seen or prints),
        "updated_at": columns["updated_at"].isoformat(),
        "languages": texts.languages_of(columns),
        "shown_in": languages_shown(columns["hidden_in"]),
        "filled": {code for name in state.inputs for group, _, code in [name.partition(".")] if group in texts.LONGEST},
        "categories": facts.category_keys(kind, columns),
        "audiences": vocabulary.audiences(),
        "access_facts": vocabulary.access_facts(),
        "statuses": vocabulary.statuses(),
        "currencies": facts.CURRENCIES,
        "price_rows": _row_numbers(state.inputs, "prices"),
        "hour_rows": _row_numbers(state.inputs, "hours"),
        "date_rows": _row_numbers(state.inputs, "schedule"),
        "weekdays": [formats.weekday_short(datetime(2024, 1, 1 + day).date(), language) for day in range(7)],  # noqa: DTZ001  any Monday
        "rule_days": schedule.DAYS,
        "repeat": schedule.repeat_of(columns["schedule"]) if kind == "event" else "",
        "rule": schedule.rule_in_words(columns["schedule"], columns["timezone"], language) if kind == "event" else "",
        "words": words,
    }


@require_POST
@signed_in
def release(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Let a field follow its source again."""
    page = workspace_page(request, "records", "")
    entry = found(editing.record_to_edit(person(request), kind, pk))
    group = request.POST.get("field", "")
    found(entry.origins.get(group))
    release_field(kind, pk, group, by=person(request), now=page.now)
    note = gettext("“%(field)s” follows its source again.") % {"field": words.word(words.FIELDS, group)}
    return go(request, f"/workspace/records/{kind}/{pk}/", note)


@require_POST
@signed_in
def publication(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Publish or withdraw a record."""
    page = workspace_page(request, "records", "")
    found(editing.record_to_edit(person(request), kind, pk))
    here = f"/workspace/records/{kind}/{pk}/"
    if request.POST.get("state") == "withdrawn":
        withdraw_item(kind, pk, by=person(request), now=page.now)
        return go(request, here, gettext("Withdrawn: it no longer stands on the public pages."))
    state = publish_item(kind, pk, by=person(request), now=page.now)
    if state == Publication.SUBMITTED:
        return go(
            request, here, gettext("Submitted: the reviewers have been told. It is published when one accepts it.")
        )
    return go(request, here, gettext("Published: it stands on the public pages now."))


@require_POST
@signed_in
def copy(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Make a draft like this record, and go on with it."""
    page = workspace_page(request, "records", "")
    found(editing.record_to_edit(person(request), kind, pk))
    fresh = copy_item(kind, pk, by=person(request), now=page.now)
    note = gettext("This is the copy, a draft. Change what is different, then publish it.")
    return go(request, f"/workspace/records/{kind}/{fresh}/", note)
