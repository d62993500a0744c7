"""Who is in a network, and its settings."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.catalogue import queries as catalogue
from allmende.core.images import LARGEST_FILE, PictureRefused, keep_picture
from allmende.core.languages import LANGUAGES, OWN_NAMES
from allmende.core.text import translated
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.network_frame import (
    as_not_there,
    kind_words,
    network_page,
    number_in,
    organisation_kinds,
    run_button,
    show_network,
    text_in,
    web_address,
)
from allmende.partners.models import Network
from allmende.partners.networks import actions
from allmende.partners.networks.defaults import RECORD_KINDS
from allmende.partners.networks.queries import desk as desks
from allmende.partners.networks.queries.desk import Desk
from allmende.partners.networks.queries.people import people_of
from allmende.partners.networks.queries.settings import territories_to_choose
from allmende.partners.networks.queries.table import table_kinds_of
from allmende.partners.networks.rules import managers_of
from allmende.partners.people import actions as letters
from allmende.partners.people.queries import open_invitations_of_network

ALL_STATES = ("member", "invited", "asked")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """The members as a directory: what they are, what they offer; their people with roles."""
    if request.method == "POST":
        return run_button(request, slug, "members/", _BUTTONS)
    desk, page = network_page(request, slug, gettext("Members"))
    network = desk.network
    rows = desks.members_of(network.pk, page.language, states=ALL_STATES)
    wanted = request.GET.get("q", "").replace("\0", "").strip()[:80]
    taken = [row.id for row in rows]
    context = {
        "rows": [row for row in rows if row.state == "member"],
        "asking": [row for row in rows if row.state == "asked"] if desk.may_coordinate else [],
        "invited": [row for row in rows if row.state == "invited"] if desk.may_coordinate else [],
        "letters": open_invitations_of_network(network.pk) if desk.may_coordinate else [],
        "guests": desks.guests_of(network.pk),
        "people": people_of(network.pk),
        "offers": {named.id: named for named in catalogue.organisations(only_with_content=False)},
        "wanted": wanted,
        "hits": desks.organisations_by_name(wanted, taken) if wanted and desk.may_coordinate else [],
        "me": person(request).pk,
    }
    return show_network(request, desk, page, "members", context)


def _told(request: HttpRequest, page: Page) -> dict[str, Any]:
    return {"by": person(request), "now": page.now}


def invite(request: HttpRequest, desk: Desk, page: Page) -> str:
    """The button that invites an organisation."""
    organisation = number_in(request, "organisation")
    done = letters.invite_organisation(desk.network, organisation, language=page.language, **_told(request, page))
    name = {"organisation": done.row.organisation.name}
    if done.row.state == "member":
        return gettext("%(organisation)s is a member now.") % name
    if done.letter is not None and not done.letter.is_sent:
        return gettext("%(organisation)s is invited, but the letter could not be sent.") % name
    if done.letter is not None:
        return gettext("%(organisation)s is invited by a letter to its address.") % name
    if managers_of(done.row.organisation_id):
        return gettext("%(organisation)s is invited. Its managers are told.") % name
    return gettext("%(organisation)s is invited already. Its letter can be sent again in the list of members.") % name


def withdraw(request: HttpRequest, desk: Desk, page: Page) -> str:
    """The button that takes an invitation back."""
    organisation = number_in(request, "organisation")
    gone = actions.withdraw_invitation(desk.network, organisation, **_told(request, page))
    return gettext("The invitation is taken back.") if gone else gettext("There was no open invitation.")


def _decide(request: HttpRequest, desk: Desk, page: Page) -> str:
    accept = request.POST.get("do") == "accept"
    told = _told(request, page)
    actions.decide_request(desk.network, number_in(request, "organisation"), accept=accept, **told)
    return gettext("Taken in. Its managers are told.") if accept else gettext("Not taken in. Its managers are told.")


def _mark(request: HttpRequest, desk: Desk, page: Page) -> str:
    actions.mark_member(
        desk.network,
        number_in(request, "organisation"),
        is_trusted=request.POST.get("is_trusted") == "1",
        is_guest=request.POST.get("is_guest") == "1",
        **_told(request, page),
    )
    return gettext("Saved.")


def _take_out(request: HttpRequest, desk: Desk, page: Page) -> str:
    actions.leave_network(desk.network, number_in(request, "organisation"), **_told(request, page))
    return gettext("No longer a member. Its managers are told.")


def _add_guest(request: HttpRequest, desk: Desk, page: Page) -> str:
    url = web_address(text_in(request, "url"))
    guest = actions.add_guest(desk.network, text_in(request, "name"), url, **_told(request, page))
    return gettext("%(guest)s is a guest now.") % {"guest": guest.name}


def _remove_guest(request: HttpRequest, desk: Desk, page: Page) -> str:
    actions.remove_guest(desk.network, number_in(request, "guest"), **_told(request, page))
    return gettext("The guest is off the list.")


def _role(request: HttpRequest, desk: Desk, page: Page) -> str:
    user_id, role = number_in(request, "user"), text_in(request, "role")
    if role:
        actions.set_person(desk.network, user_id, role, **_told(request, page))
    else:
        actions.remove_person(desk.network, user_id, **_told(request, page))
    return gettext("Saved. They are told.")


_BUTTONS = {
    "invite": invite,
    "withdraw": withdraw,
    "accept": _decide,
    "refuse": _decide,
    "mark": _mark,
    "take_out": _take_out,
    "add_guest": _add_guest,
    "remove_guest": _remove_guest,
    "role": _role,
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What a network is, who publishes, who belongs at its table; end and reopen it."""
    desk, page = network_page(request, slug, gettext("Settings"))
    found(desk.role == "coordinator" or None)
    if request.method != "POST":
        return _settings(request, desk, page)
    here = f"/workspace/networks/{slug}/settings/"
    try:
        with as_not_there():
            return go(request, here, _change(request, desk, page))
    except (actions.NetworkRefused, PictureRefused) as error:
        return _settings(request, desk, page, str(error))


