"""The workspace's own navigation: what a person may use, the daily things first, the rest behind "More"."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from allmende.catalogue.queries import editing
from allmende.core.models import User
from allmende.federation.rules import may_federate
from allmende.guide.rules import may_enter_workspace, may_set_brand


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; ``path`` below ``/workspace/``."""

    key: str
    path: str
    icon: str
    label: str
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Menu:
    """Links that are always seen, and those behind "More"."""

    first: list[Entry]
    more: list[Entry]


NOBODY = Menu([], [])


def menu_of(user: User) -> Menu:
    """What ``user`` finds in the navigation."""
    may_edit = editing.has_records_to_edit(user)
    may_import = bool(editing.coordinated_organisations(user))
    may_brand = may_set_brand(user)
    first = [
        (True, Entry("day", "", "check", gettext("My day"))),
        (may_edit, Entry("records", "records/", "list", gettext("Records"))),
        (may_enter_workspace(user), Entry("align", "plan/", "calendar", gettext("Planning"))),
        (may_import, Entry("sources", "sources/", "rss", gettext("Sources"))),
        (may_edit, Entry("reports", "reports/", "flag", gettext("Reports"), editing.open_reports(user))),
    ]
    more = [
        (editing.may_decide(user), Entry("duplicates", "duplicates/", "copy", gettext("Twice?"))),
        (may_import, Entry("health", "health/", "repeat", gettext("Feeds"))),
        (may_federate(user), Entry("federation", "federation/", "globe", gettext("Neighbours"))),
        (may_import, Entry("keys", "keys/", "link", gettext("Keys"))),
        (may_brand, Entry("brand", "brand/", "sparkles", gettext("Brand"))),
    ]
    return Menu([entry for is_shown, entry in first if is_shown], [entry for is_shown, entry in more if is_shown])
