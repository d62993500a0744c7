"""The words of the workspace for feeds."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from allmende.guide.views.workspace.words import Words

STATES: Final[Words] = {
    "fine": _("All well"),
    "late": _("Late"),
    "failing": _("Cannot be read"),
    "shrinking": _("Shrinks"),
    "paused": _("Paused"),
    "by-hand": _("By hand"),
}
HINTS: Final[Words] = {
    "late": _("It should have been fetched by now. Ask whoever runs this guide whether the periodic work runs."),
    "failing": _(
        "The guide goes on showing what it delivered last. Look at the message, and ask whoever keeps the feed."
    ),
    "shrinking": _("It delivers much less than before. Look whether that is meant."),
}
UNITS: Final[Words] = {"1": _("minutes"), "60": _("hours"), "1440": _("days")}


def every_in_words(minutes: int | None) -> str:
    """How often a feed is fetched."""
    if not minutes:
        return gettext("only by hand")
    if minutes % 1440 == 0:
        return ngettext("every day", "every %(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("every hour", "every %(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("every minute", "every %(n)s minutes", minutes) % {"n": minutes}
