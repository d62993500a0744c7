"""Setting up the second step: authenticator app, recovery codes, passkeys."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core.accounts import actions, factors
from allmende.core.accounts.devices import device_of
from allmende.core.accounts.queries import factors_of
from allmende.core.rate import Limit, is_too_fast
from allmende.guide.page import Page
from allmende.guide.views.workspace.account.entrance import account_page, answer_of, too_many
from allmende.guide.views.workspace.account.forms import PasskeyNameForm
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in
from allmende.guide.views.workspace.gate import ACCOUNT, confirmed

SECRET: Final = "new_app"  # noqa: S105  a name in the session
TRIES: Final = Limit(30, 900)
BACK: Final = f"{ACCOUNT}#second-step"


def _page(request: HttpRequest, title: str) -> Page:
    page = account_page(request, title)
    page.crumbs = ((gettext("Your account"), f"{page.base}{ACCOUNT}"),)
    return page


def _show_codes(request: HttpRequest, page: Page, codes: list[str], done: str) -> HttpResponse:
    """The new recovery codes, this once."""
    text = "\r\n".join([f"{page.brand.name}: {gettext('Recovery codes')}", person(request).email, "", *codes, ""])
    context = {
        "codes": codes,
        "done": done,
        "file": "data:text/plain;charset=utf-8," + urlencode({"": text})[1:].replace("+", "%20"),
    }
    return show(request, page, "account/codes.html", context)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: show the secret, ask for a code as proof."""
    user = person(request)
    page = _page(request, gettext("Authenticator app"))
    secret = factors.shown(request.session.get(SECRET, ""))
    if not secret:
        secret = factors.new_secret()
        request.session[SECRET] = factors.hidden(secret)
    error = ""
    if request.method == "POST":
        if is_too_fast("new-app", str(user.pk), TRIES, now=page.now):
            error = too_many()
        else:
            codes = actions.add_app(user, secret, request.POST.get("code", "")[:20], by=user, now=page.now)
            if codes is not None:
                del request.session[SECRET]
                done = gettext("The authenticator app is set up.")
                return _show_codes(request, page, codes, done) if codes else go(request, BACK, done)
            error = gettext("This code is not right. Is the clock of the phone right? Please try the next code.")
    path, side = factors.qr_path(factors.app_address(secret, account=user.email, issuer=page.brand.name))
    context = {
        "error": error,
        "qr": path,
        "side": side,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "is_new": factors_of(user).app_since is None,
    }
    return show(request, page, "account/app.html", context, status=422 if error else 200)


@require_POST
@signed_in
@confirmed
def remove_app(request: HttpRequest) -> HttpResponse:
    """Take the authenticator app away."""
    user = person(request)
    found(actions.remove_app(user, by=user, now=timezone.now()) or None)
    return go(request, BACK, gettext("The authenticator app was removed."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them this once."""
    user = person(request)
    page = _page(request, gettext("Recovery codes"))
    mine = found(factors_of(user) if factors_of(user).any else None)
    if request.method != "POST":
        return show(request, page, "account/new_codes.html", {"left": mine.codes_left})
    made = actions.renew_recovery_codes(user, by=user, now=page.now)
    return _show_codes(request, page, made, gettext("The new recovery codes are made."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def new_passkey(request: HttpRequest) -> HttpResponse:
    """Make a passkey: the browser does, and sends what it made."""
    user = person(request)
    page = _page(request, gettext("New passkey"))
    device = device_of(request.META.get("HTTP_USER_AGENT", "")).rpartition("|")[2]
    form = PasskeyNameForm(request.POST or None, initial={"name": device or gettext("My passkey")})
    context: dict[str, Any] = {"form": form, "error": ""}
    if request.method != "POST":
        return show(request, page, "account/passkey.html", context)
    if form.is_valid():
        name = form.cleaned_data["name"]
        made = actions.add_passkey(request, user, name, answer_of(request), by=user, now=page.now)
        if made is not None:
            done = gettext("The passkey is set up.")
            return _show_codes(request, page, made, done) if made else go(request, BACK, done)
        context["error"] = gettext("The passkey could not be kept. Please try again.")
    return show(request, page, "account/passkey.html", context, status=422)


@require_POST
@signed_in
@confirmed
def new_passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a passkey."""
    return JsonResponse(factors.registration_options(request, person(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a passkey another name."""
    user = person(request)
    mine = found(next((one for one in factors_of(user).passkeys if one.id == pk), None))
    page = _page(request, gettext("Rename the passkey"))
    form = PasskeyNameForm(request.POST or None, initial={"name": mine.name})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return show(request, page, "account/passkey_name.html", {"form": form, "passkey": mine}, status=status)
    found(actions.rename_passkey(user, pk, form.cleaned_data["name"], by=user, now=page.now) or None)
    return go(request, BACK, gettext("Saved."))


@require_POST
@signed_in
@confirmed
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a passkey away."""
    user = person(request)
    found(actions.remove_passkey(user, pk, by=user, now=timezone.now()) or None)
    return go(request, BACK, gettext("The passkey is removed. Remove it from the device as well."))
