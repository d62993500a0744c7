"""The records that I may edit."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editing import RecordFilter
from allmende.catalogue.queries.editorial.plans import plans_of
from allmende.catalogue.values import KINDS
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import person, show, signed_in, workspace_page

LONGEST_TEXT = 100


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def filter_of(query: QueryDict, today: date) -> RecordFilter:
    """What is asked for; what makes no sense is left out."""
    kind = query.get("kind", "")
    state, missing = query.get("state", ""), query.get("missing", "")
    return RecordFilter(
        kind=kind if kind in KINDS else "event",
        text=query.get("q", "").strip()[:LONGEST_TEXT],
        source=_number(query.get("source", "")),
        state=state if state in words.STATES else "",
        edited=query.get("edited") == "1",
        missing=missing if missing in words.MISSING else "",
        when=query.get("when", "") if query.get("when", "") in words.WHEN and kind in {"event", ""} else "",
        today=today,
        page=_number(query.get("page", "")) or 1,
    )


def query_of(wanted: RecordFilter, **changes: object) -> str:
    """The address' query for a filter with changes; the page is 1 again unless it is what changes."""
    told = {
        "kind": wanted.kind,
        "q": wanted.text,
        "source": wanted.source,
        "state": wanted.state,
        "edited": "1" if wanted.edited else "",
        "missing": wanted.missing,
        "when": wanted.when,
        **changes,
    }
    return urlencode({name: value for name, value in told.items() if value})


@require_safe
@signed_in
def records(request: HttpRequest) -> HttpResponse:
    """A list with search and filters."""
    user = person(request)
    page = workspace_page(request, "records", gettext("Records"))
    page.styles = (*page.styles, "guide/workspace/bulk.css")
    wanted = filter_of(request.GET, page.today)
    listing = editing.records_to_edit(user, wanted, language=page.language)
    page.query = query_of(wanted)
    context = {
        "wanted": wanted,
        "listing": listing,
        "counts": editing.kind_counts(user),
        "sources": editing.sources_of_records(user, wanted.kind),
        "plans": plans_of(wanted.kind, [row.id for row in listing.rows]),
        "query_of": query_of,
        "words": words,
        "chosen_from": parse_qsl(page.query),
        "is_filtered": bool(
            wanted.text or wanted.source or wanted.state or wanted.edited or wanted.missing or wanted.when
        ),
    }
    return show(request, page, "records.html", context)
