"""The versions of a record, and taking one again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.catalogue.actions.edit import EditOvertaken, EditRefused
from allmende.catalogue.actions.editorial.restore import restore_version
from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editing import EditableRecord
from allmende.catalogue.queries.editorial import history as queries
from allmende.core import formats
from allmende.core.text import pick
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.differences import rows_of
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page


def _open(request: HttpRequest, kind: str, pk: int, title: str) -> tuple[EditableRecord, Page]:
    entry: EditableRecord = found(editing.record_to_edit(person(request), kind, pk))
    page = workspace_page(request, "records", title)
    page.styles = (*page.styles, "guide/workspace/editorial.css")
    name = pick(entry.columns["name"], page.language).text or f"{kind} {pk}"
    here = f"{page.base}/workspace/records/{kind}/{pk}/"
    page.crumbs = ((gettext("Records"), f"{page.base}/workspace/records/?kind={kind}"), (name, here))
    return entry, page


@require_safe
@signed_in
def versions(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Who changed what, the latest first."""
    entry, page = _open(request, kind, pk, gettext("History"))
    asked = request.GET.get("page", "")
    listing = queries.versions_of(kind, pk, page=int(asked) if asked.isdecimal() and len(asked) < 7 else 1)
    now = entry.columns
    rows = [
        (one, rows_of({**now, **one.before}, {**now, **one.after}, page.language), one.after.get("state", ""))
        for one in listing.rows
    ]
    page.query = f"page={listing.page}" if listing.page > 1 else ""
    context = {"entry": entry, "rows": rows, "listing": listing, "words": words}
    return show(request, page, "versions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def version(request: HttpRequest, kind: str, pk: int, number: int) -> HttpResponse:
    """One version beside today's; sending the form takes it again."""
    entry, page = _open(request, kind, pk, "")
    at, then = found(queries.version_then(kind, pk, number))
    page.title = (
        gettext("Version of %(day)s") % {"day": formats.at_local(at.astimezone(page.zone), page.language)}
        if at
        else gettext("Before the first change")
    )
    page.crumbs = (*page.crumbs, (gettext("History"), f"{page.base}/workspace/records/{kind}/{pk}/history/"))
    error = ""
    if request.method == "POST":
        here = f"/workspace/records/{kind}/{pk}/"
        try:
            seen = entry.columns["updated_at"]
            is_same = request.POST.get("seen", "") in {"", seen.isoformat()}
            changed = (
                restore_version(kind, pk, number, by=person(request), now=page.now, seen=seen) if is_same else None
            )
        except EditOvertaken:
            changed = None
        except EditRefused as refused:
            return _show(request, page, entry, number, then, str(refused), 422)
        if changed is not None:
            names = formats.words([words.word(words.FIELDS, group) for group in changed], page.language)
            if not changed:
                return go(request, here, gettext("Nothing to restore: it is like this today."))
            if changed.is_proposed:
                note = gettext("Kept for review: %(fields)s. What is public stays as it is until somebody has looked.")
            else:
                note = gettext("Restored: %(fields)s.")
            return go(request, here, note % {"fields": names})
        entry = found(editing.record_to_edit(person(request), kind, pk))
        error = gettext("It was changed while you looked at it. Here is how it is now; please look again.")
    return _show(request, page, entry, number, then, error, 409 if error else 200)


def _show(
    request: HttpRequest,
    page: Page,
    entry: EditableRecord,
    number: int,
    then: dict[str, object],
    error: str,
    status: int,
) -> HttpResponse:
    context = {
        "entry": entry,
        "rows": rows_of(entry.columns, {**entry.columns, **then}, page.language),
        "number": number,
        "error": error,
        "words": words,
    }
    return show(request, page, "version.html", context, status=status)
