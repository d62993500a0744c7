"""Trials of suggestions to the evaluation engine: visitors on days with and without them, as the lots fell."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from allmende.engines.evaluation.lots import LotsEffect, by_lot
from allmende.insight.models import Intervention, InterventionSite, Series, SteeringDay
from allmende.insight.outcomes import Window, read_outcomes
from allmende.insight.values import Resolution

__all__ = ["LotsEffect", "effect_of_lots"]


def effect_of_lots(trial: Intervention, last: date) -> LotsEffect:
    """What the suggestions did at the trial's sites from its first day to ``last``, at the hours it is about.

    Only days that were drawn for this trial count, and only sites that are counted by the hour or day.
    """
    ids = list(trial.sites.filter(part=InterventionSite.Part.TREATED).values_list("site_id", flat=True))
    fits = [Resolution.DAY] if not trial.hours else []
    chosen = list(
        Series.objects.filter(
            site__in=ids, is_main=True, first__isnull=False, resolution__in=[Resolution.HOUR, *fits]
        ).select_related("site")
    )
    if not chosen or last < trial.starts_on:
        return LotsEffect(None, None, None, None, 0, 0, 0)
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
    outcomes = np.where(by_chance, outcomes, np.nan)
    weekdays = np.array([(trial.starts_on + timedelta(days=step)).weekday() for step in range(outcomes.shape[1])])
    return by_lot(outcomes, is_on, np.where(by_chance, shares, 0.5), weekdays)
