"""What I want to hear of, and how: letters, kinds of notices, networks, the calendar."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.core import formats
from allmende.core.calendar_feeds import feed_since
from allmende.core.letters import Every, choose_letters, letter_choice
from allmende.core.models import NoticeChoice
from allmende.core.notice_kinds import kinds
from allmende.core.notices import choose_way, muted_by, ways_of
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import go, person, show, signed_in, workspace_page
from allmende.partners.tasks.queries import networks_of

A_MONDAY = date(2026, 11, 30)


class LetterForm(forms.Form):
    """How often the summary comes."""

    every = forms.ChoiceField(choices=Every.choices)
    weekday = forms.TypedChoiceField(coerce=int, choices=[(day, "") for day in range(7)])
    hour = forms.TypedChoiceField(coerce=int, choices=[(hour, "") for hour in range(24)])


def kind_label(kind: str) -> str:
    """What a kind of notices is called; one without a name by its own words."""
    if kind in kinds():
        return str(kinds()[kind].label)
    return kind.partition(".")[2].replace("_", " ").capitalize() or kind


def letters_page(request: HttpRequest, *, token: str = "", status: int = 200) -> HttpResponse:
    """The page of all choices; ``token``: of a calendar that was just made, shown this once."""
    user = person(request)
    page = workspace_page(request, "letters", gettext("Letters, notices and calendar"))
    page.styles = (*page.styles, "guide/workspace/day.css")
    page.path = "/workspace/letters/"
    page.crumbs = ((gettext("Notices"), f"{page.base}/workspace/notices/"),)
    muted = muted_by(user)
    ways = sorted((kind_label(kind), kind, how) for kind, how in ways_of(user).items())
    address = f"{page.origin}{page.base}/workspace/calendar.ics?token={token}" if token else ""
    context = {
        "choice": letter_choice(user),
        "everies": Every.choices,
        "weekdays": _weekdays(page),
        "hours": [(hour, formats.clock(time(hour), page.language)) for hour in range(24)],
        "ways": ways,
        "hows": NoticeChoice.How.choices,
        "networks": [(home, home.key in muted) for home in networks_of(user)],
        "calendar_address": address,
        "calendar_since": feed_since(user),
    }
    return show(request, page, "letters.html", context, status=status)


def _weekdays(page: Page) -> list[tuple[int, str]]:
    return [(day, formats.weekday_long(A_MONDAY + timedelta(days=day), page.language)) for day in range(7)]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def letters(request: HttpRequest) -> HttpResponse:
    """Show the choices, and keep them."""
    if request.method != "POST":
        return letters_page(request)
    user, page = person(request), workspace_page(request, "letters", "")
    form = LetterForm(request.POST)
    if not form.is_valid():
        return letters_page(request, status=422)
    told: dict[str, Any] = form.cleaned_data
    choose_letters(user, **told, zone=page.zone, now=page.now)
    for kind, how in ways_of(user).items():
        chosen = request.POST.get(f"way.{kind}", how)
        if chosen != how and chosen in NoticeChoice.How.values:
            choose_way(user, kind, chosen)
    return go(request, "/workspace/letters/", gettext("Saved."))
