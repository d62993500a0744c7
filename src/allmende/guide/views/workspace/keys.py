"""Keys with which other systems read and write for an organisation."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.workspace.forms import REQUIRED
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.partners.keys import queries
from allmende.partners.keys.actions import make_key, revoke_key

LONGEST_DAYS = 365 * 3


class KeyForm(forms.Form):
    """What a new key is for."""

    name = forms.CharField(max_length=100, error_messages=REQUIRED)
    organisation = forms.TypedChoiceField(coerce=int, error_messages=REQUIRED)
    scope = forms.ChoiceField(
        choices=[("read", gettext_lazy("Read")), ("write", gettext_lazy("Read and write"))], initial="read"
    )
    expires = forms.DateField(
        required=False,
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day, such as 2026-12-05.")},
    )

    def __init__(self, *args: Any, organisations: list[tuple[int, str]], page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        field = self.fields["organisation"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = organisations

    def clean_expires(self) -> datetime | None:
        day = self.cleaned_data["expires"]
        if day is None:
            return None
        if not self.page.today <= day <= self.page.today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(gettext("Choose a day from today on, within three years."))
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=self.page.zone)


def state_words() -> dict[str, str]:
    """What the states of a key are called."""
    return {
        "good": gettext("In force"),
        "expired": gettext("Expired"),
        "revoked": gettext("Revoked"),
        "orphaned": gettext("Without a person"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of my organisations, and a form for a new one; a new token is shown here once."""
    user = person(request)
    organisations = queries.organisations_for_keys(user)
    found(organisations or None)
    page = workspace_page(request, "keys", gettext("Keys"))
    choices = [(organisation.pk, organisation.name) for organisation in organisations]
    form = KeyForm(request.POST or None, organisations=choices, page=page)
    if request.method != "POST":
        return _show(request, page, form)
    if not form.is_valid():
        return _show(request, page, form, status=422)
    told = form.cleaned_data
    owner = next(one for one in organisations if one.pk == told["organisation"])
    may_write = told["scope"] == "write"
    _, token = make_key(owner, told["name"], may_write=may_write, expires_at=told["expires"], by=user, now=page.now)
    return _show(request, page, KeyForm(organisations=choices, page=page), token=token)


def _show(request: HttpRequest, page: Page, form: KeyForm, *, token: str = "", status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "token": token,
        "rows": queries.keys_to_manage(person(request), now=page.now),
        "states": state_words(),
        "day": lambda at: formats.day_medium(at.astimezone(page.zone).date(), page.language),
        "several": len(queries.organisations_for_keys(person(request))) > 1,
    }
    return show(request, page, "keys.html", context, status=status)


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a key useless at once."""
    key = found(queries.key_to_manage(person(request), pk))
    page = workspace_page(request, "keys", "")
    revoke_key(key, by=person(request), now=page.now)
    return go(request, "/workspace/keys/", gettext("The key is revoked. Programs that use it are refused from now on."))
