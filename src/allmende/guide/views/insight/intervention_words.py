"""What an evaluation and a plan say, in plain sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from allmende.core import formats as fmt
from allmende.insight.interventions.queries import Detail
from allmende.insight.interventions.values import Part
from allmende.insight.models import Evaluation, Intervention

MONDAY: Final = date(2024, 1, 1)
FEW_RUNS: Final = 50
"""With fewer placebo runs, "in 3 of 100" says more than is known where none of them is as large."""
Words = dict[str, "Promise | str"]

METHODS: Final[Words] = {
    "did": _("Difference-in-differences"),
    "event_study": _("The same for staggered starts"),
    "synthetic_control": _("Synthetic control"),
    "synthetic_did": _("Synthetic difference-in-differences"),
    "structural": _("Structural time series"),
    "lots": _("Days drawn by lot"),
}
METHODS_SAY: Final[Words] = {
    "did": _("The change at the treated places less the change at the comparison places."),
    "event_study": _("The same, each place from its own start, so that early and late starts are not mixed up."),
    "synthetic_control": _("A mixture of comparison places that went like the treated ones before the start."),
    "synthetic_did": _(
        "Both together: the mixture of places, and the change since the days most like those after the start."
    ),
    "structural": _("The treated places’ own past with its season and week, carried on; several models averaged."),
    "lots": _(
        "Each day was with or without suggestions by lot, so that both kinds of days differ by chance alone in all else; "
        "drawing the lots again tells how large a difference chance makes."
    ),
}
FAILURES: Final[Words] = {
    "treated_hidden": _("A treated place is no longer shared with you. Ask its owner to share it."),
    "treated_without_figures": _(
        "The treated places have no figures in this time. Load a delivery, or choose other places."
    ),
    "months_have_no_hours": _("%(about)s is counted by month: choose no hours and no weekdays."),
    "days_have_no_hours": _("%(about)s is counted by day: choose no hours."),
    "no_figures_yet": _("There are no figures from before the start. Load older ones first."),
    "not_begun": _("It has not begun yet, or there are no figures since the start."),
    "not_locked": _("Lock what you expect first."),
    "lots_not_over": _("The trial is not over: nobody is to end it because a figure pleases them."),
    "forbidden": _("Whoever asked for it may not do so any more. Ask again."),
}
LEFT_OUT: Final[Words] = {
    "hidden": _("not shared any more"),
    "no_figures": _("no figures in this time"),
    "other_periods": _("counted by other periods"),
}
CHECKS: Final[Words] = {
    "pre_trend": _("Before the start, the treated places went like the comparison"),
    "enough_before": _("The past is long enough"),
    "enough_after": _("Long enough since the start"),
    "treated": _("The treated places have figures"),
    "gaps": _("Few gaps in the figures"),
    "controls": _("Enough comparison places"),
    "outliers": _("No single days that decide everything"),
    "placebo_in_time": _("No effect where the start is only pretended"),
    "agreement": _("The methods agree"),
    "overlap": _("The comparison places can make up the treated ones"),
    "lot_days": _("Enough days with and without suggestions"),
}
REMEDIES: Final[Words] = {
    "pre_trend": _("Choose comparison places that went more like the treated ones."),
    "enough_before": _("Load older figures."),
    "enough_after": _("Wait until there are more figures since the start: a whole week at least."),
    "treated": _("Load figures of the treated places from before and after the start."),
    "gaps": _("Load the missing figures, or leave the places with many gaps out."),
    "controls": _("Choose more comparison places, at least five; other owners may share theirs in the insight space."),
    "outliers": _("Look at these days: was something else going on?"),
    "placebo_in_time": _("Something else changed at these places before the start. Choose other comparison places."),
    "agreement": _("Do not believe one method alone: look at why they differ."),
    "overlap": _("Choose comparison places of a similar kind and size."),
    "lot_days": _("Load the missing figures, or draw the lots for longer."),
}
SHARES: Final = frozenset({"gaps", "pre_trend", "placebo_in_time", "outliers", "agreement"})
"""Checks whose figures are shares."""
VARIATIONS: Final[Words] = {
    "without_first_week": _("Without the first week"),
    "half_before": _("With half of the past"),
}
NOTES: Final[Words] = {
    "few_controls": _("few comparison places"),
    "short_before": _("a short past"),
    "few_treated": _("few treated places: its error is uncertain"),
    "no_controls": _("no comparison places"),
    "poor_fit": _("the past is not matched well"),
}


VERDICTS: Final = dict(Evaluation.Verdict.choices)


def say(words: Words, key: str) -> str:
    """The words of a key, or the key where the engine has a new one."""
    return str(words.get(key) or key.replace("_", " "))


# ---------------------------------------------------------------------- pieces


def percent(value: float, language: str, *, is_signed: bool = True) -> str:
    """−14 %; one decimal below three."""
    shown = round(value) if abs(value) >= 3 else round(value, 1)
    shown = int(shown) if shown == int(shown) else shown
    sign = ("−" if shown < 0 else "+" if shown > 0 else "") if is_signed else ""
    return f"{sign}{fmt.number(abs(shown), language)} %"


def bare(value: float, language: str) -> str:
    """The same without the sign of per cent, for the ends of a range."""
    return percent(value, language).removesuffix(" %")


def hours_text(hours: Sequence[int], language: str) -> str:
    """10:00–14:00, 18:00–20:00; empty: all day."""
    spans: list[tuple[int, int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour:
            spans[-1] = (spans[-1][0], hour + 1)
        else:
            spans.append((hour, hour + 1))
    return ", ".join(
        f"{fmt.clock(time(first), language)}–{fmt.clock(time(last % 24), language)}" for first, last in spans
    )


def weekdays_text(weekdays: Sequence[int], language: str) -> str:
    """Sat and Sun; empty: every day."""
    return fmt.words([fmt.weekday_short(MONDAY + timedelta(days=day), language) for day in sorted(weekdays)], language)


def when_text(intervention: Intervention, language: str) -> str:
    """The chosen hours and weekdays, or empty."""
    parts = (hours_text(intervention.hours, language), weekdays_text(intervention.weekdays, language))
    return ", ".join(part for part in parts if part)


def dates_text(intervention: Intervention, language: str) -> str:
    """From when to when."""
    if intervention.ends_on is None:
        return gettext("from %(day)s on") % {"day": fmt.day_medium(intervention.starts_on, language)}
    return fmt.day_interval(intervention.starts_on, intervention.ends_on, language)


def place_names(detail: Detail, part: str, language: str) -> str:
    """The names of the sites with a part; of those that may not be seen only how many they are."""
    found = [one for one in detail.sites if one.part == part]
    named = [one.name for one in found if one.name]
    hidden = len(found) - len(named)
    if hidden:
        named.append(
            {
                Part.TREATED: ngettext("a treated place", "%(n)s treated places", hidden),
                Part.NEIGHBOUR: ngettext("a neighbouring place", "%(n)s neighbouring places", hidden),
                Part.COMPARISON: ngettext("a comparison place", "%(n)s comparison places", hidden),
            }[Part(part)]
            % {"n": fmt.number(hidden, language)}
        )
    return fmt.words(named, language)


def unit_name(detail: Detail, unit: int | str, language: str) -> str:
    """The name of one site in tables and charts; one that may not be seen has a number of its own."""
    if name := detail.name_of(unit):
        return name
    same = [one for one in detail.sites if one.part == Part.COMPARISON]
    number = next((place for place, one in enumerate(same, 1) if str(one.site_id) == str(unit)), 0)
    if number:
        return gettext("Comparison place %(n)s") % {"n": fmt.number(number, language)}
    return gettext("A place")


# ---------------------------------------------------------------------- the answer


def answer_sentences(detail: Detail, evaluation: Evaluation, language: str) -> list[str]:
    """What came of it, with its uncertainty; or why nothing can be said, and what would help."""
    if evaluation.verdict == Evaluation.Verdict.REFUSED or evaluation.effect_percent is None:
        return refusal_sentences(evaluation.data)
    sentences = [_effect(detail, evaluation, language)]
    if displaced := _displaced(detail, evaluation, language):
        sentences.append(displaced)
    if chance := _chance(evaluation.data, language):
        sentences.append(chance)
    return sentences


def refusal_sentences(data: Mapping[str, Any]) -> list[str]:
    """The checks that were not passed, each with its remedy."""
    reasons = [check for check in data["checks"] if check["is_fatal"] and not check["is_passed"]]
    sentences = [gettext("The data allow no answer.")]
    for check in reasons:
        sentences.append(f"{say(CHECKS, check['name'])}: {gettext('no')}. {say(REMEDIES, check['name'])}")
    return sentences


def _effect(detail: Detail, evaluation: Evaluation, language: str) -> str:
    intervention = detail.intervention
    effect, low, high = evaluation.effect_percent, evaluation.low_percent, evaluation.high_percent
    assert effect is not None
    where, when = place_names(detail, Part.TREATED, language), when_text(intervention, language)
    told = {
        "place": f"{where} ({when})" if when else where,
        "effect": percent(effect, language),
        "low": bare(low, language) if low is not None else "?",
        "high": bare(high, language) if high is not None else "?",
    }
    if evaluation.verdict in {Evaluation.Verdict.WORKED, Evaluation.Verdict.OPPOSITE}:
        if effect < 0:
            return gettext("Fewer visitors at %(place)s: %(effect)s (%(low)s to %(high)s).") % told
        return gettext("More visitors at %(place)s: %(effect)s (%(low)s to %(high)s).") % told
    if evaluation.verdict == Evaluation.Verdict.NO_EFFECT:
        return gettext("No change that matters at %(place)s: %(effect)s (%(low)s to %(high)s).") % told
    return (
        gettext(
            "Whether anything changed at %(place)s cannot be told: %(effect)s, but anything from %(low)s to %(high)s is possible."
        )
        % told
    )


def _chance(data: Mapping[str, Any], language: str) -> str:
    hits = data["facts"].get("placebo_hits_of_100")
    if hits is None:
        p = data["placebos"].get("p")
        hits = None if p is None else 100.0 * p
    if hits is None:
        return ""
    rank, runs = data["placebos"].get("rank"), data["placebos"].get("of", 0) - 1
    if rank == 1 and 0 < runs < FEW_RUNS:
        return ngettext(
            "In the one placebo run the change was smaller.",
            "In none of %(n)s placebo runs was the change as large.",
            runs,
        ) % {"n": fmt.number(runs, language)}
    if hits < 1:
        return gettext("A change this large arises by chance in fewer than 1 of 100 placebo runs.")
    return gettext("A change this large arises by chance in %(n)s of 100 placebo runs.") % {
        "n": fmt.number(round(hits), language)
    }


def portion(share: float) -> str:
    """A share in words."""
    steps = (
        (0.15, pgettext("share of visitors", "a tenth")),
        (0.225, pgettext("share of visitors", "a fifth")),
        (0.29, pgettext("share of visitors", "a quarter")),
        (0.415, pgettext("share of visitors", "a third")),
        (0.585, pgettext("share of visitors", "half")),
        (0.71, pgettext("share of visitors", "two thirds")),
        (0.85, pgettext("share of visitors", "three quarters")),
    )
    return next((words for limit, words in steps if share < limit), pgettext("share of visitors", "all"))


def _displaced(detail: Detail, evaluation: Evaluation, language: str) -> str:
    found = evaluation.data.get("displacement")
    neighbours = place_names(detail, Part.NEIGHBOUR, language)
    if (
        not found
        or not neighbours
        or evaluation.verdict not in {Evaluation.Verdict.WORKED, Evaluation.Verdict.OPPOSITE}
    ):
        return ""
    share, low, high = found["share"], found["low"], found["high"]
    if share is None or low is None or high is None:
        return gettext("How many of them are at %(places)s instead cannot be told.") % {"places": neighbours}
    told = {
        "places": neighbours,
        "portion": portion(share),
        "share": percent(100 * share, language, is_signed=share < 0),
        "low": bare(100 * low, language).removeprefix("+"),
        "high": percent(100 * high, language).removeprefix("+"),
    }
    is_fewer = (evaluation.effect_percent or 0.0) < 0
    if low <= 0:
        if is_fewer:
            return (
                gettext("That they went to %(places)s instead cannot be shown: %(share)s (%(low)s to %(high)s).") % told
            )
        return gettext("That they came from %(places)s cannot be shown: %(share)s (%(low)s to %(high)s).") % told
    if is_fewer:
        return gettext("About %(portion)s of them came to %(places)s (%(low)s to %(high)s).") % told
    return gettext("About %(portion)s of them came from %(places)s (%(low)s to %(high)s).") % told


def expectation_sentence(intervention: Intervention, evaluation: Evaluation, language: str) -> str:
    """What was locked beside what was found."""
    expected = intervention.locked.get("expected_percent")
    effect, low, high = evaluation.effect_percent, evaluation.low_percent, evaluation.high_percent
    if expected is None or effect is None or low is None or high is None:
        return ""
    told = {"expected": percent(expected, language), "effect": percent(effect, language)}
    if low <= expected <= high:
        return gettext("Expected: %(expected)s. Found: %(effect)s; the two agree within the uncertainty.") % told
    is_more = abs(effect) > abs(expected) and (effect < 0) == (expected < 0)
    if is_more:
        return gettext("Expected: %(expected)s. Found: %(effect)s, more than expected.") % told
    return gettext("Expected: %(expected)s. Found: %(effect)s, less than expected.") % told


def check_rows(data: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The checks in words: name, whether passed, its figure and limit, what would help."""
    rows = []
    for check in data["checks"]:
        name = check["name"]
        figure, limit = (_check_figure(name, check[key], language) for key in ("figure", "limit"))
        rows.append(
            {
                "name": say(CHECKS, name),
                "is_passed": check["is_passed"],
                "is_fatal": check["is_fatal"],
                "figure": gettext("%(figure)s (limit %(limit)s)") % {"figure": figure, "limit": limit}
                if figure and limit
                else figure,
                "remedy": "" if check["is_passed"] else str(REMEDIES.get(name, "")),
            }
        )
    return rows


def _check_figure(name: str, value: float | None, language: str) -> str:
    if value is None:
        return ""
    if name in SHARES:
        return percent(100 * value, language, is_signed=False)
    return fmt.number(round(value, 2) if value != int(value) else int(value), language)


def variation(detail: Detail, name: str, language: str) -> str:
    """The name of one line of the sensitivity."""
    if name.startswith("without:"):
        return gettext("Without %(place)s") % {"place": unit_name(detail, name.removeprefix("without:"), language)}
    return say(VARIATIONS, name)


def failure_sentence(code: str, about: str) -> str:
    """Why a plan or an evaluation could not be made, and what to do."""
    words = FAILURES.get(code)
    return str(words) % {"about": about} if words else gettext("It could not be done.")
