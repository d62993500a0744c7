"""The organisations that I edit, and the profile of each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core import formats
from allmende.core.text import pick
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.inputs import organisation as inputs
from allmende.guide.views.workspace.inputs.base import Typed, Wrong, many, of_group, one, rows, typed
from allmende.partners.models import Profile, Room
from allmende.partners.profiles import queries
from allmende.partners.profiles.actions import ProfileOvertaken, ProfileRefused, save_profile
from allmende.partners.profiles.completeness import anchor_of, completeness_of, name_of, sentence
from allmende.partners.profiles.values import TEXTS, EditableProfile
from allmende.partners.rules import may_decide_about
from allmende.partners.succession import queries as succession
from allmende.partners.vocabulary import label, terms

STYLES: Final = ("guide/workspace.css", "guide/workspace/organisations.css")
EMPTY_ROWS: Final = 2
NAMES: Final = {
    "about": gettext_lazy("In one or two sentences"),
    "does": gettext_lazy("What we do"),
    "does_not": gettext_lazy("What we do not do"),
    "ask_us": gettext_lazy("Ask us about"),
    "ask_others": gettext_lazy("Do not ask us, but others, about"),
    "purpose": gettext_lazy("Why we exist"),
    "schools_note": gettext_lazy("About visits of schools"),
    "requests_note": gettext_lazy("How to ask us best"),
    "kind": gettext_lazy("Branch, size, audiences"),
    "reach": gettext_lazy("Address and contact"),
    "offer": gettext_lazy("Services and skills"),
    "schools": gettext_lazy("Schools"),
    "requests": gettext_lazy("Open to requests"),
    "contacts": gettext_lazy("Whom to ask"),
    "rooms": gettext_lazy("Rooms"),
    "equipment": gettext_lazy("Equipment to lend"),
    "certifications": gettext_lazy("Certificates and labels"),
}
"""Groups of the form in words."""


@dataclass(slots=True)
class State:
    """What the form shows: what stands in it, what is wrong, and what somebody else changed meanwhile."""

    inputs: Typed
    errors: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, str] = field(default_factory=dict)
    """Group -> what is stored now, in words; the form holds what the person typed."""
    seen: dict[str, str] = field(default_factory=dict)


@require_safe
@signed_in
def organisations(request: HttpRequest) -> HttpResponse:
    """A list with how complete each profile is."""
    page = workspace_page(request, "organisations", gettext("Organisations"))
    page.styles = STYLES
    wanted = request.GET.get("q", "").replace("\0", " ").strip()[:100]
    number = request.GET.get("page", "")
    at = int(number) if number.isdecimal() and len(number) < 6 else 1
    listing = queries.profiles_to_edit(person(request), text=wanted, page=at)
    found(listing.total or wanted or None)
    if listing.total == 1 and not wanted:
        return go(request, f"/workspace/organisations/{listing.rows[0].id}/")
    return show(request, page, "organisations.html", {"listing": listing, "wanted": wanted})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a profile, and what it sends."""
    entry: EditableProfile = found(queries.profile_to_edit(person(request), pk))
    page = workspace_page(request, "organisations", entry.name)
    page.styles = STYLES
    page.crumbs = ((gettext("Organisations"), f"{page.base}/workspace/organisations/"),)
    if request.method == "POST":
        return _save(request, page, entry)
    return _form(request, page, entry, State(inputs.show(entry)))


def _seen(request: HttpRequest, now_stored: dict[str, str]) -> dict[str, str]:
    """The prints of the groups as the person saw them."""
    try:
        told = json.loads(request.POST.get("seen", ""))
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return {group: str(told.get(group, stored)) for group, stored in now_stored.items()}


