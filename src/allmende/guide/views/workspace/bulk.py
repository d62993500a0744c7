"""Many records at once: choose what changes, look at what that does to each, make it, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.catalogue import vocabulary
from allmende.catalogue.actions.editorial.bulk import MOST_AT_ONCE, BulkChange, edit_many
from allmende.catalogue.actions.editorial.bulk_undo import undo_many
from allmende.catalogue.queries.editorial.bulk import Foreseen, bulk_edit_to_see, foresee
from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.differences import told_in_words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.inputs import facts
from allmende.guide.views.workspace.inputs.base import Typed, many, one, typed
from allmende.guide.views.workspace.inputs.bulk import ALL, HOW, read_change
from allmende.guide.views.workspace.selection import back_to_list, chosen

PRICE_ROWS: Final = 3
LABELS: Final[dict[str, str | Promise]] = {**words.FIELDS, "plan": _("Leaves the public pages")}


def _page(request: HttpRequest, kind: str, title: str) -> Page:
    page = workspace_page(request, "records", title)
    page.crumbs = ((gettext("Records"), f"{page.base}/workspace/records/?kind={kind}"),)
    page.styles = (*page.styles, "guide/workspace/editorial.css", "guide/workspace/bulk.css")
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bulk(request: HttpRequest, kind: str) -> HttpResponse:
    """The form; POST ``do=preview`` shows what it would do, ``do=apply`` does it, anything else the form again."""
    page = _page(request, kind, gettext("Change many records"))
    data = request.POST if request.method == "POST" else request.GET
    ids = chosen(person(request), kind, data, page, limit=MOST_AT_ONCE + 1)
    if not ids:
        return back_to_list(request, kind, data, page, gettext("Tick at least one record first."))
    if len(ids) > MOST_AT_ONCE:
        note = gettext("At most %(n)s records at once. Narrow the list with the filter.") % {"n": MOST_AT_ONCE}
        return back_to_list(request, kind, data, page, note)
    inputs = typed({name: data.getlist(name) for name in data if "." in name and not name.startswith("seen.")})
    ticked = [name for name in data.getlist("on") if name in ALL] if request.method == "POST" else []
    do = data.get("do") if request.method == "POST" else ""
    if do not in {"preview", "apply"}:
        return _form(request, page, kind, ids, ticked, inputs, {})
    change, errors = read_change(ticked, inputs, kind, zone=page.zone, now=page.now)
    if not ticked:
        errors["on"] = gettext("Tick what is to change.")
    if errors:
        return _form(request, page, kind, ids, ticked, inputs, errors, status=422)
    if do == "preview":
        return _preview(request, page, kind, ids, change, ticked, inputs)
    edit = edit_many(kind, ids, change, seen=_seen(data), by=person(request), now=page.now)
    return go(request, f"/workspace/changes/{edit.pk}/")


def _seen(data: QueryDict) -> dict[int, datetime]:
    """Record -> the version that the preview showed."""
    seen = {}
    for name in data:
        number = name.removeprefix("seen.")
        if name.startswith("seen.") and number.isdecimal() and len(number) < 19:
            try:
                seen[int(number)] = datetime.fromisoformat(data.get(name, ""))
            except ValueError:
                continue
    return seen


def _form(
    request: HttpRequest,
    page: Page,
    kind: str,
    ids: list[int],
    ticked: list[str],
    inputs: Typed,
    errors: dict[str, str],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "kind": kind,
        "ids": ids,
        "ticked": ticked,
        "errors": errors,
        "value": lambda name: one(inputs, name),
        "values": lambda name: many(inputs, name),
        "categories": facts.category_keys(kind, {"categories": []}),
        "audiences": vocabulary.audiences(),
        "how": HOW,
        "price_rows": range(PRICE_ROWS),
        "labels": LABELS,
        "words": words,
    }
    return show(request, page, "bulk.html", context, status=status)


def _preview(
    request: HttpRequest,
    page: Page,
    kind: str,
    ids: list[int],
    change: BulkChange,
    ticked: list[str],
    inputs: Typed,
) -> HttpResponse:
    page.title = gettext("This would change")
    rows = foresee(person(request), kind, ids, change, language=page.language)
    changing = [row for row in rows if row.fields and not row.refused]
    carried = [("on", name) for name in ticked]
    carried += [(name, text) for name, texts in inputs.items() for text in texts]
    context = {
        "kind": kind,
        "changing": changing,
        "refused": [row for row in rows if row.refused],
        "same": [row for row in rows if not row.fields and not row.refused],
        "carried": carried,
        "all_ids": ids,
        "lines": lambda row: _lines(row, change, page),
    }
    return show(request, page, "bulk_preview.html", context)


def _lines(row: Foreseen, change: BulkChange, page: Page) -> list[tuple[str, str, str]]:
    """(field, before, after) in words."""
    found: list[tuple[str, str, str]] = []
    for field in row.fields:
        label = words.word(LABELS, field)
        if field == "state":
            found.append((label, words.word(words.STATES, row.old_state), words.word(words.STATES, row.new_state)))
        elif field == "plan":
            found.append((label, _moment(row.plan.withdraw_at, page), _moment(change.withdraw_at, page)))
        else:
            before, after = (told_in_words(columns, field, page.language) for columns in (row.before, row.after))
            found.append((label, before, after))
    return found


def _moment(at: datetime | None, page: Page) -> str:
    return formats.at_local(at.astimezone(page.zone), page.language) if at else gettext("not by plan")


@require_safe
@signed_in
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of it."""
    result: Any = found(bulk_edit_to_see(person(request), pk, language=request.LANGUAGE_CODE))
    page = _page(request, result.kind, gettext("Change of many records"))
    n = result.count("changed", "proposed")
    restored = sum(row.is_restored for row in result.rows)
    context = {
        "result": result,
        "n": n,
        "restored": restored,
        "labels": LABELS,
        "words": words,
        "why": lambda text: gettext(text) if text else "",
        "headline": ngettext("%(n)s record changed.", "%(n)s records changed.", n) % {"n": n},
    }
    return show(request, page, "bulk_result.html", context)


@require_POST
@signed_in
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back, where nobody changed the record since."""
    page = workspace_page(request, "records", "")
    before = found(bulk_edit_to_see(person(request), pk, language=request.LANGUAGE_CODE))
    undo_many(pk, by=person(request), now=page.now)
    after = found(bulk_edit_to_see(person(request), pk, language=request.LANGUAGE_CODE))
    n = sum(row.is_restored for row in after.rows) - sum(row.is_restored for row in before.rows)
    note = ngettext("Taken back in %(n)s record.", "Taken back in %(n)s records.", n) % {"n": n}
    return go(request, f"/workspace/changes/{pk}/", note, is_good=n > 0)
