"""What looks like a slip: shown beside the field, never in the way.  Figures can be right and unusual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext

from allmende.core import formats
from allmende.insight.indicators.definitions import Definition
from allmende.insight.indicators.figures import Figure

PART_OF: Final[Mapping[str, str]] = {
    "museum_visits_under18": "museum_visits",
    "museum_visits_free": "museum_visits",
    "museum_visits_school": "museum_visits",
}
AT_MOST: Final[Mapping[str, float]] = {"museum_opening_hours": 8784, "museum_opening_days": 366}
JUMP: Final = 2.0
"""From which factor on a change to the year before is asked about."""


def warnings(
    definitions: Mapping[str, Definition], now: Mapping[str, Figure], before: Mapping[str, Figure], language: str
) -> dict[str, list[str]]:
    """Code -> sentences."""
    found: dict[str, list[str]] = {}
    for code, one in definitions.items():
        figure = now.get(code)
        if figure is None or figure.value is None or one.formula:
            continue
        said = [*_in_itself(one, figure.value), *_beside(code, figure.value, definitions, now, language)]
        earlier = before.get(code)
        if earlier is not None and earlier.value is not None:
            said += _since(figure.value, earlier.value, language)
        if said:
            found[code] = said
    return found


def _in_itself(one: Definition, value: float) -> list[str]:
    said = []
    if one.unit == "percent" and value > 100:
        said.append(gettext("More than 100 per cent: is that meant?"))
    if one.code in AT_MOST and value > AT_MOST[one.code]:
        said.append(gettext("That is more than a year has."))
    return said


def _beside(
    code: str, value: float, definitions: Mapping[str, Definition], now: Mapping[str, Figure], language: str
) -> list[str]:
    whole = now.get(PART_OF.get(code, ""))
    if whole is not None and whole.value is not None and value > whole.value:
        words = {"whole": definitions[whole.code].name, "n": formats.number(whole.value, language)}
        return [gettext("More than the whole: %(whole)s is %(n)s.") % words]
    return []


def _since(value: float, earlier: float, language: str) -> list[str]:
    if value == 0 and earlier > 0:
        return [
            gettext("Last year it was %(n)s. Is it really nothing now? Leave the field empty where nothing is known.")
            % {"n": formats.number(earlier, language)}
        ]
    if earlier <= 0 or value <= 0 or max(value, earlier) < 20:
        return []
    factor = value / earlier
    words = {"n": formats.number(round(factor if factor > 1 else 1 / factor, 1), language)}
    if factor >= JUMP:
        return [gettext("%(n)s times last year’s figure. If that is so, say why in the note.") % words]
    if factor <= 1 / JUMP:
        return [gettext("Last year’s figure was %(n)s times as much. If that is so, say why in the note.") % words]
    return []
