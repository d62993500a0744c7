"""The ways in: accepting an invitation, and asking to be let in."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core.accounts import session
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, private, show
from allmende.guide.views.workspace.people.common import people_page, words_of
from allmende.partners.models import Invitation, Organisation
from allmende.partners.people import actions, queries
from allmende.partners.people.errors import PeopleRefused

ANSWERS: Final = Limit(60, 900)
REQUESTS: Final = Limit(10, 3600)
"""Answers to invitations and requests to join that one sender may send: in a quarter of an hour, in an hour."""


def _secret(response: HttpResponse) -> HttpResponse:
    """The address holds a secret: no cache keeps the page, and no other site learns where a reader came from."""
    response["Referrer-Policy"] = "same-origin"
    return private(response)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept or decline an invitation, with the account one has or a new one."""
    page = people_page(request, gettext("Invitation"), "")
    invited = queries.invitation_with(token)
    state = queries.state_of(invited, now=page.now) if invited else "unknown"
    if invited is None or state != "open":
        status = 404 if invited is None else 410
        context = {"state": state, "invitation": invited, "by": _inviter(invited)}
        return _secret(show(request, page, "people/invitation_over.html", context, status=status))
    if request.method != "POST":
        return _secret(_invitation(request, page, invited, token, {}))
    if is_too_fast("invitation", sender_of(request), ANSWERS, now=page.now):
        wrong = {"": gettext("That were many tries in a short time. Please try again in a quarter of an hour.")}
        return _secret(_invitation(request, page, invited, token, wrong, status=429))
    return _secret(_answer(request, page, invited, token))


def _inviter(invited: Invitation | None) -> str:
    by = invited.invited_by if invited else None
    return (by.name or by.email) if by else ""


def _invitation(
    request: HttpRequest, page: Page, invited: Invitation, token: str, wrong: dict[str, str], *, status: int = 200
) -> HttpResponse:
    account = queries.account_of(invited.email)
    user = request.user if request.user.is_authenticated else None
    back = urlencode({"next": f"{page.base}/workspace/invitations/{token}/"})
    words = words_of(page)
    role = dict(words["roles"]).get(invited.role, "") or words["network_roles"].get(invited.role, "")
    context: dict[str, Any] = {
        "invitation": invited,
        "by": _inviter(invited),
        "role": role,
        "token": token,
        "wrong": wrong,
        "typed_name": request.POST.get("name", ""),
        "is_mine": user is not None and person(request).email.lower() == invited.email.lower(),
        "account": account,
        "sign_in": f"{page.base}/workspace/sign-in/?{back}",
    }
    return show(request, page, "people/invitation.html", context, status=status)


def _answer(request: HttpRequest, page: Page, invited: Invitation, token: str) -> HttpResponse:
    here = f"/workspace/invitations/{token}/"
    answer = request.POST.get("answer", "")
    by = person(request) if request.user.is_authenticated else None
    if answer == "switch":
        logout(request)
        return go(request, here)
    if answer == "decline":
        actions.decline_invitation(invited, by=by, now=page.now)
        return go(
            request, "/workspace/sign-in/" if by is None else "/workspace/", gettext("You declined. We have told them.")
        )
    try:
        if by is not None:
            actions.accept_invitation(invited, by=by, now=page.now)
        else:
            user = actions.make_account(
                invited, request.POST.get("name", ""), request.POST.get("password", "")[:1000], now=page.now
            )
            session.enter(request, user, method="password", now=page.now)
    except ValidationError as error:
        wrong = {name: " ".join(words) for name, words in error.message_dict.items()}
        return _invitation(request, page, invited, token, wrong, status=422)
    except PeopleRefused:
        return go(request, here)  # used a moment ago: that page says so
    into = invited.network or invited.organisation
    return go(request, "/workspace/", gettext("Welcome to %(name)s.") % {"name": into})


@require_safe
def join(request: HttpRequest) -> HttpResponse:
    """Find the organisation that one wants to join."""
    page = people_page(request, gettext("Join an organisation"), "")
    search = request.GET.get("q", "").strip()[:100]
    context = {"search": search, "rows": queries.organisations_to_join(request.user, search)}
    return private(show(request, page, "people/join.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to be let into one organisation, with an account or without."""
    organisation: Organisation = found(queries.organisation_to_join(pk))
    page = people_page(request, gettext("Join %(name)s") % {"name": organisation.name}, "")
    page.crumbs = ((gettext("Join an organisation"), f"{page.base}/workspace/join/"),)
    typed = {name: request.POST.get(name, "")[:1000] for name in ("email", "name", "message")}
    context: dict[str, Any] = {"organisation": organisation, "typed": typed, "error": "", "is_done": False}
    if request.method != "POST":
        return private(show(request, page, "people/ask.html", context))
    if is_too_fast("join", sender_of(request), REQUESTS, now=page.now):
        context["error"] = gettext("That were many requests in a short time. Please try again in an hour.")
        return private(show(request, page, "people/ask.html", context, status=429))
    try:
        if request.user.is_authenticated:
            actions.ask_to_join(
                organisation, typed["message"], language=page.language, by=person(request), now=page.now
            )
            return private(
                go(request, "/workspace/people/", gettext("You have asked. You will hear from the managers."))
            )
        if not request.POST.get("homepage"):  # a field that nobody sees
            actions.ask_without_account(
                organisation, typed["email"], typed["name"], typed["message"], language=page.language, now=page.now
            )
    except PeopleRefused as error:
        context["error"] = str(error)
        return private(show(request, page, "people/ask.html", context, status=422))
    context["is_done"] = True
    return private(show(request, page, "people/ask.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address of a request.  Opening the page does nothing: programs that check letters open links."""
    page = people_page(request, gettext("Confirm your request"), "")
    if request.method != "POST":
        return _secret(show(request, page, "people/confirm.html", {"state": "ask"}))
    if is_too_fast("invitation", sender_of(request), ANSWERS, now=page.now):
        return _secret(show(request, page, "people/confirm.html", {"state": "later"}, status=429))
    asked = actions.confirm_request(token, now=page.now)
    context = {"state": "done" if asked else "over", "organisation": asked.organisation.name if asked else ""}
    return _secret(show(request, page, "people/confirm.html", context, status=200 if asked else 410))
