"""Signing in with an account elsewhere (OpenID Connect): there, back, and what comes of it."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.core.accounts import oidc, session
from allmende.core.languages import LANGUAGES
from allmende.core.models import User
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.views.workspace.account.entrance import account_page, let_in, too_many
from allmende.guide.views.workspace.frame import found, go, person, private, show, signed_in
from allmende.guide.views.workspace.gate import ACCOUNT, ask_again, confirmed, wanted_path

WAYS: Final = Limit(60, 900)
LANGUAGE: Final = "language_before"
"""In the session: the provider knows one address to send people back to, in no language."""
PURPOSES: Final = ("sign-in", "connect", "confirm")


@require_POST
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """On to the provider, by way of a page: a form may not lead to another site (Content-Security-Policy)."""
    provider = found(oidc.provider_named(name))
    page = account_page(request, provider.name)
    is_known = request.user.is_authenticated
    back = ACCOUNT if is_known else "/workspace/sign-in/"
    if is_too_fast("oidc", sender_of(request), WAYS, now=page.now):
        return private(go(request, back, too_many(), is_good=False))
    purpose = request.POST.get("purpose", "")
    purpose = purpose if is_known and purpose in PURPOSES else "sign-in"
    if purpose == "connect" and not session.is_confirmed(request, now=page.now):
        return private(ask_again(request))
    next_path = wanted_path(request, ACCOUNT if is_known else "/workspace/")
    way = oidc.way_there(request, provider, purpose=purpose, next_path=next_path)
    if isinstance(way, oidc.Trouble):
        return private(go(request, back, _words(way, provider.name), is_good=False))
    request.session[LANGUAGE] = page.language
    return private(show(request, page, "account/go_on.html", {"way": way, "provider": provider}))


def _words(trouble: oidc.Trouble, provider: str) -> str:
    if trouble.why == "cancelled":
        return gettext("Signing in with %(provider)s was cancelled.") % {"provider": provider}
    if trouble.why == "expired":
        return gettext("Signing in with %(provider)s took too long. Please try again.") % {"provider": provider}
    return gettext("%(provider)s could not be asked. Please try again later, or sign in with your password.") % {
        "provider": provider
    }


@require_safe
def back(request: HttpRequest, name: str) -> HttpResponse:
    """Who comes back from the provider, and for what."""
    provider = found(oidc.provider_named(name))
    before = request.session.get(LANGUAGE)
    if before in LANGUAGES and not getattr(request, "language_in_path", before):
        return private(HttpResponseRedirect(f"/{before}{request.get_full_path()}"))
    arrival = oidc.come_back(request, provider)
    is_known = request.user.is_authenticated
    if isinstance(arrival, oidc.Trouble):
        there = ACCOUNT if is_known else "/workspace/sign-in/"
        return private(go(request, there, _words(arrival, provider.name), is_good=False))
    if arrival.purpose == "sign-in" or not is_known:
        return _sign_in(request, arrival)
    if arrival.purpose == "confirm":
        return _confirm(request, arrival)
    return _connect(request, arrival)


def _sign_in(request: HttpRequest, arrival: oidc.Arrival) -> HttpResponse:
    if request.user.is_authenticated:
        return private(go(request, arrival.next or "/workspace/"))
    page = account_page(request, gettext("No account"))
    user = oidc.owner_of(arrival)
    if user is None and (user := oidc.known_by_address(arrival)) is not None:
        oidc.link(user, arrival, by=user, now=page.now)
    if user is None or not user.is_active:
        return private(show(request, page, "account/no_account.html", {"arrival": arrival}, status=403))
    method = f"oidc:{arrival.provider.id}"
    return let_in(request, user, method=method, next_path=arrival.next or "/workspace/", now=page.now)


def _confirm(request: HttpRequest, arrival: oidc.Arrival) -> HttpResponse:
    now = timezone.now()
    if oidc.owner_of(arrival) != request.user or not oidc.is_fresh(arrival, now=now):
        note = gettext("%(provider)s did not confirm that it is you. Sign out and in again, then go on.")
        return private(go(request, ACCOUNT, note % {"provider": arrival.provider.name}, is_good=False))
    session.confirm(request, now=now)
    return private(go(request, arrival.next or ACCOUNT))


def _connect(request: HttpRequest, arrival: oidc.Arrival) -> HttpResponse:
    now = timezone.now()
    user = request.user
    assert isinstance(user, User)
    names = {"provider": arrival.provider.name}
    if not session.is_confirmed(request, now=now):
        note = gettext("Please show once more who you are; then do it again.")
        return private(go(request, ACCOUNT, note, is_good=False))
    if not oidc.link(user, arrival, by=user, now=now):
        note = gettext("This account at %(provider)s opens somebody else’s account here.") % names
        return private(go(request, ACCOUNT, note, is_good=False))
    return private(go(request, ACCOUNT, gettext("You can sign in with %(provider)s now.") % names))


@require_POST
@signed_in
@confirmed
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an account elsewhere open this one no longer."""
    user = person(request)
    found(oidc.unlink(user, pk, by=user, now=timezone.now()) or None)
    return go(request, ACCOUNT, gettext("Done."))