def _save(request: HttpRequest, page: Page, entry: EditableProfile, tries: int = 3) -> HttpResponse:
    told = typed({name: request.POST.getlist(name) for name in request.POST if "." in name})
    stored = inputs.show(entry)
    now_stored, now_typed = inputs.prints(stored), inputs.prints(told)
    seen = _seen(request, now_stored)
    mine = [group for group in now_typed if now_typed[group] not in {seen[group], now_stored[group]}]
    state = State(dict(told))
    for group in inputs.GROUPS:
        if seen[group] == now_stored[group]:
            continue
        if group in mine:
            state.clashes[group] = in_words(entry, group, page.language)
        else:  # somebody else's change that this person has no opinion on
            for name in of_group(state.inputs, group):
                del state.inputs[name]
            state.inputs.update(of_group(stored, group))
    if state.clashes:
        return _form(request, page, entry, state, status=409)
    changes: dict[str, Any] = {}
    for group in mine:
        try:
            changes |= inputs.read(group, told, entry.values, page.language)
        except Wrong as wrong:
            state.errors[wrong.name] = wrong.message
    if state.errors:
        state.seen = seen
        return _form(request, page, entry, state, status=422)
    here = f"/workspace/organisations/{entry.id}/"
    try:
        saved = save_profile(entry.id, changes, by=person(request), now=page.now, seen=entry.revision)
    except ProfileRefused as error:
        state.errors[f"{error.field}"] = str(error)
        state.seen = seen
        return _form(request, page, entry, state, status=422)
    except ProfileOvertaken:
        if not tries:
            raise
        return _save(request, page, found(queries.profile_to_edit(person(request), entry.id)), tries - 1)
    if not saved:
        return go(request, here, gettext("There was nothing to save: no field was changed."))
    groups = [str(NAMES[group]) for group in mine]
    return go(request, here, gettext("Saved: %(fields)s.") % {"fields": formats.words(groups, page.language)})


def in_words(entry: EditableProfile, group: str, language: str) -> str:
    """What is stored of a group, as one reads it."""
    values = entry.values
    if group in TEXTS:
        return pick(values[group], language).text
    if group == "kind":
        audiences = [label("audiences", key, language) for key in values["audiences"]]
        branch = label("sections", values["section"], language) if values["section"] else ""
        return "; ".join(part for part in (branch, values["size"], *audiences) if part)
    if group == "reach":
        names = ("street", "postal_code", "locality", "email", "phone", "url")
        return "; ".join(str(part) for part in (*(values[name] for name in names), entry.municipality) if part)
    if group == "offer":
        services = [label("services", key, language) for key in values["services"]]
        skills = [label("skills", key, language) for key in values["skills"]]
        return "; ".join([*services, *values["service_words"], *skills, *values["skill_words"]])
    if group == "schools":
        return str(Profile.Schools(values["schools"]).label)
    if group == "requests":
        return gettext("Yes") if values["takes_requests"] else gettext("No")
    cells = [[value for value in row.values() if value and not isinstance(value, bool)] for row in values[group]]
    return "\n".join(", ".join(str(cell) for cell in row) for row in cells)


def _row_numbers(told: Typed, prefix: str) -> list[int]:
    """The rows to show: those in use, and empty ones behind them."""
    used = list(rows(told, prefix))
    start = used[-1] + 1 if used else 0
    return used + list(range(start, start + EMPTY_ROWS))


def _form(request: HttpRequest, page: Page, entry: EditableProfile, state: State, *, status: int = 200) -> HttpResponse:
    complete = completeness_of(entry.values)
    user = person(request)
    context = {
        "entry": entry,
        "value": lambda name: one(state.inputs, name),
        "values": lambda name: many(state.inputs, name),
        "errors": state.errors,
        "clashes": state.clashes,
        "names": NAMES,
        "seen": json.dumps(state.seen or inputs.prints(inputs.show(entry))),
        "languages": inputs.languages_of(entry.values, page.language),
        "filled": {code for name in state.inputs for group, _, code in [name.partition(".")] if group in TEXTS},
        "longest": TEXTS,
        "terms": lambda group: [(term.key, term.label(page.language)) for term in terms(group).values()],
        "row_numbers": lambda group: _row_numbers(state.inputs, group),
        "schools": Profile.Schools.choices,
        "sizes": Profile.Size.choices,
        "step_free": Room.StepFree.choices,
        "complete": complete,
        "sentence": sentence,
        "name_of": name_of,
        "anchor_of": anchor_of,
        "public_path": f"{page.base}/organisations/{entry.slug}-{entry.id}/",
        "history": succession.history_of(entry.id),
        "may_change": may_decide_about(user, entry.id),
    }
    return show(request, page, "organisation.html", context, status=status)
