"""Records ticked in the list, or all that its filter finds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict

from allmende.catalogue.queries import editing
from allmende.catalogue.values import KINDS
from allmende.core.models import User
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go
from allmende.guide.views.workspace.records import filter_of, query_of

LONGEST_NUMBER = 18


def numbers(data: QueryDict, name: str = "id") -> list[int]:
    """The record numbers that a form sent, each once."""
    texts = data.getlist(name)
    return list(dict.fromkeys(int(text) for text in texts if text.isdecimal() and len(text) <= LONGEST_NUMBER))


def chosen(user: User, kind: str, data: QueryDict, page: Page, *, limit: int) -> list[int]:
    """The records that ``user`` chose and may edit, at most ``limit``; 404 where none of those named is theirs.

    ``all=1`` with the list's own filter stands for all that it finds.
    """
    found(kind if kind in KINDS and editing.has_records_to_edit(user) else None)
    if data.get("all") == "1":
        wanted = filter_of(data, page.today)
        return editing.all_that_fit(user, wanted, limit=limit) if wanted.kind == kind else []
    named = numbers(data)
    mine = editing.records_chosen(user, kind, named, limit=limit)
    found(mine or not named or None)
    return mine


def back_to_list(request: HttpRequest, kind: str, data: QueryDict, page: Page, note: str) -> HttpResponse:
    """Back to the list as it was, with a word."""
    query = query_of(filter_of(data, page.today), kind=kind)
    return go(request, f"/workspace/records/?{query}", note, is_good=False)
