"""What an evaluation by lot says: days with and without suggestions, drawn by lot; in words, pictures and rows of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext, ngettext

from allmende.core import formats as fmt
from allmende.guide import charts
from allmende.guide.views.insight.intervention_charts import Picture
from allmende.guide.views.insight.intervention_words import bare, percent, place_names, unit_name, when_text
from allmende.insight.interventions.queries import Detail
from allmende.insight.interventions.values import Part
from allmende.insight.models import Evaluation

Verdict = Evaluation.Verdict
LISTED = 2
"""From so many places on each is shown by itself."""


def lots_of(evaluation: Evaluation) -> dict[str, Any] | None:
    """What was kept of the lots; None: another kind of evaluation."""
    kept: dict[str, Any] | None = evaluation.data.get("lots")
    return kept


def lot_sentences(detail: Detail, evaluation: Evaluation, lots: dict[str, Any], language: str) -> list[str]:
    """The answer with its uncertainty, the days that it rests on, and how often chance makes one as large."""
    days = _days(lots, language)
    effect, low, high = evaluation.effect_percent, evaluation.low_percent, evaluation.high_percent
    if effect is None or low is None or high is None:
        return [gettext("The lots allow no answer: ten days with suggestions and ten without are needed."), days]
    where, when = place_names(detail, Part.TREATED, language), when_text(detail.intervention, language)
    told = {
        "place": f"{where} ({when})" if when else where,
        "effect": percent(effect, language),
        "low": bare(low, language),
        "high": bare(high, language),
    }
    if evaluation.verdict in {Verdict.WORKED, Verdict.OPPOSITE}:
        first = (
            gettext("On days with suggestions fewer visitors came to %(place)s: %(effect)s (%(low)s to %(high)s).")
            if effect < 0
            else gettext("On days with suggestions more visitors came to %(place)s: %(effect)s (%(low)s to %(high)s).")
        ) % told
    elif evaluation.verdict == Verdict.NO_EFFECT:
        first = gettext("No change that matters at %(place)s: %(effect)s (%(low)s to %(high)s).") % told
    else:
        first = (
            gettext(
                "Whether anything changed at %(place)s cannot be told: %(effect)s, but anything from %(low)s to %(high)s is possible."
            )
            % told
        )
    return [first, days, _chance(evaluation.data["placebos"]["p"], language)]


def _days(lots: dict[str, Any], language: str) -> str:
    share = percent(100.0 * (lots["share"] or 0.0), language, is_signed=False)
    return gettext(
        "Visitors were counted on %(on)s days with suggestions and on %(off)s days without, each place by itself; "
        "the lot decided which, with suggestions on %(share)s of the days."
    ) % {"on": fmt.number(lots["days_on"], language), "off": fmt.number(lots["days_off"], language), "share": share}


def _chance(p: float, language: str) -> str:
    hits = round(1000.0 * p)
    if hits < 1:
        return gettext("Had the lots fallen otherwise, fewer than 1 of 1,000 ways would show a difference as large.")
    return ngettext(
        "Of 1,000 other ways in which the lots could have fallen, %(hits)s shows a difference as large by chance.",
        "Of 1,000 other ways in which the lots could have fallen, %(hits)s show a difference as large by chance.",
        hits,
    ) % {"hits": fmt.number(hits, language)}


def lot_pictures(detail: Detail, evaluation: Evaluation, lots: dict[str, Any], language: str) -> list[Picture]:
    """Each place by itself, and what chance alone makes."""
    made = (_by_site(detail, evaluation, lots, language), _redrawn(evaluation, lots, language))
    return [one for one in made if one is not None]


def _by_site(detail: Detail, evaluation: Evaluation, lots: dict[str, Any], language: str) -> Picture | None:
    three = evaluation.data["percent"]
    if three is None:
        return None
    rows = [(gettext("All places together"), three[0], three[1], three[2])]
    if len(lots["sites"]) >= LISTED:
        for one in lots["sites"]:
            ends = [None if one[key] is None else 100.0 * one[key] for key in ("effect", "low", "high")]
            name = unit_name(detail, one["site"], language)
            # Places that may not be seen are all called the same.
            same = sum(row[0].startswith(name) for row in rows[1:])
            rows.append((f"{name} {same + 1}" if same else name, ends[0], ends[1], ends[2]))
    marks = []
    expected = detail.intervention.locked.get("expected_percent")
    if expected is not None:
        marks.append(charts.Mark(expected, gettext("expected")))
    title = gettext("Days with suggestions against days without")
    chart = charts.whiskers(
        rows,
        x=charts.Axis(gettext("effect in per cent"), unit="%"),
        title=title,
        language=language,
        marks=marks,
    )
    says = gettext(
        "The difference, with the interval that holds the truth in 95 of 100 such trials. Weekdays and weeks are taken out before."
    )
    return Picture("lots", title, says, chart)


def _redrawn(evaluation: Evaluation, lots: dict[str, Any], language: str) -> Picture | None:
    three, bins = evaluation.data["percent"], lots["redrawn"]
    if three is None or not bins:
        return None
    title = gettext("If the lots had fallen otherwise")
    found = gettext("as it was found")
    width = 100.0 * (bins[0][1] - bins[0][0])
    points = [(50.0 * (low + high), 1000.0 * n / lots["draws"]) for low, high, n in bins]
    rows = [[percent(at, language), fmt.number(round(n, 1), language)] for at, n in points]
    head = [gettext("effect in per cent"), gettext("of 1,000 drawings")]
    chart = charts.lines(
        [charts.Line(gettext("Redrawn lots"), points, "c1")],
        marks=[charts.Mark(three[0], found)],
        x=charts.Axis(gettext("effect in per cent"), unit="%"),
        y=charts.Axis(gettext("of 1,000 drawings")),
        title=title,
        language=language,
        table=charts.Table(title, head, rows, [[round(at, 2), round(n, 2)] for at, n in points]),
    )
    says = gettext(
        "The lots were drawn again %(n)s times, with the visitors as they were: so large a difference chance alone makes, "
        "counted in steps of %(width)s. What was found should stand outside."
    ) % {"n": fmt.number(lots["draws"], language), "width": percent(width, language, is_signed=False)}
    return Picture("redrawn", title, says, chart)


Row = tuple[str, str, Any, Any, Any, str]


def lot_rows(lots: dict[str, Any], named: Callable[[int | str], str]) -> Iterator[Row]:
    """Rows of the CSV: table, name, value, low, high, unit."""
    yield "lots", "share of days with suggestions", lots["share"], None, None, "share"
    yield "lots", "days with", lots["days_on"], None, None, "days"
    yield "lots", "days without", lots["days_off"], None, None, "days"
    for one in lots["sites"]:
        yield "lots by place", named(one["site"]), one["effect"], one["low"], one["high"], "share"
    for low, high, n in lots["redrawn"]:
        yield "redrawn lots", "", n, low, high, "drawings"


def lots_as_json(lots: dict[str, Any], named: Callable[[int | str], str]) -> dict[str, Any]:
    """The same for programs, with places by name where they may be seen."""
    return {**lots, "sites": [{**one, "site": named(one["site"])} for one in lots["sites"]]}
