"""Ending letters from a link in them, without signing in (RFC 8058: a mail program may do it with one press)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from allmende.core.letters import end_letters, read_off_token
from allmende.guide.page import new_page, render


@csrf_exempt  # mail servers send this form: the signed token in the address is what allows it, and it ends letters only
@require_http_methods(["GET", "HEAD", "POST"])
def letters_off(request: HttpRequest, token: str) -> HttpResponse:
    """Ask; a POST ends the letters.  Looking at the page, as mail filters do, changes nothing."""
    told = read_off_token(token)
    if told is None:
        raise Http404
    user, what = told
    is_over = request.method == "POST"
    if is_over:
        end_letters(user, what)
    page = new_page(request)
    page.title = gettext("Letters")
    page.robots = "noindex, nofollow"
    response = render(page, "guide/letters_off.html", {"is_over": is_over, "what": what}, max_age=0)
    response["Referrer-Policy"] = "no-referrer"
    return response
