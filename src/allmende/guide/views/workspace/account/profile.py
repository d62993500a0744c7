"""A person's own account: name, language, password, and where they are signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core import formats
from allmende.core.accounts import oidc, session
from allmende.core.accounts.actions import change_password, save_profile, sign_out_elsewhere, sign_out_there
from allmende.core.accounts.address import open_change
from allmende.core.accounts.queries import SignedIn, factors_of, sign_ins
from allmende.guide.page import Page
from allmende.guide.views.workspace.account.entrance import account_page
from allmende.guide.views.workspace.account.forms import PasswordForm, ProfileForm
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in
from allmende.guide.views.workspace.gate import ACCOUNT, confirmed
from allmende.partners.second_factor import needs_second_factor, networks_that_ask


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Everything about the account on one page; name and language are kept here."""
    user = person(request)
    page = account_page(request, gettext("Your account"))
    form = ProfileForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        save_profile(user, name=told["name"], language=told["language"], by=user, now=page.now)
        return go(request, ACCOUNT, gettext("Saved."))
    return show(request, page, "account/account.html", _all(request, page, form), status=422 if form.errors else 200)


def _all(request: HttpRequest, page: Page, form: ProfileForm) -> dict[str, Any]:
    user = person(request)
    factors = factors_of(user)
    is_asked_for = needs_second_factor(user)
    linked = oidc.identities(user)
    names = {one.provider for one in linked}
    return {
        "form": form,
        "waiting": open_change(user, now=page.now),
        "factors": factors,
        "is_missing": is_asked_for and not factors.any,
        "asking": list(networks_that_ask(user).values_list("name", flat=True)[:5]) if is_asked_for else [],
        "has_password": user.has_usable_password(),
        "sign_ins": sign_ins(user, request.session.session_key or "", now=page.now),
        "identities": linked,
        "providers": [one for one in oidc.providers() if one.name not in names],
        "device": _device,
        "way": _way,
        "day": lambda at: formats.day_medium(at.astimezone(page.zone).date(), page.language),
        "hour": lambda at: formats.clock(at.astimezone(page.zone).time(), page.language),
    }


def _device(one: SignedIn) -> str:
    if one.browser and one.system:
        return gettext("%(browser)s on %(system)s") % {"browser": one.browser, "system": one.system}
    return one.browser or one.system or gettext("A device that says nothing about itself")


def _way(method: str) -> str:
    """How somebody came in: ``password+app`` -> "Password, authenticator app"."""
    words = {
        "password": gettext("Password"),
        "app": gettext("authenticator app"),
        "recovery": gettext("recovery code"),
        "passkey": gettext("passkey"),
    }
    parts = [words.get(part) or _provider(part) for part in method.split("+") if part]
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:]


def _provider(part: str) -> str:
    provider = oidc.provider_named(part.removeprefix("oidc:"))
    return provider.name if provider else ""


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def password(request: HttpRequest) -> HttpResponse:
    """Set a new password; every other session ends."""
    user = person(request)
    page = account_page(request, gettext("Change the password"))
    page.crumbs = ((gettext("Your account"), f"{page.base}{ACCOUNT}"),)
    form = PasswordForm(request.POST or None, user=user)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "email": user.email, "action": "/workspace/account/password/"}
        return show(request, page, "account/new_password.html", context, status=422 if form.errors else 200)
    old_key = request.session.session_key or ""
    change_password(user, form.cleaned_data["password"], by=user, now=page.now, keep_session=old_key)
    update_session_auth_hash(request, user)  # gives the session a new key
    session.keep_after_password_change(old_key, request.session.session_key)
    return go(request, ACCOUNT, gettext("The password is changed. You are signed out everywhere else."))


@require_POST
@signed_in
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out on one other device."""
    user = person(request)
    key = request.session.session_key or ""
    found(sign_out_there(user, pk, by=user, now=timezone.now(), keep=key) or None)
    return go(request, f"{ACCOUNT}#signed-in", gettext("You are signed out there."))


@require_POST
@signed_in
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user = person(request)
    sign_out_elsewhere(user, by=user, now=timezone.now(), keep=request.session.session_key or "")
    return go(request, f"{ACCOUNT}#signed-in", gettext("You are signed out everywhere else."))
