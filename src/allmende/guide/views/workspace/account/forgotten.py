"""A new password for whoever forgot theirs: a letter with a link that works once and not for long."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core.accounts.actions import change_password, send_link_for_new_password
from allmende.core.accounts.queries import person_of
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.views.workspace.account.entrance import account_page, too_many
from allmende.guide.views.workspace.account.forms import PasswordForm
from allmende.guide.views.workspace.frame import go, private, show

PER_SENDER: Final = Limit(10, 3600)
PER_ADDRESS: Final = Limit(3, 3600)
"""Letters that may be asked for in an hour.  Above, an address gets none, and the page says the same as ever."""
LINK: Final = "password_link"


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the address; answer alike whether there is an account or not."""
    page = account_page(request, gettext("Password forgotten"))
    context = {"is_sent": False, "error": "", "email": request.POST.get("email", "").replace("\0", "").strip()[:254]}
    if request.method != "POST":
        return private(show(request, page, "account/forgotten.html", context))
    if is_too_fast("password", sender_of(request), PER_SENDER, now=page.now):
        context["error"] = too_many()
        return private(show(request, page, "account/forgotten.html", context, status=429))
    address = salted_hmac("allmende.rate.account", str(context["email"]).lower()).hexdigest()[:24]
    if not is_too_fast("password-for", address, PER_ADDRESS, now=page.now):
        send_link_for_new_password(str(context["email"]), now=page.now)
    return private(show(request, page, "account/forgotten.html", {**context, "is_sent": True}))


@require_safe
def follow_link(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """Take the token out of the address, where it could be seen and passed on, into the session."""
    request.session[LINK] = [who, token]
    return private(go(request, "/workspace/password/new/"))


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Set the password that the link is for."""
    page = account_page(request, gettext("Set a new password"))
    who, token = request.session.get(LINK, ["", ""])
    user = person_of(who, token, now=page.now)
    if user is None:
        return private(show(request, page, "account/link_expired.html", status=410))
    form = PasswordForm(request.POST or None, user=user)
    if request.method != "POST" or not form.is_valid():
        status = 200 if request.method != "POST" else 422
        context = {"form": form, "email": user.email, "action": "/workspace/password/new/"}
        return private(show(request, page, "account/new_password.html", context, status=status))
    change_password(user, form.cleaned_data["password"], by=user, now=page.now)
    request.session.pop(LINK, None)
    return private(go(request, "/workspace/sign-in/", gettext("The new password is set. Sign in with it.")))