def _change(request: HttpRequest, desk: Desk, page: Page) -> str:
    do, told = request.POST.get("do", "save"), _told(request, page)
    if do == "end":
        actions.end_network(desk.network, **told)
        return gettext("The network has ended. Its people may still read everything.")
    if do == "reopen":
        actions.reopen_network(desk.network, **told)
        return gettext("The network goes on.")
    kind, policy = text_in(request, "kind"), text_in(request, "policy")
    abouts = {code: text_in(request, f"about.{code}")[:4000] for code in LANGUAGES}
    original = (desk.network.about or {}).get("original", page.language)
    places = territories_to_choose()
    chosen = [pk for pk, _ in places if str(pk) in request.POST.getlist("territory")]
    changes: dict[str, Any] = {
        "name": text_in(request, "name"),
        "kind": found(kind if kind in Network.Kind.values else None),
        "about": translated(abouts, original),
        "policy": found(policy if policy in Network.Policy.values else None),
        "moderated_kinds": request.POST.getlist("moderated"),
        "table_kinds": request.POST.getlist("table"),
        "is_public": request.POST.get("is_public") == "1",
        "needs_second_factor": request.POST.get("needs_second_factor") == "1",
        "territory_id": chosen[0] if chosen else None,
        "further_territories": chosen[1:],
    }
    if request.POST.get("no_picture"):
        changes["picture"] = ""
    elif sent := request.FILES.get("picture"):
        changes["picture"] = keep_picture(BytesIO(sent.read(LARGEST_FILE + 1)), django_settings.MEDIA_ROOT, "networks")
    actions.edit_network(desk.network, changes, **told)
    return gettext("Saved.")


def _settings(request: HttpRequest, desk: Desk, page: Page, error: str = "") -> HttpResponse:
    network = desk.network
    sent = request.POST
    about = {
        code: sent.get(f"about.{code}", (network.about or {}).get("texts", {}).get(code, "")) for code in LANGUAGES
    }
    where = {network.territory_id, *network.further_territories.values_list("pk", flat=True)}
    context = {
        "kinds": list(kind_words().items()),
        "policies": [(key, str(label)) for key, label in Network.Policy.choices],
        "record_kinds": [(kind, str(words.KINDS[kind])) for kind in RECORD_KINDS],
        "organisation_kinds": list(organisation_kinds().items()),
        "table_kinds": table_kinds_of(network),
        "territories": territories_to_choose(),
        "where": where,
        "about": about,
        "own_names": OWN_NAMES,
        "value": lambda name: sent.get(name, getattr(network, name)) if error else getattr(network, name),
        "error": error,
    }
    return show_network(request, desk, page, "settings", context, status=422 if error else 200)
