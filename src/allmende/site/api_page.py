"""The page on which a developer tries the API, made from its OpenAPI document.

Each reading operation is a form.  Without scripts it opens the answer; with them the answer is shown below it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue import queries
from allmende.core.languages import OWN_NAMES
from allmende.guide.page import Page, new_page, render
from allmende.site.api import ROOT, openapi

LONGEST: Final = 600
EXAMPLES: Final = {
    "near": "1.44,43.6",
    "bbox": "0.5,43.2,2.0,44.0",
    "modified_since": "1970-01-01T00:00:00Z",
    "since": "2026-12-05",
    "until": "2026-12-06",
    "fields": "name,next,place",
    "category": "music",
    "access": "step_free",
    "audience": "families",
}
FIRST: Final = {
    "list_events": ("q", "category", "municipality", "since", "until", "limit"),
    "list_places": ("q", "category", "municipality", "near", "limit"),
    "list_offers": ("q", "category", "municipality", "near", "limit"),
    "search": ("q", "kind", "limit"),
    "list_changes": ("modified_since", "kind", "limit"),
    "list_organisations": ("q", "organisation_kind", "limit"),
    "list_busy": ("municipality", "level", "days"),
    "get_busy": ("id", "days"),
    "list_occurrences": ("id", "since", "until"),
}
"""Parameters that stand open; the others are folded away."""


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter as a field of the form."""

    name: str
    words: str
    sort: str
    """text, number, date, choice or yes."""
    choices: tuple[str, ...]
    value: str
    example: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    title: str
    first: list[Input]
    rest: list[Input]
    can_try: bool
    curl: str
    statuses: tuple[str, ...]


def code(text: str) -> list[tuple[bool, str]]:
    """A sentence in pieces, with whether each is code (between backticks)."""
    return [(bool(place % 2), piece) for place, piece in enumerate(text.split("`")) if piece]


def _input(parameter: dict[str, Any], some: dict[str, str]) -> Input:
    schema = parameter["schema"]
    kind = schema.get("items", schema) if schema.get("type") == "array" else schema
    name = parameter["name"]
    choices = tuple(kind.get("enum", [kind["const"]] if "const" in kind else []))
    sort = "text"
    if choices:
        sort = "choice"
    elif kind.get("type") == "boolean":
        sort = "yes"
    elif kind.get("type") in {"integer", "number"}:
        sort = "number"
    elif kind.get("format") == "date":
        sort = "date"
    is_required = bool(parameter.get("required"))
    words: str = parameter.get("description", "")
    return Input(
        name,
        gettext(words),
        sort,
        choices,
        some.get(name, "") if is_required else "",
        EXAMPLES.get(name, ""),
        is_required,
    )


def _curl(page: Page, method: str, path: str, operation: dict[str, Any], some: dict[str, str]) -> str:
    address = page.origin + re.sub(r"\{(\w+)\}", lambda found: some.get(found[1], found[1]), path)
    needed = [p["name"] for p in operation["parameters"] if p["in"] == "query" and p.get("required")]
    if needed:
        address += "?" + urlencode({name: some.get(name, "") for name in needed}, safe=":,")
    if method == "get" and operation["operationId"] not in {"list_own_sources", "get_delivery"}:
        return f"curl {shlex.quote(address)}"
    parts = ["curl", *(["-X", method.upper()] if method != "get" else []), '-H "Authorization: Bearer $KEY"']
    if method in {"patch", "delete"}:
        parts.append("-H 'If-Match: \"*\"'")
    if method == "patch":
        parts.append("""-H 'Content-Type: application/json' -d '{"url": "https://example.org/"}'""")
    if method == "post":
        parts.append("-H 'Content-Type: text/calendar' --data-binary @events.ics")
        address += "?preview=true"
    return " ".join([*parts, shlex.quote(address)])


def _entry(page: Page, path: str, method: str, operation: dict[str, Any], some: dict[str, str]) -> Entry:
    told = [p for p in operation["parameters"] if p["in"] in {"path", "query"}]
    summary: str = operation["summary"]
    inputs = [_input(parameter, some) for parameter in told]
    named = FIRST.get(operation["operationId"], ())
    first = sorted((i for i in inputs if i.name in named), key=lambda i: named.index(i.name))
    first = [i for i in inputs if i.is_required and i.name not in named] + first
    return Entry(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=gettext(summary),
        first=first,
        rest=[i for i in inputs if i not in first],
        can_try=method == "get" and operation["operationId"] not in {"list_own_sources", "get_delivery"},
        curl=_curl(page, method, path, operation, some),
        statuses=tuple(sorted(operation["responses"])),
    )


def _something(page: Page) -> dict[str, str]:
    """Values that exist here, so that the examples answer something."""
    cards = queries.list_events(queries.Filters(), language=page.language, now=page.now, zone=page.zone, limit=1).cards
    identifier = str(cards[0].id) if cards else "1"
    name = cards[0].name.text.split(" ")[0] if cards else "festival"
    return {"id": identifier, "q": name, "modified_since": EXAMPLES["modified_since"], "slug": "agenda"}


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """All operations, in groups."""
    page = new_page(request)
    page.title = gettext("For developers: the API")
    page.description = gettext("Read and write events, places and offers of this region with your own programs.")
    page.styles = ("site/api.css",)
    page.scripts = ("site/api.js",)
    document = openapi()
    some = _something(page)
    entries = [
        (operation["tags"][0], _entry(page, path, method, operation, some))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    groups = [
        (tag, title, text, [entry for mark, entry in entries if mark == tag])
        for tag, title, text in (
            ("reading", gettext("Reading"), gettext("Open to everybody, without a key.")),
            ("writing", gettext("Writing"), gettext("With a key of your organisation, made in the workspace.")),
        )
    ]
    context = {
        "groups": groups,
        "code": code,
        "root": ROOT,
        "version": document["info"]["version"],
        "own_names": OWN_NAMES,
    }
    return render(page, "site/api.html", context)


def _find(operation_id: str) -> tuple[str, dict[str, Any]]:
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] == operation_id and method == "get":
                return path, operation
    raise Http404


@require_safe
def try_it(request: HttpRequest, operation: str) -> HttpResponse:
    """Open what a form asks for: put the path together, and leave out what was left empty."""
    path, told = _find(operation)
    in_path = {p["name"] for p in told["parameters"] if p["in"] == "path"}
    in_query = [p["name"] for p in told["parameters"] if p["in"] == "query"]
    for name in in_path:
        value = request.GET.get(name, "").strip()[:80]
        path = path.replace(f"{{{name}}}", quote(value or "-", safe=""))
    pairs = [
        (name, value.strip()[:LONGEST])
        for name in in_query
        for value in request.GET.getlist(name)[:20]
        if value.strip()
    ]
    response = HttpResponseRedirect(path + (f"?{urlencode(pairs)}" if pairs else ""))
    response.status_code = 303
    response["Cache-Control"] = "no-store"
    return response
