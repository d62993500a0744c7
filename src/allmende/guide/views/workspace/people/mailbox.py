"""Letters that end here because no mail server is connected; for the operator."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core.mailbox import has_mailbox, letter, letters
from allmende.core.models import User
from allmende.guide.bridges.letters import to_page
from allmende.guide.page import Page
from allmende.guide.rules import may_set_brand
from allmende.guide.views.workspace.frame import found, person, show, signed_in
from allmende.guide.views.workspace.people.common import people_page, words_of


def may_read_letters(user: User, page: Page) -> bool:
    """Operators; in a demonstration, where nobody's letters are real, whoever speaks for the region as well."""
    return has_mailbox() and (user.is_operator or (page.brand.is_demo and may_set_brand(user)))


@require_safe
@signed_in
def mailbox(request: HttpRequest) -> HttpResponse:
    """The letters, the newest first."""
    page = people_page(request, gettext("Mailbox"))
    found(may_read_letters(person(request), page) or None)
    return show(request, page, "people/mailbox.html", {"letters": letters(), **words_of(page)})


@require_safe
@signed_in
def read(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One letter."""
    page = people_page(request, gettext("Letter"))
    found(may_read_letters(person(request), page) or None)
    one = found(letter(name, number))
    page.title = one.subject or page.title
    page.crumbs = ((gettext("Mailbox"), f"{page.base}/workspace/mailbox/"),)
    return show(request, page, "people/letter.html", {"letter": one, "text": to_page(one), **words_of(page)})
