"""What a network of each kind begins with; everything can be changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext, gettext_noop

RECORD_KINDS: Final = ("event", "place", "offer")


@dataclass(frozen=True, slots=True)
class Defaults:
    """Policy, what it is about, groups to begin with, and who belongs at the table."""

    policy: str
    moderated_kinds: tuple[str, ...]
    groups: tuple[str, ...]
    """English keys of suggested working groups."""
    table_kinds: tuple[str, ...]
    """Kinds of organisations without which something is missing."""


DEFAULTS: Final[Mapping[str, Defaults]] = {
    "business": Defaults(
        "trusted",
        ("offer", "event"),
        (gettext_noop("Location marketing"), gettext_noop("Skilled workers"), gettext_noop("Young companies")),
        ("company", "municipality", "university", "school", "agency", "region", "association"),
    ),
    "culture": Defaults(
        "trusted",
        ("event", "place"),
        (gettext_noop("Programme"), gettext_noop("Education and schools")),
        ("museum", "association", "municipality", "school", "university", "dmo"),
    ),
    "events": Defaults(
        "trusted",
        ("event",),
        (gettext_noop("Dates"), gettext_noop("Safety and sites")),
        ("municipality", "association", "museum", "company", "dmo", "school"),
    ),
    "tourism": Defaults(
        "reviewed",
        ("event", "place", "offer"),
        (gettext_noop("Campaigns"), gettext_noop("Quality"), gettext_noop("Guest data")),
        ("dmo", "municipality", "company", "museum", "farm", "association", "region", "university"),
    ),
    "machinery": Defaults(
        "free",
        ("offer",),
        (gettext_noop("Fleet and sharing"), gettext_noop("Care of landscape")),
        ("farm", "municipality", "company", "association", "school"),
    ),
    "advice": Defaults(
        "free",
        ("offer",),
        (gettext_noop("Advisers"), gettext_noop("Funding")),
        ("agency", "municipality", "university", "company", "association", "region"),
    ),
    "youth": Defaults(
        "reviewed",
        ("event", "offer"),
        (gettext_noop("School holidays"), gettext_noop("Schools and clubs")),
        ("school", "association", "municipality", "museum", "farm", "company"),
    ),
    "insight": Defaults(
        "free",
        (),
        (gettext_noop("Data"), gettext_noop("Methods")),
        ("dmo", "university", "municipality", "agency", "region", "company"),
    ),
    "other": Defaults("trusted", ("event",), (), ("municipality", "association", "company")),
}


def defaults_of(kind: str) -> Defaults:
    """What a network of ``kind`` begins with."""
    return DEFAULTS.get(kind, DEFAULTS["other"])


def suggested_groups(kind: str) -> list[str]:
    """Names of working groups in the language in use."""
    return [gettext(name) for name in defaults_of(kind).groups]
