"""The workspace's own navigation: what a person may use, the daily things first, the rest behind "More"."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext


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


def menu_of(
    *,
    is_member: bool,
    may_edit: bool,
    may_import: bool,
    may_brand: bool,
    waiting_reports: int,
    may_review: bool = False,
    may_join_areas: bool = False,
) -> Menu:
    """What somebody finds in the navigation, by what they may do.

    Whoever may set the brand speaks for the region: decides what is the same everywhere, and who its neighbours are.
    """
    first = [
        (True, Entry("day", "", "check", gettext("My day"))),
        (may_edit, Entry("records", "records/", "list", gettext("Records"))),
        (is_member, Entry("networks", "networks/", "people", gettext("Networks"))),
        (may_review, Entry("review", "review/", "eye", gettext("Review"))),
        (is_member, Entry("align", "plan/", "calendar", gettext("Planning"))),
        (is_member, Entry("insight", "insight/", "chart", gettext("Insight"))),
    ]
    more = [
        (may_import, Entry("sources", "sources/", "rss", gettext("Sources"))),
        (may_edit, Entry("reports", "reports/", "flag", gettext("Reports"), waiting_reports)),
        (is_member, Entry("directory", "directory/", "book", gettext("Directory"))),
        (may_edit, Entry("organisations", "organisations/", "building", gettext("Organisations"))),
        (is_member, Entry("tasks", "tasks/", "check", gettext("Tasks"))),
        (may_import or may_brand, Entry("duplicates", "duplicates/", "copy", gettext("Twice?"))),
        (may_edit, Entry("media", "media/", "frame", gettext("Pictures"))),
        (is_member, Entry("translations", "translations/", "speech", gettext("Translations"))),
        (may_import, Entry("health", "health/", "repeat", gettext("Feeds"))),
        (is_member, Entry("people", "people/", "people", gettext("People"))),
        (may_brand, Entry("federation", "federation/", "globe", gettext("Neighbours"))),
        (may_join_areas, Entry("territories", "territories/", "map", gettext("Municipalities"))),
        (may_import, Entry("keys", "keys/", "link", gettext("Keys"))),
        (True, Entry("audit", "audit/", "clock", gettext("Who did what"))),
        (may_brand, Entry("brand", "brand/", "sparkles", gettext("Brand"))),
    ]
    return Menu([entry for is_shown, entry in first if is_shown], [entry for is_shown, entry in more if is_shown])
