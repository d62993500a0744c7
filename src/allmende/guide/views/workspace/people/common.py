"""What the pages about people share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import workspace_page
from allmende.partners.models import Membership, NetworkPerson


def people_page(request: HttpRequest, title: str, section: str = "people") -> Page:
    """The frame of a page about people."""
    page = workspace_page(request, section, title)
    page.styles = (*page.styles, "guide/workspace/people.css")
    return page


def words_of(page: Page) -> dict[str, Any]:
    """What the templates call: days, roles, and when somebody was here."""

    def day(at: datetime | None) -> str:
        return formats.day_medium(at.astimezone(page.zone).date(), page.language) if at else "–"

    return {
        "day": day,
        "roles": [(role.value, str(role.label)) for role in Membership.Role],
        "network_roles": dict(NetworkPerson.Role.choices),
        "seen_words": {
            "week": gettext("in the last 7 days"),
            "month": gettext("in the last month"),
            "longer": gettext("longer ago"),
            "never": gettext("not yet"),
        },
    }
