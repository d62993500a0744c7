"""Interventions to the evaluation engine and back: figures as a panel, the answer as plain values that are kept.

A panel has the treated sites first, then the neighbours, then the comparisons.  Its periods are days (of the chosen
weekdays), or months where the treated sites are counted by month.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from allmende import __version__
from allmende.engines import evaluation as engine
from allmende.engines.evaluation.values import Answer, Estimate, Options, Panel, Power
from allmende.engines.holidays import is_public_holiday
from allmende.insight.models import Intervention, InterventionSite, Series
from allmende.insight.outcomes import Window, read_months, read_outcomes
from allmende.insight.values import Resolution, VisitorClass

Part = InterventionSite.Part
MOST_BEFORE: Final = timedelta(days=730)
"""How much of the past is compared."""
DATA_VERSION: Final = 1
"""Of what is kept of an answer."""
LENGTHS: Final = (14, 28, 42, 56, 70, 84, 112)
"""Days for which the plan tells what could be seen."""
MONTHS: Final = (3, 6, 9, 12)
ORDER: Final = {Part.TREATED: 0, Part.NEIGHBOUR: 1, Part.COMPARISON: 2}


class CannotEvaluate(ValueError):
    """There is nothing to compute with: ``code`` is a key of the pages' words, ``about`` names the place."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about


@dataclass(frozen=True, slots=True)
class Assembled:
    """A panel and what it was made of."""

    panel: Panel
    sites: tuple[InterventionSite, ...]
    """One for each unit."""
    left_out: tuple[tuple[int, str], ...]
    """(site, why): ``hidden``, ``no_figures``, ``other_periods``."""
    resolution: str
    season: int
    first: date
    until: date


def assemble(
    intervention: Intervention,
    sites: Iterable[InterventionSite],
    *,
    visible: frozenset[int] | None,
    until: date,
    before_only: bool = False,
) -> Assembled:
    """The panel of ``intervention`` with figures up to the day ``until``; raises ``CannotEvaluate``.

    ``visible``: only these sites may be looked at (None: all).  ``before_only``: the past alone, for a plan.
    """
    rows = sorted(sites, key=lambda one: (ORDER[Part(one.part)], one.site_id))
    left_out = [(one.site_id, "hidden") for one in rows if visible is not None and one.site_id not in visible]
    rows = [one for one in rows if visible is None or one.site_id in visible]
    series = _series_of(rows)
    left_out += [(one.site_id, "no_figures") for one in rows if one.site_id not in series]
    rows = [one for one in rows if one.site_id in series]
    treated = [one for one in rows if one.part == Part.TREATED]
    if not treated:
        hidden = any(why == "hidden" for _, why in left_out)
        raise CannotEvaluate("treated_hidden" if hidden else "treated_without_figures")
    is_monthly = any(series[one.site_id].resolution == Resolution.MONTH for one in treated)
    fits = {Resolution.MONTH} if is_monthly else {Resolution.HOUR, Resolution.DAY}
    left_out += [(one.site_id, "other_periods") for one in rows if series[one.site_id].resolution not in fits]
    rows = [one for one in rows if series[one.site_id].resolution in fits]
    _refuse_hours_of_days(intervention, rows, series, is_monthly)
    chosen = [series[one.site_id] for one in rows]
    start = min(one.starts_on or intervention.starts_on for one in treated)
    last = min(until, start - timedelta(days=1)) if before_only else min(until, intervention.ends_on or until)
    first = max(start - MOST_BEFORE, min((one.first for one in chosen if one.first), default=start))
    if last < first:
        raise CannotEvaluate("no_figures_yet")
    if is_monthly:
        periods, figures = read_months(chosen, first, last)
        season = 12
    else:
        window = Window(first, last, tuple(intervention.hours), tuple(intervention.weekdays))
        days = window.days()
        periods = [date(1970, 1, 1) + timedelta(days=int(day)) for day in days]
        figures = read_outcomes(chosen, window)
        season = len(set(intervention.weekdays)) or 7
    outcomes = np.array([figures[one.pk] for one in chosen])
    empty = {number for number, row in enumerate(outcomes) if not np.isfinite(row).any()}
    left_out += [(rows[number].site_id, "no_figures") for number in sorted(empty)]
    keep = [number for number in range(len(rows)) if number not in empty]
    rows, outcomes = [rows[number] for number in keep], outcomes[keep]
    if not any(one.part == Part.TREATED for one in rows):
        raise CannotEvaluate("treated_without_figures")
    periods, outcomes = _trimmed(periods, outcomes, [one.part == Part.TREATED for one in rows])
    panel = Panel(
        units=tuple(str(one.site_id) for one in rows),
        periods=tuple(periods),
        outcomes=outcomes,
        starts=tuple(_start(one, intervention, periods, before_only=before_only) for one in rows),
        points=_points(rows),
        neighbours=frozenset(number for number, one in enumerate(rows) if one.part == Part.NEIGHBOUR),
        covariates=None if is_monthly else _holidays(rows, periods),
    )
    resolution = Resolution.MONTH if is_monthly else Resolution.DAY
    return Assembled(panel, tuple(rows), tuple(left_out), resolution.value, season, periods[0], periods[-1])


