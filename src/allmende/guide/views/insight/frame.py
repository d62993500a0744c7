"""What every page of the insight pages shares."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, pgettext

from allmende.guide.page import Page
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace.frame import found, person, show, workspace_page

STYLE = "guide/insight/insight.css"


def tabs() -> list[tuple[str, str, str]]:
    """Key, path below ``/workspace/insight/`` and name of the parts."""
    return [
        ("overview", "", pgettext("insight", "Overview")),
        ("sites", "sites/", gettext("Measured places")),
        ("crowding", "crowding/", gettext("Crowding")),
        ("interventions", "interventions/", gettext("Interventions")),
        ("indicators", "indicators/", gettext("Indicators")),
        ("deliveries", "deliveries/", gettext("Deliveries")),
    ]


def insight_page(request: HttpRequest, title: str, *, styles: tuple[str, ...] = ()) -> Page:
    """The frame of a page of the insight pages; who has no place in the workspace finds no such page."""
    found(may_enter_workspace(person(request)) or None)
    page = workspace_page(request, "insight", title)
    page.styles = (*page.styles, STYLE, *styles)
    return page


def show_insight(
    request: HttpRequest,
    page: Page,
    tab: str,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The finished page below its tabs; ``template`` lies in ``workspace/insight/`` and extends its ``base.html``."""
    values = {"tab": tab, "tabs": tabs(), **(context or {})}
    return show(request, page, f"insight/{template}", values, status=status)
