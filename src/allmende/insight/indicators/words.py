"""Figures and what is known of them in words, for pages and files."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.translation import gettext, ngettext, pgettext

from allmende.core import formats
from allmende.core.formats import day_medium
from allmende.insight.indicators.comparing import GroupShown
from allmende.insight.indicators.definitions import Definition
from allmende.insight.indicators.figures import Figure
from allmende.insight.indicators.numbers import shown_figure
from allmende.insight.indicators.vocabulary import SET_NAMES, unit_name

NOTHING: Final = "–"


def figure(one: Definition, value: float | None, language: str, country: str = "") -> str:
    """``12,000 visits``; a dash where nothing is known."""
    if value is None:
        return NOTHING
    unit = unit_name(one.unit, country)
    said = shown_figure(value, one.decimals, language)
    return f"{said} {unit}" if unit else said


def bare(one: Definition, value: float | None, language: str) -> str:
    """The number alone."""
    return NOTHING if value is None else shown_figure(value, one.decimals, language)


def period(kind: str, start: date, language: str) -> str:
    """``March 2025``, ``2nd quarter 2025`` or ``2025``."""
    if kind == "month":
        return formats.month_long(start, language)
    return formats.quarter_long(start, language) if kind == "quarter" else str(start.year)


def set_name(name: str) -> str:
    """Of a list of indicators."""
    return str(SET_NAMES.get(name, name))


def origin(known: Figure, names: dict[str, str], language: str) -> str:
    """From where a figure comes, and of when."""
    said = {
        "entered": known.source or gettext("No source named"),
        "counted": gettext("Counted at: %(sites)s") % {"sites": known.source},
        "register": gettext("Register of areas"),
        "computed": gettext("Computed from: %(what)s")
        % {"what": formats.words([names.get(code, code) for code in known.rests_on], language)},
    }.get(known.origin, "")
    if known.at is not None and said:
        said = gettext("%(source)s, as of %(day)s") % {"source": said, "day": day_medium(known.at.date(), language)}
    return said


def why_missing(known: Figure, names: dict[str, str], language: str) -> str:
    """Why there is no value."""
    if known.reason == "zero":
        return gettext("Cannot be computed: it would be divided by zero.")
    if known.reason == "size":
        return gettext("Cannot be computed: the number is too large.")
    if not known.missing:
        return ""
    parts = []
    for one in known.missing:
        code, _, months = one.partition(":")
        name = names.get(code, code)
        if months:
            count = months.count(",") + 1
            if months.startswith("Q"):
                name += " " + ngettext("(%(n)s quarter)", "(%(n)s quarters)", count) % {"n": count}
            else:
                name += " " + ngettext("(%(n)s month)", "(%(n)s months)", count) % {"n": count}
        parts.append(name)
    return gettext("Missing: %(what)s") % {"what": formats.words(parts, language)}


def group(one: Definition, shown: GroupShown, language: str, country: str = "") -> str:
    """The group in a sentence, or why nothing is shown of it."""
    if shown.is_shown:
        words = {
            "low": bare(one, shown.low, language),
            "high": figure(one, shown.high, language, country),
            "middle": bare(one, shown.middle, language),
            "n": formats.number(shown.members, language),
        }
        return gettext("Half of %(n)s lie between %(low)s and %(high)s, the middle is %(middle)s.") % words
    return {
        "dominated": gettext(
            "One member makes up more than half of the whole and would be recognised. So nothing is shown."
        ),
        "waiting": gettext(
            "Too few figures differ from those shown before. A difference would show whose. So nothing is shown until five do."
        ),
    }.get(
        shown.withheld,
        gettext(
            "Shown when at least five others have a figure that they have not shared with their name. Until then single houses could be recognised."
        ),
    )


def direction(one: Definition) -> str:
    """Whether more of it is better."""
    return {
        "up": gettext("More is better"),
        "down": gettext("Less is better"),
    }.get(one.direction, pgettext("indicator", "Neither more nor less is better"))
