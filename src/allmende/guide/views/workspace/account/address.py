"""Another mail address for one's own account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.core import formats
from allmende.core.accounts.address import (
    ask_for_address,
    change_with,
    confirm_address,
    open_change,
    withdraw_address,
)
from allmende.core.rate import Limit, is_too_fast
from allmende.guide.page import Page
from allmende.guide.views.workspace.account.entrance import account_page, too_many
from allmende.guide.views.workspace.account.forms import AddressForm
from allmende.guide.views.workspace.frame import go, person, show, signed_in
from allmende.guide.views.workspace.gate import ACCOUNT, confirmed

HERE: Final = "/workspace/account/address/"
PER_PERSON: Final = Limit(5, 3600)
PER_ADDRESS: Final = Limit(3, 86_400)
"""Letters that an address gets from all who name it in a day.  Above, it gets none, and the page says the same as ever."""


def _page(request: HttpRequest, title: str) -> Page:
    page = account_page(request, title)
    page.crumbs = ((gettext("Your account"), f"{page.base}{ACCOUNT}"),)
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def address(request: HttpRequest) -> HttpResponse:
    """Name the new address, or take that back; answer alike whether somebody else has it or not."""
    user = person(request)
    page = _page(request, gettext("Change the e-mail address"))
    if request.method == "POST" and request.POST.get("do") == "withdraw":
        gone = withdraw_address(user, by=user, now=page.now)
        return go(request, ACCOUNT, gettext("The address stays as it is.") if gone else "")
    form = AddressForm(request.POST if request.method == "POST" else None, user=user)
    status, error = 200, ""
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not is_too_fast("address", str(user.pk), PER_PERSON, now=page.now):
            if not _is_pestered(email, page.now):
                ask_for_address(user, email, by=user, now=page.now)
            return go(request, HERE, gettext("A letter is on its way to %(email)s.") % {"email": email})
        status, error = 429, too_many()
    elif form.errors:
        status = 422
    waiting = open_change(user, now=page.now)
    context = {
        "form": form,
        "error": error,
        "waiting": waiting,
        "until": formats.at_local(waiting.expires_at.astimezone(page.zone), page.language) if waiting else "",
    }
    return show(request, page, "account/address.html", context, status=status)


def _is_pestered(email: str, now: datetime) -> bool:
    key = salted_hmac("allmende.rate.account", email.lower()).hexdigest()[:24]
    return is_too_fast("address-for", key, PER_ADDRESS, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Where the letter leads: one press more, since mail programs open links by themselves."""
    user = person(request)
    page = _page(request, gettext("Confirm the new e-mail address"))
    change = change_with(user, token, now=page.now)
    done = False
    if change is not None and request.method == "POST":
        key = request.session.session_key or ""
        done = confirm_address(user, token, by=user, now=page.now, keep_session=key)
    if done:
        return go(request, ACCOUNT, gettext("The e-mail address is changed. You are signed out everywhere else."))
    is_over = change is None or request.method == "POST"
    answer = show(
        request,
        page,
        "account/address_link.html",
        {"change": None if is_over else change},
        status=410 if is_over else 200,
    )
    answer["Referrer-Policy"] = "same-origin"  # the address holds a secret
    return answer
