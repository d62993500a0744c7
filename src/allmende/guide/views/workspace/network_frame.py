"""What the pages of a network in the workspace share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, pgettext

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, show, workspace_page
from allmende.partners.models import Network, NetworkPerson, Organisation
from allmende.partners.networks.actions import NetworkForbidden, NetworkRefused
from allmende.partners.networks.queries.desk import Desk, open_desk
from allmende.partners.tasks.actions import TaskForbidden

Run = Callable[[HttpRequest, Desk, Page], str]
"""Does what a button says and gives the sentence for it."""
STYLES: Final = ("guide/workspace/networks.css",)
LOOKS: Final = {
    "business": ("briefcase", "service"),
    "culture": ("museum", "exhibition"),
    "events": ("calendar-star", "festival"),
    "tourism": ("compass", "guided-tour"),
    "machinery": ("tools", "nature"),
    "advice": ("speech", "talk-learning"),
    "youth": ("balloon", "family-children"),
    "insight": ("binoculars", "film"),
    "other": ("people", "other"),
}
"""Kind of network -> (icon, hue of a category)."""


def network_look(kind: str) -> tuple[str, str]:
    """Icon and hue of a network's kind."""
    return LOOKS.get(kind, LOOKS["other"])


def networks_page(request: HttpRequest, title: str) -> Page:
    """The frame of a page about networks."""
    page = workspace_page(request, "networks", title)
    page.styles = (*page.styles, *STYLES)
    return page


def network_page(request: HttpRequest, slug: str, title: str) -> tuple[Desk, Page]:
    """The network for one of its people, and the frame of one of its pages; 404 for everybody else."""
    desk = found(open_desk(person(request), slug))
    page = networks_page(request, title)
    base = f"{page.base}/workspace/networks/"
    page.crumbs = ((gettext("Networks"), base), (desk.network.name, f"{base}{slug}/"))
    return desk, page


def tabs_of(desk: Desk) -> list[tuple[str, str, str]]:
    """(key, path below the network, label) of its pages."""
    tabs = [
        ("overview", "", gettext("Overview")),
        ("news", "news/", gettext("News")),
        ("calendar", "calendar/", pgettext("network", "Calendar")),
        ("tasks", "tasks/", gettext("Tasks")),
        ("groups", "groups/", gettext("Working groups")),
        ("files", "files/", gettext("Files")),
        ("members", "members/", gettext("Members")),
        ("table", "table/", gettext("Who is missing")),
        ("web", "web/", gettext("Who with whom")),
        ("settings", "settings/", gettext("Settings")),
    ]
    return tabs if desk.may_coordinate or desk.role == "coordinator" else tabs[:-1]


def show_network(
    request: HttpRequest, desk: Desk, page: Page, tab: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the network with its tabs."""
    values = {
        "desk": desk,
        "network": desk.network,
        "here": f"{page.base}/workspace/networks/{desk.network.slug}/",
        "tabs": tabs_of(desk),
        "tab": tab,
        "look_of": network_look,
        "roles": role_words(),
        "day_of": lambda moment: formats.day_medium(moment.astimezone(page.zone).date(), page.language),
        "error": "",
        "told": {},
        **context,
    }
    return show(request, page, f"network_{tab}.html", values, status=status)


def role_words() -> dict[str, str]:
    """What the roles of people are called."""
    return {key: str(label) for key, label in NetworkPerson.Role.choices}


def kind_words() -> dict[str, str]:
    """What the kinds of networks are called."""
    return {key: str(label) for key, label in Network.Kind.choices}


def organisation_kinds() -> dict[str, str]:
    """What the kinds of organisations are called."""
    return {key: str(label) for key, label in Organisation.Kind.choices}


@contextmanager
def as_not_there() -> Iterator[None]:
    """What one may not do looks like what does not exist."""
    try:
        yield
    except (NetworkForbidden, TaskForbidden) as error:
        raise Http404 from error


def run_button(request: HttpRequest, slug: str, back: str, do: Mapping[str, Run]) -> HttpResponse:
    """Do what the pressed button (``do``) says, and go back to a page of the network with a word about it."""
    desk = found(open_desk(person(request), slug))
    page = networks_page(request, "")
    run = found(do.get(request.POST.get("do", "")))
    where = f"/workspace/networks/{slug}/{back}"
    try:
        with as_not_there():
            return go(request, where, run(request, desk, page))
    except NetworkRefused as error:
        return go(request, where, str(error), is_good=False)


def number_in(request: HttpRequest, name: str) -> int:
    """A number that a form tells; 0 for anything else."""
    told = request.POST.get(name, "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else 0


def text_in(request: HttpRequest, name: str) -> str:
    """A text that a form tells."""
    return request.POST.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()


def day_in(request: HttpRequest, name: str) -> date | None:
    """A day that a form tells; None where it is empty."""
    told = text_in(request, name)
    try:
        return date.fromisoformat(told) if told else None
    except ValueError as error:
        raise NetworkRefused(gettext("Write the day as year-month-day, such as 2026-12-05.")) from error


def hour_in(request: HttpRequest, name: str) -> time | None:
    """A local hour that a form tells; None where it is empty."""
    told = text_in(request, name)
    try:
        return time.fromisoformat(told).replace(second=0, microsecond=0, tzinfo=None) if told else None
    except ValueError as error:
        raise NetworkRefused(gettext("Write the hour as 18:30.")) from error


def web_address(text: str) -> str:
    """An address of a web page, or a refusal with the remedy; empty stays empty."""
    text = text.strip()
    if not text:
        return ""
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not set(text) & set(' "<>\\')
    except ValueError:
        is_good = False
    if not is_good or len(text) > 500:
        raise NetworkRefused(gettext("This is not a web address. Write one such as https://example.org."))
    return text
