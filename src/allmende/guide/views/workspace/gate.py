"""What stands between signing in and the pages: a second factor where one is asked for, and a look at who it is again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext

from allmende.core.accounts import session
from allmende.core.models import User
from allmende.partners.second_factor import second_factor_missing

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

CHECKED: Final = "second_factor_fine_until"
CHECKED_SECONDS: Final = 300
"""So long a network's new wish for a second factor may take to reach who is signed in already."""
FREE: Final = ("/workspace/account/", "/workspace/sign-out/")
"""Where a second factor is set up: open without one."""
ACCOUNT: Final = "/workspace/account/"


def is_stopped(request: HttpRequest, *, now: datetime) -> bool:
    """Whether this page stays shut until a second factor is set up.

    Asked on every page: the answer "fine" holds for five minutes in the session, and costs nothing meanwhile.
    """
    if request.session.get(CHECKED, 0) > now.timestamp():
        return False
    if second_factor_missing(cast(User, request.user)):
        return not request.path_info.startswith(FREE)
    request.session[CHECKED] = now.timestamp() + CHECKED_SECONDS
    return False


def wanted_path(request: HttpRequest, default: str = "/workspace/") -> str:
    """Where to go afterwards: the page of the workspace that was asked for, else ``default``.  Without the language."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    start = f"/{request.LANGUAGE_CODE}"
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith(f"{start}/workspace/")
    is_step = "/sign-" in wanted or "/account/confirm/" in wanted
    return wanted.removeprefix(start) if is_ours and not is_step else default


def ask_again(request: HttpRequest) -> HttpResponse:
    """On to the page that asks once more who somebody is; from there back to this one, or to the account."""
    base = f"/{request.LANGUAGE_CODE}"
    back = ACCOUNT
    if request.method == "GET":
        back = getattr(request, "path_without_language", request.path_info)
    else:
        messages.error(request, gettext("Please show once more who you are; then do it again."))
    answer = HttpResponseRedirect(f"{base}/workspace/account/confirm/?{urlencode({'next': base + back})}")
    answer.status_code = 303
    return answer


def confirmed(view: View[P]) -> View[P]:
    """Let only somebody in who showed who they are within the last quarter of an hour; others are asked, then come back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return (
            view(request, *args, **kwargs) if session.is_confirmed(request, now=timezone.now()) else ask_again(request)
        )

    return cast(View[P], guarded)
