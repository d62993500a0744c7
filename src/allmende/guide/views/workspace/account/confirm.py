"""Showing once more who one is, before what guards the account is changed."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from allmende.core.accounts import factors, oidc, session
from allmende.core.accounts.queries import factors_of
from allmende.core.rate import Limit, is_too_fast
from allmende.guide.views.workspace.account.entrance import account_page, answer_of, too_many
from allmende.guide.views.workspace.frame import go, person, show, signed_in
from allmende.guide.views.workspace.gate import ACCOUNT, wanted_path

TRIES: Final = Limit(10, 900)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password or a passkey; then go on to what was wanted."""
    user = person(request)
    page = account_page(request, gettext("Is it you?"))
    names = {one.provider for one in oidc.identities(user)}
    context = {
        "error": "",
        "next": f"{page.base}{wanted_path(request, ACCOUNT)}",
        "has_password": user.has_usable_password(),
        "has_passkey": bool(factors_of(user).passkeys),
        "providers": [provider for provider in oidc.providers() if provider.name in names],
    }
    if request.method != "POST":
        return show(request, page, "account/confirm.html", context)
    if is_too_fast("confirm", str(user.pk), TRIES, now=page.now):
        context["error"] = too_many()
        return show(request, page, "account/confirm.html", context, status=429)
    if request.POST.get("credential"):
        is_right = factors.who_answers(request, answer_of(request), user=user, now=page.now) is not None
        wrong = gettext("This passkey does not open this account. Please try again.")
    else:
        is_right = user.has_usable_password() and user.check_password(request.POST.get("password", "")[:1000])
        wrong = gettext("The password is not right. Please try again.")
    if not is_right:
        context["error"] = wrong
        return show(request, page, "account/confirm.html", context, status=422)
    session.confirm(request, now=page.now)
    return go(request, wanted_path(request, ACCOUNT))
