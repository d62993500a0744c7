"""Sign in and out."""

from __future__ import annotations

from typing import Final

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core.accounts import oidc, session
from allmende.core.models import User
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.page import Page
from allmende.guide.views.workspace.account.entrance import let_in
from allmende.guide.views.workspace.frame import go, private, show, signed_in, workspace_page
from allmende.guide.views.workspace.gate import wanted_path

PER_SENDER: Final = Limit(30, 900)
PER_PAIR: Final = Limit(10, 900)
PER_ACCOUNT: Final = Limit(100, 900)
"""Tries in a quarter of an hour: by a sender, by a sender for one account, and for one account by all (wide, so that
nobody can lock its owner out with a handful of tries).  Addresses without an account are counted alike."""


def _is_too_fast(request: HttpRequest, email: str, page: Page) -> bool:
    account = salted_hmac("allmende.rate.account", email.lower()).hexdigest()[:24]
    by_sender = is_too_fast("sign-in", sender_of(request), PER_SENDER, now=page.now)
    by_pair = is_too_fast("sign-in-as", f"{account[:16]}{sender_of(request)[:16]}", PER_PAIR, now=page.now)
    by_account = is_too_fast("sign-in-to", account, PER_ACCOUNT, now=page.now)
    return by_sender or by_pair or by_account


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail address and password; say no more than that they do not match."""
    if request.user.is_authenticated:
        return private(go(request, wanted_path(request)))
    page = workspace_page(request, "", gettext("Sign in"))
    page.styles += ("guide/workspace/account.css",)
    page.scripts += ("guide/workspace/passkey.js",)
    context = {
        "next": f"{page.base}{wanted_path(request)}",
        "email": "",
        "error": "",
        "providers": oidc.providers(),
    }
    if request.method != "POST":
        return private(show(request, page, "sign_in.html", context))
    email = request.POST.get("email", "").strip()[:254]
    context["email"] = email
    if _is_too_fast(request, email, page):
        context["error"] = gettext("That were many tries in a short time. Please try again in a quarter of an hour.")
        return private(show(request, page, "sign_in.html", context, status=429))
    user = authenticate(request, username=email, password=request.POST.get("password", "")[:1000])
    if not isinstance(user, User):
        context["error"] = gettext("E-mail address and password do not match. Please try again.")
        return private(show(request, page, "sign_in.html", context, status=422))
    return let_in(request, user, method="password", next_path=wanted_path(request), now=page.now)


@require_POST
@signed_in
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and on the server."""
    session.leave(request)
    return go(request, "/workspace/sign-in/", gettext("You are signed out."))
