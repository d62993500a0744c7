"""Why two records may be the same, in the person's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmende.core import formats

SENTENCES: Final[dict[str, Promise | str]] = {
    "same-id": _("Both name the same identifier: %(left)s."),
    "same-url": _("Both have the same page: %(left)s."),
    "same-site": _("Both pages are on %(left)s."),
    "other-site": _("The web sites differ: %(left)s, %(right)s."),
    "name-same": _("The names are the same: %(left)s."),
    "name-alike": _("The names are alike: %(left)s, %(right)s."),
    "name-differs": _("The names differ: %(left)s, %(right)s."),
    "no-name": _("One of the two has no name."),
    "near": _("They are %(value)s m apart."),
    "far": _("They are far apart: %(value)s m."),
    "same-phone": _("The telephone numbers are the same."),
    "other-phone": _("The telephone numbers differ."),
    "same-mail": _("The e-mail addresses are the same, or of one domain."),
    "other-mail": _("The e-mail addresses differ."),
    "same-address": _("The addresses are the same: %(left)s."),
    "other-house-number": _("The house numbers differ: %(left)s, %(right)s."),
    "other-street": _("The streets differ: %(left)s, %(right)s."),
    "same-locality": _("Both are in %(left)s."),
    "other-locality": _("The places differ: %(left)s, %(right)s."),
    "category-alike": _("They are of one sort."),
    "category-differs": _("They are of different sorts: %(left)s, %(right)s."),
    "same-start": _("Both start at the same time."),
    "same-day": _("Both are on the same day; one does not say when."),
    "start-off-an-hour": _("The starts are %(value)s minutes apart."),
    "time-of-day-differs": _("They are at different times of the day."),
    "next-day": _("They are a day apart."),
    "within-dates": _("One is within the dates of the other."),
    "other-day": _("They are on different days."),
    "same-ordinal": _("Both names have the same number."),
    "ordinal-differs": _("The numbers in the names differ: %(left)s, %(right)s."),
    "edition-differs": _("The years in the names differ: %(left)s, %(right)s."),
    "same-source": _("Both come from one source, which would list one thing once."),
    "one-date-of-series": _("One is a series, and the other is on one of its dates."),
    "part-of": _("One seems to be a part of the other: %(left)s, %(right)s."),
    "same-venue": _("Both are at %(left)s."),
    "other-venue": _("The venues differ: %(left)s, %(right)s."),
    "same-organiser": _("Both are by %(left)s."),
    "other-organiser": _("The organisers differ: %(left)s, %(right)s."),
    "text-alike": _("The descriptions are alike."),
    "no-location": _("One of the two does not say where it is."),
    "other-kind": _("They are of different kinds: %(left)s, %(right)s."),
}
"""One for each code of the linkage engine."""
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """A sentence, and which way it points."""

    text: str
    speaks_for: bool


def reason_lines(reasons: Iterable[Mapping[str, Any]], language: str) -> list[ReasonLine]:
    """Sentences for stored reasons, the weightiest first; what is not known here is left out."""
    found = []
    for reason in sorted(reasons, key=lambda reason: -abs(reason.get("weight", 0.0)))[:SHOWN]:
        sentence = SENTENCES.get(reason["code"])
        if sentence is None:
            continue
        value = reason.get("value")
        parts = {
            "left": reason.get("left") or "–",
            "right": reason.get("right") or "–",
            "value": formats.number(round(value), language) if value is not None else "–",
        }
        found.append(ReasonLine(str(sentence) % parts, reason.get("weight", 0.0) >= 0))
    return found
