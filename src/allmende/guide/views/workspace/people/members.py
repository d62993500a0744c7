"""An organisation's people: roles, invitations, requests, deputies, and leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.core.models import User
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in
from allmende.guide.views.workspace.people.common import people_page, words_of
from allmende.guide.views.workspace.people.mailbox import may_read_letters
from allmende.partners.models import Invitation, Membership
from allmende.partners.people import actions, queries
from allmende.partners.people.errors import PeopleForbidden, PeopleRefused


@require_safe
@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """My organisations, and what I asked."""
    user = person(request)
    page = people_page(request, gettext("People"))
    context = {
        "memberships": queries.my_organisations(user, now=page.now),
        "requests": queries.my_requests(user),
        "has_mailbox": may_read_letters(user, page),
        **words_of(page),
    }
    return show(request, page, "people/overview.html", context)


def _here(pk: int) -> str:
    return f"/workspace/organisations/{pk}/people/"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of one organisation; managers invite here."""
    user = person(request)
    page = people_page(request, gettext("People"))
    shown = found(queries.people_of(user, pk, search=request.GET.get("q", "").strip()[:100], now=page.now))
    typed = {"email": "", "role": "member", "message": "", "error": ""}
    if request.method == "POST":
        found(shown.may_manage or None)
        typed |= {name: request.POST.get(name, "") for name in ("email", "role", "message")}
        try:
            done = actions.invite_person(
                shown.organisation,
                typed["email"],
                typed["role"],
                message=typed["message"],
                language=page.language,
                by=user,
                now=page.now,
            )
        except PeopleRefused as error:
            typed["error"] = str(error)
            return _show(request, page, shown, typed, status=422)
        return _sent(request, pk, done.invitation.email, is_sent=done.is_sent)
    return _show(request, page, shown, typed)


def _home_of(invitation: Invitation) -> str:
    """The page where its invitations are listed: the network's members, or the organisation's people."""
    if invitation.network is not None:
        return f"/workspace/networks/{invitation.network.slug}/members/"
    return _here(invitation.organisation_id or 0)


def _sent(request: HttpRequest, pk: int, email: str, *, is_sent: bool) -> HttpResponse:
    if is_sent:
        return go(request, _here(pk), gettext("The invitation is on its way to %(email)s.") % {"email": email})
    note = gettext("The invitation is made, but the letter could not be sent. Please send it again later.")
    return go(request, _here(pk), note, is_good=False)