def _series_of(rows: Sequence[InterventionSite]) -> dict[int, Series]:
    """The series by which each site is judged: its main one, else the finest of everyone from everywhere."""
    found: dict[int, Series] = {}
    there = Series.objects.filter(site__in=[one.site_id for one in rows], first__isnull=False).select_related("site")
    fineness = {Resolution.HOUR: 0, Resolution.DAY: 1, Resolution.MONTH: 2}
    usual = there.filter(visitor_class=VisitorClass.ALL, origin="") | there.filter(is_main=True)
    for one in sorted(usual, key=lambda one: (not one.is_main, fineness[Resolution(one.resolution)], one.pk)):
        found.setdefault(one.site_id, one)
    return found


def _refuse_hours_of_days(
    intervention: Intervention, rows: Sequence[InterventionSite], series: dict[int, Series], is_monthly: bool
) -> None:
    if is_monthly and (intervention.hours or intervention.weekdays):
        raise CannotEvaluate("months_have_no_hours", rows[0].site.name)
    for one in rows:
        if intervention.hours and one.part == Part.TREATED and series[one.site_id].resolution != Resolution.HOUR:
            raise CannotEvaluate("days_have_no_hours", one.site.name)


def _trimmed(
    periods: Sequence[date], outcomes: np.ndarray[Any, Any], is_treated: Sequence[bool]
) -> tuple[list[date], np.ndarray[Any, Any]]:
    """From the first to the last period in which a treated unit has a figure: the rest is no gap, it is not there."""
    there = np.flatnonzero(np.isfinite(outcomes[np.array(is_treated)]).any(axis=0))
    begin, end = int(there[0]), int(there[-1]) + 1
    return list(periods[begin:end]), outcomes[:, begin:end]


def _start(
    one: InterventionSite, intervention: Intervention, periods: Sequence[date], *, before_only: bool
) -> int | None:
    """The first period from the start on; a start after the last one is no treatment yet."""
    if one.part != Part.TREATED or before_only:
        return None
    starts = one.starts_on or intervention.starts_on
    return next((number for number, period in enumerate(periods) if period >= starts), None)


def _points(rows: Sequence[InterventionSite]) -> np.ndarray[Any, Any] | None:
    if any(one.site.lon is None or one.site.lat is None for one in rows if one.part != Part.COMPARISON):
        return None
    return np.array([(one.site.lon or math.nan, one.site.lat or math.nan) for one in rows], np.float64)


def _holidays(rows: Sequence[InterventionSite], periods: Sequence[date]) -> np.ndarray[Any, Any] | None:
    """Public holidays in the country of the first treated site that has one."""
    country = next((one.site.territory.country for one in rows if one.site.territory), "")
    if not country:
        return None
    found = np.array([[float(is_public_holiday(country, "", day)) for day in periods]])
    return found if 0 < found.sum() < found.size else None


# ---------------------------------------------------------------------- evaluation


def evaluated(intervention: Intervention, made: Assembled, *, seed: int = 1) -> dict[str, Any]:
    """What the engine says, as plain values to keep; raises ``CannotEvaluate``."""
    if not any(start is not None for start in made.panel.starts):
        raise CannotEvaluate("not_begun")
    options = Options(direction=_direction(intervention), season=made.season, seed=seed)
    answer = engine.evaluate(made.panel, options)
    return {
        "version": DATA_VERSION,
        "engine": f"Allmende {__version__}",
        "lock": intervention.lock,
        "parameters": {**_parameters(intervention, made), "options": _plain(asdict(options))},
        **answer_as_values(answer),
    }


