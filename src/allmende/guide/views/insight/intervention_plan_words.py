"""What a plan says to a council before money is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from allmende.core import formats as fmt
from allmende.guide.views.insight.intervention_words import percent
from allmende.insight.models import Intervention

MOST_FALSE_ALARMS: Final = 0.15
"""A level of 95 % promises one in twenty; from a dozen pretended interventions a little more may be chance."""


def span(periods: int, data: Mapping[str, Any], language: str) -> str:
    """A number of periods as people say it: weeks, days, months."""
    parameters = data["parameters"]
    if parameters["resolution"] == "month":
        return ngettext("%(n)s month", "%(n)s months", periods) % {"n": fmt.number(periods, language)}
    week = len(parameters["weekdays"]) or 7
    if periods >= week and periods % week == 0:
        weeks = periods // week
        return ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": fmt.number(weeks, language)}
    return ngettext("%(n)s day", "%(n)s days", periods) % {"n": fmt.number(periods, language)}


def plan_sentences(intervention: Intervention, data: Mapping[str, Any], language: str) -> list[str]:
    """Whether the effect could be seen at all, and what to do if not."""
    power = data["power"]
    if not power["curve"]:
        return [
            gettext("From the figures that are there, nobody can tell whether an effect could be found."),
            gettext("Load a longer past, or choose more comparison places: at least five with a year of figures."),
        ]
    smallest, sentences = power["detectable"], []
    if smallest is None:
        sentences.append(gettext("Not even a change by half would be found in 8 of 10 cases."))
    else:
        sentences.append(
            gettext("An effect of %(effect)s or more would be found in 8 of 10 cases.")
            % {"effect": percent(100 * smallest, language, is_signed=False)}
        )
    expected = intervention.expected_percent
    found = data.get("expected")
    if expected is None or found is None:
        return sentences
    told = {
        "effect": percent(abs(expected), language, is_signed=False),
        "n": fmt.number(round(10 * found), language),
    }
    sentences.append(gettext("The %(effect)s that you expect would be found in %(n)s of 10.") % told)
    if (power["false_alarms"] or 0.0) > MOST_FALSE_ALARMS:
        sentences.append(
            gettext(
                "But with these places something is found too often where nothing was done: "
                "choose other comparison places first, or do not conclude from it."
            )
        )
    else:
        sentences.append(_advice(abs(expected) / 100, found, power, data, language))
    return sentences


def _advice(expected: float, found: float, power: Mapping[str, Any], data: Mapping[str, Any], language: str) -> str:
    if found >= power["wanted"]:
        return gettext("So an answer can be expected: go ahead as planned.")
    longer = enough(power["by_length"], expected, power["periods"])
    if longer is not None:
        return gettext("Measure for %(longer)s rather than %(planned)s, or do not conclude from it.") % {
            "longer": span(longer, data, language),
            "planned": span(power["periods"], data, language),
        }
    return gettext(
        "Measuring longer does not help enough: choose more comparison places that go like the treated ones, "
        "do something stronger, or do not conclude from it."
    )


def enough(by_length: Sequence[Sequence[Any]], expected: float, planned: int) -> int | None:
    """The shortest longer duration with which an effect as expected is found in 8 of 10 cases; None: none was tried."""
    fits = [periods for periods, smallest in by_length if smallest is not None and smallest <= expected]
    return min((periods for periods in fits if periods > planned), default=None)


def false_alarm_sentence(data: Mapping[str, Any], language: str) -> str:
    """How often something is found where nothing is."""
    share = data["power"]["false_alarms"]
    if share is None:
        return ""
    return gettext("Where nothing is done at all, something would still be found in %(n)s of 100 cases.") % {
        "n": fmt.number(round(100 * share), language)
    }
