"""Letters that end here because no mail server is connected; for the operator."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core.mailbox import has_mailbox, letter, letters
from allmende.guide.bridges.letters import to_page
from allmende.guide.views.workspace.frame import found, person, show, signed_in
from allmende.guide.views.workspace.people.common import people_page, words_of


def _for_operators(request: HttpRequest) -> None:
    found((person(request).is_operator and has_mailbox()) or None)


@require_safe
@signed_in
def mailbox(request: HttpRequest) -> HttpResponse:
    """The letters, the newest first."""
    _for_operators(request)
    page = people_page(request, gettext("Mailbox"))
    return show(request, page, "people/mailbox.html", {"letters": letters(), **words_of(page)})


@require_safe
@signed_in
def read(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One letter."""
    _for_operators(request)
    one = found(letter(name, number))
    page = people_page(request, one.subject or gettext("Letter"))
    page.crumbs = ((gettext("Mailbox"), f"{page.base}/workspace/mailbox/"),)
    return show(request, page, "people/letter.html", {"letter": one, "text": to_page(one), **words_of(page)})