def _show(
    request: HttpRequest, page: Page, shown: queries.PeoplePage, typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    page.title = gettext("People of %(name)s") % {"name": shown.organisation.name}
    page.crumbs = ((gettext("People"), f"{page.base}/workspace/people/"),)
    user = person(request)
    context = {
        "shown": shown,
        "typed": typed,
        "search": request.GET.get("q", ""),
        "colleagues": queries.colleagues(shown.organisation.pk, user.pk) if shown.mine else [],
        "state_of": lambda invitation: queries.state_of(invitation, now=page.now),
        "today": page.today.isoformat(),
        "last_day": lambda at: words_of(page)["day"](at - timedelta(seconds=1)),
        **words_of(page),
    }
    return show(request, page, "people/people.html", context, status=status)


def _try(request: HttpRequest, path: str, change: Callable[[], object], note: str) -> HttpResponse:
    """Do it and go back; say what was done, or why not."""
    try:
        change()
    except PeopleForbidden as error:
        raise Http404 from error
    except PeopleRefused as error:
        return go(request, path, str(error), is_good=False)
    return go(request, path, note)


@require_POST
@signed_in
def role(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Give a member another role."""
    user = person(request)
    now = people_page(request, "").now
    membership = found(queries.membership_to_change(user, pk, member))
    wanted = request.POST.get("role", "")
    change = lambda: actions.change_role(membership, wanted, by=user, now=now)  # noqa: E731  one line, used once
    return _try(request, _here(pk), change, gettext("The role is changed."))


class DeputyForm(forms.Form):
    """Who stands in, and when."""

    deputy = forms.TypedChoiceField(coerce=int)
    starts = forms.DateField()
    ends = forms.DateField()


@require_POST
@signed_in
def name_deputy(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Let a colleague stand in for a member for some days."""
    user = person(request)
    page = people_page(request, "")
    membership = found(queries.membership_to_change(user, pk, member))
    colleagues = {one.pk: one for one in queries.colleagues(pk, membership.user_id)}
    form = DeputyForm(request.POST)
    cast(forms.TypedChoiceField, form.fields["deputy"]).choices = [(key, "") for key in colleagues]
    if not form.is_valid():
        note = gettext("Choose a colleague, a first and a last day.")
        return go(request, f"{_here(pk)}#deputies", note, is_good=False)
    told = form.cleaned_data

    def change() -> None:
        actions.name_deputy(
            membership,
            colleagues[told["deputy"]],
            starts_at=datetime.combine(told["starts"], time(), tzinfo=page.zone),
            ends_at=datetime.combine(told["ends"] + timedelta(days=1), time(), tzinfo=page.zone),
            by=user,
            now=page.now,
        )

    return _try(request, f"{_here(pk)}#deputies", change, gettext("The deputy is named, and is told."))


@require_POST
@signed_in
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """End a time as deputy at once."""
    user = person(request)
    deputy = found(queries.deputy_to_end(user, pk))
    actions.revoke_deputy(deputy, by=user, now=people_page(request, "").now)
    return go(request, _here(deputy.membership.organisation_id), gettext("It is ended."))


@require_POST
@signed_in
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a letter again, with a new link."""
    user = person(request)
    invitation = found(queries.invitation_to_manage(user, pk))
    here = _home_of(invitation)
    try:
        done = actions.resend_invitation(invitation, by=user, now=people_page(request, "").now)
    except PeopleRefused as error:
        return go(request, here, str(error), is_good=False)
    if invitation.network_id is not None:
        return go(request, here, gettext("The invitation is sent again."))
    return _sent(request, invitation.organisation_id, invitation.email, is_sent=done.is_sent)


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    user = person(request)
    invitation = found(queries.invitation_to_manage(user, pk))
    here = _home_of(invitation)
    actions.revoke_invitation(invitation, by=user, now=people_page(request, "").now)
    return go(request, here, gettext("The invitation is taken back; its link no longer works."))


@require_POST
@signed_in
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in who asked, or decline."""
    user = person(request)
    asked = found(queries.request_to_decide(user, pk))
    now = people_page(request, "").now
    is_yes = request.POST.get("answer") == "accept"
    wanted = request.POST.get("role", "") or "-" if is_yes else ""
    word = request.POST.get("word", "")
    change = lambda: actions.decide_request(asked, role=wanted, word=word, by=user, now=now)  # noqa: E731  the same
    note = gettext("Accepted. We have told them.") if is_yes else gettext("Declined. We have told them.")
    return _try(request, _here(asked.organisation_id), change, note)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def leave(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """What somebody holds, who takes it over, and the end of the membership."""
    user = person(request)
    page = people_page(request, gettext("Leave and hand over"))
    membership: Membership = found(queries.membership_to_change(user, pk, member))
    page.crumbs = (
        (gettext("People"), f"{page.base}/workspace/people/"),
        (membership.organisation.name, f"{page.base}{_here(pk)}"),
    )
    colleagues = queries.colleagues(pk, membership.user_id)
    error = ""
    chosen = request.POST.get("successor", "")
    if request.method == "POST":
        error = _leave(membership, colleagues, chosen, user, page)
        if not error:
            is_me = membership.user_id == user.pk
            name = membership.user.name or membership.user.email
            note = gettext("You have left %(name)s.") if is_me else gettext("%(person)s has left %(name)s.")
            told = {"name": membership.organisation.name, "person": name}
            still = not is_me or queries.people_of(user, pk, now=page.now) is not None
            return go(request, _here(pk) if still else "/workspace/people/", note % told)
    summary = actions.what_to_hand_over(membership)
    context: dict[str, Any] = {
        "membership": membership,
        "is_me": membership.user_id == user.pk,
        "summary": summary,
        "options": [
            ("", gettext("Please choose") if summary.needs_successor else gettext("Nobody")),
            *((one.pk, one.name or f"№ {one.pk}") for one in colleagues),
        ],
        "chosen": chosen,
        "error": error,
        **words_of(page),
    }
    return show(request, page, "people/leave.html", context, status=422 if error else 200)


def _leave(membership: Membership, colleagues: list[User], chosen: str, user: User, page: Page) -> str:
    """End the membership; return why it cannot be done, or nothing."""
    successor = next((one for one in colleagues if str(one.pk) == chosen), None)
    if chosen and successor is None:
        return gettext("Choose a colleague from the same organisation.")
    try:
        actions.leave_organisation(membership, successor=successor, by=user, now=page.now)
    except PeopleRefused as refused:
        return str(refused)
    return ""