def answer_as_values(answer: Answer) -> dict[str, Any]:
    """An answer as JSON: days as ISO 8601, what is not finite as null."""
    values: dict[str, Any] = _plain(asdict(answer))
    main = next((one for one in answer.estimates if one.method == answer.main), None)
    values["percent"] = _percent(main) if main is not None else None
    return values


def _percent(one: Estimate) -> list[float | None] | None:
    """Effect, low, high in per cent of what would have been without; None where that cannot be said."""
    if one.is_relative:
        scale = 100.0
    else:
        expected = [row[2] for row in one.path]
        mean = sum(expected) / len(expected) if expected else 0.0
        if mean <= 0:
            return None
        scale = 100.0 / mean
    return [None if value is None else value * scale for value in (one.effect, one.low, one.high)]


def _direction(intervention: Intervention) -> int:
    return 1 if intervention.direction == Intervention.Direction.MORE else -1


def _parameters(intervention: Intervention, made: Assembled) -> dict[str, Any]:
    return {
        "resolution": made.resolution,
        "first": made.first.isoformat(),
        "until": made.until.isoformat(),
        "periods": len(made.panel.periods),
        "starts_on": intervention.starts_on.isoformat(),
        "hours": list(intervention.hours),
        "weekdays": list(intervention.weekdays),
        "sites": [
            {
                "site": one.site_id,
                "part": one.part,
                "starts_on": (one.starts_on or intervention.starts_on).isoformat()
                if one.part == Part.TREATED
                else None,
                "gaps": int((~np.isfinite(made.panel.outcomes[number])).sum()),
            }
            for number, one in enumerate(made.sites)
        ],
        "left_out": [{"site": site, "why": why} for site, why in made.left_out],
        "with_holidays": made.panel.covariates is not None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    return value


# ---------------------------------------------------------------------- plan


def planned(intervention: Intervention, made: Assembled, *, seed: int = 1) -> dict[str, Any]:
    """Whether the effect could be seen, as plain values to keep; raises ``CannotEvaluate``."""
    length = _length(intervention, made)
    treated = [number for number, one in enumerate(made.sites) if one.part == Part.TREATED]
    room = len(made.panel.periods) // 2
    step = made.season / 7 if made.resolution == Resolution.DAY else 1.0
    spans = MONTHS if made.resolution == Resolution.MONTH else LENGTHS
    lengths = sorted({round(span * step) for span in spans if span * step <= room})
    options = Options(direction=_direction(intervention), season=made.season, seed=seed)
    power = engine.plan(made.panel, treated, length, options, lengths=lengths)
    return {
        "version": DATA_VERSION,
        "engine": f"Allmende {__version__}",
        "parameters": _parameters(intervention, made),
        "power": power_as_values(power),
        "expected": _expected_power(intervention, power),
    }


def _length(intervention: Intervention, made: Assembled) -> int:
    """How many periods the intervention takes; eight weeks (six months) where it goes on without an end."""
    if made.resolution == Resolution.MONTH:
        if intervention.ends_on is None:
            return 6
        first, last = intervention.starts_on, intervention.ends_on
        return (last.year - first.year) * 12 + last.month - first.month + 1
    if intervention.ends_on is None:
        return 8 * made.season
    return max(1, len(Window(intervention.starts_on, intervention.ends_on, (), tuple(intervention.weekdays)).days()))


def power_as_values(power: Power) -> dict[str, Any]:
    """The power as JSON."""
    values: dict[str, Any] = _plain(asdict(power))
    return values


def _expected_power(intervention: Intervention, power: Power) -> float | None:
    """The probability that the expected effect would be found."""
    if intervention.expected_percent is None or not power.curve:
        return None
    wanted = abs(intervention.expected_percent) / 100.0
    effects, found = zip(*power.curve, strict=True)
    return float(np.interp(wanted, (0.0, *effects), (power.false_alarms or 0.0, *found)))
