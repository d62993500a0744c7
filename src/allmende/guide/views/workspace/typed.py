"""What is typed into the form of a record is kept while it is typed."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.catalogue.queries import editing
from allmende.catalogue.values import KINDS
from allmende.core import formats
from allmende.core.drafts import DraftTooLarge, drafts_of, forget_draft, keep_draft
from allmende.core.models import FormDraft
from allmende.core.rate import Limit, is_too_fast
from allmende.guide.page import Page
from allmende.guide.views.workspace import inputs
from allmende.guide.views.workspace.frame import found, go, person, signed_in, workspace_page

TYPED = Limit(2400, 3600)
"""So often may one person's windows send what is typed in an hour."""
SCRIPT = "guide/workspace/typed.js"
_TAB = re.compile(r"[a-z0-9-]{8,40}")


def form_name(kind: str, pk: int) -> str:
    """Under this name the draft of a record's form is kept; 0: of a new record."""
    return f"record/{kind}/{pk or 'new'}"


def typed_context(request: HttpRequest, page: Page, kind: str, pk: int) -> tuple[dict[str, Any], FormDraft | None]:
    """What the form needs to keep what is typed, and the draft that the person wants to go on with."""
    form = form_name(kind, pk)
    drafts = drafts_of(person(request), form)
    asked = request.GET.get("typed", "")
    chosen = next((one for one in drafts if asked and one.tab == asked), None)
    path = f"{page.base}/workspace/records/{kind}/{pk or 'new'}/typed/"
    page.scripts = (*page.scripts, SCRIPT)
    rest = [one for one in drafts if one is not chosen]
    return {"drafts": rest, "typed_path": path, "typed_tab": chosen.tab if chosen else "", "form_name": form}, chosen


@require_http_methods(["PUT", "POST"])
@signed_in
def typed(request: HttpRequest, kind: str, pk: int = 0) -> HttpResponse:
    """PUT keeps what is typed, POST throws away what was."""
    user = person(request)
    found(kind if kind in KINDS else None)
    if pk:
        found(editing.may_open(user, kind, pk) or None)
    else:
        found(editing.has_records_to_edit(user) or None)
    page = workspace_page(request, "records", "")
    form = form_name(kind, pk)
    if request.method == "POST":
        forget_draft(user, form, request.POST.get("tab", "")[:40] or "-")
        return go(request, f"/workspace/records/{kind}/{pk or 'new'}/", gettext("Thrown away."))
    if is_too_fast("typed", str(user.pk), TYPED, now=page.now):
        return HttpResponse(status=429)
    try:
        tab, number, values, seen = parse_typed(request.body)
    except ValueError:
        return HttpResponse(status=400)
    try:
        draft = keep_draft(user, form, inputs.typed(values), seen, tab=tab, number=number, now=page.now)
    except DraftTooLarge:
        return HttpResponse(status=413)
    at = formats.clock(draft.saved_at.astimezone(page.zone).time(), page.language)
    return JsonResponse({"words": gettext("Kept at %(time)s, not saved yet") % {"time": at}})


def parse_typed(body: bytes) -> tuple[str, int, dict[str, list[str]], dict[str, str]]:
    """Window, number, inputs and prints that the page's script sends; raises ``ValueError`` for anything else."""
    try:
        told = json.loads(body)
        tab, number = str(told["tab"]), int(told["number"])
        values = {
            str(name)[:100]: [str(text) for text in texts] for name, texts in told["typed"].items() if "." in name
        }
        seen = {str(name)[:60]: str(value)[:40] for name, value in told["seen"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not what the page sends") from error
    if not _TAB.fullmatch(tab) or not 0 < number < 2**31:
        raise ValueError("not what the page sends")
    return tab, number, values, seen
