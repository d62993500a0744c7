"""What every page of the workspace shares: sign-in, the frame, and answers that no cache keeps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext

from allmende.catalogue.queries import editing
from allmende.core.accounts import session
from allmende.core.models import User
from allmende.core.notices import unread_after_opening
from allmende.core.rate import Limit, is_too_fast
from allmende.guide.page import Page, new_page, render
from allmende.guide.rules import (
    is_operator,
    managed_ids,
    may_enter_workspace,
    may_set_brand,
    remember_seats,
    speaks_for_the_region,
)
from allmende.guide.views.workspace.gate import ACCOUNT, is_stopped
from allmende.guide.views.workspace.menu import NOBODY, menu_of
from allmende.partners.policy.queries import reviews_in_a_network

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

CHANGES = Limit(600, 3600)
"""Forms that one person may send in an hour: far more than anybody types, far less than a program tries."""


def private(response: HttpResponse) -> HttpResponse:
    """Keep an answer out of every cache."""
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["Cookie"])
    return response


def _too_many() -> HttpResponse:
    sentence = gettext("Those were many changes in a short time. Please go on in an hour.")
    return HttpResponse(f"{sentence}\n", status=429, content_type="text/plain; charset=utf-8")


def signed_in(view: View[P]) -> View[P]:
    """Let only people with an account in; others are asked to sign in and then come back here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            base = f"/{request.LANGUAGE_CODE}"
            back = base + getattr(request, "path_without_language", request.path_info)
            next_page = {"next": back} if request.method == "GET" else {}
            query = "?" + urlencode(next_page) if next_page else ""
            return private(HttpResponseRedirect(f"{base}/workspace/sign-in/{query}"))
        remember_seats(request.user)
        now = timezone.now()
        if request.method == "POST" and is_too_fast("workspace", str(request.user.pk), CHANGES, now=now):
            return private(_too_many())
        session.seen(request, now=now)
        if is_stopped(request, now=now):
            return private(go(request, ACCOUNT))
        return private(view(request, *args, **kwargs))

    return cast(View[P], guarded)


def person(request: HttpRequest) -> User:
    """Who is signed in."""
    return cast(User, request.user)


def found(value: Any) -> Any:
    """``value``, or the answer that there is no such page: what one may not see looks like what does not exist."""
    if value is None:
        raise Http404
    return value


def workspace_page(request: HttpRequest, section: str, title: str) -> Page:
    """The frame of a page of the workspace."""
    page = new_page(request)
    page.section = section
    page.title = title
    page.robots = "noindex, nofollow"
    page.styles = ("guide/workspace.css",)
    page.scripts = ("guide/workspace.js",)
    return page


def show(
    request: HttpRequest, page: Page, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The finished page with the person's own navigation."""
    user = request.user
    is_known = user.is_authenticated
    told: dict[str, Any] = {
        "is_member": is_known and may_enter_workspace(user),
        "may_edit": is_known and editing.has_records_to_edit(user),
        "may_import": is_known and (is_operator(user) or bool(managed_ids(user))),
        "may_brand": is_known and may_set_brand(user),
        "may_review": is_known and reviews_in_a_network(user),
        "may_join_areas": is_known and speaks_for_the_region(user),
        "waiting_reports": editing.open_reports(user) if is_known else 0,
    }
    values = {
        "user": user if is_known else None,
        **told,
        "may_align": told["is_member"],
        "may_decide": told["may_import"] or told["may_brand"],
        "menu": menu_of(**told) if is_known else NOBODY,
        "unread": unread_after_opening(person(request), page.path, now=page.now) if is_known else 0,
        "notes": [(message.level_tag, str(message)) for message in messages.get_messages(request)],
        **(context or {}),
    }
    return render(page, f"workspace/{template}", values, status=status, max_age=0, request=request)


def go(request: HttpRequest, path: str, note: str = "", *, is_good: bool = True) -> HttpResponse:
    """On to another page, with a word about what was done."""
    if note:
        (messages.success if is_good else messages.error)(request, note)
    response = HttpResponseRedirect(f"/{request.LANGUAGE_CODE}{path}")
    response.status_code = 303
    return response
