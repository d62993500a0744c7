"""The words of a chart, in the language that it is drawn in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils.translation import gettext, override, pgettext

from allmende.core import formats
from allmende.guide.charts.scales import figure

P = TypeVar("P")
LONGEST_SUMMARY = 3
"""Series that the summary speaks of."""


def no_figure(language: str) -> str:
    """What stands where nothing is known."""
    with override(language):
        return gettext("no figure")


def no_figures(language: str) -> str:
    with override(language):
        return gettext("There are no figures to draw.")


def interval(low: float, high: float, language: str, unit: str = "") -> str:
    """From 40 to 200 people."""
    with override(language):
        return gettext("from %(low)s to %(high)s") % {
            "low": figure(low, language),
            "high": figure(high, language, unit),
        }


def point(place: str, value: float | None, language: str, unit: str = "", *, series: str = "") -> str:
    """14 July 2026: 1,234 people (measured)."""
    said = no_figure(language) if value is None else figure(value, language, unit)
    return f"{place}: {said} ({series})" if series else f"{place}: {said}"


def extremes(
    series: Sequence[tuple[str, Sequence[tuple[P, float | None]]]],
    language: str,
    unit: str = "",
    *,
    last: bool = True,
    write: Callable[[P], str] = str,
) -> str:
    """One sentence for each series: highest, lowest and last, with their places, which ``write`` puts into words."""
    with override(language):
        said = []
        for name, points in series[:LONGEST_SUMMARY]:
            known = [(value, place) for place, value in points if value is not None]
            if not known:
                said.append(gettext("%(name)s: no figure.") % {"name": name})
                continue
            high = max(known, key=lambda pair: pair[0])
            low = min(known, key=lambda pair: pair[0])
            values = {
                "name": name,
                "high": figure(high[0], language, unit),
                "high_at": write(high[1]),
                "low": figure(low[0], language, unit),
                "low_at": write(low[1]),
                "last": figure(known[-1][0], language, unit),
                "last_at": write(known[-1][1]),
            }
            if len(known) == 1:
                said.append(gettext("%(name)s: %(last)s (%(last_at)s).") % values)
            elif last:
                said.append(
                    gettext(
                        "%(name)s: highest %(high)s (%(high_at)s), lowest %(low)s (%(low_at)s), last %(last)s (%(last_at)s)."
                    )
                    % values
                )
            else:
                said.append(gettext("%(name)s: highest %(high)s (%(high_at)s), lowest %(low)s (%(low_at)s).") % values)
        missing = sum(value is None for _, points in series for _, value in points)
        if missing:
            said.append(gettext("Without a figure: %(number)s.") % {"number": formats.number(missing, language)})
        return " ".join(said) or gettext("There are no figures to draw.")


def rank(chosen: str, place: int, number: int, value: str, language: str) -> str:
    """Where the marked value stands among all."""
    with override(language):
        return gettext("%(name)s: %(value)s, the highest but %(above)s of %(number)s.") % {
            "name": chosen,
            "value": value,
            "above": formats.number(place, language),
            "number": formats.number(number, language),
        }


def heads(language: str) -> dict[str, str]:
    """Heads of the tables' columns, and other single words."""
    with override(language):
        return {
            "value": gettext("Value"),
            "low": gettext("Lower end"),
            "high": gettext("Upper end"),
            "date": gettext("Date"),
            "from": pgettext("place", "From"),
            "to": pgettext("place", "To"),
            "west": gettext("West"),
            "south": gettext("South"),
            "east": gettext("East"),
            "north": gettext("North"),
            "name": gettext("Name"),
            "others": gettext("All others"),
        }


def flow(start: str, end: str, language: str) -> str:
    """From one place to another."""
    with override(language):
        return gettext("%(start)s to %(end)s") % {"start": start, "end": end}


def square(number: int, language: str) -> str:
    """The name of one square of a grid."""
    with override(language):
        return gettext("Square %(number)s") % {"number": formats.number(number, language)}


def at_least(value: str, language: str) -> str:
    """A figure of which a part is withheld."""
    with override(language):
        return gettext("at least %(value)s") % {"value": value}


def in_part(language: str) -> str:
    """The legend of such figures."""
    with override(language):
        return gettext("in part withheld: at least so many")


def up_to(value: str, language: str) -> str:
    """The legend of arrows whose width is their value."""
    with override(language):
        return gettext("The wider, the more: up to %(value)s") % {"value": value}
