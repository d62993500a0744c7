"""A new event, place or offer: the form of a record in which nothing stands yet.  It lands as a draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.catalogue.actions import EditRefused
from allmende.catalogue.actions.editorial.create import blank_columns, create_item
from allmende.catalogue.queries.editing import EditableRecord
from allmende.catalogue.values import KINDS
from allmende.core.drafts import forget_draft
from allmende.core.languages import LANGUAGES, OWN_NAMES
from allmende.guide.page import Page
from allmende.guide.views.workspace import inputs, words
from allmende.guide.views.workspace.edit import State, changes_of, form_context, told
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.typed import form_name, typed_context
from allmende.partners.policy.queries import organisations_of_editor


def _chosen(request: HttpRequest, owners: list[tuple[int, str]]) -> int:
    """The organisation that the record will belong to: as asked, else the first; what is not one's own is nobody's."""
    asked = request.POST.get("organisation") or request.GET.get("organisation", "")
    if not asked:
        return owners[0][0]
    ids = {str(pk) for pk, _ in owners}
    return int(found(asked if asked in ids else None))


def _language(request: HttpRequest, page: Page) -> str:
    asked = request.POST.get("language") or request.GET.get("language", "")
    return asked if asked in LANGUAGES else page.language


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_record(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty form, and what it sends."""
    found(kind if kind in KINDS else None)
    user = person(request)
    owners = organisations_of_editor(user)
    found(owners or None)
    owner = _chosen(request, owners)
    page = workspace_page(request, "records", words.word(words.NEW, kind))
    page.crumbs = ((gettext("Records"), f"{page.base}/workspace/records/?kind={kind}"),)
    language = _language(request, page)
    columns = blank_columns(kind, organisation_id=owner, language=language, timezone=page.brand.timezone)
    entry = EditableRecord(kind, 0, columns, None, dict(owners)[owner], "", {}, [], {}, None)
    entry.columns["updated_at"] = page.now
    choice = {"owners": owners, "owner": owner, "language": language, "languages_to_write": OWN_NAMES}
    if request.method == "POST":
        return _make(request, page, entry, choice)
    told_before, draft = typed_context(request, page, kind, 0)
    state = State(dict(draft.typed)) if draft else State(inputs.show(kind, columns))
    return _form(request, page, entry, state, choice | told_before)


def _make(request: HttpRequest, page: Page, entry: EditableRecord, choice: dict[str, Any]) -> HttpResponse:
    kind, typed = entry.kind, told(request)
    tab = request.POST.get("tab", "")[:40]
    choice = {**choice, **typed_context(request, page, kind, 0)[0], "typed_tab": tab, "drafts": []}
    state = State(dict(typed))
    empty, filled = inputs.prints(kind, inputs.show(kind, entry.columns)), inputs.prints(kind, typed)
    groups = [group for group in filled if filled[group] != empty[group] or group in {"name", "schedule"}]
    values = changes_of(kind, groups, typed, entry, state)
    if state.errors:
        return _form(request, page, entry, state, choice, status=422)
    try:
        fresh = create_item(
            kind,
            choice["owner"],
            values,
            language=choice["language"],
            timezone=page.brand.timezone,
            by=person(request),
            now=page.now,
        )
    except EditRefused as refused:
        state.errors[refused.field] = str(refused)
        return _form(request, page, entry, state, choice, status=422)
    forget_draft(person(request), form_name(kind, 0), tab or "-")
    note = gettext("Kept as a draft. The public sees it once it is published.")
    return go(request, f"/workspace/records/{kind}/{fresh}/", note)


def _form(
    request: HttpRequest,
    page: Page,
    entry: EditableRecord,
    state: State,
    choice: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    page.scripts = (*page.scripts, "guide/workspace_map.js")
    page.styles = (*page.styles, "guide/workspace/editorial.css")
    context = form_context(page, entry, state) | choice
    context["hidden"] = [("organisation", choice["owner"]), ("language", choice["language"])]
    return show(request, page, "record.html", context, status=status)
