"""Networks: mine, others, found or propose one; a network from outside, and its overview."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.catalogue import queries as catalogue
from allmende.core.text import pick
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in
from allmende.guide.views.workspace.network_frame import (
    as_not_there,
    kind_words,
    network_look,
    networks_page,
    number_in,
    show_network,
    text_in,
)
from allmende.partners.models import Network
from allmende.partners.networks import actions
from allmende.partners.networks.defaults import DEFAULTS, suggested_groups
from allmende.partners.networks.queries import desk as desks
from allmende.partners.networks.queries import lists
from allmende.partners.networks.queries.desk import Desk

HERE = "/workspace/networks/"


@require_safe
@signed_in
def networks(request: HttpRequest) -> HttpResponse:
    """My networks, those I might join, and what is proposed."""
    page = networks_page(request, gettext("Networks"))
    words = request.GET.get("q", "").replace("\0", "").strip()[:80]
    my = lists.my_networks(person(request), page.language, words)
    context = {"my": my, "words": words, "look_of": network_look, "kinds": kind_words()}
    return show(request, page, "networks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_network(request: HttpRequest) -> HttpResponse:
    """Found a network, or propose one to those who may."""
    user = person(request)
    mine = lists.my_networks(user, "en")
    found(mine.may_found or mine.may_propose or None)
    title = gettext("Found a network") if mine.may_found else gettext("Propose a network")
    page = networks_page(request, title)
    page.crumbs = ((gettext("Networks"), f"{page.base}{HERE}"),)
    organisations = lists.organisations_to_found_for(user)
    if request.method != "POST":
        return _new_form(request, page, mine.may_found, organisations)
    try:
        return _found_it(request, page, mine.may_found, dict(organisations))
    except actions.NetworkRefused as error:
        return _new_form(request, page, mine.may_found, organisations, str(error))


def _found_it(request: HttpRequest, page: Page, may_found: bool, mine: dict[int, str]) -> HttpResponse:
    user, chosen = person(request), number_in(request, "organisation")
    told: dict[str, Any] = {
        "name": text_in(request, "name"),
        "kind": found(request.POST.get("kind") if request.POST.get("kind") in DEFAULTS else None),
        "about": text_in(request, "about")[:4000],
        "by": user,
        "now": page.now,
        "language": page.language,
        "organisation_id": chosen if chosen in mine else None,
    }
    if may_found:
        groups = suggested_groups(told["kind"]) if request.POST.get("groups") else []
        network = actions.found_network(told.pop("name"), groups=groups, **told)
        note = gettext("%(network)s is founded. Invite those who belong at the table.")
        return go(request, f"{HERE}{network.slug}/table/", note % {"network": network.name})
    found(told["organisation_id"])
    actions.propose_network(told.pop("name"), **told)
    return go(request, HERE, gettext("Proposed. You hear of it as soon as somebody has decided."))


def _new_form(
    request: HttpRequest, page: Page, may_found: bool, organisations: list[tuple[int, str]], error: str = ""
) -> HttpResponse:
    kinds = [
        (key, label, suggested_groups(key), DEFAULTS[key].policy, network_look(key))
        for key, label in kind_words().items()
    ]
    context = {
        "may_found": may_found,
        "organisations": organisations,
        "kinds": kinds,
        "policies": {key: str(label) for key, label in Network.Policy.choices},
        "told": request.POST,
        "error": error,
    }
    return show(request, page, "network_new.html", context, status=422 if error else 200)


@require_POST
@signed_in
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Found what was proposed, or decline it."""
    proposal = found(lists.proposal_to_decide(person(request), pk))
    page = networks_page(request, "")
    accept = request.POST.get("do") == "found"
    try:
        actions.decide_proposal(
            proposal, accept=accept, by=person(request), now=page.now, answer=text_in(request, "answer")
        )
    except actions.NetworkRefused as error:
        return go(request, HERE, str(error), is_good=False)
    return go(request, HERE, gettext("Founded.") if accept else gettext("Declined. The proposer is told."))


@require_safe
@signed_in
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """What is new in a network; from outside: what it is, and how to join."""
    user = person(request)
    desk = found(desks.look_at(user, slug))
    page = networks_page(request, desk.network.name)
    page.crumbs = ((gettext("Networks"), f"{page.base}{HERE}"),)
    return _inside(request, desk, page) if desk.role else _outside(request, desk, page)


def _outside(request: HttpRequest, desk: Desk, page: Page) -> HttpResponse:
    network = desk.network
    context = {
        "network": network,
        "look_of": network_look,
        "kind_label": kind_words()[network.kind],
        "about": pick(network.about, page.language),
        "standings": desks.standings(person(request), network.pk),
        "members": desks.members_of(network.pk, page.language) if network.is_public else [],
    }
    return show(request, page, "network_outside.html", context)


def _inside(request: HttpRequest, desk: Desk, page: Page) -> HttpResponse:
    network, language = desk.network, page.language
    ids = tuple(desks.member_ids(network.pk))
    filters = catalogue.Filters(organisations=ids)
    asking = desks.members_of(network.pk, language, states=("asked", "invited")) if desk.may_coordinate else []
    tasks = desks.tasks_of(network.pk)
    context = {
        "kind_label": kind_words()[network.kind],
        "about": pick(network.about, language),
        "news": desks.news_of(network.pk, language, limit=3),
        "dates": desks.dates_of(network.pk, page.today, limit=5),
        "tasks": tasks[:6],
        "open_tasks": len(tasks),
        "overdue": sum(task.is_overdue(page.today) for task in tasks),
        "mine": sum(task.assigned_id == person(request).pk for task in tasks),
        "newest": desks.members_of(network.pk, language, newest=5),
        "members_n": len(ids),
        "asking": [one for one in asking if one.state == "asked"],
        "invited": [one for one in asking if one.state == "invited"],
        "events": catalogue.list_events(filters, language=language, now=page.now, zone=page.zone, limit=4).cards
        if ids
        else [],
        "standings": desks.standings(person(request), network.pk),
    }
    return show_network(request, desk, page, "overview", context)


@require_POST
@signed_in
def membership(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager joins, asks, declines or leaves in the name of an organisation."""
    user = person(request)
    desk = found(desks.look_at(user, slug))
    page = networks_page(request, "")
    mine = {one.id: one for one in desks.standings(user, desk.network.pk)}
    one = found(mine.get(number_in(request, "organisation")))
    told: dict[str, Any] = {"by": user, "now": page.now}
    notes = {
        "ask": gettext("Asked. The coordinators decide."),
        "accept": gettext("%(organisation)s is a member now."),
        "decline": gettext("Declined. The coordinators are told."),
        "leave": gettext("%(organisation)s has left the network."),
    }
    wish = request.POST.get("do", "")
    note = found(notes.get(wish))
    try:
        with as_not_there():
            if wish == "ask":
                actions.ask_to_join(desk.network, one.id, **told)
            elif wish == "leave":
                actions.leave_network(desk.network, one.id, **told)
            else:
                actions.answer_invitation(desk.network, one.id, accept=wish == "accept", **told)
    except actions.NetworkRefused as error:
        return go(request, f"{HERE}{slug}/", str(error), is_good=False)
    may_return = desks.look_at(user, slug) is not None
    return go(request, f"{HERE}{slug}/" if may_return else HERE, note % {"organisation": one.name})
