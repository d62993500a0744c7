"""What the guide's templates can call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext

from allmende.core import formats
from allmende.guide import cards, labels
from allmende.guide.page import Page


def day_heading(day: date, page: Page) -> str:
    """A day as a heading: Today and Tomorrow by name."""
    text = formats.day_long(day, page.language)
    if day == page.today:
        return gettext("Today, %(day)s") % {"day": text}
    if day == page.today + timedelta(days=1):
        return gettext("Tomorrow, %(day)s") % {"day": text}
    return text[:1].upper() + text[1:]


GLOBALS: Final[Mapping[str, Callable[..., Any]]] = {
    "by_day": cards.by_day,
    "card_words": cards.words,
    "date_line": cards.date_line,
    "day_heading": day_heading,
    "look": labels.look,
    "looks": labels.looks,
    "motif": cards.motif,
    "tile": cards.tile,
    "when": cards.when,
    "when_in_day": cards.when_in_day,
}
