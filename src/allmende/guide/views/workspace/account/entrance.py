"""The ways in after the first: the second step, and a passkey in place of a password."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core.accounts import factors, session
from allmende.core.accounts.actions import check_code
from allmende.core.accounts.queries import factors_of, has_second_factor
from allmende.core.models import User
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import go, private, show, workspace_page
from allmende.guide.views.workspace.gate import wanted_path

CODES: Final = Limit(10, 900)
"""Codes that one account may try in a quarter of an hour.  The password comes first, so nobody can lock its owner out."""
PASSKEYS: Final = Limit(60, 900)
"""Questions and answers of passkeys that one sender may ask for in a quarter of an hour."""
LONGEST_ANSWER: Final = 20_000
SECOND_STEP: Final = "/workspace/sign-in/second-step/"


def too_many() -> str:
    """What is said to whoever tries too often."""
    return gettext("That were many tries in a short time. Please try again in a quarter of an hour.")


def let_in(request: HttpRequest, user: User, *, method: str, next_path: str, now: datetime) -> HttpResponse:
    """Sign in whoever has shown the first factor, or ask for the second where there is one."""
    if has_second_factor(user.pk):
        session.wait_for_second_step(request, user, method=method, next_path=next_path, now=now)
        return private(go(request, SECOND_STEP))
    session.enter(request, user, method=method, now=now)
    return private(go(request, next_path))


def account_page(request: HttpRequest, title: str) -> Page:
    """The frame of a page about an account."""
    page = workspace_page(request, "account", title)
    page.styles += ("guide/workspace/account.css",)
    page.scripts += ("guide/workspace/passkey.js",)
    return page


def answer_of(request: HttpRequest) -> Any:
    """What the browser's passkey said, as JSON; None for what is none."""
    text = request.POST.get("credential", "")
    try:
        return json.loads(text) if len(text) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        return None


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the app, a recovery code, or a passkey."""
    if request.user.is_authenticated:
        return private(go(request, "/workspace/"))
    page = account_page(request, gettext("Second step"))
    waiting = session.pending(request, now=page.now)
    if waiting is None:
        return private(go(request, "/workspace/sign-in/"))
    context = {"error": "", "factors": factors_of(waiting.user)}
    if request.method != "POST":
        return private(show(request, page, "account/second_step.html", context))
    if is_too_fast("second-step", str(waiting.user.pk), CODES, now=page.now):
        context["error"] = too_many()
        return private(show(request, page, "account/second_step.html", context, status=429))
    if request.POST.get("credential"):
        is_right = factors.who_answers(request, answer_of(request), user=waiting.user, now=page.now) is not None
        method = "passkey"
        wrong = gettext("This passkey does not open this account. Please try again.")
    else:
        method = check_code(waiting.user, request.POST.get("code", "")[:40], now=page.now)
        is_right = bool(method)
        wrong = gettext("This code is not right, or was used already. Please try the next one.")
    if not is_right:
        context["error"] = wrong
        return private(show(request, page, "account/second_step.html", context, status=422))
    session.enter(request, waiting.user, method=f"{waiting.method}+{method}", now=page.now)
    note = ""
    if method == "recovery":
        left = factors_of(waiting.user).codes_left
        note = ngettext(
            "You used a recovery code; %(left)s is left. Make new ones before they run out.",
            "You used a recovery code; %(left)s are left. Make new ones before they run out.",
            left,
        ) % {"left": left}
    return private(go(request, waiting.next, note))


@require_POST
def passkey_question(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask for a passkey, for whoever is at the second step, signed in, or nobody yet."""
    page = workspace_page(request, "", "")
    if is_too_fast("passkey", sender_of(request), PASSKEYS, now=page.now):
        return private(JsonResponse({"error": too_many()}, status=429))
    waiting = session.pending(request, now=page.now)
    known = request.user if isinstance(request.user, User) else waiting.user if waiting else None
    return private(JsonResponse(factors.question(request, known)))


@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: it is a thing and a finger or PIN, so there is no second step."""
    page = workspace_page(request, "", "")
    if is_too_fast("passkey", sender_of(request), PASSKEYS, now=page.now):
        return private(go(request, "/workspace/sign-in/", too_many(), is_good=False))
    if request.user.is_authenticated:
        return private(go(request, wanted_path(request)))
    user = factors.who_answers(request, answer_of(request), user=None, now=page.now)
    if user is None:
        note = gettext("This passkey is not known here. Sign in with your password, or try another one.")
        return private(go(request, "/workspace/sign-in/", note, is_good=False))
    session.enter(request, user, method="passkey", now=page.now)
    return private(go(request, wanted_path(request)))
