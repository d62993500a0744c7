"""The pictures of an evaluation and of a plan, from what was kept of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from allmende.core import formats as fmt
from allmende.guide import charts
from allmende.guide.views.insight.intervention_plan_words import span
from allmende.guide.views.insight.intervention_words import METHODS, percent, say, unit_name, variation
from allmende.insight.interventions.queries import Detail
from allmende.insight.models import Evaluation, Intervention

SHOWN_BEFORE: Final = 52
"""Points before the start in the picture of the course."""
MOST_DAYS: Final = 60
"""More periods than that are drawn by their weekly mean."""
FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart and what it is for."""

    key: str
    title: str
    says: str
    chart: charts.Chart


@dataclass(frozen=True, slots=True)
class Point:
    """One day, or the mean of a week."""

    day: date
    observed: float
    expected: float


def course(detail: Detail, evaluation: Evaluation) -> list[Point]:
    """What was observed and what is estimated without it, by weeks where there are many days.

    Figures of places that may not be seen are an index: the mean observed before the start is 100.
    """
    data = evaluation.data
    main = _main(data)
    rows = [
        (date.fromisoformat(day), seen, without)
        for day, seen, without in (main["path"] if main else [])
        if seen is not None and without is not None
    ]
    if not rows:
        return []
    start = date.fromisoformat(data["parameters"]["starts_on"])
    scale = 1.0
    if not detail.shows_levels:
        before = [seen for day, seen, _ in rows if day < start] or [rows[0][1]]
        mean = sum(before) / len(before)
        scale = 100.0 / mean if mean else 1.0
    week = (len(data["parameters"]["weekdays"]) or 7) if data["parameters"]["resolution"] == "day" else 1
    if len(rows) <= MOST_DAYS:
        week = 1
    # Weeks are counted from the start in both directions, so that none mixes before and after.
    first_after = next((number for number, row in enumerate(rows) if row[0] >= start), len(rows))
    points = []
    for begin in range(first_after % week - (week if first_after % week else 0), len(rows), week):
        part = rows[max(0, begin) : begin + week]
        if len(part) < week:
            continue
        mean_seen = scale * sum(seen for _, seen, _ in part) / len(part)
        points.append(Point(part[0][0], mean_seen, scale * sum(without for *_, without in part) / len(part)))
    before_start = [point for point in points if point.day < start][-SHOWN_BEFORE:]
    return [*before_start, *(point for point in points if point.day >= start)]


