"""Trials of suggestions to the evaluation engine: visitors on days with and without them, as the lots fell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allmende import __version__
from allmende.engines.evaluation.lots import DRAWS, LEAST, LotsEffect, by_lot
from allmende.engines.evaluation.values import NEGLIGIBLE
from allmende.insight.models import Intervention, InterventionSite, Series, SteeringDay
from allmende.insight.outcomes import Window, read_outcomes
from allmende.insight.values import Resolution

__all__ = ["LOTS", "LotsEffect", "effect_of_lots", "evaluated_by_lot"]

LOTS: Final = "lots"
"""The method of an evaluation that rests on the lots."""
ALARM: Final = 0.05
SEED: Final = 1
DATA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Sites × days of a trial."""

    sites: tuple[int, ...]
    outcomes: NDArray[np.float64]
    """NaN: no figure, or the day was not drawn."""
    is_on: NDArray[np.bool_]
    shares: NDArray[np.float64]
    weekdays: NDArray[np.int64]

    def effect(self, *rows: int, draws: int = DRAWS) -> LotsEffect:
        """Of these sites; none: of all together."""
        at = list(rows) or slice(None)
        return by_lot(self.outcomes[at], self.is_on[at], self.shares[at], self.weekdays, draws=draws, seed=SEED)


def effect_of_lots(trial: Intervention, last: date) -> LotsEffect:
    """What the suggestions did at the trial's sites from its first day to ``last``, at the hours it is about.

    Only days that were drawn for this trial count, and only sites that are counted by the hour or day.
    """
    drawn = _drawn(trial, last, None)
    return LotsEffect(None, None, None, None, 0, 0, 0) if drawn is None else replace(drawn.effect(), redrawn=())


def _drawn(trial: Intervention, last: date, visible: Collection[int] | None) -> _Drawn | None:
    treated = trial.sites.filter(part=InterventionSite.Part.TREATED).values_list("site_id", flat=True)
    ids = [pk for pk in treated if visible is None or pk in visible]
    fits = [Resolution.DAY] if not trial.hours else []
    chosen = list(
        Series.objects.filter(
            site__in=ids, is_main=True, first__isnull=False, resolution__in=[Resolution.HOUR, *fits]
        ).select_related("site")
    )
    if not chosen or last < trial.starts_on:
        return None
    window = Window(trial.starts_on, last, tuple(trial.hours))
    figures = read_outcomes(chosen, window)
    outcomes = np.array([figures[one.pk] for one in chosen])
    at = {one.site_id: number for number, one in enumerate(chosen)}
    is_on, shares = np.zeros(outcomes.shape, np.bool_), np.full(outcomes.shape, np.nan)
    drawn = SteeringDay.objects.filter(intervention=trial, site__in=list(at), day__range=(trial.starts_on, last))
    for site, day, on, share in drawn.values_list("site_id", "day", "is_on", "share"):
        is_on[at[site], (day - trial.starts_on).days] = on
        shares[at[site], (day - trial.starts_on).days] = share
    by_chance = (shares > 0) & (shares < 1)
    weekdays = np.array([(trial.starts_on + timedelta(days=step)).weekday() for step in range(outcomes.shape[1])])
    return _Drawn(tuple(at), np.where(by_chance, outcomes, np.nan), is_on, np.where(by_chance, shares, 0.5), weekdays)


def evaluated_by_lot(trial: Intervention, last: date, *, visible: Collection[int] | None = None) -> dict[str, Any]:
    """The answer of the lots from the first day to ``last``, as plain values to keep beside those of other interventions."""
    drawn = _drawn(trial, last, visible)
    found = drawn.effect() if drawn else LotsEffect(None, None, None, None, 0, 0, 0)
    least = min(found.days_on, found.days_off)
    percent = None
    if found.effect is not None and found.low is not None and found.high is not None:
        percent = [100.0 * one for one in (found.effect, found.low, found.high)]
    return {
        "version": DATA_VERSION,
        "engine": f"Allmende {__version__}",
        "lock": trial.lock,
        "verdict": _verdict(found, trial),
        "main": LOTS if percent else None,
        "percent": percent,
        "estimates": [_estimate(found)] if percent else [],
        "placebos": {"in_space": [], "in_time": [], "rank": 0, "of": 0, "p": found.p},
        "displacement": None,
        "checks": [
            {"name": "lot_days", "is_passed": least >= LEAST, "is_fatal": True, "figure": least, "limit": LEAST}
        ],
        "sensitivity": [],
        "facts": {},
        "lots": {
            "share": trial.locked.get("share"),
            "days_on": found.days_on,
            "days_off": found.days_off,
            "draws": DRAWS,
            "redrawn": [list(one) for one in found.redrawn],
            "sites": _by_site(drawn) if drawn else [],
        },
        "parameters": _parameters(trial, last, drawn, visible),
    }


def _verdict(found: LotsEffect, trial: Intervention) -> str:
    """By the lots' own chance and not by the interval, which is its normal form."""
    if found.effect is None or found.low is None or found.high is None or found.p is None:
        return "refused"
    if found.p <= ALARM:
        hoped = found.effect > 0 if trial.direction == Intervention.Direction.MORE else found.effect < 0
        return "worked" if hoped else "opposite"
    return "no_effect" if found.low > -NEGLIGIBLE and found.high < NEGLIGIBLE else "unclear"


def _estimate(found: LotsEffect) -> dict[str, Any]:
    return {
        "method": LOTS,
        "error": None,
        "is_relative": True,
        "note": "",
        "path": [],
        "weights": [],
        "events": [],
        **{key: value for key, value in asdict(found).items() if key in {"effect", "low", "high", "p"}},
    }


def _by_site(drawn: _Drawn) -> list[dict[str, Any]]:
    rows = []
    for row, site in enumerate(drawn.sites):
        one = drawn.effect(row, draws=1000)
        told = {key: value for key, value in asdict(one).items() if key not in {"redrawn", "units"}}
        rows.append({"site": site, **told})
    return rows


def _parameters(
    trial: Intervention, last: date, drawn: _Drawn | None, visible: Collection[int] | None
) -> dict[str, Any]:
    there = drawn.sites if drawn else ()
    treated = (
        trial.sites.filter(part=InterventionSite.Part.TREATED).order_by("site_id").values_list("site_id", flat=True)
    )
    sites, left_out = [], []
    for pk in treated:
        if drawn is None or pk not in there:
            is_hidden = visible is not None and pk not in visible
            left_out.append({"site": pk, "why": "hidden" if is_hidden else "no_figures"})
            continue
        gaps = int((~np.isfinite(drawn.outcomes[there.index(pk)])).sum())
        starts_on = trial.starts_on.isoformat()
        sites.append({"site": pk, "part": "treated", "starts_on": starts_on, "gaps": gaps})
    return {
        "resolution": "day",
        "first": trial.starts_on.isoformat(),
        "until": max(last, trial.starts_on).isoformat(),
        "periods": (last - trial.starts_on).days + 1,
        "starts_on": trial.starts_on.isoformat(),
        "hours": list(trial.hours),
        "weekdays": [],
        "sites": sites,
        "left_out": left_out,
        "with_holidays": False,
        "options": {"level": 0.95, "seed": SEED},
    }