def _main(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    wanted = data.get("main") or "synthetic_did"
    with_path = [one for one in data["estimates"] if one["path"]]
    return next((one for one in with_path if one["method"] == wanted), with_path[0] if with_path else None)


def pictures_of(detail: Detail, evaluation: Evaluation, language: str) -> list[Picture]:
    """All pictures for which there are figures, in the order in which they are read."""
    made = (
        _course(detail, evaluation, language),
        _difference(detail, evaluation, language),
        _methods(detail, evaluation, language),
        _in_space(detail, evaluation, language),
        _in_time(evaluation, language),
        _rings(detail, evaluation, language),
        _sensitivity(detail, evaluation, language),
    )
    return [picture for picture in made if picture is not None]


def _start(evaluation: Evaluation, language: str) -> charts.Mark:
    start = date.fromisoformat(evaluation.data["parameters"]["starts_on"])
    return charts.Mark(start.toordinal(), gettext("Start"))


def _course(detail: Detail, evaluation: Evaluation, language: str) -> Picture | None:
    points = course(detail, evaluation)
    if not points:
        return None
    title = gettext("Observed, and what would have been without it")
    unit = gettext("visitors a day") if detail.shows_levels else gettext("index, before the start: 100")
    if detail.shows_levels and evaluation.data["parameters"]["resolution"] == "month":
        unit = gettext("visitors a month")
    bands = []
    if (band := _band(evaluation, points)) is not None:
        bands.append(charts.Band(gettext("Uncertainty of what would have been"), band, "expected"))
    chart = charts.lines(
        [
            charts.Line(gettext("Observed"), [(one.day.toordinal(), one.observed) for one in points], "c1"),
            charts.Line(gettext("Without it"), [(one.day.toordinal(), one.expected) for one in points], "expected"),
        ],
        bands=bands,
        marks=[_start(evaluation, language)],
        x=charts.Axis("", kind="day"),
        y=charts.Axis(unit),
        title=title,
        language=language,
        table=_course_table(title, points, language),
    )
    says = gettext(
        "The estimate is made so that it goes like the treated places before the start; the gap after it is the effect. "
        "The band is the uncertainty of the mean effect."
    )
    return Picture("course", title, says, chart)


def _course_table(title: str, points: Sequence[Point], language: str) -> charts.Table:
    head = [gettext("From"), gettext("Observed"), gettext("Without it"), gettext("Difference")]
    rows: list[list[str]] = []
    cells: list[list[str | int | float | None]] = []
    for one in points:
        share = 100.0 * (one.observed / one.expected - 1.0) if one.expected > 0 else None
        shown = (fmt.number(round(value, 1), language) for value in (one.observed, one.expected))
        rows.append([fmt.day_medium(one.day, language), *shown, "–" if share is None else percent(share, language)])
        difference = None if share is None else round(share, 2)
        cells.append([one.day.isoformat(), round(one.observed, 2), round(one.expected, 2), difference])
    return charts.Table(title, head, rows, cells)


def _band(evaluation: Evaluation, points: Sequence[Point]) -> list[tuple[float, float, float]] | None:
    """Around what would have been: shifted by how far the ends of the interval are from the estimate."""
    effect, low, high = evaluation.effect_percent, evaluation.low_percent, evaluation.high_percent
    if effect is None or low is None or high is None or min(low, high) <= -100:
        return None
    start = date.fromisoformat(evaluation.data["parameters"]["starts_on"])
    least, most = (100.0 + effect) / (100.0 + high), (100.0 + effect) / (100.0 + low)
    return [(one.day.toordinal(), one.expected * least, one.expected * most) for one in points if one.day >= start]


def _difference(detail: Detail, evaluation: Evaluation, language: str) -> Picture | None:
    points = [one for one in course(detail, evaluation) if one.expected > 0]
    if len(points) < FEWEST:
        return None
    title = gettext("Difference from what would have been")
    chart = charts.lines(
        [
            charts.Line(
                gettext("Difference"),
                [(one.day.toordinal(), 100.0 * (one.observed / one.expected - 1.0)) for one in points],
                "c1",
            )
        ],
        marks=[_start(evaluation, language)],
        x=charts.Axis("", kind="day"),
        y=charts.Axis(gettext("per cent"), unit="%"),
        title=title,
        language=language,
    )
    says = gettext("Before the start it should lie around zero without a trend; how far it strays there is chance.")
    return Picture("difference", title, says, chart)


def _percents(one: Mapping[str, Any]) -> tuple[float, float | None, float | None] | None:
    """Effect, low, high in per cent; None where the estimate is in people."""
    if not one["is_relative"]:
        return None
    effect, low, high = (None if one[key] is None else 100.0 * one[key] for key in ("effect", "low", "high"))
    return None if effect is None else (effect, low, high)


def _methods(detail: Detail, evaluation: Evaluation, language: str) -> Picture | None:
    estimates = evaluation.data["estimates"]
    if not estimates:
        return None
    is_relative = all(one["is_relative"] for one in estimates)
    if not is_relative and not detail.shows_levels:
        return None
    rows = []
    for one in estimates:
        three = _percents(one) if is_relative else (one["effect"], one["low"], one["high"])
        if three is not None:
            rows.append((say(METHODS, one["method"]), *three))
    title = gettext("All methods side by side")
    marks = []
    expected = detail.intervention.locked.get("expected_percent")
    if is_relative and expected is not None:
        marks.append(charts.Mark(expected, gettext("expected")))
    axis = (
        charts.Axis(gettext("effect in per cent"), unit="%")
        if is_relative
        else charts.Axis(gettext("effect in visitors"))
    )
    chart = charts.whiskers(rows, x=axis, title=title, language=language, marks=marks)
    says = gettext("Each method believes something else. Where they agree, the answer does not hang on one of them.")
    return Picture("methods", title, says, chart)


def _in_space(detail: Detail, evaluation: Evaluation, language: str) -> Picture | None:
    found = evaluation.data["placebos"]["in_space"]
    main = _main(evaluation.data)
    if len(found) < FEWEST or main is None or not main["is_relative"]:
        return None
    chosen = gettext("The true effect")
    values = [(unit_name(detail, unit, language), 100.0 * effect) for unit, effect in found]
    title = gettext("Where nothing was done")
    chart = charts.dots(
        [(chosen, 100.0 * main["effect"]), *values],
        chosen=chosen,
        x=charts.Axis(gettext("effect in per cent"), unit="%"),
        title=title,
        language=language,
    )
    says = gettext(
        "Each dot is a place where nothing was done, evaluated as if it had been treated. A true effect stands apart."
    )
    return Picture("placebos", title, says, chart)


def _in_time(evaluation: Evaluation, language: str) -> Picture | None:
    found = evaluation.data["placebos"]["in_time"]
    main = _main(evaluation.data)
    if not found or main is None or not main["is_relative"]:
        return None
    chosen = gettext("The true start")
    values = [(fmt.day_medium(date.fromisoformat(day), language), 100.0 * effect) for day, effect in found]
    title = gettext("When nothing had been done yet")
    chart = charts.dots(
        [(chosen, 100.0 * main["effect"]), *values],
        chosen=chosen,
        x=charts.Axis(gettext("effect in per cent"), unit="%"),
        title=title,
        language=language,
    )
    says = gettext("The same places with a pretended start before the true one. These should lie around zero.")
    return Picture("earlier", title, says, chart)


def _rings(detail: Detail, evaluation: Evaluation, language: str) -> Picture | None:
    if not detail.shows_people:
        return None
    found = (evaluation.data.get("displacement") or {}).get("rings") or []
    rows = [
        (
            gettext("%(from)s–%(to)s km (%(places)s)")
            % {
                "from": fmt.number(ring["from_km"], language),
                "to": fmt.number(ring["to_km"], language),
                "places": ngettext("%(n)s place", "%(n)s places", ring["units"])
                % {"n": fmt.number(ring["units"], language)},
            },
            ring["effect"],
            ring["low"],
            ring["high"],
        )
        for ring in found
        if ring["units"]
    ]
    if not rows:
        return None
    title = gettext("Around the treated places")
    axis = charts.Axis(gettext("visitors more or fewer in each period"))
    chart = charts.whiskers(rows, x=axis, title=title, language=language)
    return Picture(
        "rings", title, gettext("Where the visitors are instead, by distance, all places of a ring together."), chart
    )


def _sensitivity(detail: Detail, evaluation: Evaluation, language: str) -> Picture | None:
    main = _main(evaluation.data)
    found = evaluation.data.get("sensitivity") or []
    if not found or main is None or not (main["is_relative"] or detail.shows_levels):
        return None
    scale = 100.0 if main["is_relative"] else 1.0
    rows = [
        (variation(detail, name, language), scale * effect, scale * low, scale * high)
        for name, effect, low, high in found
        if None not in {effect, low, high}
    ]
    title = gettext("If something is left out")
    axis = (
        charts.Axis(gettext("effect in per cent"), unit="%")
        if main["is_relative"]
        else charts.Axis(gettext("effect in visitors"))
    )
    chart = charts.whiskers(rows, x=axis, title=title, language=language)
    says = gettext("The same evaluation with a part of the figures left out. A sound answer hardly moves.")
    return Picture("sensitivity", title, says, chart)


# ---------------------------------------------------------------------- plan


def plan_pictures(intervention: Intervention, data: Mapping[str, Any], language: str) -> list[Picture]:
    """How likely each effect is found, and what measuring longer brings."""
    power = data["power"]
    if not power["curve"]:
        return []
    title = gettext("How likely an effect is found")
    marks = []
    if intervention.expected_percent is not None:
        marks.append(charts.Mark(abs(intervention.expected_percent), gettext("expected")))
    curve = charts.lines(
        [
            charts.Line(gettext("Found"), [(100.0 * effect, 100.0 * found) for effect, found in power["curve"]], "c1"),
            charts.Line(gettext("8 of 10"), [(100.0 * effect, 80.0) for effect, _ in power["curve"]], "muted"),
        ],
        marks=marks,
        x=charts.Axis(gettext("effect in per cent"), unit="%"),
        y=charts.Axis(gettext("found in per cent of the cases"), unit="%"),
        title=title,
        language=language,
    )
    says = gettext(
        "Interventions with a known effect were pretended in the past, and evaluated in the same way. The level line: 8 of 10 cases."
    )
    pictures = [Picture("power", title, says, curve)]
    lengths = [(periods, smallest) for periods, smallest in power["by_length"]]
    if any(smallest is not None for _, smallest in lengths):
        title, names = _durations([periods for periods, _ in lengths], data, language)
        chart = charts.columns(
            [
                (name, [None if smallest is None else 100.0 * smallest])
                for name, (_, smallest) in zip(names, lengths, strict=True)
            ],
            [gettext("smallest effect that is found in 8 of 10 cases")],
            y=charts.Axis(gettext("effect in per cent"), unit="%"),
            title=title,
            language=language,
        )
        says = gettext(
            "The longer it is measured, the smaller the effects that can be found. A gap: not even a change by half."
        )
        pictures.append(Picture("lengths", title, says, chart))
    return pictures


def _durations(lengths: Sequence[int], data: Mapping[str, Any], language: str) -> tuple[str, list[str]]:
    """The title of the picture, and short names of its columns."""
    week = len(data["parameters"]["weekdays"]) or 7
    if data["parameters"]["resolution"] == "month":
        return gettext("How many months to measure"), [fmt.number(length, language) for length in lengths]
    if all(length % week == 0 for length in lengths):
        return gettext("How many weeks to measure"), [fmt.number(length // week, language) for length in lengths]
    return gettext("How long to measure"), [span(length, data, language) for length in lengths]


def key_figures(evaluation: Evaluation, language: str) -> tuple[str, str]:
    """The effect and its range, for cards and facts; empty where there is none."""
    if evaluation.effect_percent is None:
        return "", ""
    low, high = evaluation.low_percent, evaluation.high_percent
    if low is None or high is None:
        return percent(evaluation.effect_percent, language), ""
    ends = gettext("%(low)s to %(high)s") % {"low": percent(low, language), "high": percent(high, language)}
    return percent(evaluation.effect_percent, language), ends
